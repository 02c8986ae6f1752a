//! `GetTicket` on both databases, against an echo server that sends a response of the same size.

use std::sync::Arc;

use hotline_client::HotlineClient;

use super::bench::{Bench, CALLERS};
use super::load::Turn;
use super::peer::{Reply, RunningPeer};
use super::product::connect;
use super::request::appeal;

const ECHO: &str = "tonic echo of GetTicket's response";
const POSTGRES: &str = "GetTicket without the caller, PostgreSQL";
const SQLITE: &str = "GetTicket without the caller, SQLite";

/// The tickets that are read in turn.
const TICKETS: usize = 1_000;

/// Measures all rounds.
///
/// # Errors
/// If a call fails.
pub(crate) async fn run(bench: &mut Bench<'_>) -> Result<(), String> {
    let on_postgres = create(&bench.postgres.clients("agent").await?[0]).await?;
    let on_sqlite = create(&bench.sqlite.clients("agent").await?[0]).await?;
    let reply = Reply::take(&bench.postgres, &on_postgres[0]).await?;
    bench.results.add_note(format!("The response of GetTicket has {} bytes.", reply.bytes()));
    let peer = RunningPeer::start(&["echo"], &reply.path())?;
    let echo = connect(peer.endpoint(), "none").await?;
    let postgres = bench.postgres.clients("dispatcher").await?;
    let sqlite = bench.sqlite.clients("dispatcher").await?;

    for round in 1..=bench.options.rounds {
        eprintln!("get, round {round}");
        let most = measure(bench, ECHO, &echo, &on_postgres).await?;
        let rate = measure(bench, POSTGRES, &postgres, &on_postgres).await?;
        bench.results.add_ratio("get_pg_over_echo", rate / most);
        let most = measure(bench, ECHO, &echo, &on_postgres).await?;
        let rate = measure(bench, SQLITE, &sqlite, &on_sqlite).await?;
        bench.results.add_ratio("get_sqlite_over_echo", rate / most);
    }
    Ok(())
}

/// Creates the tickets; returns their numbers.
async fn create(agent: &HotlineClient) -> Result<Arc<[String]>, String> {
    let mut numbers = Vec::new();
    for _ in 0..TICKETS {
        let ticket = agent.tickets().create_ticket(appeal()).await.map_err(|error| error.to_string())?;
        numbers.push(ticket.number);
    }
    Ok(numbers.into())
}

async fn measure(
    bench: &mut Bench<'_>,
    what: &str,
    clients: &[HotlineClient],
    numbers: &Arc<[String]>,
) -> Result<f64, String> {
    let (clients, numbers) = (clients.to_vec(), Arc::clone(numbers));
    let call = move |turn: Turn| {
        let tickets = clients[turn.caller % clients.len()].tickets();
        let number = numbers[(turn.caller * 31 + turn.call) % numbers.len()].clone();
        async move { tickets.get_ticket(number).await.map(|_| ()) }
    };
    Ok(bench.measure(what, CALLERS, call).await?.per_second)
}
