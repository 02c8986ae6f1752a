//! Servers with short lists and, on request, servers with long ones, on both databases.

use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{fs, io};

use super::bench::Bench;
use super::product::Product;
use super::support::postgres::{self, Cluster};
use super::support::temp_dir::TempDir;
use super::{copies, population};

/// The servers of one database.
#[derive(Debug)]
pub(crate) struct ListServers {
    /// With [`population::TICKETS`].
    pub(crate) short: Product,
    /// With [`Options::list_tickets`](super::options::Options::list_tickets).
    pub(crate) long: Option<Product>,
}

impl ListServers {
    /// Starts them on `SQLite`.
    ///
    /// # Errors
    /// If a server does not start, or a command fails.
    pub(crate) async fn on_sqlite(bench: &Bench<'_>, has_long: bool) -> Result<Self, String> {
        let short = Product::on_sqlite(&bench.options.server, &[])?;
        Self::start(bench, short, has_long).await
    }

    /// Starts them on PostgreSQL.
    ///
    /// # Errors
    /// If a server does not start, or a command fails.
    pub(crate) async fn on_postgres(bench: &Bench<'_>, has_long: bool) -> Result<Self, String> {
        let short = Product::on_postgres(&bench.options.server, bench.cluster, &[])?;
        Self::start(bench, short, has_long).await
    }

    async fn start(bench: &Bench<'_>, mut short: Product, has_long: bool) -> Result<Self, String> {
        let begun = Instant::now();
        let templates = population::create(&short).await?;
        short.stop();
        let mut long = None;
        if has_long {
            let home = copy_folder(short.home()).map_err(|error| error.to_string())?;
            let database = short.database().map(|url| copy_database(bench.cluster, url));
            let more = bench.options.list_tickets() - population::TICKETS;
            copies::add(home.path(), database.as_deref(), &templates, more).await?;
            copies::settle(home.path(), database.as_deref()).await?;
            long = Some(Product::start(&bench.options.server, database, &[], home)?);
        }
        copies::settle(short.home(), short.database()).await?;
        short.restart()?;
        eprintln!("lists filled in {:.0} s", begun.elapsed().as_secs_f64());
        Ok(Self { short, long })
    }
}

/// A copy of a server's folder.
fn copy_folder(home: &Path) -> io::Result<TempDir> {
    let copy = TempDir::new("comparison");
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(home.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                fs::create_dir(copy.path().join(&path))?;
                folders.push(path);
            } else {
                fs::copy(entry.path(), copy.path().join(&path))?;
            }
        }
    }
    Ok(copy)
}

/// A copy of a database that no server uses; returns its URL for the same role.
fn copy_database(cluster: &Cluster, url: &str) -> String {
    let (place, name) = url.rsplit_once('/').expect("a URL ends with the name");
    let copy = format!("{name}_long");
    let maintenance = format!("{place}/postgres");
    let owner = cluster
        .psql(&maintenance, &format!("SELECT datdba::regrole FROM pg_database WHERE datname = '{name}'"));
    cluster.psql(
        &postgres::as_superuser(&maintenance),
        &format!("CREATE DATABASE {copy} TEMPLATE {name} OWNER {owner}"),
    );
    format!("{place}/{copy}")
}
