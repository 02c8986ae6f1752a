//! Policies, calendars and proposals, between the contract and us. In a policy every value is required: what is missing
//! is named, and nothing takes a default.

use hotline_proto::v1 as pb;
use hotline_proto::v1::ErrorReason;

use super::encode::count;
use super::fields::{Fields, Lines};
use super::wire::{Wire, time};
use crate::deadline::calendar::TEXT_CHARS_MAX;
use crate::deadline::{
    CallAllowance, CarryOver, Clock, DayLimit, Deadlines, FollowUp, HolidayTable, Intake, Ladder, Policy,
    Returns, RuleInForce, TimeOfDay, YearTable,
};
use crate::desk::rules::changes::ValueChange;
use crate::desk::rules::proposal::{Act, Proposal};
use crate::desk::rules::{DryRun, TicketDifference, TierDifference};
use crate::platform::Fault;

/// Years of one proposal.
const YEARS_MAX: usize = 20;
/// Holidays of one year.
const HOLIDAYS_MAX: usize = 20;
/// Notices of one year, and days or ranges of one holiday.
const PARTS_MAX: usize = 20;
/// The longest day or range of days, in characters.
const DAY_CHARS_MAX: usize = "2027-10-01/2027-10-07".len();
/// The longest reason or note, in characters.
const REASON_CHARS_MAX: usize = 500;

/// The reason of a proposal.
pub(super) fn reason(text: &str, fields: &mut Fields) -> String {
    fields.text("reason", text, 1..=REASON_CHARS_MAX, Lines::Many)
}

/// The note of a withdrawal.
pub(super) fn note(text: &str, fields: &mut Fields) -> String {
    fields.text("note", text, 0..=REASON_CHARS_MAX, Lines::Many)
}

/// The number of a proposal.
pub(super) fn proposal_number(number: i32, fields: &mut Fields) -> u32 {
    let read = u32::try_from(number).ok().filter(|number| *number > 0);
    if read.is_none() {
        fields.wrong("proposal_number", "is required, from 1");
    }
    read.unwrap_or_default()
}

/// A required whole number; its bounds are the policy's own to check.
fn whole(path: &str, value: Option<i32>, fields: &mut Fields) -> u32 {
    let read = value.map(u32::try_from);
    match read {
        Some(Ok(number)) => return number,
        Some(Err(_)) => fields.wrong(path, "is not negative"),
        None => fields.wrong(path, "is required"),
    }
    0
}

fn truth(path: &str, value: Option<bool>, fields: &mut Fields) -> bool {
    if value.is_none() {
        fields.wrong(path, "is required");
    }
    value.unwrap_or_default()
}

fn day_limit(path: &str, limit: Option<&pb::DayLimit>, fields: &mut Fields) -> DayLimit {
    let limit = limit.copied().unwrap_or_default();
    DayLimit {
        days: whole(&format!("{path}.days"), limit.days, fields),
        clock: fields.choice(&format!("{path}.clock"), limit.clock, Clock::Natural),
    }
}

fn time_of_day(path: &str, text: &str, fields: &mut Fields) -> TimeOfDay {
    TimeOfDay::try_from(text.to_owned()).unwrap_or_else(|_| {
        fields.wrong(path, "is a time of day from 00:00 to 24:00");
        TimeOfDay::MIDNIGHT
    })
}

fn deadlines(deadline: Option<&pb::DeadlinePolicy>, fields: &mut Fields) -> Deadlines {
    let deadline = deadline.copied().unwrap_or_default();
    let minutes = deadline.consultation_general.and_then(|allowance| allowance.minutes);
    let minutes = whole("policy.deadline.consultation_general.minutes", minutes, fields);
    let mut limit = |name: &str, limit: Option<pb::DayLimit>| {
        day_limit(&format!("policy.deadline.{name}"), limit.as_ref(), fields)
    };
    Deadlines {
        consultation_general: CallAllowance { minutes },
        consultation_complex_one_unit: limit(
            "consultation_complex_one_unit",
            deadline.consultation_complex_one_unit,
        ),
        consultation_complex_several_units: limit(
            "consultation_complex_several_units",
            deadline.consultation_complex_several_units,
        ),
        general: limit("general", deadline.general),
        complex: limit("complex", deadline.complex),
    }
}

fn ladder(ladder: Option<&pb::LadderPolicy>, fields: &mut Fields) -> Ladder {
    let ladder = ladder.copied().unwrap_or_default();
    let mut hours = |name: &str, value| whole(&format!("policy.ladder.{name}"), value, fields);
    Ladder {
        remind_before_hours: hours("remind_before_hours", ladder.remind_before_hours),
        urge_after_hours: hours("urge_after_hours", ladder.urge_after_hours),
        supervise_after_hours: hours("supervise_after_hours", ladder.supervise_after_hours),
        manual_after_hours: hours("manual_after_hours", ladder.manual_after_hours),
    }
}

/// A policy with every value, or what is missing of it.
pub(super) fn policy(policy: Option<&pb::Policy>, fields: &mut Fields) -> Policy {
    let policy = policy.cloned().unwrap_or_default();
    let returns = policy.returns.unwrap_or_default();
    let carry_over = policy.carry_over.unwrap_or_default();
    let follow_up = policy.follow_up.unwrap_or_default();
    let intake = policy.intake.unwrap_or_default();
    Policy {
        deadline: deadlines(policy.deadline.as_ref(), fields),
        ladder: ladder(policy.ladder.as_ref(), fields),
        returns: Returns {
            window: day_limit("policy.returns.window", returns.window.as_ref(), fields),
            returns_max: whole("policy.returns.returns_max", returns.returns_max, fields),
        },
        carry_over: CarryOver {
            promise_max_days: whole(
                "policy.carry_over.promise_max_days",
                carry_over.promise_max_days,
                fields,
            ),
        },
        follow_up: FollowUp {
            attempts_max: whole("policy.follow_up.attempts_max", follow_up.attempts_max, fields),
            attempt_gap_hours: whole(
                "policy.follow_up.attempt_gap_hours",
                follow_up.attempt_gap_hours,
                fields,
            ),
            answers_followed_up: truth(
                "policy.follow_up.answers_followed_up",
                follow_up.answers_followed_up,
                fields,
            ),
            reworks_max: whole("policy.follow_up.reworks_max", follow_up.reworks_max, fields),
        },
        intake: Intake {
            hours_open: time_of_day("policy.intake.hours_open", &intake.hours_open, fields),
            hours_close: time_of_day("policy.intake.hours_close", &intake.hours_close, fields),
            seats: whole("policy.intake.seats", intake.seats, fields),
        },
    }
}

/// Some years of the calendar; what their days say is the calendar's own to check.
pub(super) fn years(years: &[pb::CalendarYear], fields: &mut Fields) -> Vec<YearTable> {
    if !(1..=YEARS_MAX).contains(&years.len()) {
        fields.wrong("years", format!("has 1 to {YEARS_MAX} years"));
        return Vec::new();
    }
    years.iter().enumerate().map(|(place, one)| year(&format!("years[{place}]"), one, fields)).collect()
}

fn year(path: &str, year: &pb::CalendarYear, fields: &mut Fields) -> YearTable {
    let notices = texts(&format!("{path}.notices"), &year.notices, TEXT_CHARS_MAX, fields);
    let is_short = year.holidays.len() <= HOLIDAYS_MAX;
    if !is_short {
        fields.wrong(format!("{path}.holidays"), format!("has at most {HOLIDAYS_MAX} holidays"));
    }
    let holidays = year.holidays.iter().take(HOLIDAYS_MAX).enumerate();
    let holidays = holidays.map(|(at, holiday)| {
        let path = format!("{path}.holidays[{at}]");
        HolidayTable {
            name: fields.text(format!("{path}.name"), &holiday.name, 1..=TEXT_CHARS_MAX, Lines::One),
            off: texts(&format!("{path}.off_days"), &holiday.off_days, DAY_CHARS_MAX, fields),
            work: texts(&format!("{path}.work_days"), &holiday.work_days, DAY_CHARS_MAX, fields),
        }
    });
    YearTable { year: year.year, provisional: year.provisional, notices, holidays: holidays.collect() }
}

/// Some short texts of one line.
fn texts(path: &str, texts: &[String], chars: usize, fields: &mut Fields) -> Vec<String> {
    if texts.len() > PARTS_MAX {
        fields.wrong(path, format!("has at most {PARTS_MAX} entries"));
        return Vec::new();
    }
    let texts = texts.iter().enumerate();
    texts.map(|(at, text)| fields.text(format!("{path}[{at}]"), text, 1..=chars, Lines::One)).collect()
}

fn encode_limit(limit: DayLimit) -> pb::DayLimit {
    pb::DayLimit { days: Some(count(limit.days)), clock: limit.clock.number() }
}

pub(super) fn encode_policy(policy: &Policy) -> pb::Policy {
    let (deadline, ladder) = (&policy.deadline, &policy.ladder);
    pb::Policy {
        deadline: Some(pb::DeadlinePolicy {
            consultation_general: Some(pb::CallAllowance {
                minutes: Some(count(deadline.consultation_general.minutes)),
            }),
            consultation_complex_one_unit: Some(encode_limit(deadline.consultation_complex_one_unit)),
            consultation_complex_several_units: Some(encode_limit(
                deadline.consultation_complex_several_units,
            )),
            general: Some(encode_limit(deadline.general)),
            complex: Some(encode_limit(deadline.complex)),
        }),
        ladder: Some(pb::LadderPolicy {
            remind_before_hours: Some(count(ladder.remind_before_hours)),
            urge_after_hours: Some(count(ladder.urge_after_hours)),
            supervise_after_hours: Some(count(ladder.supervise_after_hours)),
            manual_after_hours: Some(count(ladder.manual_after_hours)),
        }),
        returns: Some(pb::ReturnPolicy {
            window: Some(encode_limit(policy.returns.window)),
            returns_max: Some(count(policy.returns.returns_max)),
        }),
        carry_over: Some(pb::CarryOverPolicy {
            promise_max_days: Some(count(policy.carry_over.promise_max_days)),
        }),
        follow_up: Some(pb::FollowUpPolicy {
            attempts_max: Some(count(policy.follow_up.attempts_max)),
            attempt_gap_hours: Some(count(policy.follow_up.attempt_gap_hours)),
            answers_followed_up: Some(policy.follow_up.answers_followed_up),
            reworks_max: Some(count(policy.follow_up.reworks_max)),
        }),
        intake: Some(pb::IntakePolicy {
            hours_open: policy.intake.hours_open.to_string(),
            hours_close: policy.intake.hours_close.to_string(),
            seats: Some(count(policy.intake.seats)),
        }),
    }
}

pub(super) fn encode_year(year: &YearTable) -> pb::CalendarYear {
    let holiday = |holiday: &HolidayTable| pb::CalendarHoliday {
        name: holiday.name.clone(),
        off_days: holiday.off.clone(),
        work_days: holiday.work.clone(),
    };
    pb::CalendarYear {
        year: year.year,
        provisional: year.provisional,
        notices: year.notices.clone(),
        holidays: year.holidays.iter().map(holiday).collect(),
    }
}

pub(super) fn encode_in_force(rule: &RuleInForce) -> pb::RuleInForce {
    pb::RuleInForce {
        kind: rule.kind.number(),
        version: rule.version.clone(),
        effective_time: rule.proposal.map(|_| time(rule.effective_from)),
        proposal_number: rule.proposal.map_or(0, count),
    }
}

pub(super) fn encode_proposal(proposal: &Proposal, changes: Vec<ValueChange>) -> pb::Proposal {
    let history = &proposal.history;
    let by = |act: &Option<Act>| act.as_ref().map(|act| act.by.clone()).unwrap_or_default();
    let at = |act: &Option<Act>| act.as_ref().map(|act| time(act.at));
    let change = |change: ValueChange| pb::ValueChange {
        path: change.path,
        before: change.before,
        after: change.after,
    };
    pb::Proposal {
        number: count(proposal.number),
        kind: proposal.kind.number(),
        version: proposal.version.clone(),
        base_version: proposal.base_version.clone(),
        effective_time: Some(time(proposal.effective_from)),
        state: proposal.state.number(),
        reason: history.proposed.note.clone(),
        proposer: history.proposed.by.clone(),
        propose_time: Some(time(history.proposed.at)),
        changes: changes.into_iter().map(change).collect(),
        dry_run: history.dry_run.as_ref().map(encode_dry_run),
        approver: by(&history.approved),
        approve_time: at(&history.approved),
        withdrawer: by(&history.withdrawn),
        withdraw_time: at(&history.withdrawn),
        withdrawal_note: history.withdrawn.as_ref().map(|act| act.note.clone()).unwrap_or_default(),
        etag: proposal.etag(),
        warnings: history.warnings.clone(),
    }
}

fn large(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn encode_dry_run(dry_run: &DryRun) -> pb::DryRun {
    let tier = |tier: &TierDifference| pb::TierDifference {
        tier: tier.tier.number(),
        tickets: large(tier.tickets),
        earlier: large(tier.earlier),
        later: large(tier.later),
        newly_overdue: large(tier.newly_overdue),
        no_longer_overdue: large(tier.no_longer_overdue),
        higher_rung: large(tier.higher_rung),
        lower_rung: large(tier.lower_rung),
    };
    pb::DryRun {
        run_time: Some(time(dry_run.run_at)),
        principal: dry_run.principal.clone(),
        open_tickets: large(dry_run.open_tickets),
        carried_over_tickets: large(dry_run.carried_over_tickets),
        tiers: dry_run.tiers.iter().map(tier).collect(),
    }
}

pub(super) fn encode_difference(one: &TicketDifference) -> pb::TicketDifference {
    pb::TicketDifference {
        ticket_number: one.number.to_string(),
        tier: one.tier.number(),
        due_time: Some(time(one.due_at)),
        proposed_due_time: Some(time(one.proposed_due_at)),
        rung: one.rung.number(),
        proposed_rung: one.proposed_rung.number(),
    }
}

/// The rules of a version that a caller named in a field, if there are any.
pub(super) fn found<T>(field: &str, version: &str, rules: Option<T>) -> Result<T, Fault> {
    rules.ok_or_else(|| Fault::new(ErrorReason::RulesNotFound).with(field, version))
}
