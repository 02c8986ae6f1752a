//! `CreateTicket` on both databases, against limit A, a simple server, and the same server without groups.

use hotline_client::HotlineClient;

use super::bench::{Bench, CALLERS};
use super::limit;
use super::load::{Measured, Turn};
use super::peer::{Reply, RunningPeer};
use super::product::{Product, connect};
use super::request::appeal;

const POSTGRES: &str = "CreateTicket, PostgreSQL";
const SQLITE: &str = "CreateTicket, SQLite";
const SINGLE: &str = "CreateTicket, SQLite, one command a commit";
const NAIVE: &str = "tonic + sqlx, 3 inserts a transaction";
const PGBENCH: &str = "pgbench with latencies, 3 inserts a transaction";

/// Callers of the smaller windows.
const FEW: usize = 8;
/// Callers of the largest.
const MANY: usize = 256;

/// Measures all rounds.
///
/// # Errors
/// If a server does not start, or a call fails.
pub(crate) async fn run(bench: &mut Bench<'_>) -> Result<(), String> {
    let postgres = bench.postgres.clients("agent").await?;
    let sqlite = bench.sqlite.clients("agent").await?;
    let one_a_commit = Product::on_sqlite(&bench.options.server, &["database_commands_per_commit_max=1"])?;
    let single = one_a_commit.clients("agent").await?;
    let first = postgres[0].tickets().create_ticket(appeal()).await.map_err(|error| error.to_string())?;
    let reply = Reply::take(&bench.postgres, &first.number).await?;
    let database = limit::new_database(bench.cluster);
    let peer = RunningPeer::start(&["naive", "--database", &database], &reply.path())?;
    let naive = connect(peer.endpoint(), "none").await?;

    for round in 1..=bench.options.rounds {
        eprintln!("create, round {round}");
        let limit = bench.limit_a().await?;
        let with_64 = measure(bench, POSTGRES, CALLERS, &postgres).await?.per_second;
        bench.results.add_ratio("create_pg_64_over_limit_a", with_64 / limit);
        let limit = bench.limit_a().await?;
        let with_256 = measure(bench, POSTGRES, MANY, &postgres).await?.per_second;
        bench.results.add_ratio("create_pg_256_over_limit_a", with_256 / limit);

        bench.settle().await;
        let pgbench = bench.limit.latencies(FEW, bench.options.window())?;
        bench.results.add(PGBENCH, FEW, pgbench);
        let with_8 = measure(bench, POSTGRES, FEW, &postgres).await?;
        bench.results.add_ratio("p99_create_pg_8_over_pgbench", with_8.p99_ms / pgbench.p99_ms);

        let in_groups = measure(bench, SQLITE, CALLERS, &sqlite).await?.per_second;
        let alone = measure(bench, SINGLE, CALLERS, &single).await?.per_second;
        bench.results.add_ratio("create_sqlite_64_over_single", in_groups / alone);

        measure(bench, POSTGRES, 1, &postgres).await?;
        for callers in [1, FEW, MANY] {
            measure(bench, SQLITE, callers, &sqlite).await?;
        }
        measure(bench, NAIVE, CALLERS, &naive).await?;
    }
    Ok(())
}

async fn measure(
    bench: &mut Bench<'_>,
    what: &str,
    callers: usize,
    clients: &[HotlineClient],
) -> Result<Measured, String> {
    let clients = clients.to_vec();
    let create = move |turn: Turn| {
        let tickets = clients[turn.caller % clients.len()].tickets();
        async move { tickets.create_ticket(appeal()).await.map(|_| ()) }
    };
    bench.measure(what, callers, create).await
}
