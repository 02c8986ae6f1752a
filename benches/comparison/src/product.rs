//! A release build of the server, as it runs in production: on PostgreSQL as the serving role, under row-level
//! security; on `SQLite` with a file. Only its limits for one caller are raised, because here one caller is a city.
//!
//! It signs its audit log every second instead of every minute. So each window pays for the signatures of its own
//! tickets, and no other window does.

use std::path::{Path, PathBuf};
use std::process::Command;

use hotline_client::HotlineClient;

use super::support::postgres::{self, Cluster};
use super::support::process::Process;
use super::support::temp_dir::TempDir;
use super::support::{role_token, unit_token};

/// Connections of a group of callers.
pub(crate) const CONNECTIONS: usize = 8;

/// The keys of the configuration that differ from the default.
const KEYS: [&str; 6] = [
    "log.filter=\"warn\"",
    "limits.calls_per_second_per_principal=1000000",
    "limits.burst_per_principal=1000000",
    "limits.bytes_per_second_per_connection=4294967295",
    "limits.calls_per_principal_max=1000",
    "audit_log.checkpoint_interval_seconds=1",
];

/// A running server. Dropping it ends it and removes what it wrote.
#[derive(Debug)]
pub(crate) struct Product {
    process: Process,
    endpoint: String,
    program: PathBuf,
    /// The URL for the serving role; `None` on `SQLite`.
    database: Option<String>,
    /// Further keys of the configuration.
    keys: Vec<String>,
    home: TempDir,
}

impl Product {
    /// Starts a server on a new file.
    ///
    /// # Errors
    /// If it ends instead of listening, with its output.
    pub(crate) fn on_sqlite(program: &Path, keys: &[&str]) -> Result<Self, String> {
        Self::start(program, None, keys, TempDir::new("comparison"))
    }

    /// Starts a server on a new database of the cluster, as the serving role.
    ///
    /// # Errors
    /// If it ends instead of listening, with its output.
    pub(crate) fn on_postgres(program: &Path, cluster: &Cluster, keys: &[&str]) -> Result<Self, String> {
        let owner = cluster.database();
        // The first start makes the development credentials, which only an owner may.
        let mut product = Self::start(program, Some(owner.clone()), keys, TempDir::new("comparison"))?;
        product.stop();
        let mut migrate = clean_command(program);
        migrate.args(["migrate", "--serving-role", postgres::SERVING_ROLE, "--database", &owner]);
        let migrated =
            migrate.current_dir(product.home.path()).output().map_err(|error| error.to_string())?;
        if !migrated.status.success() {
            return Err(String::from_utf8_lossy(&migrated.stderr).into_owned());
        }
        product.database = Some(postgres::as_role(&owner, postgres::SERVING_ROLE));
        product.restart()?;
        Ok(product)
    }

    /// Starts a server on an existing folder, and on an existing database if one is given.
    ///
    /// # Errors
    /// If it ends instead of listening, with its output.
    pub(crate) fn start(
        program: &Path,
        database: Option<String>,
        keys: &[&str],
        home: TempDir,
    ) -> Result<Self, String> {
        let program = program.canonicalize().map_err(|error| format!("{}: {error}", program.display()))?;
        let keys: Vec<_> = KEYS.iter().chain(keys).map(|&key| key.to_owned()).collect();
        let (process, endpoint) = launch(&program, database.as_deref(), &keys, home.path())?;
        Ok(Self { process, endpoint, program, database, keys, home })
    }

    /// Ends it as an operator does.
    pub(crate) fn stop(&mut self) {
        self.process.terminate();
    }

    /// Starts it again after [`Product::stop`].
    ///
    /// # Errors
    /// If it ends instead of listening, with its output.
    pub(crate) fn restart(&mut self) -> Result<(), String> {
        (self.process, self.endpoint) =
            launch(&self.program, self.database.as_deref(), &self.keys, self.home.path())?;
        Ok(())
    }

    /// Its folder.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The URL of its database for the serving role; `None` on `SQLite`.
    pub(crate) fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// Its address for clients.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The token of the development credential with this role.
    pub(crate) fn role_token(&self, role: &str) -> String {
        role_token(&self.credentials(), role)
    }

    /// The token of the development credential of a unit.
    pub(crate) fn unit_token(&self, unit: &str) -> String {
        unit_token(&self.credentials(), unit)
    }

    fn credentials(&self) -> PathBuf {
        self.home.path().join("development-credentials.toml")
    }

    /// Clients with a connection each, as a caller with this role.
    ///
    /// # Errors
    /// If one can't connect.
    pub(crate) async fn clients(&self, role: &str) -> Result<Vec<HotlineClient>, String> {
        connect(&self.endpoint, &self.role_token(role)).await
    }
}

/// Clients with a connection each.
///
/// # Errors
/// If one can't connect.
pub(crate) async fn connect(endpoint: &str, token: &str) -> Result<Vec<HotlineClient>, String> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let client = HotlineClient::builder().endpoint(endpoint).token(token).connect().await;
        clients.push(client.map_err(|error| format!("{endpoint}: {error}"))?);
    }
    Ok(clients)
}

/// The program, without a developer's own configuration.
fn clean_command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HOTLINE_")) {
        command.env_remove(name);
    }
    command
}

fn launch(
    program: &Path,
    database: Option<&str>,
    keys: &[String],
    home: &Path,
) -> Result<(Process, String), String> {
    let mut command = clean_command(program);
    command.arg("serve").arg("--data-dir").arg(home).args(["--listen", "127.0.0.1:0"]).current_dir(home);
    command.args(database.map(|url| format!("--database={url}")));
    for key in keys {
        command.args(["--set", key]);
    }
    wait_until_listening(Process::spawn(command))
}

/// Waits until a process prints its address; returns it.
///
/// # Errors
/// If it ends instead, with its output.
pub(crate) fn wait_until_listening(process: Process) -> Result<(Process, String), String> {
    let listening = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
    match process.wait_for_line_or_end(listening) {
        Some(endpoint) => Ok((process, endpoint)),
        None => Err(process.output()),
    }
}
