//! The directory of a new database: that of the configured file, or the shipped one.

use super::failure::Failure;
use crate::desk::directory::seed::SeedDirectory;
use crate::desk::directory::seed_database::{is_seeded, seed_with};
use crate::platform::config::Directory;
use crate::platform::{Clock, Fault, Store};

/// The directory.
///
/// # Errors
/// If the file can't be read or is inconsistent.
pub(super) fn directory(config: &Directory) -> Result<SeedDirectory, Failure> {
    let file = &config.seed_file;
    if file.as_os_str().is_empty() {
        return Ok(SeedDirectory::shipped()?);
    }
    let named = |error: String| format!("directory.seed_file {}: {error}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
    Ok(SeedDirectory::parse(&text).map_err(|fault| named(fault.to_string()))?)
}

/// Seeds a database that has no unit. The file is read only then.
///
/// # Errors
/// If the file can't be read or is inconsistent, or the database refuses.
pub(super) async fn seed(store: &Store, clock: &Clock, config: &Directory) -> Result<(), Failure> {
    let fault = |fault: Fault| Failure::from(fault.detail);
    if is_seeded(store).await.map_err(fault)? {
        return Ok(());
    }
    seed_with(store, clock, directory(config)?).await.map_err(fault)
}
