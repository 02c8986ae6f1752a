//! `CreateTicket` (受理): takes a request in and counts its limit from that instant.
//!
//! It is the only verb without an existing ticket. The natural key (`source`) makes it repeatable without a request id
//! too: see `duplicate_source`.

use hotline_proto::v1::ErrorReason;

use super::DecisionContext;
use super::screened_texts::ScreenedTexts;
use crate::access::Permit;
use crate::platform::Fault;
use crate::platform::caller_clock::{self, ClockAhead};
use crate::ticket::event::TicketCreated;
use crate::ticket::{
    CallId, CallKey, CallerIdentity, Category, Channel, Complexity, Event, ExchangeId, Instant, Source,
    State, Ticket, TicketNumber, Tier, UnitCode,
};

/// A request to take in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct CreateTicket {
    pub category: Category,
    pub complexity: Complexity,
    pub has_several_units: bool,
    pub topic: Option<String>,
    pub district: Option<String>,
    pub industry: Option<String>,
    pub subject: String,
    pub content: String,
    pub channel: Channel,
    pub source: Option<Source>,
    pub call_began_at: Option<Instant>,
    pub named_call: NamedCall,
    pub chosen_confidential: Option<bool>,
    pub accused_units: Vec<UnitCode>,
    /// The closed ticket that it follows. Whether the caller sees it, and it is closed, is checked before the decision.
    pub follows: Option<TicketNumber>,
    pub identity: CallerIdentity,
}

/// How a request names the call that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedCall {
    /// By its source, if it came by telephone and has one; with the id that the exchange keeps over transfers, if it
    /// gives one.
    BySource {
        /// That id.
        end_to_end_id: Option<String>,
    },
    /// By the id of the call.
    ById(CallId),
}

impl Default for NamedCall {
    fn default() -> Self {
        Self::BySource { end_to_end_id: None }
    }
}

/// A request to take in, with its screened texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenedTicket {
    pub(super) create: CreateTicket,
    pub(super) texts: ScreenedTexts,
}

impl From<CreateTicket> for ScreenedTicket {
    fn from(create: CreateTicket) -> Self {
        let texts = create.screened_texts();
        Self { create, texts }
    }
}

/// Why a request can't be taken in.
#[derive(Debug)]
pub(super) enum Refusal {
    OutsideHours,
    CallTooOld { earliest: Instant, now: Instant },
    AccusedTakesIn,
    CallNotFound,
    SourceReused,
    FollowedTicketUnfit { state: State },
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::OutsideHours => Self::new(ErrorReason::OutsideHours),
            Refusal::CallTooOld { earliest, now } => Self::new(ErrorReason::CallTooOld)
                .with("earliest_start_time", caller_clock::server_time(earliest))
                .with("server_time", caller_clock::server_time(now)),
            Refusal::AccusedTakesIn => Self::new(ErrorReason::ConflictOfInterest),
            Refusal::CallNotFound => Self::new(ErrorReason::CallNotFound),
            Refusal::SourceReused => Self::new(ErrorReason::SourceReused),
            Refusal::FollowedTicketUnfit { state } => {
                Self::new(ErrorReason::FollowedTicketUnfit).with("state", state.name())
            }
        }
    }
}

impl CreateTicket {
    /// The units that the decision needs: those complained about, and the one that takes the complaint in.
    pub(super) fn units_named(&self, permit: &Permit) -> Vec<UnitCode> {
        match self.accused_units.as_slice() {
            [] => Vec::new(),
            accused => accused.iter().chain(permit.unit()).cloned().collect(),
        }
    }

    /// The key of the call that the source names. It is the natural key of a ticket that came by telephone.
    pub(super) fn call_key(&self) -> Option<CallKey> {
        let (NamedCall::BySource { end_to_end_id }, Channel::Telephone) = (&self.named_call, self.channel)
        else {
            return None;
        };
        let (source, began_at) = (self.source.as_ref()?, self.call_began_at?);
        let id = match end_to_end_id {
            Some(id) => ExchangeId::EndToEnd(id.clone()),
            None => ExchangeId::Reference { reference: source.reference.clone(), began_at },
        };
        Some(CallKey { system: source.system.clone(), id })
    }

    /// The start of the call as it is recorded by a server at `now`.
    pub(super) fn settle_call_start(&self, now: Instant) -> Result<Option<Instant>, ClockAhead> {
        self.call_began_at.map(|given| caller_clock::settle(given, now)).transpose()
    }

    fn screened_texts(&self) -> ScreenedTexts {
        ScreenedTexts::of(&self.subject, &self.content, self.industry.as_deref(), &self.identity)
    }

    /// Decides what happens. Pure.
    ///
    /// # Errors
    /// `CLOCK_AHEAD`, `CALL_TOO_OLD`, `OUTSIDE_HOURS`, `UNIT_UNKNOWN`, `CONFLICT_OF_INTEREST`.
    pub fn decide(&self, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        self.decide_screened(ctx, &self.screened_texts(), None)
    }

    /// The same, with texts that are already screened, and the call that was found. Pure.
    pub(super) fn decide_screened(
        &self,
        ctx: &DecisionContext<'_>,
        texts: &ScreenedTexts,
        call: Option<&CallId>,
    ) -> Result<Vec<Event>, Fault> {
        let accused = self.accused_units.iter().enumerate();
        let known =
            ctx.units.check_known(accused.map(|(place, unit)| (format!("accused_units[{place}]"), unit)));
        let call_began_at = self.settle_call_start(ctx.now).map_err(|ahead| match ahead {
            ClockAhead::Wrong => ahead.fault("call_start_time", ctx.now).and(known.clone()),
            ClockAhead::Retry(_) => {
                known.clone().err().unwrap_or_else(|| ahead.fault("call_start_time", ctx.now))
            }
        })?;
        known?;
        check_call_start(call_began_at, self.channel, ctx)?;
        if ctx.units.has_conflict(ctx.permit.unit().into_iter(), &self.accused_units) {
            return Err(Refusal::AccusedTakesIn.into());
        }
        let tier = Tier::of(self.category, self.complexity, self.has_several_units);
        let deadline = ctx.deadline(tier, ctx.now)?;
        Ok(vec![Event::TicketCreated(Box::new(TicketCreated {
            category: self.category,
            complexity: self.complexity,
            has_several_units: self.has_several_units,
            topic: self.topic.clone(),
            district: self.district.clone(),
            industry: texts.industry.clone(),
            text_marks: texts.marks(),
            subject: texts.subject.text.clone(),
            content: texts.content.text.clone(),
            channel: self.channel,
            source: self.source.clone(),
            call_began_at,
            call: call.cloned(),
            chosen_confidential: self.chosen_confidential,
            accused_units: self.accused_units.clone(),
            deadline,
            intake_unit: ctx.permit.unit().cloned(),
            is_training: false,
            follows: self.follows,
        }))])
    }
}

/// A ticket follows one that is closed; a repeat of an open one is merged.
///
/// # Errors
/// `FOLLOWED_TICKET_UNFIT`.
pub(super) fn check_followed(followed: &Ticket) -> Result<(), Fault> {
    if followed.state == State::Closed {
        return Ok(());
    }
    Err(Refusal::FollowedTicketUnfit { state: followed.state }.into())
}

/// A call is taken within the hours and within the age that the policy allows.
fn check_call_start(
    call_began_at: Option<Instant>,
    channel: Channel,
    ctx: &DecisionContext<'_>,
) -> Result<(), Refusal> {
    let Some(began_at) = call_began_at else { return Ok(()) };
    let earliest = ctx.policy.intake.earliest_call_start(ctx.now);
    if began_at < earliest {
        return Err(Refusal::CallTooOld { earliest, now: ctx.now });
    }
    let is_open = channel != Channel::Telephone || ctx.policy.intake.is_open_at(began_at);
    if is_open { Ok(()) } else { Err(Refusal::OutsideHours) }
}

#[cfg(test)]
mod call_start_tests;

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use hotline_proto::v1::Role;

    use super::super::fixture::*;
    use super::*;
    use crate::ticket::State;

    /// The outcome of an intake, with all units that it names and the caller's own.
    fn ask(desk: &Desk, who: Who, create: &CreateTicket) -> Result<Vec<Event>, Fault> {
        let named: Vec<_> = create.accused_units.iter().cloned().chain(who.1.map(code)).collect();
        desk.decide(who, "CreateTicket", &named, |ctx| create.decide(ctx))
    }

    fn call(began_at: &str) -> CreateTicket {
        CreateTicket { channel: Channel::Telephone, call_began_at: Some(at(began_at)), ..appeal() }
    }

    #[test]
    fn a_request_is_taken_in_as_it_was_made() {
        let desk = Desk::open();
        let events = ask(&desk, AGENT, &appeal()).expect("it is not refused");
        let [Event::TicketCreated(created)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(ScreenedTicket::from(appeal()).differing_fields(created, desk.now), Vec::<&str>::new());
        assert_eq!(created.deadline.due_at - desk.now, TimeDelta::days(7));
        assert_eq!(created.deadline.policy_version, desk.policy.version());
        let ticket = desk.taken_in(&appeal());
        assert_eq!((ticket.state, ticket.version, ticket.cycle.number), (State::Received, 1, 1));
    }

    #[test]
    fn hours_are_for_calls_and_judged_by_when_they_began() {
        let night = at("2019-10-15T00:10:00+08:00");
        for (now, create, expected) in [
            (night, call("2019-10-14T23:58:00+08:00"), None),
            (night, call("2019-10-15T00:01:00+08:00"), Some(ErrorReason::OutsideHours)),
            (night, call("2019-10-15T00:10:00+08:00"), Some(ErrorReason::OutsideHours)),
            (night, call("2019-10-15T00:10:06+08:00"), Some(ErrorReason::ClockAhead)),
            (night, call("2019-10-15T00:20:01+08:00"), Some(ErrorReason::InvalidFields)),
            (night, CreateTicket { channel: Channel::App, ..call("2019-10-15T00:01:00+08:00") }, None),
            (night, appeal(), None),
        ] {
            let outcome = ask(&Desk::open().at(now), AGENT, &create);
            assert_eq!(outcome.err().map(|fault| fault.reason), expected, "{create:?}");
        }
    }

    #[test]
    fn a_unit_takes_in_no_complaint_about_itself_or_one_above_it() {
        let desk = Desk::open();
        let under = Who(Role::Unit, Some(UNDER_LEAD));
        for (who, accused, expected) in [
            (LEAD_UNIT, LEAD, Some(ErrorReason::ConflictOfInterest)),
            (under, LEAD, Some(ErrorReason::ConflictOfInterest)),
            (LEAD_UNIT, UNDER_LEAD, None),
            (ASSIST_UNIT, LEAD, None),
            (AGENT, LEAD, None),
            (AGENT, NOWHERE, Some(ErrorReason::UnitUnknown)),
            // A complaint can be about an abolished unit.
            (AGENT, INACTIVE, None),
        ] {
            let outcome = ask(&desk, who, &complaint_about(accused));
            assert_eq!(outcome.err().map(|fault| fault.reason), expected, "{who:?} about {accused}");
        }
    }

    #[test]
    fn identity_is_withheld_as_chosen_and_for_complaints_by_default() {
        let desk = Desk::open();
        for (create, chosen, is_confidential) in [
            (appeal(), None, false),
            (appeal(), Some(true), true),
            (complaint_about(LEAD), None, true),
            (complaint_about(LEAD), Some(false), false),
        ] {
            let create = CreateTicket { chosen_confidential: chosen, ..create };
            assert_eq!(desk.taken_in(&create).is_confidential, is_confidential, "{chosen:?}");
        }
    }
}
