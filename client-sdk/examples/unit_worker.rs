//! The worker of a handling unit: takes each ticket that is dispatched to the unit, does the unit's own work with it,
//! and accepts it. It may be stopped or killed at any time, and goes on where it was.
//!
//! `cargo run -p hotline-client --example unit_worker -- dept-tax`, in the folder of a development server. With
//! `HOTLINE_TOKEN` and `HOTLINE_ENDPOINT` it works for the unit of that token.

use std::error::Error;

use hotline_client::{DevelopmentCredentials, HotlineClient, Ticket};

/// What the unit does with a new ticket: here it prints it. If it fails, the ticket comes again.
async fn take_over(ticket: Ticket) -> Result<(), Box<dyn Error>> {
    println!("{}: {}, until {}", ticket.number, ticket.subject, ticket.cycle.due_time);
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let credentials = DevelopmentCredentials::find()?;
    let token = match std::env::args().nth(1) {
        Some(unit) => credentials.for_unit(&unit)?,
        None => credentials.for_role(hotline_client::Role::Unit)?,
    };
    let client = HotlineClient::builder().endpoint(credentials.endpoint()).token(token).connect().await?;
    // It returns only if the hotline refuses this client for good.
    client.tickets().work_queue().run(take_over).await?;
    Ok(())
}
