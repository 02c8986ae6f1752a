//! `GetPolicy` and `ProposePolicy`. Every value of a policy is required. A missing value is named, and no default is
//! used.

use hotline_proto::v1 as pb;

use super::AdminApi;
use super::proposals::{encode_details, meta};
use crate::access::Permit;
use crate::deadline::{
    AssessmentRules, CallAllowance, CarryOver, Clock, DayLimit, Deadlines, FollowUp, Intake, Knowledge,
    Ladder, MessageRules, Policy, Returns, SeatRules, TimeOfDay, Undo,
};
use crate::desk::rules::ProposalDetails;
use crate::desk::rules::propose_policy::ProposePolicy;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::{Fields, VERSION_CHARS_MAX};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::scalars::count;

impl Handler<AdminApi> for pb::GetPolicyRequest {
    async fn handle(&self, api: &AdminApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let version = fields.optional("version", &self.version, VERSION_CHARS_MAX);
        let at = fields.time("effective_time", self.effective_time.as_ref());
        let (version, policy) = api.rules.get_policy(fields.finish(version)?, at).await?;
        Ok(pb::GetPolicyResponse { version, policy: Some(encode(&policy)) })
    }
}

impl Handler<AdminApi> for pb::ProposePolicyRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let policy = decode(self.policy.as_ref(), &mut fields);
        let meta = meta(permit, self.effective_time.as_ref(), &self.reason, &mut fields);
        let command = ProposePolicy { policy, meta, wrong: fields.into_wrong() };
        let answer =
            |details: &ProposalDetails| pb::ProposePolicyResponse { proposal: Some(encode_details(details)) };
        api.rules.propose_policy(permit, key, command, answer).await
    }
}

/// A required integer; the policy itself checks its bounds.
fn whole(path: &str, value: Option<i32>, fields: &mut Fields) -> u32 {
    let read = value.map(u32::try_from);
    match read {
        Some(Ok(number)) => return number,
        Some(Err(_)) => fields.wrong(path, "is not negative"),
        None => fields.wrong(path, "is required"),
    }
    0
}

fn flag(path: &str, value: Option<bool>, fields: &mut Fields) -> bool {
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

fn undo(undo: Option<pb::UndoPolicy>, fields: &mut Fields) -> Undo {
    let undo = undo.unwrap_or_default();
    Undo {
        correction_minutes: whole("policy.undo.correction_minutes", undo.correction_minutes, fields),
        undo_hours: whole("policy.undo.undo_hours", undo.undo_hours, fields),
        reopen_days: whole("policy.undo.reopen_days", undo.reopen_days, fields),
    }
}

fn seats(seats: Option<pb::SeatPolicy>, fields: &mut Fields) -> SeatRules {
    let seats = seats.unwrap_or_default();
    let mut seconds = |name: &str, value| whole(&format!("policy.seats.{name}"), value, fields);
    SeatRules {
        offer_timeout_seconds: seconds("offer_timeout_seconds", seats.offer_timeout_seconds),
        heartbeat_timeout_seconds: seconds("heartbeat_timeout_seconds", seats.heartbeat_timeout_seconds),
        queue_wait_max_seconds: seconds("queue_wait_max_seconds", seats.queue_wait_max_seconds),
        wrap_up_max_seconds: seconds("wrap_up_max_seconds", seats.wrap_up_max_seconds),
        call_back: day_limit("policy.seats.call_back", seats.call_back.as_ref(), fields),
    }
}

fn assessment(assessment: Option<pb::AssessmentPolicy>, fields: &mut Fields) -> AssessmentRules {
    let days = assessment.unwrap_or_default().objection_days;
    AssessmentRules { objection_days: whole("policy.assessment.objection_days", days, fields) }
}

fn encode_seats(seats: &SeatRules) -> pb::SeatPolicy {
    pb::SeatPolicy {
        offer_timeout_seconds: Some(count(seats.offer_timeout_seconds)),
        heartbeat_timeout_seconds: Some(count(seats.heartbeat_timeout_seconds)),
        queue_wait_max_seconds: Some(count(seats.queue_wait_max_seconds)),
        wrap_up_max_seconds: Some(count(seats.wrap_up_max_seconds)),
        call_back: Some(encode_limit(seats.call_back)),
    }
}

fn messages(messages: Option<pb::MessagePolicy>, fields: &mut Fields) -> MessageRules {
    let messages = messages.unwrap_or_default();
    MessageRules {
        quiet_from: time_of_day("policy.messages.quiet_from", &messages.quiet_from, fields),
        quiet_until: time_of_day("policy.messages.quiet_until", &messages.quiet_until, fields),
    }
}

/// A policy with every value, or the missing values.
fn decode(policy: Option<&pb::Policy>, fields: &mut Fields) -> Policy {
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
            answers_followed_up: flag(
                "policy.follow_up.answers_followed_up",
                follow_up.answers_followed_up,
                fields,
            ),
            reworks_max: whole("policy.follow_up.reworks_max", follow_up.reworks_max, fields),
            lease_hours: whole("policy.follow_up.lease_hours", follow_up.lease_hours, fields),
            recheck_percent: whole("policy.follow_up.recheck_percent", follow_up.recheck_percent, fields),
        },
        intake: Intake {
            hours_open: time_of_day("policy.intake.hours_open", &intake.hours_open, fields),
            hours_close: time_of_day("policy.intake.hours_close", &intake.hours_close, fields),
            seats: whole("policy.intake.seats", intake.seats, fields),
            call_age_max_hours: whole("policy.intake.call_age_max_hours", intake.call_age_max_hours, fields),
            same_call_within_minutes: whole(
                "policy.intake.same_call_within_minutes",
                intake.same_call_within_minutes,
                fields,
            ),
        },
        undo: undo(policy.undo, fields),
        knowledge: Knowledge {
            free_citations: flag(
                "policy.knowledge.free_citations",
                policy.knowledge.unwrap_or_default().free_citations,
                fields,
            ),
        },
        seats: seats(policy.seats, fields),
        messages: messages(policy.messages, fields),
        assessment: assessment(policy.assessment, fields),
    }
}

fn encode_limit(limit: DayLimit) -> pb::DayLimit {
    pb::DayLimit { days: Some(count(limit.days)), clock: limit.clock.number() }
}

fn encode(policy: &Policy) -> pb::Policy {
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
            lease_hours: Some(count(policy.follow_up.lease_hours)),
            recheck_percent: Some(count(policy.follow_up.recheck_percent)),
        }),
        intake: Some(pb::IntakePolicy {
            hours_open: policy.intake.hours_open.to_string(),
            hours_close: policy.intake.hours_close.to_string(),
            seats: Some(count(policy.intake.seats)),
            call_age_max_hours: Some(count(policy.intake.call_age_max_hours)),
            same_call_within_minutes: Some(count(policy.intake.same_call_within_minutes)),
        }),
        undo: Some(pb::UndoPolicy {
            correction_minutes: Some(count(policy.undo.correction_minutes)),
            undo_hours: Some(count(policy.undo.undo_hours)),
            reopen_days: Some(count(policy.undo.reopen_days)),
        }),
        knowledge: Some(pb::KnowledgePolicy { free_citations: Some(policy.knowledge.free_citations) }),
        seats: Some(encode_seats(&policy.seats)),
        messages: Some(pb::MessagePolicy {
            quiet_from: policy.messages.quiet_from.to_string(),
            quiet_until: policy.messages.quiet_until.to_string(),
        }),
        assessment: Some(pb::AssessmentPolicy {
            objection_days: Some(count(policy.assessment.objection_days)),
        }),
    }
}
