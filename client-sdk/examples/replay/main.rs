//! Replays old messages on a server with a simulated clock, to see what the deadlines and the supervision ladder
//! would have made of them.
//!
//! Each message is taken in, dispatched and signed for at the instant it was sent, and gets both feedbacks at the
//! instant it was answered. Prints one line of JSON that counts what became of them. Rows that can't be read are
//! named on stderr and left out.

mod drive;
mod message;
mod tally;
mod timetable;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{
    fs,
    io::{self, Write as _},
};

use chrono::{DateTime, Datelike as _, Utc};
use clap::{Parser, ValueEnum};
use drive::{Parties, Plan};
use hotline_client::{
    Category, Complexity, DevelopmentCredentials, ErrorReason, HotlineClient, ListUnits, Role, UnitGroup,
    Uuid,
};
use message::Message;
use tally::Tally;

/// The unit that handles the tickets, where there is a credential for it.
const UNIT: &str = "dept-market-regulation";
/// A jump over years of timers takes longer than a call does otherwise.
const DEADLINE: Duration = Duration::from_mins(5);

/// Replays old messages on a server with a simulated clock.
#[derive(Parser)]
struct Arguments {
    /// A CSV file whose header names the subject, when it was sent, the body, the reply, and when it was replied.
    #[arg(long)]
    input: PathBuf,
    /// Where the hotline is; by default where the development credentials say.
    #[arg(long)]
    endpoint: Option<String>,
    /// What the messages are taken for.
    #[arg(long, value_enum, default_value_t = CategoryName::Appeal)]
    category: CategoryName,
    /// How much work they are taken for.
    #[arg(long, value_enum, default_value_t = ComplexityName::General)]
    complexity: ComplexityName,
}

#[derive(Clone, Copy, ValueEnum)]
enum CategoryName {
    /// 诉求.
    Appeal,
    /// 投诉举报.
    Complaint,
}

#[derive(Clone, Copy, ValueEnum)]
enum ComplexityName {
    /// The ordinary way.
    General,
    /// Research, several steps or several units.
    Complex,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await.and_then(|tally| print(&tally).map_err(|error| error.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the replay ended early: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(tally: &Tally) -> io::Result<()> {
    let line = serde_json::to_string(tally)?;
    writeln!(io::stdout(), "{line}")
}

async fn run(arguments: Arguments) -> Result<Tally, String> {
    let start = Instant::now();
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", arguments.input.display());
    let file = fs::read(&arguments.input).map_err(|error| named(&error))?;
    let (messages, skipped) = message::read(&file).map_err(|error| named(&error))?;
    for row in skipped {
        eprintln!("line {}: left out: {}", row.line, row.why);
    }
    let first = messages.iter().map(|message: &Message| message.sent_at).min();
    let first = first.ok_or_else(|| named(&"no message that can be replayed"))?;

    let parties = gather(arguments.endpoint, first).await?;
    let plan = Plan {
        category: match arguments.category {
            CategoryName::Appeal => Category::Appeal,
            CategoryName::Complaint => Category::ComplaintReport,
        },
        complexity: match arguments.complexity {
            ComplexityName::General => Complexity::General,
            ComplexityName::Complex => Complexity::Complex,
        },
        run: Uuid::new_v4(),
    };
    let tally = drive::replay(&parties, &plan, &messages).await?;
    Ok(tally.took(start.elapsed()))
}

async fn gather(endpoint: Option<String>, first: DateTime<Utc>) -> Result<Parties, String> {
    let credentials = DevelopmentCredentials::find().map_err(|error| error.to_string())?;
    let endpoint = endpoint.unwrap_or_else(|| credentials.endpoint().to_owned());
    let builder = HotlineClient::builder().endpoint(&endpoint).deadline(DEADLINE);
    let anybody =
        builder.connect().await.map_err(|error| format!("{error} at {endpoint}; {}", advice(first)))?;
    let part = |token| anybody.with_token(token).map_err(|error| error.to_string());
    let with_role = |role| part(credentials.for_role(role).map_err(|error| error.to_string())?);

    let agent = with_role(Role::Agent)?;
    check_clock(&agent, first).await?;
    let unit_code = choose_unit(&credentials, &agent).await?;
    Ok(Parties {
        clock: with_role(Role::Administrator)?.simulation(),
        dispatcher: with_role(Role::Dispatcher)?.tickets(),
        unit: part(credentials.for_unit(&unit_code).map_err(|error| error.to_string())?)?.tickets(),
        agent: agent.tickets(),
        unit_code,
    })
}

/// The clock must be a simulated one, and must not be past the first message.
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

fn advice(first: DateTime<Utc>) -> String {
    let year = first.year();
    format!(
        "start one from the same folder with\n  \
         cargo run --release -- serve --simulated-clock {year}-01-01T00:00:00+08:00"
    )
}

/// A unit that somebody at hand can act for.
async fn choose_unit(credentials: &DevelopmentCredentials, client: &HotlineClient) -> Result<String, String> {
    let at_hand = credentials.units().find(|unit| *unit == UNIT).or_else(|| credentials.units().next());
    if let Some(code) = at_hand {
        return Ok(code.to_owned());
    }
    // One token for everything: it does not say for whom, so the first department it is.
    let departments =
        ListUnits { group: Some(UnitGroup::Department), active_only: true, ..ListUnits::default() };
    let first =
        client.directory().list_units(departments).try_next().await.map_err(|error| error.to_string())?;
    first.map(|unit| unit.code).ok_or_else(|| "the directory has no department".to_owned())
}
