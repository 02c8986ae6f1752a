//! What watches the loop: the runner, which fires the rungs of the supervision ladder by itself, and supervision by
//! hand.

pub mod escalate_ticket;
pub mod runner;
pub mod simulation;

pub use runner::Runner;
pub use simulation::Simulation;
