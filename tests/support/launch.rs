//! Starts a server process: its options, its command line, and the wait until it listens.

use std::env;
use std::path::Path;
use std::process::Command;

use super::process::Process;

/// The options of a server, beside its address, data directory and store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    flags: Vec<String>,
    variables: Vec<(String, String)>,
    /// Whether tests configure its failpoints through its standard input.
    has_failpoints: bool,
}

impl Options {
    /// Starts the simulated clock at an instant in RFC 3339.
    pub(crate) fn simulated_clock(mut self, start: &str) -> Self {
        self.flags.extend(["--simulated-clock".to_owned(), start.to_owned()]);
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets [`Server::set_failpoint`] inject faults while it runs.
    pub(crate) fn with_failpoints(mut self) -> Self {
        self.has_failpoints = true;
        self.variable("FAILPOINTS_STDIN", "1")
    }

    /// Whether a server with these options creates no database by itself.
    pub(super) fn is_in_service(&self) -> bool {
        let keys = ["access.credentials=", "vault.keys=", "audit_log.signing_key="];
        self.flags.iter().any(|flag| keys.iter().any(|key| flag.starts_with(key)))
    }

    /// Sets a key of the configuration.
    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        self.flags.extend(["--set".to_owned(), format!("{key}={value}")]);
        self
    }
}

/// The server's program, without a developer's own configuration, which must not affect the tests.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotline-server"));
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HOTLINE_")) {
        command.env_remove(name);
    }
    command
}

/// A command of the program on the data of a server.
pub(super) fn command_on(name: &str, database: Option<&str>, options: &Options, home: &Path) -> Command {
    let mut command = program();
    command.arg(name).arg("--data-dir").arg(home).args(&options.flags).current_dir(home);
    command.args(database.map(|url| format!("--database={url}")));
    command
}

/// Starts the process; returns it with its scheme and address, once it listens.
pub(super) fn launch(
    listen: &str,
    database: Option<&str>,
    options: &Options,
    home: &Path,
) -> (Process, String, String) {
    try_launch(listen, database, options, home)
        .unwrap_or_else(|said| panic!("the process ended without telling its address; it said:\n{said}"))
}

/// The same; if the process ends instead, returns its output.
pub(super) fn try_launch(
    listen: &str,
    database: Option<&str>,
    options: &Options,
    home: &Path,
) -> Result<(Process, String, String), String> {
    let mut command = command_on("serve", database, options, home);
    command.args(["--listen", listen]).envs(options.variables.iter().cloned());
    let process =
        if options.has_failpoints { Process::spawn_driven(command) } else { Process::spawn(command) };
    let listening = process.wait_for_line_or_end(|line| {
        let (scheme, address) = line.strip_prefix("listening on ")?.split_once("://")?;
        Some((scheme.to_owned(), address.to_owned()))
    });
    match listening {
        Some((scheme, address)) => Ok((process, scheme, address)),
        None => Err(process.output()),
    }
}
