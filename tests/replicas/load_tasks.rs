//! The tasks of the load clients on the backlog: each begins close to the instant at which the ticket's rung is due, so
//! that commands meet claims.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{CallerReply, ContactMethod, HotlineReport};
use hotline_server::ticket::{Instant, Rung};

use crate::backlog::BacklogTicket;
use crate::random::Random;
use crate::ticket_history::{Progress, TicketHistory};

/// A task begins at most this many milliseconds before or after the rung is due.
const JITTER: i64 = 250;

/// A task on a ticket of the backlog.
#[derive(Debug, Clone)]
pub(crate) struct LoadTask {
    pub(crate) number: String,
    pub(crate) progress: Progress,
    pub(crate) begin: tokio::time::Instant,
    /// A possible instant of the reply to the company.
    pub(crate) replied_at: DateTime<Utc>,
    pub(crate) kind: TaskKind,
}

/// The kind of a task.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TaskKind {
    /// Accept it only.
    Accept,
    /// Both halves of the feedback in one command.
    Complete,
    /// One half, then the other.
    CompleteByHalves,
    /// A supervisor fires a rung before the ladder.
    Escalate(Rung),
}

/// Random tasks on the backlog, at most one for each ticket.
pub(crate) fn draw(
    backlog: &[BacklogTicket],
    now: Instant,
    share: usize,
    random: &mut Random,
) -> Vec<LoadTask> {
    let origin = tokio::time::Instant::now();
    let open = backlog.iter().filter(|backlog_ticket| {
        !matches!(backlog_ticket.history, TicketHistory::Completed | TicketHistory::SilentForAMonth)
    });
    let mut tasks = Vec::new();
    for backlog_ticket in open {
        if random.below(share) > 0 {
            continue;
        }
        let begin = backlog_ticket.at + TimeDelta::milliseconds(random.between(-JITTER, JITTER));
        let rungs = [Rung::Urged, Rung::Supervised, Rung::Manual];
        let kind = match random.below(8) {
            0 | 1 => TaskKind::Escalate(random.pick(&rungs)),
            2 | 3 if backlog_ticket.progress != Progress::Handling => TaskKind::Accept,
            4 | 5 => TaskKind::CompleteByHalves,
            _ => TaskKind::Complete,
        };
        tasks.push(LoadTask {
            number: backlog_ticket.number.to_string(),
            progress: backlog_ticket.progress,
            begin: origin + (begin - now).to_std().unwrap_or_default(),
            replied_at: backlog_ticket.history.since(backlog_ticket.at) + TimeDelta::hours(1),
            kind,
        });
    }
    tasks
}

/// The reply to the company.
pub(crate) fn reply(at: DateTime<Utc>) -> CallerReply {
    CallerReply {
        reply_time: at,
        method: ContactMethod::Telephone,
        official: "督查科".into(),
        content: "已经办结，可于工作日领取。".into(),
        record_time: None,
    }
}

/// The report to the hotline.
pub(crate) fn report() -> HotlineReport {
    HotlineReport {
        actions: "核实并办结".into(),
        result: "已办结".into(),
        evidence: Vec::new(),
        record_time: None,
    }
}
