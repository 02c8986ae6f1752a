//! Follow-ups as messages of the contract.

use hotline_proto::v1 as pb;

use crate::assessment::lease::FollowUp;
use crate::rpc::scalars::{optional_time, time};

/// The most tickets of one lease.
pub(super) const COUNT_MAX: usize = 20;

/// A follow-up.
pub(super) fn encode(one: &FollowUp) -> pb::FollowUp {
    let (ticket, lease) = (&one.ticket, one.lease.as_ref());
    let attempts = ticket.cycle.contact_attempts.iter();
    pb::FollowUp {
        ticket_number: ticket.number.to_string(),
        due_time: Some(time(ticket.cycle.due_at())),
        complete_time: optional_time(ticket.cycle.completed_at),
        attempt_times: attempts.map(|attempt| time(attempt.attempted_at)).collect(),
        repeat_ticket_numbers: ticket.repeats_to_call.iter().map(ToString::to_string).collect(),
        agent: lease.map(|lease| lease.principal.clone()).unwrap_or_default(),
        lease_end_time: optional_time(lease.map(|lease| lease.until)),
    }
}
