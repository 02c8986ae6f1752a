//! Compares the hotline with the limits of its database and with simpler servers. `benches/compare` starts it.
//!
//! It is the load generator: it calls with the client library, and all servers are other processes. The figures of one
//! round are taken seconds apart, and each ratio comes from figures of the same round. Progress goes to standard error,
//! the tables to standard output.

mod alternate;
mod api;
mod bench;
mod copies;
mod create;
mod echo;
mod get;
mod handling;
mod limit;
mod list_servers;
mod lists;
mod load;
mod lookup;
mod naive;
mod options;
mod peer;
mod population;
mod product;
mod request;
mod results;
mod support;
mod ticket_number;
mod units;
mod whole_loop;

use std::fs;
use std::process::ExitCode;

use clap::Parser as _;

use self::bench::Bench;
use self::list_servers::ListServers;
use self::options::{Options, Part, Peer};
use self::support::postgres;

/// The server's allocator, so that neither the load generator nor the simpler servers are at a disadvantage.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let ended = match &options.peer {
        Some(Peer::Naive { database, reply }) => naive::serve(database, reply).await,
        Some(Peer::Echo { reply }) => echo::serve(reply).await,
        None => compare(&options).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the comparison failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn compare(options: &Options) -> Result<(), String> {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    eprintln!("{} rounds of {:?} a window, load before: {}", options.rounds, options.window(), load.trim());
    let cluster = postgres::shared().ok_or("the comparison needs PostgreSQL")?;
    let mut bench = Bench::start(options, cluster)?;
    if options.wants(Part::Create) {
        create::run(&mut bench).await?;
    }
    if options.wants(Part::Loop) {
        whole_loop::run(&mut bench).await?;
    }
    if options.wants(Part::Get) {
        get::run(&mut bench).await?;
    }
    if options.wants(Part::Lookup) || options.wants(Part::Lists) {
        let has_long = options.wants(Part::Lists);
        let postgres = ListServers::on_postgres(&bench, has_long).await?;
        let sqlite = ListServers::on_sqlite(&bench, has_long).await?;
        if options.wants(Part::Lookup) {
            lookup::run(&mut bench, &postgres, &sqlite).await?;
        }
        if has_long {
            lists::run(&mut bench, &postgres, &sqlite).await?;
        }
    }
    bench.results.print();
    if options.json {
        println!("{}", bench.results.figures_as_json());
        println!("{}", bench.results.ratios_as_json());
    }
    Ok(())
}
