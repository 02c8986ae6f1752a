//! A hotline with tickets, a console, and everybody who signs in to it.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use hotline_admin::server_process::{self, Launch, ServerProcess};
use hotline_client::{
    Category, Channel, ClientKind, Complexity, CreateClient, CreateTicket, DevelopmentCredentials,
    DispatchTicket, HotlineClient, IssueCredential, Proof, Role, Tickets,
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::Options;

/// Sessions that the console allows one person.
const SESSIONS: usize = 10;
/// Tickets that are made at once.
const AT_ONCE: usize = 32;
/// The callers of this benchmark are more than one agent.
const SETTINGS: [&str; 2] =
    ["limits.calls_per_second_per_principal=1000000", "limits.burst_per_principal=1000000"];

/// Somebody who signs in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    /// What is chosen at the sign-in.
    pub(crate) choice: String,
    token: hotline_client::Token,
}

/// The server, the console and the people.
pub(crate) struct Office {
    people: Vec<Person>,
    units: Vec<String>,
    client: HotlineClient,
    agent: Tickets,
    dispatcher: Tickets,
    console: Child,
    address: String,
    // Dropped last.
    _server: ServerProcess,
    _home: TempDir,
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.console.kill();
        let _ = self.console.wait();
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Office {
    /// Starts everything, and takes in and dispatches the tickets.
    pub(crate) async fn open(options: &Options) -> Result<Self, String> {
        let program = server_process::program(None)?;
        let launch = Launch { program, config: None, clock: "2026-06-01T10:00:00+08:00".to_owned() };
        let server = ServerProcess::start(&launch, &SETTINGS.map(str::to_owned))?;
        let known = DevelopmentCredentials::read(server.credentials()).map_err(text)?;
        let client = HotlineClient::builder().endpoint(server.endpoint()).connect().await.map_err(text)?;
        let of_role = |role| client.with_token(known.for_role(role).map_err(text)?).map_err(text);
        let units: Vec<String> = known.units().map(str::to_owned).collect();
        let home = tempfile::tempdir().map_err(text)?;
        let file = home.path().join("credentials.toml");
        let mut people = agents(&of_role(Role::Administrator)?, options.seats).await?;
        write_credentials(&file, &server, &people)?;
        for place in 0..options.clerks {
            let unit = &units[place % units.len()];
            let token = known.for_unit(unit).map_err(text)?;
            people.push(Person { name: unit.clone(), choice: format!("unit:{unit}"), token });
        }
        let (console, address) = start_console(&file, home.path())?;
        let (agent, dispatcher) = (of_role(Role::Agent)?.tickets(), of_role(Role::Dispatcher)?.tickets());
        let office =
            Self { people, units, client, agent, dispatcher, console, address, _server: server, _home: home };
        let all = stream::iter(0..options.tickets).map(|place| Ok::<_, String>(office.take_in_one(place)));
        all.try_buffer_unordered(AT_ONCE).try_for_each(|()| async { Ok(()) }).await?;
        Ok(office)
    }

    async fn take_in_one(&self, place: usize) -> Result<(), String> {
        let command = CreateTicket::new(
            Category::Appeal,
            Complexity::General,
            Channel::Web,
            format!("第 {place} 件诉求：营业执照变更"),
            "企业咨询营业执照变更的办理进度，希望尽快得到答复。",
        );
        let ticket = self.agent.create_ticket(command).await.map_err(text)?;
        let unit = &self.units[place % self.units.len()];
        let sent = self.dispatcher.dispatch_ticket(DispatchTicket::new(ticket.number, unit)).await;
        sent.map(|_| ()).map_err(text)
    }

    /// Takes in and dispatches a ticket now and then.
    pub(crate) async fn take_in(&self, options: &Options, end: Instant) -> Result<(), String> {
        let mut place = options.tickets;
        while Instant::now() < end {
            sleep(Duration::from_millis(options.create_every_ms)).await;
            self.take_in_one(place).await?;
            place += 1;
        }
        Ok(())
    }

    /// Everybody, agents first.
    pub(crate) fn people(&self) -> &[Person] {
        &self.people
    }

    /// The host and port of the console.
    pub(crate) fn console(&self) -> &str {
        &self.address
    }

    /// The process of the console.
    pub(crate) fn console_process(&self) -> u32 {
        self.console.id()
    }

    /// A caller with the rights of one of the people; most of them are clerks, as in the console.
    pub(crate) fn caller(&self, place: usize) -> Result<Tickets, String> {
        let person = &self.people[place * self.people.len().saturating_sub(1) / 5 % self.people.len()];
        Ok(self.client.with_token(person.token.clone()).map_err(text)?.tickets())
    }
}

/// Makes as many agents as sign in; each signs in several times.
async fn agents(administrator: &HotlineClient, seats: usize) -> Result<Vec<Person>, String> {
    let admin = administrator.admin();
    let mut people = Vec::new();
    for place in 0..seats.div_ceil(SESSIONS) {
        let name = format!("agent-{place}");
        let create = CreateClient::new(&name, ClientKind::Staff, &[Role::Agent], "for the benchmark");
        admin.create_client(create).await.map_err(text)?;
        let issued = admin.issue_credential(IssueCredential::new(&name, Proof::Token)).await.map_err(text)?;
        let token = issued.token.ok_or("an agent got no token")?;
        let person = Person { choice: format!("principal:{name}"), name, token };
        people.extend(vec![person; SESSIONS.min(seats - place * SESSIONS)]);
    }
    Ok(people)
}

/// The credentials of the server, and those of the agents.
fn write_credentials(file: &Path, server: &ServerProcess, agents: &[Person]) -> Result<(), String> {
    let mut known = fs::read_to_string(server.credentials()).map_err(text)?;
    for agent in agents.iter().step_by(SESSIONS) {
        let (name, token) = (&agent.name, agent.token.reveal());
        write!(known, "\n[[credential]]\nprincipal = {name:?}\nroles = [\"agent\"]\ntoken = {token:?}\n")
            .map_err(text)?;
    }
    fs::write(file, known).map_err(text)
}

/// Starts the console; answers its host and port.
fn start_console(credentials: &Path, home: &Path) -> Result<(Child, String), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
    command.args(["console", "--listen", "127.0.0.1:0"]).env_clear().env("HOME", home);
    command.env("HOTLINE_CREDENTIALS", credentials).stdout(Stdio::piped());
    let mut console = command.spawn().map_err(text)?;
    let mut line = String::new();
    if let Some(output) = console.stdout.take() {
        BufReader::new(output).read_line(&mut line).map_err(text)?;
    }
    let address = line.split([' ', ',']).find_map(|word| word.strip_prefix("http://"));
    if let Some(address) = address.map(str::to_owned) {
        return Ok((console, address));
    }
    let _ = console.kill();
    Err(format!("the console does not start: {line:?}"))
}

/// The memory of a process in MiB, sample by sample.
pub(crate) async fn watch_memory(process: u32, interval: Duration, end: Instant) -> Vec<u64> {
    let mut samples = Vec::new();
    while Instant::now() < end {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
        samples.extend(line.and_then(|kib| kib.trim().parse::<u64>().ok()).map(|kib| kib / 1_024));
        sleep(interval).await;
    }
    samples
}
