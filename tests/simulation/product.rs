//! The adapter around the product's pure core: it does what a unit of work does, without a database.
//!
//! Permit, scope, state, decision, fold, invariants, in the order of `closed_loop` and `ledger`; bugs are planted here.

use chrono::{DateTime, TimeDelta};
use hotline_proto::v1::ErrorReason;
use hotline_server::access::{Permit, Scope};
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::answer_ticket::AnswerTicket;
use hotline_server::closed_loop::carry_over_ticket::CarryOverTicket;
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::closed_loop::create_ticket::CreateTicket;
use hotline_server::closed_loop::decline_ticket::DeclineTicket;
use hotline_server::closed_loop::dispatch_ticket::DispatchTicket;
use hotline_server::closed_loop::plan_ticket::PlanTicket;
use hotline_server::closed_loop::record_contact_attempt::RecordContactAttempt;
use hotline_server::closed_loop::return_ticket::ReturnTicket;
use hotline_server::closed_loop::rework_ticket::ReworkTicket;
use hotline_server::closed_loop::rule_on_return::RuleOnReturn;
use hotline_server::closed_loop::submit_feedback::{Reply, Report, SubmitFeedback};
use hotline_server::closed_loop::submit_survey::SubmitSurvey;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::closed_loop::{Moment, Verb, check_state, merge_ticket};
use hotline_server::deadline::Calendar;
use hotline_server::deadline::ladder::{self, RungAt};
use hotline_server::ledger;
use hotline_server::oversight::escalate_ticket::EscalateTicket;
use hotline_server::oversight::runner;
use hotline_server::platform::Fault;
use hotline_server::ticket::{
    Actor, ArticleCitation, CallerIdentity, Channel, Command, ContactMethod, DeclineReason, Event, Instant,
    Recorded, Resolved, Responsibility, ReturnReason, Rung, Satisfied, Ticket, TicketNumber, apply,
    invariants,
};

use crate::asks::{Ask, Class, Create};
use crate::plant::Plant;
use crate::roster::Roster;
use crate::world::Rated;

/// The product, as the simulation drives it.
#[derive(Debug)]
pub(crate) struct Product<'w> {
    pub(crate) roster: &'w Roster,
    pub(crate) calendar: Calendar,
    pub(crate) plant: Option<Plant>,
}

/// What a unit of work would have written for one ticket.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) after: Ticket,
    pub(crate) recorded: Vec<Recorded>,
}

/// Who asks, under which policy, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) permit: &'a Permit,
    pub(crate) rated: &'a Rated,
    pub(crate) now: i64,
}

/// The instant of so many microseconds; every simulated year is far inside the time line.
pub(crate) fn at(micros: i64) -> Instant {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// The rung of a number.
pub(crate) const fn rung(number: u8) -> Rung {
    match number {
        0 => Rung::None,
        1 => Rung::Reminded,
        2 => Rung::Urged,
        3 => Rung::Supervised,
        _ => Rung::Manual,
    }
}

/// Folds events into a ticket and checks it, as the ledger does before it writes.
fn fold(
    number: TicketNumber,
    before: Option<&Ticket>,
    events: Vec<Event>,
    (actor, now): (&Actor, Instant),
) -> Result<Written, Fault> {
    let mut after = before.cloned();
    let mut recorded = Vec::with_capacity(events.len());
    for event in events {
        let sequence = after.as_ref().map_or(1, |ticket| ticket.version + 1);
        let one = Recorded { ticket: number, sequence, at: now, actor: actor.clone(), event };
        after = Some(apply::apply(after, &one).map_err(|broken| Fault::internal(broken.what))?);
        recorded.push(one);
    }
    let after = after.ok_or_else(|| Fault::internal("nothing happened"))?;
    let broken = invariants::broken(&after);
    if !broken.is_empty() {
        return Err(Fault::internal(format!("would break: {}", broken.join("; "))));
    }
    Ok(Written { after, recorded })
}

impl Product<'_> {
    fn moment<'a>(&'a self, call: &Call<'a>) -> Moment<'a> {
        Moment {
            now: at(call.now),
            permit: call.permit,
            policy: &call.rated.policy,
            policy_version: &call.rated.version,
            calendar: &self.calendar,
            units: &self.roster.known,
        }
    }

    /// Takes a request in.
    pub(crate) fn create(
        &self,
        number: TicketNumber,
        create: &Create,
        call: &Call<'_>,
    ) -> Result<Written, Fault> {
        let class = &create.class;
        let verb = CreateTicket {
            category: class.category,
            complexity: class.complexity,
            has_several_units: class.has_several_units,
            topic: None,
            district: None,
            industry: None,
            subject: "a matter".to_owned(),
            content: "what is asked".to_owned(),
            channel: if create.is_call { Channel::Telephone } else { Channel::Partner },
            source: None,
            call_began_at: create.call_began.map(at),
            chosen_confidential: create.chosen_confidential,
            accused_units: self.roster.codes(&class.accused),
            identity: CallerIdentity::default(),
        };
        let events = verb.decide(&self.moment(call))?;
        fold(number, None, events, (&call.permit.actor(), at(call.now)))
    }

    /// Runs a command on a ticket; merging is [`Product::merge`].
    pub(crate) fn change(&self, ticket: &Ticket, ask: &Ask, call: &Call<'_>) -> Result<Written, Fault> {
        let note = String::new;
        match ask {
            Ask::Answer => {
                let articles = vec![ArticleCitation { article: "article-1".to_owned(), version: 1 }];
                self.run(&AnswerTicket { content: note(), articles }, ticket, call)
            }
            Ask::Decline => {
                let reason = DeclineReason::Litigation;
                self.run(&DeclineTicket { reason, turn_to: note(), note: note() }, ticket, call)
            }
            Ask::Classify(class) => self.run(&self.classify(class), ticket, call),
            Ask::Plan { lead, assist } => {
                let (lead_unit, assist_units) = (self.roster.code(*lead), self.roster.codes(assist));
                self.run(&PlanTicket { text: note(), lead_unit, assist_units }, ticket, call)
            }
            Ask::Dispatch { lead, assist, inform } => {
                let verb = DispatchTicket {
                    lead_unit: self.roster.code(*lead),
                    assist_units: self.roster.codes(assist),
                    inform_units: self.roster.codes(inform),
                    note: note(),
                };
                self.run(&verb, ticket, call)
            }
            Ask::Accept => self.run(&AcceptTicket, ticket, call),
            Ask::Return { proposed } => {
                let reason = ReturnReason::Incomplete;
                let proposed_unit = proposed.map(|unit| self.roster.code(unit));
                self.run(&ReturnTicket { reason, rule: note(), proposed_unit, note: note() }, ticket, call)
            }
            Ask::Rule { is_accepted } => {
                self.run(&RuleOnReturn { is_accepted: *is_accepted, note: note() }, ticket, call)
            }
            Ask::Feedback { replied, has_report } => self.run(&feedback(*replied, *has_report), ticket, call),
            Ask::Merge { .. } => Err(Fault::new(ErrorReason::Internal)),
            ask => self.change_late(ticket, ask, call),
        }
    }

    /// The second half of the loop: carry-over, supervision, follow-up.
    fn change_late(&self, ticket: &Ticket, ask: &Ask, call: &Call<'_>) -> Result<Written, Fault> {
        let note = String::new;
        match ask {
            Ask::PromiseDate { promised, told } => {
                let (promised_at, told_at) = (at(*promised), at(*told));
                self.run(&CarryOverTicket::Ask { next_steps: note(), promised_at, told_at }, ticket, call)
            }
            Ask::DecidePromise { is_granted } => {
                self.run(&CarryOverTicket::Decide { is_granted: *is_granted, note: note() }, ticket, call)
            }
            Ask::Fire { rung: number } => {
                self.run(&EscalateTicket::Fire { rung: rung(*number), note: note() }, ticket, call)
            }
            Ask::RecordManual => self.run(&EscalateTicket::RecordManual { note: note() }, ticket, call),
            Ask::Attempt => self.run(&RecordContactAttempt { note: note() }, ticket, call),
            Ask::Survey { is_unresolved, is_dissatisfied } => {
                let verb = SubmitSurvey {
                    responded: None,
                    resolved: is_unresolved.then_some(Resolved::No),
                    satisfied: is_dissatisfied.then_some(Satisfied::Dissatisfied),
                    comment: note(),
                };
                self.run(&verb, ticket, call)
            }
            Ask::Rework => self.run(&ReworkTicket { note: note() }, ticket, call),
            Ask::Withdraw => self.run(&WithdrawTicket { note: note() }, ticket, call),
            _ => Err(Fault::new(ErrorReason::Internal)),
        }
    }

    fn classify(&self, class: &Class) -> ClassifyTicket {
        let responsibility =
            if class.is_overlapping { Responsibility::Overlapping } else { Responsibility::Clear };
        ClassifyTicket {
            category: class.category,
            complexity: class.complexity,
            has_several_units: class.has_several_units,
            responsibility,
            topic: None,
            district: None,
            accused_units: self.roster.codes(&class.accused),
        }
    }

    fn run<V: Verb>(&self, verb: &V, ticket: &Ticket, call: &Call<'_>) -> Result<Written, Fault> {
        check_scope(ticket, call.permit)?;
        check_state(V::COMMAND, ticket)?;
        let events = if self.plant == Some(Plant::AccusedHas) {
            let innocent = Ticket { accused_units: Vec::new(), ..ticket.clone() };
            verb.decide(&innocent, &self.moment(call))?
        } else {
            verb.decide(ticket, &self.moment(call))?
        };
        let is_kept = |event: &Event| {
            self.plant != Some(Plant::ForgetFeedback) || !matches!(event, Event::HotlineReported { .. })
        };
        let events: Vec<_> = events.into_iter().filter(is_kept).collect();
        fold(ticket.number, Some(ticket), events, (&call.permit.actor(), at(call.now)))
    }

    /// Links a repeat to an open ticket; what is written for each, the repeat first.
    pub(crate) fn merge(
        &self,
        repeat: &Ticket,
        open: &Ticket,
        call: &Call<'_>,
    ) -> Result<[Written; 2], Fault> {
        check_scope(repeat, call.permit)?;
        check_state(Command::MergeTicket, repeat)?;
        let (merged, linked) = merge_ticket::decide(repeat, open, &self.roster.known)?;
        let by = (&call.permit.actor(), at(call.now));
        Ok([
            fold(repeat.number, Some(repeat), vec![merged], by)?,
            fold(open.number, Some(open), vec![linked], by)?,
        ])
    }

    /// Fires what is due on a ticket, as the runner does; `None` where nothing is.
    pub(crate) fn fire(&self, ticket: &Ticket, rated: &Rated, now: i64) -> Option<Result<Written, Fault>> {
        if !ticket.state.is_open() {
            return None;
        }
        let early =
            if self.plant == Some(Plant::EarlyRung) { TimeDelta::hours(1) } else { TimeDelta::zero() };
        let reached = if self.plant == Some(Plant::DoubleRung) { Rung::None } else { ticket.cycle.rung };
        let passed = ladder::passed(&rated.policy.ladder, &ledger::owed(ticket), reached, at(now) + early)?;
        let events = runner::decide(ticket, passed);
        Some(fold(ticket.number, Some(ticket), events, (&Actor::system(), at(now))))
    }

    /// The rung that a ticket waits for, as the ledger writes it into its timer.
    pub(crate) fn timer(&self, ticket: &Ticket, rated: &Rated) -> Option<RungAt> {
        if !ticket.state.is_open() {
            return None;
        }
        let (rung, due) = ladder::next(&rated.policy.ladder, &ledger::owed(ticket), ticket.cycle.rung)?;
        let early =
            if self.plant == Some(Plant::EarlyRung) { TimeDelta::hours(1) } else { TimeDelta::zero() };
        Some((rung, due - early))
    }
}

fn feedback(replied: Option<i64>, has_report: bool) -> SubmitFeedback {
    let note = String::new;
    SubmitFeedback {
        caller_reply: replied.map(|replied| Reply {
            replied_at: at(replied),
            method: ContactMethod::Telephone,
            official: note(),
            content: note(),
        }),
        hotline_report: has_report.then(|| Report { actions: note(), result: note(), evidence: Vec::new() }),
    }
}

/// A ticket that is not the caller's to see does not exist for it.
fn check_scope(ticket: &Ticket, permit: &Permit) -> Result<(), Fault> {
    match permit.scope() {
        Scope::Unit(unit) if ticket.relation_of(&unit).is_none() => {
            Err(Fault::new(ErrorReason::TicketNotFound))
        }
        Scope::Unit(_) | Scope::All => Ok(()),
    }
}
