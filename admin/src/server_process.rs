//! A server that a program starts for itself, on a simulated clock and in its own folder. Both are removed when it is
//! dropped. No other database is ever changed, whatever the environment or a configuration file says.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::{env, fs};

use hotline_client::Uuid;

/// The name of the server's program.
const PROGRAM: &str = "hotline-server";
/// The beginning of its first line on standard output.
const LISTENING: &str = "listening on ";
/// Settings that isolate it.
const OWN: [&str; 3] = ["database=\"\"", "access.credentials=\"\"", "log.filter=\"error\""];

/// How servers are started.
#[derive(Debug)]
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// The operator's configuration file, if there is one.
    pub config: Option<PathBuf>,
    /// When the simulated clock starts, in RFC 3339.
    pub clock: String,
}

/// A running server.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    folder: PathBuf,
    endpoint: String,
}

/// The program that was built beside this one, or the given one.
///
/// # Errors
/// If there is no such file; the text says how to build it.
pub fn program(named: Option<PathBuf>) -> Result<PathBuf, String> {
    let program = named.unwrap_or_else(|| {
        let own = env::current_exe().unwrap_or_default();
        // Examples are in a subfolder of the folder of programs.
        let folders = own.ancestors().skip(1).take(2);
        let beside = |folder: &Path| folder.join(PROGRAM).with_extension(env::consts::EXE_EXTENSION);
        let mut programs = folders.map(beside);
        let first = programs.next().unwrap_or_default();
        if first.is_file() { first } else { programs.next().filter(|other| other.is_file()).unwrap_or(first) }
    });
    if program.is_file() {
        return Ok(program);
    }
    let profile = if cfg!(debug_assertions) { "" } else { " --release" };
    Err(format!(
        "there is no server at {}; build it with\n  cargo build{profile} -p hotline-server",
        program.display()
    ))
}

impl ServerProcess {
    /// Starts a server with these settings, and waits until it listens.
    ///
    /// # Errors
    /// The message of a server that refuses to start.
    pub fn start(launch: &Launch, settings: &[String]) -> Result<Self, String> {
        let folder = env::temp_dir().join(format!("hotline-replay-{}", Uuid::new_v4()));
        fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut command = Command::new(&launch.program);
        command.arg("serve").args(["--listen", "127.0.0.1:0", "--simulated-clock", &launch.clock]);
        command.arg("--data-dir").arg(&folder);
        if let Some(config) = &launch.config {
            command.arg("--config").arg(config);
        }
        for setting in OWN.into_iter().chain(settings.iter().map(String::as_str)) {
            command.args(["--set", setting]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| {
            let _ = fs::remove_dir_all(&folder);
            format!("{} can't be started: {error}", launch.program.display())
        })?;
        // From here on the folder is removed with the server, even if it never listens.
        let mut server = Self { child, folder, endpoint: String::new() };
        let said = server.listen_to_its_errors();
        if let Some(endpoint) = server.child.stdout.take().and_then(first_endpoint_line) {
            server.endpoint = endpoint;
            return Ok(server);
        }
        let words = said.and_then(|said| said.join().ok()).unwrap_or_default();
        Err(format!("the server does not start:\n{}", words.trim()))
    }

    /// Collects the server's standard error, so that it never blocks on a full pipe.
    fn listen_to_its_errors(&mut self) -> Option<JoinHandle<String>> {
        let errors = self.child.stderr.take()?;
        Some(thread::spawn(move || {
            let (mut said, mut errors) = (Vec::new(), errors);
            let _ = errors.read_to_end(&mut said);
            String::from_utf8_lossy(&said).into_owned()
        }))
    }

    /// Its endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The file with its credentials.
    #[must_use]
    pub fn credentials(&self) -> PathBuf {
        self.folder.join("development-credentials.toml")
    }
}

/// Reads standard output until it shows the server's address; `None` if it ends before.
fn first_endpoint_line(output: ChildStdout) -> Option<String> {
    let mut lines = BufReader::new(output).lines();
    let endpoint = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix(LISTENING).map(|endpoint| endpoint.trim().to_owned()))?;
    // Later output is read and ignored.
    thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Some(endpoint)
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Nothing in it needs to be kept.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
