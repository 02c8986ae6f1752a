//! The model of a ticket: its fields, its limit, and its rung.

use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::ticket::{Category, Command, Complexity, State};

use super::around::Waiting;
use super::calendar::Calendar;
use super::due::{self, HOUR, MINUTE};
pub(crate) use super::parts::{Carry, LimitBefore, ModelDispatch, ModelRepeat, ModelSurvey};
use super::rules::Rules;
use super::table::{askable, roles};
use crate::command_spec::{Class, Create, UnitId};
use crate::roster::{Person, Roster};
use crate::rule_versions::RuleVersions;

/// The model of one ticket.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that stands on the ticket by itself")]
pub(crate) struct Model {
    /// The policy of its intake, by its index in the book.
    pub(crate) policy: usize,
    /// The calendar of its cycle, by its index in the book.
    pub(crate) calendar: usize,
    pub(crate) state: State,
    pub(crate) chosen_confidential: Option<bool>,
    pub(crate) is_confidential: bool,
    /// Whether its texts had personal data, and no agent has redacted them since.
    pub(crate) names_somebody: bool,
    /// Whether its content has a name that may turn out to be the caller's.
    pub(crate) has_unknown_name: bool,
    /// Whether telephony took it in.
    pub(crate) is_by_telephony: bool,
    /// Whether its responsibility overlaps.
    pub(crate) is_overlapping: bool,
    pub(crate) accused: Vec<UnitId>,
    /// The row of its classification.
    pub(crate) class_tier: usize,
    /// The row that its limit was counted by.
    pub(crate) tier: usize,
    pub(crate) received: i64,
    pub(crate) cycle: u32,
    pub(crate) began: i64,
    pub(crate) due: i64,
    pub(crate) is_provisional: bool,
    /// How far the ladder has gone, and the highest rung that staff fired.
    pub(crate) ladder: u8,
    pub(crate) by_hand: u8,
    /// The limit before the last classification that moved it.
    pub(crate) before: Option<LimitBefore>,
    /// What it stands for: repeats, by their numbers in the run.
    pub(crate) repeats: Vec<ModelRepeat>,
    pub(crate) carry: Option<(Carry, i64)>,
    pub(crate) has_reply: bool,
    pub(crate) has_report: bool,
    pub(crate) assist_reports: Vec<UnitId>,
    pub(crate) attempts: u32,
    pub(crate) last_attempt: i64,
    pub(crate) has_survey: bool,
    pub(crate) survey: ModelSurvey,
    /// When it was closed, or left the loop; and the state that it left.
    pub(crate) ended: i64,
    pub(crate) state_before: Option<State>,
    /// The ticket that stands for it, by its number in the run.
    pub(crate) stands_in: Option<u32>,
    pub(crate) plan: Option<Vec<UnitId>>,
    pub(crate) sent: Option<ModelDispatch>,
    pub(crate) returns: u32,
    pub(crate) is_return_pending: bool,
    pub(crate) is_ruling_final: bool,
    pub(crate) waiting: Waiting,
}

/// The inputs of a prediction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ModelContext<'a> {
    pub(crate) roster: &'a Roster,
    pub(crate) rule_versions: &'a RuleVersions,
    pub(crate) rules: &'a Rules,
    pub(crate) now: i64,
}

/// The row of the deadline table.
pub(crate) const fn tier(class: &Class) -> usize {
    match (class.category, class.complexity) {
        (Category::Consultation, Complexity::General) => 0,
        (Category::Consultation, Complexity::Complex) if class.has_several_units => 2,
        (Category::Consultation, Complexity::Complex) => 1,
        (Category::Appeal | Category::ComplaintReport, Complexity::General) => 3,
        (Category::Appeal | Category::ComplaintReport, Complexity::Complex) => 4,
    }
}

/// Whether a call may begin a ticket, and the units that it complains about are known.
fn check_call(create: &Create, context: &ModelContext<'_>) -> Result<(), ErrorReason> {
    let began = create.call_began.map(|began| due::settle(began, context.now)).transpose();
    if began == Err(ErrorReason::InvalidFields) {
        return Err(ErrorReason::InvalidFields);
    }
    if !create.class.accused.iter().all(|unit| context.roster.is_known(*unit)) {
        return Err(ErrorReason::UnitUnknown);
    }
    let began = began?;
    if began.is_some_and(|began| began < context.now - i64::from(context.rules.call_age_max_hours) * HOUR) {
        return Err(ErrorReason::CallTooOld);
    }
    let (open, close) = context.rules.open_minutes;
    let is_in_hours = |began| (open..close).contains(&(due::beijing_time(began).1 / MINUTE));
    if create.is_call && !began.is_none_or(is_in_hours) {
        return Err(ErrorReason::OutsideHours);
    }
    Ok(())
}

impl Model {
    pub(crate) const fn is_open(&self) -> bool {
        matches!(
            self.state,
            State::Received | State::Planning | State::Dispatched | State::Handling | State::Returned
        )
    }

    /// Whether it must not be sent to any unit until an agent has redacted its texts.
    pub(crate) const fn is_held(&self) -> bool {
        self.is_confidential && self.names_somebody && self.is_open()
    }

    /// The ticket's own limit: the counted one, or a granted promise.
    pub(crate) const fn own_due(&self) -> i64 {
        match self.carry {
            Some((Carry::Granted, promised)) => promised,
            _ => self.due,
        }
    }

    /// The limits of its repeats.
    fn repeat_limits(&self) -> impl Iterator<Item = (i64, u8)> {
        self.repeats.iter().filter_map(|repeat| repeat.limit)
    }

    /// The limit in force: its own, or the earliest of its repeats.
    pub(crate) fn due_in_force(&self) -> i64 {
        self.repeat_limits().map(|(due, _)| due).fold(self.own_due(), i64::min)
    }

    /// The highest rung: of the ladder, of staff, or of a repeat.
    pub(crate) fn rung(&self) -> u8 {
        self.repeat_limits().map(|(_, rung)| rung).fold(self.ladder.max(self.by_hand), u8::max)
    }

    /// It leaves the loop.
    pub(crate) fn end(&mut self, state: State, now: i64) {
        self.state_before = Some(self.state);
        self.ended = now;
        self.state = state;
        self.end_waiting();
    }

    /// It is closed.
    pub(crate) fn close(&mut self, now: i64) {
        self.ended = now;
        self.state = State::Closed;
    }

    /// Takes a request in.
    pub(crate) fn create(
        create: &Create,
        acting_unit: Option<UnitId>,
        policy: usize,
        context: &ModelContext<'_>,
    ) -> Result<Self, ErrorReason> {
        let class = &create.class;
        check_call(create, context)?;
        if acting_unit.is_some_and(|unit| context.roster.reaches(unit, &class.accused)) {
            return Err(ErrorReason::ConflictOfInterest);
        }
        let is_complaint = class.category == Category::ComplaintReport;
        let mut model = Self {
            policy,
            calendar: 0,
            state: State::Received,
            chosen_confidential: create.chosen_confidential,
            is_confidential: create.chosen_confidential.unwrap_or(is_complaint),
            names_somebody: create.names_somebody,
            has_unknown_name: true,
            is_by_telephony: false,
            is_overlapping: false,
            accused: class.accused.clone(),
            class_tier: tier(class),
            tier: tier(class),
            received: context.now,
            cycle: 0,
            began: context.now,
            due: 0,
            is_provisional: false,
            ladder: 0,
            by_hand: 0,
            before: None,
            repeats: Vec::new(),
            carry: None,
            has_reply: false,
            has_report: false,
            assist_reports: Vec::new(),
            attempts: 0,
            last_attempt: i64::MIN,
            has_survey: false,
            survey: ModelSurvey::default(),
            ended: 0,
            state_before: None,
            stands_in: None,
            plan: None,
            sent: None,
            returns: 0,
            is_return_pending: false,
            is_ruling_final: false,
            waiting: Waiting::default(),
        };
        model.begin_cycle(context);
        Ok(model)
    }

    /// It complains about these units too.
    pub(crate) fn accuse(&mut self, accused: &[UnitId]) {
        for unit in accused {
            if !self.accused.contains(unit) {
                self.accused.push(*unit);
            }
        }
    }

    /// An agent confirms its texts, or writes a new content.
    pub(crate) const fn redact(&mut self, is_rewritten: bool) {
        self.names_somebody = false;
        self.has_unknown_name &= !is_rewritten;
    }

    /// The caller is known to be the one in the content, or another one. The name is taken out.
    pub(crate) const fn update_caller(&mut self, is_named: bool) {
        self.names_somebody |= is_named && self.has_unknown_name;
        self.has_unknown_name &= !is_named;
    }

    /// A new handling cycle, with its own limit.
    pub(crate) fn begin_cycle(&mut self, context: &ModelContext<'_>) {
        self.cycle += 1;
        self.began = context.now;
        self.calendar = context.rule_versions.calendar_at(context.now);
        self.ladder = 0;
        self.by_hand = 0;
        self.before = None;
        for repeat in &mut self.repeats {
            (repeat.limit, repeat.is_to_call, repeat.calls) = (None, true, 0);
        }
        self.tier = self.class_tier;
        self.carry = None;
        self.has_reply = false;
        self.has_report = false;
        self.assist_reports.clear();
        self.attempts = 0;
        self.has_survey = false;
        self.survey = ModelSurvey::default();
        self.count_again(context);
    }

    /// The working days of its cycle.
    pub(crate) fn days<'a>(&self, context: &ModelContext<'a>) -> &'a Calendar {
        &context.rule_versions.calendar(self.calendar).reference
    }

    /// Counts the limit from the beginning of the cycle.
    pub(crate) fn count_again(&mut self, context: &ModelContext<'_>) {
        let limit = due::limit(self.began, context.rules.tiers[self.tier], self.days(context), false);
        self.due = limit.due;
        self.is_provisional = limit.is_provisional;
    }

    /// Whether the caller may call the command, and sees the ticket; returns the unit that it acts for, if any.
    pub(crate) fn admit(&self, command: Command, person: &Person) -> Result<Option<UnitId>, ErrorReason> {
        let useful: Vec<Role> =
            roles(command).iter().copied().filter(|role| person.roles.contains(role)).collect();
        if useful.is_empty() {
            return Err(ErrorReason::RoleNotAllowed);
        }
        // A caller with staff roles beside a unit's is staff.
        let unit = person.unit.filter(|_| useful == [Role::Unit]);
        if let Some(unit) = unit
            && !self.sent.as_ref().is_some_and(|sent| sent.units().any(|has| has == unit))
        {
            return Err(ErrorReason::TicketNotFound);
        }
        // Telephony reads no tickets, so only its own are there for it. There is one switch.
        let is_of_telephony = matches!(command, Command::UpdateCaller | Command::AddSupplement);
        if is_of_telephony && useful == [Role::Telephony] && !self.is_by_telephony {
            return Err(ErrorReason::TicketNotFound);
        }
        if !askable(self.state).contains(&command) {
            return Err(ErrorReason::WrongState);
        }
        Ok(unit)
    }
}
