//! Known-item search: each message of a CSV file becomes a ticket without its subject, and then the subject is searched
//! for. Prints the mean reciprocal rank of the message's own ticket as JSON.
//!
//! `cargo run -p hotline-client --example search_bench -- --messages FILE.csv`
//!
//! The file has the columns `subject` and `body`. It needs a development server whose database is empty.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Parser;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use hotline_client::{
    Category, Channel, Complexity, CreateTicket, DevelopmentCredentials, HotlineClient, Role, SearchTickets,
};

/// Calls at a time.
const CALLERS: usize = 8;
/// How far down the results are looked at.
const RANKS_MAX: usize = 200;
/// The longest query, in characters.
const QUERY_CHARS_MAX: usize = 100;
/// The subject of every ticket, so that only the body can be found.
const SUBJECT: &str = "——来件——";

#[derive(Parser)]
struct Options {
    /// A CSV file with the columns `subject` and `body`.
    #[arg(long)]
    messages: PathBuf,
}

#[derive(Debug, Clone)]
struct Message {
    subject: String,
    body: String,
}

fn read(path: &PathBuf) -> Result<Vec<Message>, Box<dyn std::error::Error>> {
    let mut messages = Vec::new();
    for row in csv::Reader::from_path(path)?.deserialize() {
        let row: HashMap<String, String> = row?;
        let column = |name: &str| {
            let named = row.iter().find(|(column, _)| column.trim_start_matches('\u{feff}') == name);
            named.map(|(_, value)| value.clone()).ok_or_else(|| format!("no column {name}"))
        };
        messages.push(Message { subject: column("subject")?, body: column("body")? });
    }
    Ok(messages)
}

/// Creates the ticket of a message; returns its number.
async fn create(client: &HotlineClient, message: Message) -> Result<String, hotline_client::Error> {
    let appeal =
        CreateTicket::new(Category::Appeal, Complexity::General, Channel::Web, SUBJECT, message.body);
    Ok(client.tickets().create_ticket(appeal).await?.number)
}

/// The rank of a ticket among the results, from 1 on.
async fn rank(
    client: &HotlineClient,
    subject: &str,
    number: &str,
) -> Result<Option<usize>, hotline_client::Error> {
    let query: String = subject.chars().take(QUERY_CHARS_MAX).collect();
    let which = SearchTickets::new(query).page_size(200_u32);
    let found = client.tickets().search_tickets(which).take_up_to(RANKS_MAX).await?;
    Ok(found.iter().position(|hit| hit.ticket.number == number).map(|place| place + 1))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let messages = read(&Options::parse().messages)?;
    let credentials = DevelopmentCredentials::find()?;
    let client = HotlineClient::builder()
        .endpoint(credentials.endpoint())
        .token(credentials.for_role(Role::Agent)?)
        .connect()
        .await?;
    let numbers: Vec<String> = stream::iter(messages.clone())
        .map(|message| create(&client, message))
        .buffered(CALLERS)
        .try_collect()
        .await?;
    eprintln!("{} tickets", numbers.len());
    let ranks: Vec<Option<usize>> = stream::iter(messages.iter().zip(&numbers))
        .map(|(message, number)| rank(&client, &message.subject, number))
        .buffered(CALLERS)
        .try_collect()
        .await?;
    let count = f64::from(u32::try_from(ranks.len())?);
    let mut reciprocal = 0.0;
    for rank in ranks.iter().flatten() {
        reciprocal += 1.0 / f64::from(u32::try_from(*rank)?);
    }
    let first = ranks.iter().filter(|rank| **rank == Some(1)).count();
    let missing = ranks.iter().filter(|rank| rank.is_none()).count();
    println!(
        "{}",
        serde_json::json!({
            "messages": ranks.len(),
            "mrr": reciprocal / count,
            "first": first,
            "not_found": missing,
        })
    );
    Ok(())
}
