//! Folders that only their owner can read.

use std::path::Path;

use super::failure::Failure;
use crate::platform::private_file;

/// Makes a folder that only its owner can read: it will hold names and tokens.
///
/// # Errors
/// If it can't be made.
pub(super) fn make_private(folder: &Path) -> Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let is_new = !folder.exists();
    let made = builder.create(folder);
    let made = made.and_then(|()| if is_new { private_file::sync_folder(folder) } else { Ok(()) });
    made.map_err(|error| format!("{}: {error}", folder.display()).into())
}
