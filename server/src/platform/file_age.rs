//! How long ago a file was changed, by the clock of this machine, which also wrote its time.

use std::io;
use std::path::Path;
use std::time::Duration;

/// The time since the last change of a file; zero if it lies ahead of the clock.
///
/// # Errors
/// If the file is missing.
pub fn of(path: &Path) -> io::Result<Duration> {
    Ok(std::fs::metadata(path)?.modified()?.elapsed().unwrap_or_default())
}
