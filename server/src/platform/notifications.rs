//! Notifications of PostgreSQL: a hint from another server that something was committed. One may be lost at any time,
//! so nothing may depend on them but a delay.

use sea_orm::sqlx::postgres::PgListener;

use super::pool::HostLease;
use super::{Fault, Store};

/// A connection that receives the notifications of one channel.
pub(crate) struct Notifications {
    listener: PgListener,
    lease: HostLease,
}

impl Store {
    /// Listens on a channel, on a connection for background tasks. Only PostgreSQL has channels.
    ///
    /// # Errors
    /// If the database can't be reached.
    pub(crate) async fn listen(&self, channel: &str) -> Result<Notifications, Fault> {
        let failed = |error| Fault::unavailable(format!("listening on {channel}: {error}"));
        let (present, lease) = self.in_background().reader().lease();
        let pool = present.get_postgres_connection_pool();
        let mut listener = PgListener::connect_with(pool).await.map_err(failed)?;
        listener.listen(channel).await.map_err(failed)?;
        Ok(Notifications { listener, lease })
    }
}

impl Notifications {
    /// Waits for a notification; false if the connection was lost, and notifications with it.
    pub(crate) async fn next(&mut self) -> bool {
        tokio::select! {
            biased;
            () = self.lease.left() => false,
            received = self.listener.try_recv() => matches!(received, Ok(Some(_))),
        }
    }
}
