//! Judges similar tickets: founds a server, makes a ticket of the second message of each pair, and looks for it with
//! the first message. A ticket that is not found has the similarity 0.
//!
//! `cargo run --release -p hotline-client --example similar_bench -- --pairs FILE.csv`
//!
//! The file has the columns `a_subject`, `a_body`, `b_subject`, `b_body` and `same` (1 or 0). The last line on standard
//! output is JSON: the area under the curve. It is 0.5 for a random order, and 1 if every pair of the same cause is
//! more similar than every other pair.

#[path = "bench/rows.rs"]
mod rows;
#[path = "bench/server.rs"]
mod server;

use std::path::PathBuf;

use clap::Parser;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use hotline_client::{
    Category, Channel, Complexity, CreateTicket, Error, FindSimilarTickets, Knowledge, Role, Tickets,
};
use rows::Row;
use server::Bench;

/// Calls at a time.
const CALLERS: usize = 16;
/// Tickets of an answer.
const TICKETS_MAX: u32 = 100;

#[derive(Parser)]
struct Options {
    /// A CSV file with the pairs.
    #[arg(long)]
    pairs: PathBuf,
    /// The server's program; the default is the one that was built beside this one.
    #[arg(long)]
    server: Option<PathBuf>,
}

/// Two messages: each with a subject and a body, and whether they have the same cause.
struct Pair {
    first: (String, String),
    second: (String, String),
    same: bool,
}

fn pair(row: &Row) -> Result<Pair, String> {
    let texts = |subject, body| Ok::<_, String>(rows::ticket_texts(row.column(subject)?, row.column(body)?));
    let same = row.column("same")?.trim().to_lowercase();
    Ok(Pair {
        first: texts("a_subject", "a_body")?,
        second: texts("b_subject", "b_body")?,
        same: matches!(same.as_str(), "1" | "1.0" | "true" | "yes"),
    })
}

async fn create(tickets: &Tickets, (subject, content): (String, String)) -> Result<String, Error> {
    let command = CreateTicket::new(Category::Appeal, Complexity::General, Channel::Web, subject, content);
    Ok(tickets.create_ticket(command).await?.number)
}

/// How similar a ticket is to a message.
async fn similarity(
    knowledge: &Knowledge,
    (subject, content): (String, String),
    number: &str,
) -> Result<u32, Error> {
    let of = FindSimilarTickets::of_text(subject, content).open_only(true).tickets_max(TICKETS_MAX);
    let found = knowledge.find_similar_tickets(of).await?;
    let ticket = found.tickets.iter().find(|ticket| ticket.ticket_number == number);
    Ok(ticket.map_or(0, |ticket| ticket.similarity))
}

/// The share of couples, one pair of the same cause and one other, in which the former is more similar.
fn area(judged: &[(u32, bool)]) -> f64 {
    let of = |same: bool| judged.iter().filter(move |one| one.1 == same).map(|one| one.0);
    let (mut sum, mut couples) = (0.0, 0.0);
    for same in of(true) {
        for other in of(false) {
            couples += 1.0;
            sum += match same.cmp(&other) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
    }
    if couples > 0.0 { sum / couples } else { 0.0 }
}

async fn run(options: Options) -> Result<serde_json::Value, String> {
    let pairs: Result<Vec<Pair>, String> = rows::read(&options.pairs)?.iter().map(pair).collect();
    let pairs = pairs?;
    let bench = Bench::start(options.server, &[]).await?;
    let agent = bench.with(|credentials| credentials.for_role(Role::Agent))?;
    let (tickets, knowledge) = (agent.tickets(), agent.knowledge());
    let numbers: Vec<String> = stream::iter(&pairs)
        .map(|pair| create(&tickets, pair.second.clone()))
        .buffered(CALLERS)
        .try_collect()
        .await
        .map_err(|error| error.to_string())?;
    eprintln!("{} tickets", numbers.len());
    let found: Vec<u32> = stream::iter(pairs.iter().zip(&numbers))
        .map(|(pair, number)| similarity(&knowledge, pair.first.clone(), number))
        .buffered(CALLERS)
        .try_collect()
        .await
        .map_err(|error| error.to_string())?;
    let judged: Vec<(u32, bool)> =
        found.into_iter().zip(&pairs).map(|(found, pair)| (found, pair.same)).collect();
    let missed = judged.iter().filter(|(found, same)| *same && *found == 0).count();
    eprintln!("{missed} pairs of the same cause were not found");
    Ok(serde_json::json!({ "n": judged.len(), "auc": area(&judged) }))
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match run(Options::parse()).await {
        Ok(figures) => {
            println!("{figures}");
            std::process::ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the measurement ended early: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
