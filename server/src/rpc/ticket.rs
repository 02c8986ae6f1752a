//! `hotline.v1.TicketService`.
//!
//! A new verb is one file in `verbs`, which decodes its request into a command. Its method and its answer come from the
//! contract.

mod approve_reveal;
mod around;
pub(super) mod caller;
mod dispatch_advice;
pub(super) mod encode;
mod events;
mod queries;
mod read_mask;
mod reveal_identity;
mod transfers;
mod verbs;

use std::sync::Arc;

use hotline_proto::v1::ticket_service_server::TicketService;

use super::handler::serve;
use super::large_pages::LargePages;
use crate::closed_loop::ClosedLoop;
use crate::closed_loop::queries::TicketQueries;
use crate::desk::attachment::Attachments;
use crate::desk::directory::Directory;
use crate::desk::reveal::CallerIdentities;
use crate::desk::roster::Rosters;

/// Serves the tickets.
#[derive(Debug, Clone)]
pub struct TicketApi {
    /// Runs the verbs.
    pub closed_loop: ClosedLoop,
    /// Answers the reads.
    pub queries: TicketQueries,
    /// Reveals who called.
    pub identities: CallerIdentities,
    /// Starts transfers, and shows how far they are.
    pub directory: Directory,
    /// Shows what waits for dispatch, and takes the advice of units on duty.
    pub rosters: Rosters,
    /// Receives and reads files.
    pub attachments: Attachments,
    /// The limit on large pages.
    pub large_pages: Arc<LargePages>,
}

hotline_proto::ticket_service_methods!(serve for TicketApi);
