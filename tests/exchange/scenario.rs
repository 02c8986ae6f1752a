//! A run: calls are placed while the server and the middleware are killed in turn; then everything is counted.

use std::time::Duration;

use hotline_client::HotlineClient;
use tokio::task::spawn_blocking;

use crate::gateway::{Exchange, Middleware, tcp_address};
use crate::options::Options;
use crate::outcome;
use crate::support::example;
use crate::support::process::Process;
use crate::support::server::{Options as ServerOptions, Server};
use crate::support::suite::TestResult;
use crate::support::temp_dir::TempDir;
use crate::support::wait::Pauses;

/// The longest wait for the last ticket, after the last call has ended.
const REST_MAX: Duration = Duration::from_mins(10);
/// How long a middleware that was killed stays away.
const DOWN: Duration = Duration::from_millis(400);

/// Everything that runs.
struct Running {
    server: Server,
    middleware: Process,
    launch: Middleware,
    exchange: Exchange,
    callers: Process,
    // Last, so that it is removed after the processes have ended.
    _home: TempDir,
}

impl Running {
    fn start(options: &Options) -> Self {
        let home = TempDir::new("exchange");
        // Calls are placed at any hour.
        let always = ServerOptions::default()
            .set("policy.intake.hours_open", "\"00:00\"")
            .set("policy.intake.hours_close", "\"24:00\"");
        let server = Server::start(options.store, always);
        let launch = Middleware {
            program: example::program_with("telephony", &["spool"]),
            address: tcp_address(),
            home: home.path().to_owned(),
            endpoint: server.endpoint(),
            token: server.token("telephony"),
        };
        let middleware = launch.start();
        let exchange = Exchange::start(home.path(), &launch.address);
        let callers = exchange.call(options.calls, options.rate);
        Self { server, middleware, launch, exchange, callers, _home: home }
    }

    fn kill_server(mut self) -> Self {
        self.server.kill();
        self.server.restart();
        self
    }
}

async fn pause(time: Duration) {
    let mut pauses = Pauses::within(time);
    while pauses.next().await {}
}

/// Runs something that waits for processes.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    spawn_blocking(work).await.map_err(|error| error.to_string())
}

/// Kills the server and the middleware in turn, spread over the time of the calls.
async fn kill(mut running: Running, options: &Options) -> Result<Running, String> {
    let seconds = f64::from(options.calls) / f64::from(options.rate);
    let kills = options.server_kills + options.middleware_kills;
    let between = Duration::from_secs_f64(seconds / f64::from(u32::try_from(kills + 1).unwrap_or(u32::MAX)));
    let (mut servers, mut middlewares) = (options.server_kills, options.middleware_kills);
    for nth in 0..kills {
        pause(between).await;
        let is_server = servers > 0 && (middlewares == 0 || nth % 2 == 0);
        if is_server {
            servers -= 1;
            running = blocking(move || running.kill_server()).await?;
        } else {
            middlewares -= 1;
            running.middleware.kill();
            pause(DOWN).await;
            let launch = running.launch.clone();
            running.middleware = blocking(move || launch.start()).await?;
        }
    }
    Ok(running)
}

/// Runs the scenario; the answer is a line of figures.
pub(crate) async fn run(options: Options) -> TestResult {
    let of_start = options.clone();
    let running = blocking(move || Running::start(&of_start)).await?;
    let mut running = kill(running, &options).await?;
    let mut pauses = Pauses::within(REST_MAX);
    while !running.callers.has_ended() && pauses.next().await {}
    if !running.callers.has_ended() {
        return Err(format!("the callers go on: {}", last_lines(&running.callers)));
    }
    let status = running.callers.wait();
    if !status.success() {
        let said = [&running.callers, &running.exchange.kamailio].map(last_lines).join("\n");
        return Err(format!("not every call was connected ({status}): {said}"));
    }
    let endpoint = running.server.endpoint();
    let anybody = HotlineClient::builder().endpoint(&endpoint).connect_lazy();
    let anybody = anybody.map_err(|error| error.to_string())?;
    let clients = outcome::Clients::of(&anybody, &running.server);
    let counted = outcome::wait_for(&clients, options.calls, REST_MAX).await;
    counted.map_err(|error| format!("{error}; the middleware said: {}", last_lines(&running.middleware)))?;
    outcome::carry_one_to_its_end(&clients).await?;
    let figures = format!(
        "{} calls, each once with one ticket; {} kills of the server, {} of the middleware",
        options.calls, options.server_kills, options.middleware_kills
    );
    blocking(move || drop(running)).await?;
    Ok(figures)
}

fn last_lines(process: &Process) -> String {
    let output = process.output();
    let lines: Vec<_> = output.lines().rev().take(12).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
