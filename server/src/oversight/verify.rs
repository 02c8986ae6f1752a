//! Verification of the audit log. It checks that
//!
//! - every event and every record is the one that was hashed;
//! - every chain ends where its checkpoints say;
//! - every checkpoint is signed and follows the one before it;
//! - every ticket is the fold of its events;
//! - the facts and rollups of the assessment are what the events make.
//!
//! Each part is read in one snapshot, so that concurrent writes are never taken for a fault. Verification writes
//! nothing. Its findings say where something is wrong and never what is stored there.
//!
//! It cannot find events that were cut off before a checkpoint covered them, if the ticket's row and the pending head
//! were changed too. It cannot find changes by somebody who has the signing key and every copy of the checkpoints.

mod assessment;
mod chain_walk;
mod checkpoints;
pub mod completeness;
pub mod finding;
mod identity_access;
mod options;
mod part_report;
mod restores;
mod subjects;
mod ticket;
mod tickets;
mod verify_all;

pub use checkpoints::checkpoints;
pub use finding::{Finding, FindingKind, FindingPlace};
pub use options::VerifyOptions;
pub use part_report::PartReport;
pub use subjects::subjects;
pub use tickets::{end_of_part, tickets};
pub use verify_all::{VerifyReport, verify_all};
