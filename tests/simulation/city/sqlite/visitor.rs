//! How a command of the simulation runs on a server: the verb goes through `ClosedLoop`.

use std::pin::Pin;

use hotline_server::access::Permit;
use hotline_server::closed_loop::{Change, ClosedLoop, Verb};
use hotline_server::platform::Fault;
use hotline_server::platform::idempotency::RequestKey;
use hotline_server::ticket::{Ticket, TicketNumber};

use crate::product_verbs::VerbVisitor;

/// The future of an answer.
pub(super) type AnswerFuture = Pin<Box<dyn Future<Output = Result<Ticket, Fault>>>>;

/// Runs a verb through the closed loop of a server.
pub(super) struct ClosedLoopVisitor {
    pub(super) closed_loop: ClosedLoop,
    pub(super) permit: Permit,
    pub(super) key: RequestKey,
    pub(super) number: TicketNumber,
    pub(super) etag: Option<String>,
}

impl VerbVisitor for ClosedLoopVisitor {
    type Outcome = AnswerFuture;

    fn visit<V: Verb>(self, verb: V) -> AnswerFuture {
        let change = Change { key: self.key, number: self.number, etag: self.etag, verb };
        Box::pin(async move { self.closed_loop.change(self.permit, change).await })
    }
}
