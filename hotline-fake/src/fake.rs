//! A fake: its folder, its clock, its server, and the clients of it.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{Builder, DevelopmentCredentials, HotlineClient, Role, Token};
use hotline_server::platform::Clock;
use tempfile::TempDir;

use crate::faults::Faults;
use crate::front::Front;
use crate::server_thread::ServerThread;

/// Saturday, 12 October 2019, 10:00 in Beijing: the day on which the hotline opened.
const START_SECONDS: i64 = 1_570_845_600;
/// The file in the data folder with the tokens of every role and unit.
const CREDENTIALS_FILE: &str = "development-credentials.toml";

/// Why a fake does not do what it was asked.
#[derive(Debug)]
pub struct FakeError(String);

impl FakeError {
    pub(crate) fn new(cause: impl fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

impl fmt::Display for FakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FakeError {}

impl From<hotline_client::Error> for FakeError {
    fn from(error: hotline_client::Error) -> Self {
        Self::new(error)
    }
}

/// A hotline in this process. When it is dropped, its server stops and its folder is removed.
///
/// Its clock stands still until it is advanced. It must not be used with tokio's paused clock, because its database
/// works in real time.
#[derive(Debug)]
pub struct FakeHotline {
    // Dropped first, before the folder.
    server: Option<ServerThread>,
    front: Front,
    faults: Faults,
    clock: Clock,
    keys: Vec<(String, String)>,
    credentials: DevelopmentCredentials,
    clients: HotlineClient,
    /// Where the front runs.
    runtime: Option<tokio::runtime::Runtime>,
    home: TempDir,
}

impl FakeHotline {
    /// Starts a hotline whose clock stands at Saturday, 12 October 2019, 10:00 in Beijing.
    ///
    /// # Errors
    /// If its folder or its database can't be made.
    pub async fn start() -> Result<Self, FakeError> {
        Self::start_at(DateTime::UNIX_EPOCH + TimeDelta::seconds(START_SECONDS)).await
    }

    /// Starts a hotline whose clock stands at an instant.
    ///
    /// # Errors
    /// If its folder or its database can't be made.
    pub async fn start_at(time: DateTime<Utc>) -> Result<Self, FakeError> {
        Self::start_with(time, &[]).await
    }

    /// The same with keys of the server's configuration, for example `("policy.ladder.remind_before_hours", "24")`.
    ///
    /// # Errors
    /// If a key can't be used, or its folder or its database can't be made.
    pub async fn start_with(time: DateTime<Utc>, keys: &[(&str, &str)]) -> Result<Self, FakeError> {
        let home = tempfile::Builder::new().prefix("hotline-fake-").tempdir().map_err(FakeError::new)?;
        let keys: Vec<_> = keys.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let clock = Clock::simulated(time);
        let server = ServerThread::start(home.path(), &keys, clock.clone()).await?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("hotline-fake-front")
            .enable_all()
            .build()
            .map_err(FakeError::new)?;
        let faults = Faults::default();
        let front = Front::new(faults.clone(), runtime.handle().clone());
        front.set_server(Some(server.incoming()));
        let credentials =
            DevelopmentCredentials::read(home.path().join(CREDENTIALS_FILE)).map_err(FakeError::new)?;
        let clients = builder(&front).connect_lazy()?;
        let (server, runtime) = (Some(server), Some(runtime));
        Ok(Self { server, front, faults, clock, keys, credentials, clients, runtime, home })
    }

    /// A builder of clients that reach this hotline, without a token.
    pub fn builder(&self) -> Builder {
        builder(&self.front)
    }

    /// A client with a role. It shares its connection with the other clients of this method.
    ///
    /// # Errors
    /// If no development credential has the role.
    pub fn client(&self, role: Role) -> Result<HotlineClient, FakeError> {
        Ok(self.clients.with_token(self.token(role)?)?)
    }

    /// A client of a unit.
    ///
    /// # Errors
    /// If the hotline has no such unit.
    pub fn unit_client(&self, unit: &str) -> Result<HotlineClient, FakeError> {
        let token = self.credentials.for_unit(unit).map_err(FakeError::new)?;
        Ok(self.clients.with_token(token)?)
    }

    /// The token of a role.
    ///
    /// # Errors
    /// If no development credential has the role.
    pub fn token(&self, role: Role) -> Result<Token, FakeError> {
        self.credentials.for_role(role).map_err(FakeError::new)
    }

    /// The credentials of every role and unit.
    #[must_use]
    pub const fn credentials(&self) -> &DevelopmentCredentials {
        &self.credentials
    }

    /// The faults that its calls meet.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The simulated clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Advances the clock, and runs what becomes due on the way, each at its own instant.
    ///
    /// # Errors
    /// If the hotline is down.
    pub async fn advance(&self, time: Duration) -> Result<(), FakeError> {
        let until = TimeDelta::from_std(time).map_err(FakeError::new)?;
        self.client(Role::Administrator)?.simulation().advance_to(self.now() + until).await?;
        Ok(())
    }

    /// Takes the hotline down: connections break and are refused. Its database stays.
    pub async fn stop(&mut self) {
        self.faults.set_down(true);
        self.front.set_server(None);
        self.front.break_connections();
        if let Some(mut server) = self.server.take() {
            // The thread is waited for where no runtime is blocked.
            let stopped = tokio::task::spawn_blocking(move || server.stop());
            let _ = stopped.await;
        }
    }

    /// Starts it again on the same database.
    ///
    /// # Errors
    /// If the database can't be opened.
    pub async fn restart(&mut self) -> Result<(), FakeError> {
        self.stop().await;
        let server = ServerThread::start(self.home.path(), &self.keys, self.clock.clone()).await?;
        self.front.set_server(Some(server.incoming()));
        self.server = Some(server);
        self.faults.set_down(false);
        Ok(())
    }

    /// Advances the clock while the hotline is down, so that a restart comes so much later.
    ///
    /// # Errors
    /// If the time is longer than the calendar.
    pub fn pass_time(&self, time: Duration) -> Result<(), FakeError> {
        let until = TimeDelta::from_std(time).map_err(FakeError::new)?;
        self.clock.advance_to(self.now() + until);
        Ok(())
    }

    /// Listens on a port of this machine too, for programs in other processes. The faults hold for them as well.
    ///
    /// # Errors
    /// If no port can be listened on.
    pub async fn listen(&self) -> Result<SocketAddr, FakeError> {
        self.front.listen().await.map_err(FakeError::new)
    }
}

impl Drop for FakeHotline {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A runtime must not wait inside another one.
            runtime.shutdown_background();
        }
    }
}

fn builder(front: &Front) -> Builder {
    HotlineClient::builder().endpoint("http://hotline.fake").connector(front.clone())
}
