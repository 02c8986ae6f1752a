//! A server whose database file lost its path: what the open file holds is copied beside it before the server ends, because
//! it would be gone with the process.

use sea_orm::ConnectionTrait as _;

use super::Failure;
use crate::platform::database_file::{self, OpenFile};
use crate::platform::{Store, random};

/// Copies the open file beside its old path, where it lost that, and says where the copy is.
///
/// # Errors
/// That the file lost its path.
pub(super) async fn rescue(
    store: &Store,
    file: Option<&OpenFile>,
    lost: Option<String>,
) -> Result<(), Failure> {
    let Some((reason, file)) = lost.zip(file) else { return Ok(()) };
    tracing::error!(error = reason, "the database file is not at its path: the server stops");
    let to = file.path().with_extension(format!("rescued-{}.sqlite", random::id()?));
    // Over the connection that writes: a new one would open what lies at the path now.
    match store.migrating().execute_unprepared(&database_file::vacuum_into(&to)).await {
        Ok(_) => {
            let to = to.display();
            tracing::error!(%to, "everything that was acknowledged is in this copy; put it back as docs/backup.md says");
            Err(format!("{reason}; everything that was acknowledged is in {to}").into())
        }
        Err(error) => {
            tracing::error!(%error, "the open database file could not be copied");
            Err(format!("{reason}, and the open file could not be copied: {error}").into())
        }
    }
}
