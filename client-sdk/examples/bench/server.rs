//! A server of a measurement and its clients.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use hotline_client::{CredentialsError, DevelopmentCredentials, HotlineClient, Token};

use hotline_admin::server_process::{self, Launch, ServerProcess};

/// When the simulated clock stands.
const CLOCK: &str = "2024-03-04T09:00:00+08:00";
/// A call beside many others may take long.
const DEADLINE: Duration = Duration::from_mins(1);

/// The server's program. If there is none yet and cargo runs this one, cargo builds it.
fn server_program(named: Option<PathBuf>) -> Result<PathBuf, String> {
    let is_named = named.is_some();
    server_process::program(named).or_else(|missing| {
        let cargo = std::env::var_os("CARGO").filter(|_| !is_named).ok_or_else(|| missing.clone())?;
        let mut build = Command::new(cargo);
        build.args(["build", "-p", "hotline-server"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        match build.status() {
            Ok(status) if status.success() => server_process::program(None),
            _ => Err(missing),
        }
    })
}

/// A running server.
pub(crate) struct Bench {
    _server: ServerProcess,
    credentials: DevelopmentCredentials,
    anybody: HotlineClient,
}

impl Bench {
    /// Starts a server with these settings.
    pub(crate) async fn start(program: Option<PathBuf>, settings: &[String]) -> Result<Self, String> {
        let program = server_program(program)?;
        let launch = Launch { program, config: None, clock: CLOCK.to_owned() };
        let server = ServerProcess::start(&launch, settings)?;
        let credentials =
            DevelopmentCredentials::read(server.credentials()).map_err(|error| error.to_string())?;
        let builder = HotlineClient::builder().endpoint(server.endpoint()).deadline(DEADLINE);
        let anybody = builder.connect().await.map_err(|error| error.to_string())?;
        Ok(Self { _server: server, credentials, anybody })
    }

    /// A client with a token of the development credentials.
    pub(crate) fn with(
        &self,
        token: impl FnOnce(&DevelopmentCredentials) -> Result<Token, CredentialsError>,
    ) -> Result<HotlineClient, String> {
        let token = token(&self.credentials).map_err(|error| error.to_string())?;
        self.anybody.with_token(token).map_err(|error| error.to_string())
    }
}
