//! What the hotline stands on and what knows nothing of tickets: faults, the clock, configuration, the databases and
//! the one opener of transactions, request records, files and signals, logs, metrics.

pub mod clock;
pub mod config;
pub mod database_clock;
pub mod deployment;
pub mod fault;
pub mod file_mode;
pub mod hashing;
pub mod hex;
pub mod idempotency;
pub mod metrics;
pub mod private_file;
pub mod random;
pub mod reload;
pub mod signals;
pub mod store;
pub mod telemetry;
pub mod wall;
pub mod work;

pub use clock::Clock;
pub use fault::{Fault, Violations};
pub use store::Store;
pub use work::Work;
