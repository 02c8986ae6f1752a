//! Exports the tickets that have changed since an instant as lines of JSON, with their content and without callers. The
//! last line on standard error is the instant to go on from.
//!
//! `cargo run -p hotline-client --example export -- 2026-11-30T00:00:00Z > tickets.jsonl`

use std::io::Write;

use hotline_client::chrono::{DateTime, Utc};
use hotline_client::{DevelopmentCredentials, HotlineClient, ListTickets, Role};

/// Writes each changed ticket as a line. Returns the latest change, to go on from; at that very instant the next export
/// may repeat a ticket.
pub(crate) async fn export(
    client: &HotlineClient,
    since: DateTime<Utc>,
    out: &mut impl Write,
) -> Result<DateTime<Utc>, Box<dyn std::error::Error>> {
    let which = ListTickets::default()
        .update_start_time(since)
        .page_size(200_u32)
        .read_mask(["subject", "content", "topic", "district", "dispatch", "source", "closing"]);
    let mut changed = client.tickets().list_tickets(which);
    let mut latest = since;
    // Pages are fetched as they are read, so that an export of any size needs little memory.
    while let Some(ticket) = changed.try_next().await? {
        latest = latest.max(ticket.update_time);
        serde_json::to_writer(&mut *out, &ticket)?;
        out.write_all(b"\n")?;
    }
    Ok(latest)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let since = std::env::args().nth(1).ok_or("usage: export INSTANT")?.parse()?;
    let credentials = DevelopmentCredentials::find()?;
    let client = HotlineClient::builder()
        .endpoint(credentials.endpoint())
        .token(credentials.for_role(Role::Analyst)?)
        .connect()
        .await?;
    let latest = export(&client, since, &mut std::io::stdout().lock()).await?;
    eprintln!("{}", latest.to_rfc3339());
    Ok(())
}
