//! What all parts share: the cluster, limit A, the servers on both databases, and the pause between windows.

use std::future::Future;
use std::time::Duration;

use hotline_client::Error;

use super::limit::Limit;
use super::load::{self, Measured, Turn};
use super::options::Options;
use super::product::Product;
use super::results::Results;
use super::support::postgres::Cluster;

/// The time after a window in which servers finish what they do in the background.
const SETTLE: Duration = Duration::from_millis(1_250);

/// The callers of the bars.
pub(crate) const CALLERS: usize = 64;

/// The servers under test, and what they are compared with.
#[derive(Debug)]
pub(crate) struct Bench<'a> {
    pub(crate) options: &'a Options,
    pub(crate) cluster: &'a Cluster,
    pub(crate) limit: Limit<'a>,
    pub(crate) postgres: Product,
    pub(crate) sqlite: Product,
    pub(crate) results: Results,
}

impl<'a> Bench<'a> {
    /// Starts the servers.
    ///
    /// # Errors
    /// If one does not start.
    pub(crate) fn start(options: &'a Options, cluster: &'a Cluster) -> Result<Self, String> {
        Ok(Self {
            options,
            cluster,
            limit: Limit::new(cluster),
            postgres: Product::on_postgres(&options.server, cluster, &[])?,
            sqlite: Product::on_sqlite(&options.server, &[])?,
            results: Results::default(),
        })
    }

    /// Measures limit A for a window; returns its transactions a second.
    ///
    /// # Errors
    /// If pgbench fails.
    pub(crate) async fn limit_a(&mut self) -> Result<f64, String> {
        self.settle().await;
        let measured = self.limit.rate(CALLERS, self.options.window())?;
        self.results.add("limit A: pgbench, 3 inserts a transaction", CALLERS, measured);
        Ok(measured.per_second)
    }

    /// Lets callers call for a window, and adds the result.
    ///
    /// # Errors
    /// If a call fails.
    pub(crate) async fn measure<F, R>(
        &mut self,
        what: &str,
        callers: usize,
        call: F,
    ) -> Result<Measured, String>
    where
        F: Fn(Turn) -> R + Clone + Send + 'static,
        R: Future<Output = Result<(), Error>> + Send,
    {
        self.settle().await;
        let measured = load::run(callers, self.options.window(), call).await;
        let measured = measured.map_err(|error| format!("{what}: {error}"))?;
        self.results.add(what, callers, measured);
        Ok(measured)
    }

    /// Waits until the last window has no more effect: on the servers, and on PostgreSQL's next checkpoint.
    pub(crate) async fn settle(&self) {
        tokio::time::sleep(SETTLE).await;
        self.cluster.psql(self.postgres.database().unwrap_or_default(), "CHECKPOINT");
    }
}
