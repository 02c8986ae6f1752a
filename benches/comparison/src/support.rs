//! Throw-away PostgreSQL clusters, child processes and temporary folders, as the tests use them.

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../../tests/support/credentials.rs"]
mod credentials;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../../tests/support/postgres.rs"]
pub(crate) mod postgres;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../../tests/support/process.rs"]
pub(crate) mod process;
#[path = "../../../tests/support/temp_dir.rs"]
pub(crate) mod temp_dir;

use std::path::Path;

/// The token of the development credential with this role and the fewest others.
pub(crate) fn role_token(path: &Path, role: &str) -> String {
    credentials::find_token(path, role, |credential| credential.roles.iter().any(|held| held == role))
}

/// The token of the development credential that acts for this unit.
pub(crate) fn unit_token(path: &Path, unit: &str) -> String {
    credentials::find_token(path, unit, |credential| credential.unit.as_deref() == Some(unit))
}
