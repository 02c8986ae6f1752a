//! Requests and their ids. A caller without an answer repeats the request with the same id, as telephony middleware
//! does. Some callers repeat it although they had an answer.

use hotline_proto::v1::ErrorReason;
use hotline_server::ticket::State;

use super::backend::{Backend, Request, StoppedServers};
use super::event_loop::{City, Job};
use super::servers::Servers;
use crate::command_spec::{CommandSpec, Create};
use crate::in_memory_product::WriteResult;
use crate::reference::due::{DAY, HOUR, MINUTE};

/// The percentage of answered requests that are repeated.
const RETRY_PERCENT: usize = 4;
/// The longest delay of a repeat: within the time that request records are kept.
const RETRY_DELAY_MAX: i64 = 2 * DAY;

/// The content of a request.
#[derive(Debug)]
pub(super) enum What {
    TakeIn(Create),
    Change(usize, CommandSpec),
}

/// A request that its caller keeps until it has an answer.
#[derive(Debug)]
pub(super) struct PendingRequest {
    pub(super) id: u64,
    pub(super) who: usize,
    pub(super) what: What,
}

impl<H: Backend> City<'_, H> {
    /// A new request id.
    pub(super) const fn next_id(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    /// Sends a command on a ticket; a refusal is an answer.
    pub(super) fn send_command(
        &mut self,
        case: usize,
        spec: &CommandSpec,
        who: usize,
    ) -> Result<Result<(), ErrorReason>, String> {
        let Some(server) = self.state.servers.serve(&mut self.random) else {
            return Ok(Err(ErrorReason::Unavailable));
        };
        let id = self.next_id();
        let outcome =
            self.backend.change(&self.state, Request { id, who, server }, case, spec, &mut self.random)?;
        let pending = || PendingRequest { id, who, what: What::Change(case, spec.clone()) };
        self.handle_outcome(outcome, pending)
    }

    /// Sends a request to a server, for the first time or again.
    pub(super) fn request(
        &mut self,
        pending: PendingRequest,
        server: usize,
    ) -> Result<Result<(), ErrorReason>, String> {
        let request = Request { id: pending.id, who: pending.who, server };
        let random = &mut self.random;
        let outcome = match &pending.what {
            What::TakeIn(create) => self.backend.take_in(&self.state, request, create, random)?,
            What::Change(case, spec) => self.backend.change(&self.state, request, *case, spec, random)?,
        };
        self.handle_outcome(outcome, || pending)
    }

    /// Repeats an earlier request.
    pub(super) fn retry(&mut self, pending: PendingRequest) -> Result<(), String> {
        let Some(server) = self.state.servers.serve(&mut self.random) else {
            self.later(HOUR, Job::Retry(pending));
            return Ok(());
        };
        self.statistics.retried += 1;
        let case = match &pending.what {
            What::TakeIn(_) => None,
            What::Change(case, _) => Some(*case),
        };
        let version = |city: &Self, case: usize| city.state.cases[case].ticket.version;
        let before = case.map(|case| version(self, case));
        let _ = self.request(pending, server)?;
        // The repeat had an effect that nobody expected any more, so the ticket's next step is scheduled.
        if let Some(case) = case.filter(|case| before != Some(version(self, *case))) {
            match self.state.cases[case].ticket.state {
                State::Answered | State::Completed => self.later(DAY, Job::Call(case)),
                _ => self.take_up(case),
            }
        }
        Ok(())
    }

    /// Records the answer of a call.
    fn handle_outcome(
        &mut self,
        outcome: super::backend::CallOutcome,
        pending: impl FnOnce() -> PendingRequest,
    ) -> Result<Result<(), ErrorReason>, String> {
        self.record_outcome(outcome.written, outcome.clock, outcome.down)?;
        let Some(answer) = outcome.answer else {
            let soon = self.random.between(MINUTE / 60, 20 * MINUTE);
            self.later(soon, Job::Retry(pending()));
            return Ok(Err(ErrorReason::Unavailable));
        };
        self.statistics.refused += u64::from(answer.is_err());
        if H::HAS_REQUEST_RECORDS && answer.is_ok() && self.random.percent(RETRY_PERCENT) {
            let after = self.random.between(0, RETRY_DELAY_MAX);
            self.later(after, Job::Retry(pending()));
        }
        Ok(answer)
    }

    /// Records the writes, and which servers stopped.
    pub(super) fn record_outcome(
        &mut self,
        written: Vec<(usize, WriteResult)>,
        clock: i64,
        down: StoppedServers,
    ) -> Result<(), String> {
        match down {
            StoppedServers::Nobody => {}
            StoppedServers::Server(server) => self.crash(server),
            StoppedServers::Everybody => (0..Servers::COUNT).for_each(|server| self.crash(server)),
        }
        let mut touched: Vec<usize> = Vec::with_capacity(written.len());
        for (case, written) in written {
            self.commit(case, written, clock)?;
            if touched.last() != Some(&case) {
                touched.push(case);
            }
        }
        touched.into_iter().try_for_each(|case| self.backend.check_ticket(&self.state, case))
    }
}
