//! What watches the loop: the runner, which fires the rungs of the supervision ladder by itself, the digests that units
//! hear of them by, the reconciler, which restores what the runner goes by, the notary, which seals what happened, and supervision by hand.

pub mod advance_to;
pub mod digests;
pub mod escalate_ticket;
pub mod get_time;
pub mod notary;
pub mod reconciler;
pub mod runner;
pub mod sealer;
pub mod self_check;
mod ship;
pub mod simulation;
pub mod told;

use hotline_proto::v1::ErrorReason;

use crate::platform::Fault;

pub use notary::Notary;
pub use reconciler::Reconciler;
pub use runner::Runner;
pub use sealer::Sealer;
pub use self_check::SelfCheck;
pub use simulation::Simulation;

/// Whether a batch failed over one of its tickets, and not because the database is away: a fault of ours, or a row that
/// conflicts however often it is written.
fn is_of_a_ticket(fault: &Fault) -> bool {
    fault.reason == ErrorReason::Internal || fault.is_conflict
}
