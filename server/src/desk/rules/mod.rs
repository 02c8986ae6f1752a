//! How the rules change: an administrator proposes a policy or some years of the calendar, tries them on the open
//! tickets, and another administrator approves. They take effect by themselves at their time.
//!
//! Four checks stand between a proposal and its effect: it is complete and it is monotone, or it can't be proposed; it
//! was tried on the open tickets, and a second administrator approved what that showed, or it never comes into force.

pub mod changes;
pub mod decide;
pub mod dry_run;
pub mod proposal;
pub mod propose;

pub use dry_run::{DryRun, TicketDifference, TierDifference};
pub use proposal::{Proposal, ProposalState};
