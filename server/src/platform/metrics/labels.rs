//! The labels of the metrics. Each has few values, which the code or the contract lists.

/// The label that names what follows the feed: the assessment, the analysis or the search.
pub const FOLLOWER: &str = "follower";
/// The label that names a rung.
pub const RUNG: &str = "rung";
/// The label that names a method of the contract, health or reflection; `other` for every other name.
pub const GRPC_METHOD: &str = "grpc_method";
/// The label that names a status code, as the gRPC specification writes it.
pub const GRPC_STATUS: &str = "grpc_status";
/// The label that names a reason of the contract.
pub const REASON: &str = "reason";
/// The label that names what a scan of an attachment found: `clean`, `refused` or `failed`.
pub const OUTCOME: &str = "outcome";
/// The label that names a connection pool of the database.
pub const POOL: &str = "db_client_connection_pool_name";
/// The label that says whether a connection is `used` or `idle`.
pub const POOL_STATE: &str = "db_client_connection_state";
