//! When a server may create a new database, and which folders then belong to it.

use std::path::PathBuf;

use crate::app::failure::Failure;
use crate::app::private_folder::make_private;
use crate::audit_log::export::{self, ExportOutcome};
use crate::deadline::Policy;
use crate::platform::config::Config;
use crate::platform::database_marker;

/// Who opens a database, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A server that wants to serve it.
    Serve,
    /// `migrate`, by which an operator creates a database on purpose.
    Migrate,
    /// `restore --in-place`, after an operator has put a backup there.
    Restore,
}

/// Whether an operator made the configuration: the server can be reached from other machines, or credentials or keys
/// were provided. A server without any of these is a development server.
pub(super) fn is_provisioned(config: &Config<Policy>) -> bool {
    let is_set = |path: &std::path::Path| !path.as_os_str().is_empty();
    !config.is_loopback()
        || config.credentials_path().is_some()
        || is_set(&config.vault.keys)
        || is_set(&config.audit_log.signing_key)
}

/// The folders of one database, and what their markers say.
#[derive(Debug)]
pub(super) struct Folders {
    data_dir: PathBuf,
    export_dir: Option<PathBuf>,
    /// The folder of attachments, if it is not in the data directory. Beside another database, all of its files would
    /// look like orphans.
    attachments_dir: Option<PathBuf>,
    is_simulated: bool,
    /// The markers that are there, and the ids in them.
    markers: Vec<(PathBuf, String)>,
    /// Whether checkpoints were exported to the folder for them.
    has_exported: bool,
}

impl Folders {
    /// Reads the markers. This must come before the database is read, because a server beside this one may be creating
    /// it.
    pub(super) fn read(config: &Config<Policy>, is_simulated: bool) -> Result<Self, Failure> {
        let export_dir = crate::app::audit_log::export_dir(config)?;
        let data_dir = config.data_dir.clone();
        let attachments_dir = Some(config.attachments.dir.clone()).filter(|dir| !dir.as_os_str().is_empty());
        let mut markers = Vec::new();
        for folder in std::iter::once(&data_dir).chain(&export_dir).chain(&attachments_dir) {
            let path = database_marker::path(folder, is_simulated);
            markers.extend(database_marker::read(&path)?.map(|id| (path, id)));
        }
        let has_exported = match &export_dir {
            Some(folder) => !export::checkpoint_numbers(folder)
                .map_err(|error| format!("{}: {error}", folder.display()))?
                .is_empty(),
            None => false,
        };
        Ok(Self { data_dir, export_dir, attachments_dir, is_simulated, markers, has_exported })
    }

    /// The id that the markers name; the first one if they disagree.
    pub(super) fn database_id(&self) -> Option<&str> {
        self.markers.first().map(|(_, id)| id.as_str())
    }

    /// Checks that a database may be created if there is none.
    ///
    /// # Errors
    /// Why not, and what to do.
    pub(super) fn may_found(&self, config: &Config<Policy>, purpose: Purpose) -> Result<(), Failure> {
        let lost = "if it was lost, restore a backup with `hotline-server restore`; if it lies elsewhere, correct the \
                    configuration; docs/backup.md";
        if let Some((path, id)) = self.markers.first() {
            return Err(format!(
                "there is no database, but {} says that this folder belongs to database {id}: {lost}. To found a new \
                 database and give the old one up, move that file away",
                path.display()
            )
            .into());
        }
        if let Some(folder) = self.export_dir.as_ref().filter(|_| self.has_exported) {
            return Err(format!(
                "there is no database, but checkpoints of one lie in {}: {lost}. A new database needs an empty folder",
                folder.display()
            )
            .into());
        }
        match purpose {
            Purpose::Restore => {
                Err("there is no database to restore in place; put the backup there first".into())
            }
            Purpose::Serve if is_provisioned(config) => Err(format!(
                "there is no database yet, and a server with credentials or keys, or that listens beyond \
                 loopback, founds none by itself: {lost}; to found one, run `hotline-server migrate` once"
            )
            .into()),
            Purpose::Migrate | Purpose::Serve => Ok(()),
        }
    }

    /// Refuses a database whose id differs from that of the folders.
    ///
    /// # Errors
    /// Which folder belongs to which database, and what to do.
    pub(super) fn check(&self, database_id: Option<&str>) -> Result<(), Failure> {
        let Some((path, id)) = self.markers.iter().find(|(_, id)| Some(id.as_str()) != database_id) else {
            return Ok(());
        };
        let path = path.display();
        let Some(found) = database_id else {
            return Err(format!(
                "the database has no id, and {path} says that this folder belongs to database {id}: it was \
                 restored in part. After a whole restore run `hotline-server restore --in-place`"
            )
            .into());
        };
        Err(format!(
            "this is database {found}, and {path} says that this folder belongs to database {id}: correct the \
             configuration, or give this database folders of its own; docs/backup.md"
        )
        .into())
    }

    /// Writes the missing markers. For a PostgreSQL database, servers mark their data directory if they may write
    /// there. An operator's command does not, because it may run on any machine. Servers alone mark the folder of
    /// attachments.
    pub(super) fn mark(&self, database_id: &str, is_sqlite: bool, purpose: Purpose) -> Result<(), Failure> {
        let text = database_marker::text(database_id)?;
        if is_sqlite || purpose == Purpose::Serve {
            let in_data_dir = make_private(&self.data_dir).and_then(|()| self.write(&self.data_dir, &text));
            match in_data_dir {
                Err(error) if !is_sqlite => {
                    tracing::warn!(%error, "writing the database marker into data_dir failed; the server starts without it");
                }
                other => other?,
            }
        }
        let served = self.attachments_dir.iter().filter(|_| purpose == Purpose::Serve);
        for folder in served {
            make_private(folder).and_then(|()| self.write(folder, &text))?;
        }
        self.export_dir.iter().try_for_each(|folder| self.write(folder, &text))
    }

    fn write(&self, folder: &std::path::Path, text: &str) -> Result<(), Failure> {
        let path = database_marker::path(folder, self.is_simulated);
        let written = export::write_once(folder, &path, text);
        match written.map_err(|error| format!("{}: {error}", path.display()))? {
            ExportOutcome::Conflict => Err(format!("{} names another database", path.display()).into()),
            ExportOutcome::Written | ExportOutcome::Unchanged => Ok(()),
        }
    }
}
