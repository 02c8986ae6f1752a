//! If the path of a server's database file is gone, the open file is copied beside it before the server ends. Otherwise
//! its content would be lost with the process.

use std::path::Path;

use sea_orm::ConnectionTrait as _;

use super::failure::Failure;
use crate::platform::{OpenFile, Store, database_file, private_file, random};

/// Copies the open file beside its old path if that path is gone, and reports where the copy is.
///
/// # Errors
/// That the path of the file is gone.
pub(super) async fn copy_open_file(
    store: &Store,
    file: Option<&OpenFile>,
    lost: Option<String>,
) -> Result<(), Failure> {
    let Some((reason, file)) = lost.zip(file) else { return Ok(()) };
    tracing::error!(error = reason, "the database file is not at its path: the server stops");
    let to = file.path().with_extension(format!("rescued-{}.sqlite", random::id()?));
    // Over the connection that writes: a new connection would open the file that is at the path now.
    match copy(store, &to).await {
        Ok(()) => {
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

async fn copy(store: &Store, to: &Path) -> Result<(), String> {
    let copied = store.migrating().execute_unprepared(&database_file::vacuum_into(to)).await;
    copied.map_err(|error| error.to_string())?;
    private_file::restrict(to).map_err(|error| error.to_string())?;
    database_file::mark_backup(to).await.map_err(|error| error.to_string())
}
