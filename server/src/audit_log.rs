//! The audit log: hash chains over events and records, checkpoints that sign the ends of these chains, and exported
//! copies of the checkpoints on another medium.
//!
//! A *link* is the hash of an event, or of an audit record, over the link before it. The last link of a chain is its
//! *head*. A *checkpoint* is a signature over many heads and over the checkpoint before it. Somebody who changes the
//! past has to change every later link of the chain, the checkpoints over them, and every exported copy of these
//! checkpoints.
//!
//! This module knows the tables of audit records, checkpoints and restores. It does not know the tables of tickets; the
//! ledger passes the heads of its chains as plain arguments.

pub mod checkpoint;
pub mod export;
pub mod hash_chain;
pub(crate) mod lock;
pub(crate) mod pending_heads;
pub mod read_checkpoints;
pub mod records;
pub mod restore_entry;
pub mod restores;
pub(crate) mod rows;
pub mod signing_key;
pub mod write_checkpoint;

pub use checkpoint::{Checkpoint, CheckpointHead};
pub use restore_entry::{ChainEnd, Restore, RestoreEntry};
pub use signing_key::SigningKey;
