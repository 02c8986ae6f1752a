//! Follow-ups as messages of the contract.

use hotline_proto::v1 as pb;

use crate::assessment::lease::FollowUp;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::scalars::{optional_time, time};
use crate::ticket::ContactAttempt;

/// The most tickets of one lease.
pub(super) const COUNT_MAX: usize = 20;

/// A follow-up.
pub(super) fn encode(one: &FollowUp) -> pb::FollowUp {
    let (ticket, lease) = (&one.ticket, one.lease.as_ref());
    let attempts = &ticket.cycle.contact_attempts;
    let attempt = |one: &ContactAttempt| pb::FollowUpAttempt {
        attempt_time: Some(time(one.attempted_at)),
        agent: one.attempted_by.clone(),
    };
    pb::FollowUp {
        ticket_number: ticket.number.to_string(),
        due_time: Some(time(ticket.cycle.due_at())),
        complete_time: optional_time(ticket.cycle.completed_at),
        attempt_times: attempts.iter().map(|attempt| time(attempt.attempted_at)).collect(),
        repeat_ticket_numbers: ticket.repeats_to_call.iter().map(ToString::to_string).collect(),
        agent: lease.map(|lease| lease.principal.clone()).unwrap_or_default(),
        lease_end_time: optional_time(lease.map(|lease| lease.until)),
        attempts: attempts.iter().map(attempt).collect(),
        kind: one.kind().number(),
        survey_time: optional_time(ticket.cycle.survey.as_ref().map(|survey| survey.surveyed_at)),
    }
}
