//! Look-ups of tickets by the caller's telephone number and by the company's code: `SQLite` against PostgreSQL.

use hotline_client::{Error, HotlineClient, ListTickets};

use super::alternate::{self, Medians};
use super::bench::Bench;
use super::list_servers::ListServers;
use super::population::TICKETS;
use super::request::{credit_code, phone};

/// The filter that finds a company's tickets.
type Filter = fn(u64) -> ListTickets;

/// Measures all rounds.
///
/// # Errors
/// If a call fails.
pub(crate) async fn run(
    bench: &mut Bench<'_>,
    postgres: &ListServers,
    sqlite: &ListServers,
) -> Result<(), String> {
    let on_postgres = postgres.short.clients("agent").await?.swap_remove(0);
    let on_sqlite = sqlite.short.clients("agent").await?.swap_remove(0);
    let by_phone = |company| ListTickets::default().contact_phone(phone(company));
    let by_code = |company| ListTickets::default().social_credit_code(credit_code(company));
    let ways: [(&str, Filter); 2] = [("phone", by_phone), ("company code", by_code)];
    for round in 1..=bench.options.rounds {
        eprintln!("lookup, round {round}");
        bench.settle().await;
        let mut slowest: f64 = 0.0;
        for (name, filter) in ways {
            let find = |client: &HotlineClient, call: u64| {
                let tickets = client.tickets();
                // Common tickets have companies of their own.
                let company = call * 100 % u64::from(TICKETS) + 50;
                async move { found(tickets.list_tickets(filter(company)).take_up_to(2).await) }
            };
            let medians = alternate::measure(|call| find(&on_sqlite, call), |call| find(&on_postgres, call));
            let Medians { one, other } = medians.await?;
            bench.results.add(&format!("look-up by {name}, SQLite"), 1, one);
            bench.results.add(&format!("look-up by {name}, PostgreSQL"), 1, other);
            slowest = slowest.max(one.p50_ms / other.p50_ms);
        }
        bench.results.add_ratio("lookup_sqlite_over_pg", slowest);
    }
    Ok(())
}

fn found(tickets: Result<Vec<hotline_client::Ticket>, Error>) -> Result<usize, String> {
    let count = tickets.map_err(|error| error.to_string())?.len();
    if count == 1 { Ok(count) } else { Err(format!("a look-up found {count} tickets")) }
}
