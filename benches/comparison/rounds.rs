//! The rounds: each measures every figure once, both sides one right after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hotline_client::{CreateTicket, HotlineClient, Tickets};

use super::figures::{Figures, median};
use super::lists::{self, Filled};
use super::load::{self, Rate};
use super::options::Options;
use super::peer::Peer;
use super::pgbench;
use super::servers::{self, Target, UnitDesk};
use super::support::postgres;
use super::support::server::Store;
use super::workload::{self, Desk};

/// Tickets of the small database of the lists.
const FEW_TICKETS: u32 = 10_000;
/// Units of the second loop.
const UNITS: usize = 300;
/// Callers of reads.
const READERS: usize = 32;
/// The key that limits a group commit; with 1 each request has a transaction of its own.
const ONE_PER_COMMIT: (&str, &str) = ("database.commands_per_commit_max", "1");

/// What is compared.
struct Setup {
    limit_a: String,
    peer: Peer,
    postgres: Target,
    sqlite: Target,
    single: Target,
    units: Vec<UnitDesk>,
    filled: Option<Databases>,
}

/// The databases of the lists.
struct Databases {
    postgres: [Filled; 2],
    sqlite: [Filled; 2],
}

impl Databases {
    async fn fill(options: &Options) -> Self {
        eprintln!("filling four databases, {} tickets the larger ones", options.tickets);
        let (postgres, sqlite) = tokio::join!(
            async {
                [
                    Filled::start(Store::Postgres, FEW_TICKETS).await,
                    Filled::start(Store::Postgres, options.tickets).await,
                ]
            },
            async {
                [
                    Filled::start(Store::Sqlite, FEW_TICKETS).await,
                    Filled::start(Store::Sqlite, options.tickets).await,
                ]
            }
        );
        Self { postgres, sqlite }
    }
}

impl Setup {
    async fn make(options: &Options) -> Self {
        let cluster = postgres::shared().expect("the comparison needs PostgreSQL");
        let limit_a = pgbench::database(cluster);
        let postgres = Target::start(Store::Postgres, &[]).await;
        let codes: Vec<String> = (0..UNITS).map(|number| format!("compared-{number}")).collect();
        let units = postgres.make_units(&codes).await;
        let wants_lists = options.wants(&["lists_1m_over_10k_max", "lookup_sqlite_over_pg"]);
        Self {
            peer: Peer::start(&pgbench::database(cluster)),
            limit_a,
            postgres,
            sqlite: Target::start(Store::Sqlite, &[]).await,
            single: Target::start(Store::Sqlite, &[ONE_PER_COMMIT]).await,
            units,
            filled: if wants_lists { Some(Databases::fill(options).await) } else { None },
        }
    }
}

/// Runs all rounds.
pub(crate) async fn run(options: &Options, figures: &mut Figures) {
    let setup = Setup::make(options).await;
    let mut list_ratios: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}", options.rounds);
        creates(&setup, options, figures).await;
        loops(&setup, options, figures).await;
        reads(&setup, options, figures).await;
        if let Some(filled) = &setup.filled {
            for (name, ratio) in lists_of(filled, figures).await {
                list_ratios.entry(name).or_default().push(ratio);
            }
        }
    }
    // Of each list the median of its rounds, and of all lists the slowest.
    let medians = list_ratios.iter().filter_map(|(name, ratios)| Some((median(ratios)?, name)));
    if let Some((slowest, name)) = medians.max_by(|one, other| one.0.total_cmp(&other.0)) {
        eprintln!("slowest list: {name}");
        figures.ratio("lists_1m_over_10k_max", slowest, 1.0);
    }
}

/// Callers that create, spread over the connections.
async fn create(agents: Vec<Tickets>, callers: usize, options: &Options) -> Rate {
    let call = move |caller: usize| workload::create(agents[caller % agents.len()].clone());
    load::run(callers, options.duration(), call).await
}

fn limit_a(setup: &Setup, clients: u32, options: &Options) -> Rate {
    tokio::task::block_in_place(|| pgbench::limit_a(&setup.limit_a, clients, options.duration()))
}

async fn creates(setup: &Setup, options: &Options, figures: &mut Figures) {
    for (callers, key) in [(64, "create_pg_64_over_limit_a"), (256, "create_pg_256_over_limit_a")] {
        if options.wants(&[key]) {
            let limit = limit_a(setup, 64, options).per_second;
            let limit = figures.measured("limit A, 64 clients", "a second", limit);
            let rate = create(setup.postgres.agents(), callers, options).await;
            let name = format!("CreateTicket, PostgreSQL, {callers} callers");
            let rate = figures_of(figures, &name, &rate);
            figures.ratio(key, rate, limit);
        }
    }
    if options.wants(&["create_pg_64_over_limit_a"]) {
        let connections = servers::connect(&setup.peer.endpoint, "none").await;
        let rate = create(servers::tickets(&connections), 64, options).await;
        figures_of(figures, "naive peer, PostgreSQL, 64 callers", &rate);
    }
    if options.wants(&["create_sqlite_64_over_single"]) {
        let single = create(setup.single.agents(), 64, options).await;
        let single =
            figures_of(figures, "CreateTicket, SQLite, one transaction per request, 64 callers", &single);
        let rate = create(setup.sqlite.agents(), 64, options).await;
        let rate = figures_of(figures, "CreateTicket, SQLite, 64 callers", &rate);
        figures.ratio("create_sqlite_64_over_single", rate, single);
    }
    if options.wants(&["p99_create_pg_8_over_pgbench"]) {
        let limit = limit_a(setup, 8, options).p99_ms;
        let limit = figures.measured("p99 of pgbench, 8 clients", "ms", limit);
        let rate = create(setup.postgres.agents(), 8, options).await;
        let p99 = figures.measured("p99 of CreateTicket, PostgreSQL, 8 callers", "ms", rate.p99_ms);
        figures.ratio("p99_create_pg_8_over_pgbench", p99, limit);
    }
}

/// Notes a rate and its p99.
fn figures_of(figures: &mut Figures, name: &str, rate: &Rate) -> f64 {
    figures.measured(&format!("{name}, p99"), "ms", rate.p99_ms);
    figures.measured(name, "a second", rate.per_second)
}

async fn loops(setup: &Setup, options: &Options, figures: &mut Figures) {
    for (units, key) in
        [(1, "loop_pg_64_over_limit_a_sixth"), (UNITS, "loop_pg_64_300_units_over_limit_a_sixth")]
    {
        if !options.wants(&[key]) {
            continue;
        }
        let limit =
            figures.measured("limit A, 64 clients", "a second", limit_a(setup, 64, options).per_second);
        let agents = setup.postgres.agents().into_iter();
        let dispatchers = setup.postgres.with_role("dispatcher");
        let desks: Vec<Desk> =
            agents.zip(dispatchers).map(|(agent, dispatcher)| Desk { agent, dispatcher }).collect();
        let units_of = setup.units[..units].to_vec();
        let turn = Arc::new(AtomicUsize::new(0));
        let call = move |caller: usize| {
            let turn = turn.fetch_add(1, Ordering::Relaxed);
            workload::whole_loop(desks[caller % desks.len()].clone(), units_of[turn % units_of.len()].clone())
        };
        let rate = load::run(64, options.duration(), call).await;
        let rate = figures_of(figures, &format!("whole loop, PostgreSQL, 64 callers, {units} units"), &rate);
        figures.ratio(key, rate, limit / 6.0);
    }
}

/// Callers that read one ticket again and again.
async fn get(clients: Vec<Tickets>, number: String, options: &Options) -> Rate {
    let call = move |caller: usize| {
        let (tickets, number) = (clients[caller % clients.len()].clone(), number.clone());
        async move { tickets.get_ticket(number).await.map(|_| ()) }
    };
    load::run(READERS, options.duration(), call).await
}

async fn reads(setup: &Setup, options: &Options, figures: &mut Figures) {
    let connections: Vec<HotlineClient> = servers::connect(&setup.peer.endpoint, "none").await;
    for (target, name, key) in [
        (&setup.postgres, "GetTicket, PostgreSQL", "get_pg_over_echo"),
        (&setup.sqlite, "GetTicket, SQLite", "get_sqlite_over_echo"),
    ] {
        if options.wants(&[key]) {
            let echo = get(servers::tickets(&connections), "1910120000178".to_owned(), options).await;
            let echo = figures_of(figures, "echo", &echo);
            // Nobody was named, so that a read is no reading of an identity.
            let asked = CreateTicket { contact: None, ..workload::appeal() };
            let ticket = target.agents()[0].create_ticket(asked).await.expect("a ticket");
            let rate = get(target.agents(), ticket.number, options).await;
            let rate = figures_of(figures, name, &rate);
            figures.ratio(key, rate, echo);
        }
    }
}

/// Measures lists and look-ups; each list with the time on the large database over that on the small one.
async fn lists_of(filled: &Databases, figures: &mut Figures) -> Vec<(String, f64)> {
    let mut ratios = Vec::new();
    for (store, [small, large]) in [("PostgreSQL", &filled.postgres), ("SQLite", &filled.sqlite)] {
        for (name, small_ms, large_ms) in lists::compare(small, large).await {
            let name = format!("{store}, {name}");
            figures.measured(&format!("{name}, small"), "ms", small_ms);
            figures.measured(&format!("{name}, large"), "ms", large_ms);
            ratios.push((name, large_ms / small_ms));
        }
    }
    let postgres = figures.measured("look-up, PostgreSQL", "ms", lists::look_up(&filled.postgres[1]).await);
    let sqlite = figures.measured("look-up, SQLite", "ms", lists::look_up(&filled.sqlite[1]).await);
    figures.ratio("lookup_sqlite_over_pg", sqlite, postgres);
    ratios
}
