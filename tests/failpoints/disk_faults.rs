//! Real storage failures under SQLite: a full file system, and reads, writes and syncs that return errors.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hotline_client::{
    CallOptions, Category, Channel, Complexity, CreateTicket, DispatchTicket, HotlineClient, RetryPolicy,
    Uuid,
};
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::faulty_server::{Clients, FaultyServer, options, retry_until_answered};
use crate::options::Options;
use crate::support::server::Server;
use crate::support::temp_dir::TempDir;
use crate::support::wait::Pauses;
use crate::workload::Acknowledged;
use crate::{TestResult, invariants};

/// Characters of a text that fills the disk.
const LONG: usize = 9_000;
/// Requests that are tried until the disk is full.
const FILL_MAX: u32 = 600;
/// Requests after the disk has room again.
const AFTER: u32 = 50;
/// The longest time until health changes.
const HEALTH_WAIT_MAX: Duration = Duration::from_secs(15);
/// Requests under each kind of I/O error, and after it.
const REQUESTS: u32 = 12;

/// A file system in memory; detached when it is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path, size: &str) -> Result<Self, String> {
        run(Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(at))?;
        Ok(Self(at.to_owned()))
    }

    fn resize(&self, size: &str) -> Result<(), String> {
        run(Command::new("mount").args(["-o", &format!("remount,size={size}")]).arg(&self.0))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let Err(error) = run(Command::new("umount").arg("-l").arg(&self.0)) {
            eprintln!("{error}");
        }
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Reports that a test was not run, which is a failure in CI.
fn not_run(why: &str) -> TestResult {
    if std::env::var_os("CI").is_some() { Err(why.to_owned()) } else { Ok(format!("NOT RUN: {why}")) }
}

fn request(content: String) -> CreateTicket {
    CreateTicket::new(Category::Appeal, Complexity::General, Channel::Web, "询问变更登记的进度", content)
        .request_id(Uuid::new_v4())
}

/// One request, without retries; the ticket if it was acknowledged.
async fn create(agent: &HotlineClient, content: String) -> Result<Acknowledged, String> {
    let agent = agent.with_options(&CallOptions::new().retry(RetryPolicy::never()));
    let created = agent.tickets().create_ticket(request(content)).await.map_err(|error| error.to_string())?;
    Ok(Acknowledged::of(&created))
}

/// A command that is refused, so that its transaction is rolled back.
async fn refuse(clients: &Clients) {
    let unknown = DispatchTicket::new("2603020000018", crate::faulty_server::LEAD);
    let refused = clients.dispatcher.tickets().dispatch_ticket(unknown).await;
    assert!(refused.is_err(), "a ticket that does not exist was dispatched");
}

/// The status of the server's health.
async fn health(server: &Server) -> ServingStatus {
    let endpoint = Endpoint::from_shared(server.endpoint()).expect("a server's address is an endpoint");
    let status = HealthClient::new(endpoint.connect_lazy()).check(HealthCheckRequest::default()).await;
    status.map_or(ServingStatus::Unknown, |status| status.into_inner().status())
}

async fn wait_for_health(server: &Server, wanted: ServingStatus) -> Result<(), String> {
    let mut pauses = Pauses::within(HEALTH_WAIT_MAX);
    while health(server).await != wanted {
        if !pauses.next().await {
            return Err(format!("health does not say {wanted:?}; the server said:\n{}", server.said()));
        }
    }
    Ok(())
}

/// The server and its disk, dropped in this order: the disk is detached before the folder below it is removed.
struct OnSmallDisk {
    disk: SmallDisk,
    faulty: FaultyServer,
}

/// Fills the disk, frees it, and compares the acknowledged tickets with those after a restart.
pub(crate) async fn full(_: Options) -> TestResult {
    let (home, exported) = (TempDir::new("full"), TempDir::new("checkpoints"));
    let disk = match SmallDisk::mount(home.path(), "6m") {
        Ok(disk) => disk,
        Err(error) => return not_run(&format!("no file system can be mounted: {error}")),
    };
    let server = Server::start_in(home, options(&exported));
    let mut all = OnSmallDisk { disk, faulty: FaultyServer { server, exported } };
    let clients = all.faulty.clients();
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for _ in 0..FILL_MAX {
        match create(&clients.agent, "长".repeat(LONG)).await {
            Ok(ticket) => acknowledged.push(ticket),
            Err(_) => refused += 1,
        }
        if refused == 3 {
            break;
        }
    }
    if refused < 3 {
        return Err(format!("{FILL_MAX} requests did not fill the disk"));
    }
    let filled = acknowledged.len();
    wait_for_health(&all.faulty.server, ServingStatus::NotServing).await?;
    // Even without room, acknowledged tickets must be stored.
    for _ in 0..AFTER {
        refuse(&clients).await;
        acknowledged.extend(create(&clients.agent, "短".to_owned()).await.ok());
    }
    all.disk.resize("190m")?;
    wait_for_health(&all.faulty.server, ServingStatus::Serving).await?;
    refuse(&clients).await;
    for _ in 0..AFTER {
        acknowledged.push(create(&clients.agent, "短".to_owned()).await?);
    }
    all.faulty.server.restart();
    let clients = all.faulty.clients();
    invariants::acknowledged(&clients, &acknowledged).await?;
    invariants::verify(&all.faulty)?;
    Ok(format!("{filled} acknowledged until the disk was full, {} in all, none lost", acknowledged.len()))
}

/// The library that makes system calls fail; `None` without a C compiler.
fn library(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (folder.join("io_fault.c"), folder.join("io_fault.so"));
    fs::write(&source, include_str!("io_fault.c")).ok()?;
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).arg("-ldl");
    run(&mut compile).ok().map(|()| library)
}

/// Injects each kind of I/O error during commands, and compares the acknowledged tickets with those after a restart.
pub(crate) async fn io_errors(_: Options) -> TestResult {
    let tools = TempDir::new("io-fault");
    let Some(library) = library(tools.path()) else { return not_run("there is no C compiler") };
    let switch = tools.path().join("switch");
    let (home, exported) = (TempDir::new("io"), TempDir::new("checkpoints"));
    let options = options(&exported)
        .variable("LD_PRELOAD", &library.display().to_string())
        .variable("IO_FAULT_SWITCH", &switch.display().to_string());
    let server = Server::start_in(home, options);
    let mut faulty = FaultyServer { server, exported };
    let clients = faulty.clients();
    let (mut acknowledged, mut failed) = (Vec::new(), 0);
    for kind in ["write", "sync", "full", "read"] {
        fs::write(&switch, kind).map_err(|error| error.to_string())?;
        for _ in 0..REQUESTS {
            refuse(&clients).await;
            match create(&clients.agent, "短".to_owned()).await {
                Ok(ticket) => acknowledged.push(ticket),
                Err(_) => failed += 1,
            }
        }
        fs::remove_file(&switch).map_err(|error| error.to_string())?;
        for _ in 0..REQUESTS {
            let command = request("短".to_owned());
            let agent = clients.agent.tickets();
            let created =
                retry_until_answered("CreateTicket", || agent.create_ticket(command.clone())).await?;
            acknowledged.push(Acknowledged::of(&created));
            refuse(&clients).await;
        }
    }
    if failed == 0 {
        return Err("no request met an I/O error".to_owned());
    }
    faulty.server.restart();
    invariants::acknowledged(&faulty.clients(), &acknowledged).await?;
    invariants::verify(&faulty)?;
    Ok(format!("{failed} requests failed, {} were acknowledged, none lost", acknowledged.len()))
}
