//! A marker says which database a folder belongs to: the data directory of a server, the folder that checkpoints are
//! exported to, or the bucket of attachments. While it is there, no other database is created or served with the
//! folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The text above the id, for people who find the file.
const WORDS: &str = "# The id of the database that this folder belongs to. While this file is here, hotline-server founds no other\n\
                     # database beside it. If the database is lost, restore a backup: docs/backup.md.\n";

/// The name of the marker of real tickets.
pub const NAME: &str = "hotline.database-id.toml";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marker {
    database_id: String,
}

/// The path of a folder's marker. A simulation has its own, as it has its own database.
#[must_use]
pub fn path(folder: &Path, is_simulated: bool) -> PathBuf {
    folder.join(if is_simulated { "simulation.database-id.toml" } else { NAME })
}

/// The id in a marker; `None` if there is no marker.
///
/// # Errors
/// If it can't be read or understood.
pub fn read(path: &Path) -> Result<Option<String>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    parse(&text).map(Some).map_err(|error| format!("{}: {error}", path.display()))
}

/// The id in the content of a marker.
///
/// # Errors
/// What can't be understood.
pub fn parse(text: &str) -> Result<String, String> {
    let marker: Marker = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    Ok(marker.database_id)
}

/// The content of a marker.
///
/// # Errors
/// Never for an id.
pub fn text(database_id: &str) -> Result<String, String> {
    let marker = Marker { database_id: database_id.to_owned() };
    let line = toml::to_string(&marker).map_err(|error| error.to_string())?;
    Ok(format!("{WORDS}{line}"))
}
