//! The connection pools of the database as metrics: how many connections are used and idle.

use metrics::gauge;
use sea_orm::DbBackend;
use sea_orm::sqlx;

use super::metrics::{POOL, POOL_CONNECTIONS, POOL_CONNECTIONS_MAX, POOL_STATE};
use super::{Pool, Store};

/// The states of a connection, as OpenTelemetry names them.
const IDLE: &str = "idle";
const USED: &str = "used";

impl Store {
    /// Shows how many connections of each pool are used and idle now. It takes no connection and never waits.
    pub fn record_connections(&self) {
        let background = self.in_background();
        let pools = if self.is_sqlite() {
            vec![("writer", self.writer()), ("readers", self.reader())]
        } else {
            vec![
                ("calls", self.writer()),
                ("commands", self.group_writer()),
                ("background", background.writer()),
            ]
        };
        for (name, pool) in pools {
            record(name, pool);
        }
    }
}

fn record(name: &'static str, pool: &Pool) {
    let pool = pool.current();
    let [open, idle, most] = if pool.get_database_backend() == DbBackend::Sqlite {
        connections_of(pool.get_sqlite_connection_pool())
    } else {
        connections_of(pool.get_postgres_connection_pool())
    };
    gauge!(POOL_CONNECTIONS, POOL => name, POOL_STATE => IDLE).set(idle);
    gauge!(POOL_CONNECTIONS, POOL => name, POOL_STATE => USED).set(open.saturating_sub(idle));
    gauge!(POOL_CONNECTIONS_MAX, POOL => name).set(most);
}

/// Open connections, idle ones, and the most that there may be.
fn connections_of<DB: sqlx::Database>(pool: &sqlx::Pool<DB>) -> [u32; 3] {
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    [pool.size(), idle, pool.options().get_max_connections()]
}
