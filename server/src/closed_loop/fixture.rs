//! Shared by the tests of all verbs: a desk with a policy, a calendar and a few units, callers, and tickets that the
//! verbs have brought to a state. No I/O, no clock.

use chrono::TimeDelta;
use hotline_proto::METHODS;
use hotline_proto::v1::{ErrorReason, Role};

use super::accept_ticket::AcceptTicket;
use super::classify_ticket::ClassifyTicket;
use super::create_ticket::{CreateTicket, NamedCall};
use super::dispatch_ticket::DispatchTicket;
use super::draw::Draw;
use super::return_ticket::ReturnTicket;
use super::submit_feedback::{Reply, Report, SubmitFeedback};
use super::submit_survey::SubmitSurvey;
use super::{DecisionContext, Verb, check_state};
use crate::access::{Caller, Permit};
use crate::deadline::policy::default_policy;
use crate::deadline::{Calendar, Policy};
use crate::desk::directory::{Unit, UnitGroup, UnitSet};
use crate::desk::knowledge::KnowledgeSet;
use crate::platform::Fault;
use crate::ticket::{
    Actor, CallerIdentity, Category, Channel, Complexity, ContactMethod, Event, EventRecord, Instant,
    Resolved, Responsibility, ReturnReason, Satisfied, Ticket, TicketNumber, UnitCode, apply, invariants,
};

/// The unit that leads, and one under it.
pub(crate) const LEAD: &str = "district-chaoyang";
pub(crate) const UNDER_LEAD: &str = "street-maizidian";
/// Units that assist and are informed.
pub(crate) const ASSIST: &str = "dept-tax";
pub(crate) const INFORM: &str = "dept-market";
/// A unit that gets no tickets any more, and one that does not exist.
pub(crate) const INACTIVE: &str = "dept-dissolved";
pub(crate) const NOWHERE: &str = "dept-nowhere";

/// A caller with a role and a unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who(pub(crate) Role, pub(crate) Option<&'static str>);

pub(crate) const AGENT: Who = Who(Role::Agent, None);
pub(crate) const DISPATCHER: Who = Who(Role::Dispatcher, None);
pub(crate) const COORDINATOR: Who = Who(Role::Coordinator, None);
pub(crate) const SUPERVISOR: Who = Who(Role::Supervisor, None);
pub(crate) const LEAD_UNIT: Who = Who(Role::Unit, Some(LEAD));
pub(crate) const ASSIST_UNIT: Who = Who(Role::Unit, Some(ASSIST));
pub(crate) const INFORM_UNIT: Who = Who(Role::Unit, Some(INFORM));

/// All inputs of a decision.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    /// The policy; a test may change it.
    pub(crate) policy: Policy,
    /// The instant of the next decision; a test may change it.
    pub(crate) now: Instant,
    /// What is known of the knowledge base; a test may change it.
    pub(crate) knowledge: KnowledgeSet,
    /// The draw of a verb that draws; a test may change it.
    pub(crate) draw: Draw,
    /// Who stands in for any clerk; a test may change it.
    pub(crate) stand_in: Option<&'static str>,
    principal: &'static str,
    calendar: Calendar,
}

/// A unit code.
pub(crate) fn code(code: &str) -> UnitCode {
    UnitCode(code.to_owned())
}

/// An instant.
pub(crate) fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

/// A ticket number of the day of these tests.
pub(crate) fn number(sequence: u32) -> TicketNumber {
    let day = chrono::NaiveDate::from_ymd_opt(2019, 10, 14).expect("a day");
    TicketNumber::new(day, sequence).expect("a number")
}

/// These units of the directory and every unit above them, as they are read before a decision.
pub(crate) fn known(named: &[UnitCode]) -> UnitSet {
    let unit = |code: &str, parent: Option<&str>, is_active| Unit {
        code: UnitCode(code.to_owned()),
        name: code.to_owned(),
        name_en: String::new(),
        group: UnitGroup::District,
        parent: parent.map(|parent| UnitCode(parent.to_owned())),
        district: None,
        is_active,
        successor: None,
        policy_number: None,
        version: 1,
    };
    let directory = [
        unit(UNDER_LEAD, Some(LEAD), true),
        unit(LEAD, None, true),
        unit(ASSIST, None, true),
        unit(INFORM, None, true),
        unit(INACTIVE, None, false),
    ];
    let is_above = |code: &UnitCode| {
        directory.iter().any(|under| named.contains(&under.code) && under.parent.as_ref() == Some(code))
    };
    UnitSet::of(directory.iter().filter(|unit| named.contains(&unit.code) || is_above(&unit.code)).cloned())
}

impl Desk {
    /// Monday, 14 October 2019, 10:00 in Beijing, under the default policy.
    pub(crate) fn open() -> Self {
        let calendar = Calendar::shipped().expect("the shipped calendar is sound");
        let knowledge = KnowledgeSet::default();
        let (draw, principal) = (Draw::NONE, "somebody");
        let now = at("2019-10-14T10:00:00+08:00");
        Self { policy: default_policy(), now, knowledge, draw, stand_in: None, principal, calendar }
    }

    /// The same desk, later.
    pub(crate) fn after(&self, time: TimeDelta) -> Self {
        Self { now: self.now + time, ..self.clone() }
    }

    /// The same desk with another caller.
    pub(crate) fn called_by(&self, principal: &'static str) -> Self {
        Self { principal, ..self.clone() }
    }

    /// The same desk at an instant.
    pub(crate) fn at(&self, now: Instant) -> Self {
        Self { now, ..self.clone() }
    }

    /// The same desk, this many hours later.
    pub(crate) fn after_hours(&self, hours: i64) -> Self {
        self.after(TimeDelta::hours(hours))
    }

    /// The decision for a caller who may call the method, with these units.
    pub(crate) fn decide<T>(
        &self,
        who: Who,
        method: &str,
        named: &[UnitCode],
        decide: impl FnOnce(&DecisionContext<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let caller = Caller {
            principal: self.principal.to_owned(),
            roles: vec![who.0],
            unit: who.1.map(code),
            ..Caller::default()
        };
        let row = METHODS.iter().find(|row| row.method == method).expect("a method of the contract");
        let permit = Permit::grant(caller, row)?;
        decide(&DecisionContext {
            now: self.now,
            permit: &permit,
            policy: &self.policy,
            policy_version: &self.policy.version(),
            calendar: &self.calendar,
            units: &known(named),
            knowledge: &self.knowledge,
            draw: self.draw,
            stand_in: self.stand_in,
        })
    }

    /// Runs a verb's decision with the units that the verb asks for.
    pub(crate) fn ask<V: Verb>(&self, who: Who, verb: &V, ticket: &Ticket) -> Result<Vec<Event>, Fault> {
        check_state(V::COMMAND, ticket)?;
        let named = verb.units_named(ticket);
        self.decide(who, V::COMMAND.name(), &named, |ctx| verb.decide(ticket, ctx))
    }

    /// The reason with which a verb is refused.
    pub(crate) fn refusal<V: Verb>(&self, who: Who, verb: &V, ticket: &Ticket) -> ErrorReason {
        self.ask(who, verb, ticket).expect_err("it is refused").reason
    }

    /// The ticket after a verb that must not be refused.
    pub(crate) fn run<V: Verb>(&self, who: Who, verb: &V, ticket: &Ticket) -> Ticket {
        let events = self.ask(who, verb, ticket).expect("it is not refused");
        self.fold(Some(ticket.clone()), events)
    }

    /// Folds events into a ticket and checks its invariants.
    pub(crate) fn fold(&self, before: Option<Ticket>, events: Vec<Event>) -> Ticket {
        let mut after = before;
        for event in events {
            let sequence = after.as_ref().map_or(1, |ticket| ticket.version + 1);
            let ticket = after.as_ref().map_or_else(|| number(1), |ticket| ticket.number);
            let recorded = EventRecord { ticket, sequence, at: self.now, actor: Actor::system(), event };
            after = Some(apply::apply(after, &recorded).expect("the timeline fits together"));
        }
        let after = after.expect("at least one event");
        assert_eq!(invariants::broken(&after), Vec::<&str>::new(), "{after:?}");
        after
    }

    /// A ticket that was just taken in.
    pub(crate) fn taken_in(&self, create: &CreateTicket) -> Ticket {
        let named = &create.accused_units;
        let events = self.decide(AGENT, "CreateTicket", named, |ctx| create.decide(ctx));
        self.fold(None, events.expect("intake"))
    }

    /// A general appeal that was just taken in.
    pub(crate) fn received(&self) -> Ticket {
        self.taken_in(&appeal())
    }

    /// An appeal at its lead unit, which has not accepted it.
    pub(crate) fn dispatched(&self) -> Ticket {
        self.run(DISPATCHER, &to_units(), &self.received())
    }

    /// An appeal that its lead unit handles.
    pub(crate) fn in_handling(&self) -> Ticket {
        self.run(LEAD_UNIT, &AcceptTicket, &self.dispatched())
    }

    /// An appeal that its lead unit returned.
    pub(crate) fn returned(&self) -> Ticket {
        self.run(LEAD_UNIT, &back(), &self.dispatched())
    }

    /// An appeal with both halves of the feedback.
    pub(crate) fn completed(&self) -> Ticket {
        self.run(LEAD_UNIT, &both(self.now), &self.in_handling())
    }

    /// An appeal whose company was dissatisfied.
    pub(crate) fn closed(&self) -> Ticket {
        self.run(AGENT, &dissatisfied(), &self.completed())
    }
}

/// A general appeal from the web site.
pub(crate) fn appeal() -> CreateTicket {
    CreateTicket {
        category: Category::Appeal,
        complexity: Complexity::General,
        has_several_units: false,
        topic: Some("licence.registration".to_owned()),
        district: Some("110105".to_owned()),
        industry: None,
        subject: "执照办理".to_owned(),
        content: "窗口要求重复提交材料".to_owned(),
        channel: Channel::Web,
        source: None,
        call_began_at: None,
        named_call: NamedCall::default(),
        chosen_confidential: None,
        accused_units: Vec::new(),
        follows: None,
        identity: CallerIdentity::default(),
    }
}

/// A general consultation.
pub(crate) fn consultation() -> CreateTicket {
    CreateTicket { category: Category::Consultation, ..appeal() }
}

/// A complaint about a unit.
pub(crate) fn complaint_about(unit: &str) -> CreateTicket {
    CreateTicket { category: Category::ComplaintReport, accused_units: vec![code(unit)], ..appeal() }
}

/// A general appeal with clear responsibility.
pub(crate) fn as_appeal() -> ClassifyTicket {
    ClassifyTicket {
        category: Category::Appeal,
        complexity: Complexity::General,
        has_several_units: false,
        responsibility: Responsibility::Clear,
        topic: None,
        district: None,
        accused_units: Vec::new(),
        note: String::new(),
    }
}

/// A dispatch to the three units.
pub(crate) fn to_units() -> DispatchTicket {
    DispatchTicket {
        lead_unit: code(LEAD),
        assist_units: vec![code(ASSIST)],
        inform_units: vec![code(INFORM)],
        note: "请协同办理".to_owned(),
        reason: String::new(),
    }
}

/// A return that proposes another unit.
pub(crate) fn back() -> ReturnTicket {
    ReturnTicket {
        reason: ReturnReason::NotOurDuty,
        rule: "三定方案第二条".to_owned(),
        proposed_unit: Some(code(ASSIST)),
        note: String::new(),
    }
}

/// A reply to the company at an instant.
pub(crate) fn reply(replied_at: Instant) -> Reply {
    Reply {
        replied_at,
        method: ContactMethod::Telephone,
        official: "王工".to_owned(),
        content: "已办结".to_owned(),
    }
}

/// A report to the hotline.
pub(crate) fn report() -> Report {
    Report {
        actions: "现场核实".to_owned(),
        result: "已办结".to_owned(),
        evidence: vec!["file-17".to_owned()],
    }
}

/// Both halves of the feedback at once.
pub(crate) fn both(replied_at: Instant) -> SubmitFeedback {
    SubmitFeedback { caller_reply: Some(reply(replied_at)), hotline_report: Some(report()) }
}

/// A survey of a company that was not helped.
pub(crate) fn dissatisfied() -> SubmitSurvey {
    SubmitSurvey {
        responded: None,
        resolved: Some(Resolved::No),
        satisfied: Some(Satisfied::Dissatisfied),
        comment: "无人联系".to_owned(),
    }
}
