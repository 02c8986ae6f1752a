//! `hotline replay`: replays old messages on a server with a simulated clock, to see how the deadlines and the
//! supervision ladder would have treated them.
//!
//! Each message is taken in, dispatched and accepted at the instant it was sent, and gets both halves of the feedback
//! at the instant it was answered. The command prints one line of JSON with the counts. Rows that can't be read are
//! reported on stderr and left out.
//!
//! With `--policy FILE` it starts its own servers: one with the policy in force and one with each tried policy. It
//! replays the same messages on each, and prints one table.

mod driver;
mod messages;
mod policy;
mod schedule;
mod table;
mod totals;
mod units;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use clap::{Args, ValueEnum};
use driver::{Clients, Plan};
use hotline_client::{Category, Complexity, DevelopmentCredentials, ErrorReason, HotlineClient, Role, Uuid};
use messages::Message;
use table::Comparison;
use totals::Totals;

use crate::context::{Context, Done};
use crate::failure::Failure;
use crate::output::Format;
use crate::progress::Progress;
use crate::server_process::{self, Launch, ServerProcess};

/// An advance over years of timers takes longer than other calls.
const DEADLINE: Duration = Duration::from_mins(5);

/// The flags of the command.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// A CSV file whose header names the subject, when it was sent, the body, the reply, and when it was replied.
    #[arg(long)]
    input: PathBuf,
    /// The category of the messages.
    #[arg(long, value_enum, default_value_t = CategoryName::Appeal)]
    category: CategoryName,
    /// The complexity of the messages.
    #[arg(long, value_enum, default_value_t = ComplexityName::General)]
    complexity: ComplexityName,
    /// A policy to try beside the one in force: the `[policy]` tables of the server's configuration, in TOML. Missing
    /// keys stay as they are in force. Repeatable. The server of --endpoint is not used then.
    #[arg(long = "policy", value_name = "FILE")]
    policies: Vec<PathBuf>,
    /// How many units handle the messages, in turn.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    units: u16,
    /// The column that names the unit that handled a message, by its code or name. A suggestion is asked for each such
    /// message before it is dispatched, so that the report on suggestions can be read afterwards.
    #[arg(long, value_name = "COLUMN")]
    unit_column: Option<String>,
    /// Make up the answers of a follow-up call one to three days after each reply, so that months can be assessed.
    #[arg(long)]
    surveys: bool,
    /// With --policy: print JSON, as --output json does.
    #[arg(long, requires = "policies")]
    json: bool,
    /// With --policy: the server's program; the default is the one that was built beside this one.
    #[arg(long, value_name = "PATH", requires = "policies")]
    server: Option<PathBuf>,
    /// With --policy: your server's configuration file, for the policy in force.
    #[arg(long, value_name = "FILE", requires = "policies")]
    config: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum CategoryName {
    /// 诉求.
    Appeal,
    /// 投诉举报.
    Complaint,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ComplexityName {
    /// Ordinary work.
    General,
    /// Research, several steps or several units.
    Complex,
}

impl Replay {
    pub(crate) async fn run(self, context: &Context) -> Done {
        self.replay(context).await.map_err(|error| Failure::new(format!("the replay ended early: {error}")))
    }
}

/// The replayed messages.
struct Case {
    messages: Vec<Message>,
    /// When the first message was sent.
    first: DateTime<Utc>,
    category: Category,
    complexity: Complexity,
    units: usize,
    surveys: bool,
    is_quiet: bool,
}

impl Replay {
    /// Returns the text to print.
    async fn replay(self, context: &Context) -> Result<String, String> {
        let (messages, first) = read(&self.input, self.unit_column.as_deref())?;
        let case = Case {
            messages,
            first,
            category: match self.category {
                CategoryName::Appeal => Category::Appeal,
                CategoryName::Complaint => Category::ComplaintReport,
            },
            complexity: match self.complexity {
                ComplexityName::General => Complexity::General,
                ComplexityName::Complex => Complexity::Complex,
            },
            units: self.units.into(),
            surveys: self.surveys,
            is_quiet: context.quiet,
        };
        if self.policies.is_empty() {
            let credentials = DevelopmentCredentials::find().map_err(|error| error.to_string())?;
            let named = context.connection.named_endpoint().map_err(|failure| failure.text)?;
            let endpoint = named.unwrap_or_else(|| credentials.endpoint().to_owned());
            let totals = replay(&case, &credentials, &endpoint).await?;
            let printed = serde_json::to_string(&totals);
            return printed.map(|totals| totals + "\n").map_err(|error| error.to_string());
        }
        let program = server_process::program(self.server)?;
        let launch = Launch { program, config: self.config, clock: start_of_year(first) };
        let comparison = compare(&case, &launch, &self.policies).await?;
        let is_json = self.json || context.output == Format::Json;
        Ok(if is_json { format!("{}\n", comparison.json()) } else { comparison.to_string() })
    }
}

/// The messages of a file, and when the first was sent.
fn read(input: &Path, unit_column: Option<&str>) -> Result<(Vec<Message>, DateTime<Utc>), String> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", input.display());
    let file = fs::read(input).map_err(|error| named(&error))?;
    let (messages, skipped) = messages::read(&file, unit_column).map_err(|error| named(&error))?;
    for row in skipped {
        eprintln!("line {}: left out: {}", row.line, row.why);
    }
    let first = messages.iter().map(|message: &Message| message.sent_at).min();
    first.map(|first| (messages, first)).ok_or_else(|| named(&"no message that can be replayed"))
}

/// Replays on the policy in force, then on each tried policy. All servers start before the first message, so that a
/// policy with a mistake is reported before any run.
async fn compare(case: &Case, launch: &Launch, policies: &[PathBuf]) -> Result<Comparison, String> {
    let in_force = ServerProcess::start(launch, &[])?;
    let mut servers = Vec::new();
    for path in policies {
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| named(&error))?;
        let settings = policy::settings(&text).map_err(|error| named(&error))?;
        let server = ServerProcess::start(launch, &settings).map_err(|error| named(&error))?;
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        servers.push((name, server));
    }
    let in_force = replay_on(case, in_force).await?;
    let mut tried = Vec::new();
    for (name, server) in servers {
        tried.push((name, replay_on(case, server).await?));
    }
    Ok(Comparison { in_force, tried })
}

/// Replays on one of the program's own servers, and ends it.
async fn replay_on(case: &Case, server: ServerProcess) -> Result<Totals, String> {
    let credentials =
        DevelopmentCredentials::read(server.credentials()).map_err(|error| error.to_string())?;
    replay(case, &credentials, server.endpoint()).await
}

async fn replay(case: &Case, credentials: &DevelopmentCredentials, endpoint: &str) -> Result<Totals, String> {
    let start = Instant::now();
    let clients = gather(credentials, endpoint, case).await?;
    let plan = Plan {
        category: case.category,
        complexity: case.complexity,
        run: Uuid::new_v4(),
        surveys: case.surveys,
    };
    let progress = Progress::new(case.messages.len(), case.is_quiet);
    let totals = driver::replay(&clients, &plan, &case.messages, progress).await?;
    Ok(totals.took(start.elapsed()))
}

async fn gather(
    credentials: &DevelopmentCredentials,
    endpoint: &str,
    case: &Case,
) -> Result<Clients, String> {
    let first = case.first;
    let builder = HotlineClient::builder().endpoint(endpoint).deadline(DEADLINE);
    let anybody =
        builder.connect().await.map_err(|error| format!("{error} at {endpoint}; {}", advice(first)))?;
    let part = |token| anybody.with_token(token).map_err(|error| error.to_string());
    let with_role = |role| part(credentials.for_role(role).map_err(|error| error.to_string())?);

    let agent = with_role(Role::Agent)?;
    check_clock(&agent, first).await?;
    let mut units = Vec::new();
    for code in units::choose(credentials, &agent, case.units).await? {
        let token = credentials.for_unit(&code).map_err(|error| error.to_string())?;
        units.push((code, part(token)?.tickets()));
    }
    let mut named_units = HashMap::new();
    for (name, code) in units::named_by(&agent, &case.messages).await? {
        let token = credentials.for_unit(&code).map_err(|error| error.to_string())?;
        named_units.insert(name, (code, part(token)?.tickets()));
    }
    let dispatcher = with_role(Role::Dispatcher)?;
    Ok(Clients {
        clock: with_role(Role::Administrator)?.simulation(),
        suggestions: dispatcher.knowledge(),
        dispatcher: dispatcher.tickets(),
        units,
        named_units,
        agent: agent.tickets(),
    })
}

/// Checks that the clock is a simulated one, and not past the first message.
async fn check_clock(client: &HotlineClient, first: DateTime<Utc>) -> Result<(), String> {
    match client.simulation().get_time().await {
        Ok(now) if now <= first => Ok(()),
        Ok(now) => Err(format!(
            "the simulated clock stands at {now}, past the first message of {first}; {}",
            advice(first)
        )),
        Err(error) if error.reason() == Some(ErrorReason::NoSimulation) => {
            Err(format!("the server runs on the real clock; {}", advice(first)))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// The first instant of the year of an instant, in Beijing.
fn start_of_year(instant: DateTime<Utc>) -> String {
    // Beijing is eight hours ahead.
    let year = (instant + TimeDelta::hours(8)).year();
    format!("{year}-01-01T00:00:00+08:00")
}

fn advice(first: DateTime<Utc>) -> String {
    format!(
        "start one from the same folder with\n  cargo run --release -- serve --simulated-clock {}",
        start_of_year(first)
    )
}
