//! Compares the server with what its database, a naive peer and an echo do on the same machine, in turn and in several
//! rounds. `benches/compare` builds and starts it.
//!
//! Only ratios of one run count: machines of the same name differ by a factor of two. Every figure is the median of its
//! rounds, and in each round both sides are measured one right after the other.

mod figures;
mod lists;
mod load;
mod options;
mod peer;
mod pgbench;
mod rounds;
mod servers;
mod workload;

#[path = "../../tests"]
mod shared {
    #[expect(dead_code, reason = "a benchmark uses a part of what the tests stand on")]
    pub(crate) mod support;
}

use clap::Parser as _;

use self::figures::Figures;
use self::options::Options;
use self::shared::support;

fn main() -> Result<(), String> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    if let Some(database) = &options.peer {
        return runtime.block_on(peer::serve(database));
    }
    let mut figures = Figures::default();
    runtime.block_on(rounds::run(&options, &mut figures));
    print!("{}", figures.table());
    if options.json {
        println!("{}", figures.json());
    }
    Ok(())
}
