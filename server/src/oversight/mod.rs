//! What watches the loop: the runner, which fires the rungs of the supervision ladder by itself, the digests that units
//! hear of them by, and supervision by hand.

pub mod digests;
pub mod escalate_ticket;
pub mod runner;
pub mod simulation;

pub use runner::Runner;
pub use simulation::Simulation;
