//! What supervises the loop, by itself or by hand:
//!
//! - the runner, which fires the rungs of the supervision ladder;
//! - the digests, which notify units of fired rungs;
//! - the reconciler, which restores missing timers;
//! - the transfers, which move the open work of a unit to its successor or to the desk;
//! - the recount of provisional limits when a calendar comes into force;
//! - the signer and the verification of the audit log;
//! - the re-encryption of identities;
//! - the training of suggestions, and the log of what people decided;
//! - the sweep of seats;
//! - the scan of attachments, and the sweep of their files;
//! - escalation by hand.

pub mod advance_to;
pub mod attachment_scanner;
pub mod attachment_sweeper;
pub mod audit;
pub mod backlog;
pub mod digests;
pub mod escalate_ticket;
pub mod export_checkpoints;
pub mod get_time;
pub mod join_suggestions;
pub mod metrics;
pub mod reconciler;
pub mod recount;
pub mod reencrypt_identities;
pub mod resume_clock;
pub mod runner;
pub mod seat_sweeper;
pub mod self_check;
pub mod sign_audit_log;
pub mod simulation;
pub mod train_suggestions;
pub mod transfers;
pub mod verify;

use hotline_proto::v1::ErrorReason;

use crate::platform::Fault;

pub use attachment_scanner::AttachmentScanner;
pub use attachment_sweeper::AttachmentSweeper;
pub use backlog::Backlog;
pub use join_suggestions::SuggestionJoiner;
pub use reconciler::Reconciler;
pub use recount::Recount;
pub use reencrypt_identities::IdentityReencrypter;
pub use resume_clock::SPEED_MAX;
pub use runner::Runner;
pub use seat_sweeper::SeatSweeper;
pub use self_check::SelfCheck;
pub use sign_audit_log::AuditLogSigner;
pub use simulation::Simulation;
pub use train_suggestions::SuggestionTrainer;
pub use transfers::TransferRunner;

/// Whether a batch failed because of one of its tickets and not because of the database: an internal error, or a row
/// that conflicts at every attempt.
fn is_of_a_ticket(fault: &Fault) -> bool {
    fault.reason == ErrorReason::Internal || fault.is_conflict
}
