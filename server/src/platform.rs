//! What the hotline stands on and what knows nothing of tickets: faults, the clock, configuration, the databases and
//! the one opener of transactions, request records, files and signals, logs, metrics.

pub mod acknowledged_write;
pub(crate) mod bounded_count;
pub(crate) mod bulk_sql;
pub mod clock;
pub mod config;
mod connection_pools;
mod connection_wait;
pub mod database_clock;
pub mod database_file;
pub mod database_identity;
pub mod database_marker;
pub mod failpoint;
pub mod fault;
pub mod file_mode;
pub mod hashing;
pub mod heartbeat;
pub mod idempotency;
pub mod idempotent;
pub mod metrics;
pub mod open_file;
pub mod private_file;
pub mod random;
pub mod read_conn;
pub mod reload;
pub mod row_security;
pub mod signals;
pub mod store;
pub mod telemetry;
pub mod transaction;
pub mod work;

pub use clock::Clock;
pub use fault::{Fault, Violations};
pub use open_file::OpenFile;
pub use read_conn::ReadConn;
pub use store::Store;
pub use transaction::Transaction;
pub use work::Work;
