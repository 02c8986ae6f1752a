//! The behaviour of people: companies, hotline staff, and units. Some units are quick, some slow, some reluctant, and
//! some do nothing until staff supervise them.

use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::ticket::{Category, Complexity, State, UnitCode};

use super::backend::Backend;
use super::event_loop::{City, Job};
use super::requests::{PendingRequest, What};
use super::{DISTRICTS, UNITS};
use crate::command_spec::{Class, CommandSpec, Create, UnitId};
use crate::reference::due::{DAY, HOUR, MINUTE};

/// The working style of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Quick,
    Slow,
    Returning,
    Idle,
}

impl Manner {
    const fn of(unit: UnitId) -> Self {
        match unit % 20 {
            0..=11 => Self::Quick,
            12..=15 => Self::Slow,
            16..=18 => Self::Returning,
            _ => Self::Idle,
        }
    }
}

impl<H: Backend> City<'_, H> {
    /// A company calls, and the next call is scheduled.
    pub(super) fn arrive(&mut self) -> Result<(), String> {
        if self.to_come == 0 {
            return Ok(());
        }
        let pause = self.random.between(0, 2 * self.pace);
        self.later(pause, Job::Arrive);
        let Some(server) = self.state.servers.serve(&mut self.random) else { return Ok(()) };
        self.to_come -= 1;
        let category = self.random.pick(&[
            Category::Consultation,
            Category::Consultation,
            Category::Appeal,
            Category::Appeal,
            Category::Appeal,
            Category::ComplaintReport,
        ]);
        let complexity = self.random.pick(&[Complexity::General, Complexity::General, Complexity::Complex]);
        let mut accused = Vec::new();
        if category == Category::ComplaintReport && self.random.percent(70) {
            accused.push(self.any_unit());
        }
        let has_several_units = self.random.percent(30);
        let has_note = false;
        let class =
            Class { category, complexity, has_several_units, is_overlapping: false, accused, has_note };
        // With a database nobody is named, because encryption is random, and a seed must give the same bytes.
        let names_somebody = self.random.percent(10) && !H::HAS_REQUEST_RECORDS;
        let create =
            Create { class, is_call: false, call_began: None, chosen_confidential: None, names_somebody };
        let person = self.state.people.with(Role::Agent);
        let pending = PendingRequest { id: self.next_id(), person, what: What::TakeIn(create) };
        match self.request(pending, server)? {
            Ok(()) | Err(ErrorReason::Unavailable) => Ok(()),
            Err(reason) => Err(format!("a request was refused as {reason:?}")),
        }
    }

    fn any_unit(&mut self) -> UnitId {
        UnitId::try_from(self.random.below(usize::from(UNITS))).unwrap_or(0)
    }

    pub(super) fn state(&self, case: usize) -> State {
        self.state.cases[case].ticket.state
    }

    fn lead(&self, case: usize) -> Option<UnitId> {
        self.unit_of(self.state.cases[case].ticket.lead_unit()?)
    }

    pub(super) fn unit_of(&self, code: &UnitCode) -> Option<UnitId> {
        self.state
            .product
            .roster
            .codes
            .binary_search(code)
            .ok()
            .and_then(|place| UnitId::try_from(place).ok())
    }

    pub(super) fn desk(&mut self, case: usize) -> Result<(), String> {
        match self.state(case) {
            State::Received => self.desk_received(case),
            State::Planning => {
                let lead = self.any_unit();
                let person = self.state.people.with(Role::Coordinator);
                let _ = self.send_command(case, &CommandSpec::Plan { lead, assist: Vec::new() }, person)?;
                self.send(case)
            }
            State::Returned => {
                let person = self.state.people.with(Role::Dispatcher);
                let is_accepted = self.random.percent(75);
                let _ = self.send_command(case, &CommandSpec::Rule { is_accepted }, person)?;
                if self.state(case) == State::Dispatched {
                    self.later(HOUR, Job::Unit(case));
                    return Ok(());
                }
                self.send(case)
            }
            State::Dispatched | State::Handling => {
                self.later(HOUR, Job::Unit(case));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn desk_received(&mut self, case: usize) -> Result<(), String> {
        let agent = self.state.people.with(Role::Agent);
        let chance = self.random.below(100);
        let is_general = self.state.cases[case].ticket.category == Category::Consultation
            && self.state.cases[case].ticket.complexity == Complexity::General;
        let spec = match chance {
            0 => CommandSpec::Decline,
            1 => CommandSpec::Withdraw,
            2..7 if case > 0 => {
                // A repeat of a recent ticket.
                let into = case - 1 - self.random.below(case.min(30));
                if self.send_command(case, &CommandSpec::Merge { into }, agent)?.is_ok() {
                    return Ok(());
                }
                return self.send(case);
            }
            _ if is_general && chance < 90 => CommandSpec::Answer,
            _ if is_general => self.reclassify(case, Vec::new()),
            7..20 if self.state.cases[case].ticket.category == Category::Appeal => {
                let CommandSpec::Classify(class) = self.reclassify(case, Vec::new()) else { return Ok(()) };
                CommandSpec::Classify(Class { is_overlapping: true, category: Category::Appeal, ..class })
            }
            _ => return self.send(case),
        };
        let person = if matches!(spec, CommandSpec::Classify(_)) { self.classifier(case) } else { agent };
        let _ = self.send_command(case, &spec, person)?;
        self.take_back(case)?;
        match self.state(case) {
            State::Answered => self.later(DAY, Job::Call(case)),
            State::Received | State::Planning => self.later(2 * HOUR, Job::Desk(case)),
            _ => {}
        }
        Ok(())
    }

    /// The dispatcher sends it to some unit; if that is refused, another try follows in an hour. An agent redacts a
    /// held ticket, usually before it is sent.
    fn send(&mut self, case: usize) -> Result<(), String> {
        if self.state.cases[case].ticket.is_held() && self.random.percent(90) {
            let is_rewritten = self.random.percent(70);
            let agent = self.state.people.with(Role::Agent);
            let _ = self.send_command(case, &CommandSpec::Redact { is_rewritten }, agent)?;
        }
        let mut units: Vec<UnitId> = (0..=self.random.below(3)).map(|_| self.any_unit()).collect();
        units.sort_unstable();
        units.dedup();
        let mut lead = units.swap_remove(self.random.below(units.len()));
        if let Some(accused) = self.state.cases[case].ticket.accused_units.first()
            && self.random.percent(20)
        {
            // A mistake of the dispatcher, which must be refused.
            lead = self.unit_of(accused).unwrap_or(lead);
            units.retain(|unit| *unit != lead);
        }
        let inform = if units.len() > 1 { units.split_off(1) } else { Vec::new() };
        let person = self.state.people.with(Role::Dispatcher);
        let next = match self.send_command(
            case,
            &CommandSpec::Dispatch { lead, assist: units, inform, has_reason: false },
            person,
        )? {
            Ok(()) => Job::Unit(case),
            Err(_) => Job::Desk(case),
        };
        let wait = self.random.between(10 * MINUTE, 20 * HOUR);
        self.later(wait, next);
        Ok(())
    }

    pub(super) fn unit_looks(&mut self, case: usize) -> Result<(), String> {
        let Some(lead) = self.lead(case) else { return Ok(()) };
        let (manner, clerk) = (Manner::of(lead), self.state.people.clerk(lead));
        match self.state(case) {
            State::Dispatched => {
                let would_return = manner == Manner::Returning && self.random.percent(60);
                if would_return
                    && self
                        .send_command(case, &CommandSpec::Return { proposed: Some(lead % DISTRICTS) }, clerk)?
                        .is_ok()
                {
                    self.later(4 * HOUR, Job::Desk(case));
                    return Ok(());
                }
                let _ = self.send_command(case, &CommandSpec::Accept, clerk)?;
                let takes = match manner {
                    Manner::Quick => self.random.between(HOUR, 4 * DAY),
                    Manner::Slow | Manner::Returning => self.random.between(2 * DAY, 18 * DAY),
                    Manner::Idle => self.random.between(20 * DAY, 40 * DAY),
                };
                self.later(takes, Job::Unit(case));
                Ok(())
            }
            State::Handling => self.unit_handles(case, lead),
            _ => Ok(()),
        }
    }

    fn unit_handles(&mut self, case: usize, lead: UnitId) -> Result<(), String> {
        let clerk = self.state.people.clerk(lead);
        let ticket = &self.state.cases[case].ticket;
        let (received, due) =
            (ticket.received_at.timestamp_micros(), ticket.cycle.due_at().timestamp_micros());
        match self.random.below(100) {
            // The company turns out to complain about the unit itself.
            0 | 1 => {
                let spec = self.reclassify(case, vec![lead]);
                let _ = self.send_command(case, &spec, self.classifier(case))?;
                self.later(HOUR, Job::Desk(case));
                return Ok(());
            }
            2..20 if self.state.cases[case].ticket.cycle.carry_over.is_none() => {
                let promised = due + self.random.between(DAY, 20 * DAY);
                if self
                    .send_command(
                        case,
                        &CommandSpec::PromiseDate { promised, informed: received + 1 },
                        clerk,
                    )?
                    .is_ok()
                {
                    self.later(5 * HOUR, Job::Decide(case));
                    let wait = self.random.between(DAY, 25 * DAY);
                    self.later(wait, Job::Unit(case));
                    return Ok(());
                }
            }
            _ => {}
        }
        let cycle = &self.state.cases[case].ticket.cycle;
        let (has_reply, has_report) = (cycle.caller_reply.is_some(), cycle.hotline_report.is_some());
        let began = cycle.began_at.timestamp_micros();
        let at_once = self.random.percent(60);
        // Slightly in the past, so that it is not in the future for any server's clock.
        let replied = (self.state.now - 10 * MINUTE).max(began);
        let spec = match (has_reply, has_report) {
            (false, false) if !at_once => CommandSpec::Feedback { replied: Some(replied), has_report: false },
            (false, has_report) => CommandSpec::Feedback { replied: Some(replied), has_report: !has_report },
            (true, _) => CommandSpec::Feedback { replied: None, has_report: true },
        };
        let _ = self.send_command(case, &spec, clerk)?;
        let wait = self.random.between(2 * HOUR, DAY);
        let next = if self.state(case) == State::Completed { Job::Call(case) } else { Job::Unit(case) };
        self.later(wait, next);
        Ok(())
    }

    pub(super) fn decide(&mut self, case: usize) -> Result<(), String> {
        let is_granted = self.random.percent(70);
        let _ = self.send_command(
            case,
            &CommandSpec::DecidePromise { is_granted },
            self.state.people.with(Role::Dispatcher),
        )?;
        Ok(())
    }

    /// The hotline calls back, sometimes without success. A dissatisfied company may get a second try.
    pub(super) fn call_back(&mut self, case: usize) -> Result<(), String> {
        let agent = self.state.people.with(Role::Agent);
        if self.random.percent(20) {
            let _ = self.send_command(case, &CommandSpec::Attempt, agent)?;
        } else {
            let is_bad = self.random.percent(15);
            let survey = CommandSpec::Survey { is_unresolved: is_bad, is_dissatisfied: is_bad };
            let _ = self.send_command(case, &survey, agent)?;
        }
        self.open_again(case)?;
        match self.state(case) {
            State::Answered | State::Completed => self.later(5 * HOUR, Job::Call(case)),
            State::Closed
                if self.random.percent(70)
                    && self.send_command(case, &CommandSpec::Rework, agent)?.is_ok() =>
            {
                let wait = self.random.between(HOUR, 12 * DAY);
                let next =
                    if self.state(case) == State::Handling { Job::Unit(case) } else { Job::Desk(case) };
                self.later(wait, next);
            }
            _ => {}
        }
        Ok(())
    }

    /// Staff supervise the unit and record it. Then the unit works.
    pub(super) fn supervise(&mut self, case: usize) -> Result<(), String> {
        let _ =
            self.send_command(case, &CommandSpec::RecordManual, self.state.people.with(Role::Supervisor))?;
        self.take_up(case);
        Ok(())
    }

    /// The unit that has the ticket starts to work on it soon.
    pub(super) fn take_up(&mut self, case: usize) {
        match self.state(case) {
            State::Dispatched | State::Handling => self.later(DAY, Job::Unit(case)),
            State::Received | State::Planning | State::Returned => self.later(HOUR, Job::Desk(case)),
            _ => {}
        }
    }
}
