//! Chooses the command, its caller and its content: mostly valid, sometimes not. The field checks of the services would
//! accept all of it.

use hotline_proto::v1::Role;
use hotline_server::ticket::{Category, Command, Complexity, State};

use super::Episode;
use crate::command_spec::{Class, CommandSpec, Create, UnitId};
use crate::reference::due::{DAY, HOUR, MINUTE};
use crate::reference::table::{askable, roles};
use crate::reference::ticket::Model;
use crate::roster::Person;

/// The percentage of valid choices.
const SENSIBLE: usize = 85;

impl Model {
    /// Whether nothing more happens, unless a slip is undone or the ticket is opened again.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, State::Closed | State::Declined | State::Withdrawn | State::Merged)
    }
}

impl Episode<'_> {
    pub(super) fn choose(&mut self, place: usize) -> (CommandSpec, usize) {
        let command = self.choose_command(place);
        let spec = self.choose_words(place, command);
        let person = self.choose_caller(place, &spec);
        (spec, person)
    }

    fn choose_command(&mut self, place: usize) -> Command {
        let state = self.pool[place].model.state;
        let sensible = askable(state);
        if !self.random.percent(SENSIBLE) {
            // Half of the invalid commands go where the run has tried the fewest.
            let rarest = self.coverage.rarest_in(state);
            return if self.random.percent(50) { rarest } else { self.random.pick(&Command::ALL) };
        }
        let command = self.random.pick(sensible);
        let is_end =
            matches!(command, Command::WithdrawTicket | Command::DeclineTicket | Command::MergeTicket);
        // Most tickets must live long enough to go through the whole loop.
        if is_end && self.random.percent(80) { self.random.pick(sensible) } else { command }
    }

    fn choose_caller(&mut self, place: usize, spec: &CommandSpec) -> usize {
        if self.random.percent(8) {
            return self.random.below(self.people.all.len());
        }
        if matches!(spec, CommandSpec::Recheck) && self.random.percent(60) {
            let second = self.people.all.iter().position(Person::is_second_agent);
            return second.unwrap_or_default();
        }
        let allowed = roles(spec.command());
        let role = match spec {
            CommandSpec::Classify(_) if self.random.percent(70) => Role::Agent,
            CommandSpec::PromiseDate { .. } | CommandSpec::Help { is_answer: false } => Role::Unit,
            CommandSpec::DecidePromise { .. } => Role::Dispatcher,
            CommandSpec::Help { is_answer: true } => Role::Supervisor,
            _ => self.random.pick(allowed),
        };
        if role != Role::Unit {
            return self.people.with(role);
        }
        let unit = self.involved(place).unwrap_or_else(|| self.unit());
        self.people.clerk(unit.min(UnitId::try_from(self.product.roster.count() - 1).unwrap_or(0)))
    }

    /// One of the units that have the ticket, most often the lead.
    fn involved(&mut self, place: usize) -> Option<UnitId> {
        let units: Vec<UnitId> = self.pool[place].model.sent.as_ref()?.units().collect();
        if self.random.percent(75) { units.first().copied() } else { Some(self.random.pick(&units)) }
    }

    fn choose_words(&mut self, place: usize, command: Command) -> CommandSpec {
        match command {
            Command::AnswerTicket => CommandSpec::Answer,
            Command::DeclineTicket => CommandSpec::Decline,
            Command::ClassifyTicket => CommandSpec::Classify(self.class(Some(place))),
            Command::PlanTicket => {
                let (lead, assist, _) = self.units(place);
                CommandSpec::Plan { lead, assist }
            }
            Command::DispatchTicket => {
                let (lead, assist, inform) = self.units(place);
                CommandSpec::Dispatch { lead, assist, inform, has_reason: self.random.percent(70) }
            }
            Command::AcceptTicket => CommandSpec::Accept,
            Command::ReturnTicket => {
                CommandSpec::Return { proposed: self.random.percent(50).then(|| self.unit()) }
            }
            Command::RuleOnReturn => CommandSpec::Rule { is_accepted: self.random.percent(50) },
            Command::SubmitFeedback => self.feedback(place),
            Command::CarryOverTicket if self.random.percent(50) => self.carry_ask(place),
            Command::CarryOverTicket => CommandSpec::DecidePromise { is_granted: self.random.percent(65) },
            Command::EscalateTicket if self.random.percent(30) => CommandSpec::RecordManual,
            Command::EscalateTicket => CommandSpec::Fire { rung: self.random.pick(&[2, 2, 2, 3, 3, 4]) },
            Command::RecordContactAttempt => CommandSpec::Attempt,
            Command::SubmitSurvey => CommandSpec::Survey {
                is_unresolved: self.random.percent(40),
                is_dissatisfied: self.random.percent(40),
            },
            Command::RecordRecheck => CommandSpec::Recheck,
            Command::ReworkTicket => CommandSpec::Rework,
            Command::WithdrawTicket => CommandSpec::Withdraw,
            Command::MergeTicket => CommandSpec::Merge { into: self.random.below(self.pool.len()) },
            Command::RedactTicket => CommandSpec::Redact { is_rewritten: self.random.percent(50) },
            Command::UpdateCaller => CommandSpec::UpdateCaller { is_named: self.random.percent(50) },
            Command::UnmergeTicket => CommandSpec::Unmerge { from: self.standing_for(place) },
            Command::ReinstateTicket => CommandSpec::Reinstate,
            Command::ReopenTicket => CommandSpec::Reopen { is_rework: self.random.percent(50) },
            Command::RecordRepeatCall => {
                CommandSpec::CallRepeat { repeat: self.repeat_of(place), is_reached: self.random.percent(40) }
            }
            Command::AddNote => CommandSpec::Note,
            Command::LinkTickets => CommandSpec::Link,
            Command::AssignInside => CommandSpec::AssignInside,
            Command::AskCompany => CommandSpec::AskCompany,
            Command::AddSupplement => CommandSpec::Supplement,
            Command::UploadAttachment => CommandSpec::Upload,
            Command::RequestHelp => CommandSpec::Help { is_answer: self.random.percent(40) },
        }
    }

    /// The ticket that stands for one, usually.
    fn standing_for(&mut self, place: usize) -> usize {
        let wanted = self.pool[place].model.stands_in;
        let found = self.pool.iter().position(|pair| Some(pair.number) == wanted);
        found.filter(|_| self.random.percent(90)).unwrap_or_else(|| self.random.below(self.pool.len()))
    }

    /// A repeat of a ticket, usually.
    fn repeat_of(&mut self, place: usize) -> usize {
        let wanted = self.pool[place].model.repeats.first().map(|repeat| repeat.number);
        let found = self.pool.iter().position(|pair| Some(pair.number) == wanted);
        found.filter(|_| self.random.percent(90)).unwrap_or_else(|| self.random.below(self.pool.len()))
    }

    fn class(&mut self, place: Option<usize>) -> Class {
        let category = self.random.pick(&[
            Category::Consultation,
            Category::Appeal,
            Category::Appeal,
            Category::ComplaintReport,
        ]);
        let complexity = self.random.pick(&[Complexity::General, Complexity::Complex]);
        let mut accused = Vec::new();
        if category == Category::ComplaintReport {
            for _ in 0..self.random.below(3) {
                let involved =
                    place.filter(|_| self.random.percent(40)).and_then(|place| self.involved(place));
                let unit = involved.unwrap_or_else(|| self.unit());
                if !accused.contains(&unit) {
                    accused.push(unit);
                }
            }
        }
        let is_overlapping = match category {
            Category::Appeal => self.random.percent(45),
            _ => self.random.percent(4),
        };
        let (has_several_units, has_note) = (self.random.percent(40), self.random.percent(50));
        Class { category, complexity, has_several_units, is_overlapping, accused, has_note }
    }

    /// A lead, some assisting and some informed units, all different.
    fn units(&mut self, place: usize) -> (UnitId, Vec<UnitId>, Vec<UnitId>) {
        let lead = match self.pool[place].model.accused.first() {
            Some(accused) if self.random.percent(10) => *accused,
            _ => self.unit(),
        };
        let mut taken = vec![lead];
        let mut some = |episode: &mut Self| {
            let mut units = Vec::new();
            for _ in 0..episode.random.below(3) {
                let unit = episode.unit();
                if !taken.contains(&unit) {
                    taken.push(unit);
                    units.push(unit);
                }
            }
            units
        };
        let assist = some(self);
        let inform = some(self);
        (lead, assist, inform)
    }

    /// An instant since the intake, sometimes outside.
    fn since_intake(&mut self, place: usize) -> i64 {
        let (received, now) = (self.pool[place].model.received, self.now);
        match self.random.below(20) {
            0 => self.ahead(),
            1 => received - self.random.between(1, HOUR),
            2 => received,
            3 => now,
            _ => self.random.between(received, now + 1),
        }
    }

    /// An instant that a clock gives which is ahead: by seconds, by minutes, or by more.
    fn ahead(&mut self) -> i64 {
        let most = self.random.pick(&[5 * MINUTE / 60, 10 * MINUTE, HOUR]);
        self.now + self.random.between(1, most + 1)
    }

    fn feedback(&mut self, place: usize) -> CommandSpec {
        let replied = self.random.percent(55).then(|| self.since_intake(place));
        // At least one half, as the field checks require.
        let has_report = replied.is_none() || self.random.percent(30);
        CommandSpec::Feedback { replied, has_report }
    }

    fn carry_ask(&mut self, place: usize) -> CommandSpec {
        let due = self.pool[place].model.due_in_force();
        let promised = match self.random.below(10) {
            0 => due,
            1 => due - self.random.between(0, DAY),
            2 => due + self.random.between(0, 300 * DAY),
            _ => due + self.random.between(1, 15 * DAY),
        };
        CommandSpec::PromiseDate { promised, informed: self.since_intake(place) }
    }

    pub(super) fn choose_intake(&mut self) -> (Create, usize) {
        let class = Class { is_overlapping: false, ..self.class(None) };
        let is_call = self.random.percent(60);
        let call_began = (is_call || self.random.percent(20)).then(|| match self.random.below(20) {
            0 => self.ahead(),
            1 => self.now - self.random.between(HOUR, 100 * HOUR),
            _ => self.now - self.random.between(0, 2 * HOUR),
        });
        let chosen_confidential = self.random.pick(&[None, None, Some(true), Some(false)]);
        let unit = self.random.below(self.product.roster.count());
        let person = match self.random.below(20) {
            0 => self.random.below(self.people.all.len()),
            1..5 => self.people.clerk(UnitId::try_from(unit).unwrap_or(0)),
            5..8 => self.people.with(Role::Telephony),
            _ => self.people.with(Role::Agent),
        };
        let names_somebody = self.random.percent(30);
        (Create { class, is_call, call_began, chosen_confidential, names_somebody }, person)
    }
}
