//! Stops a unit of work at a point from the seed. SQLite reports each changed row and each commit, and its thread is
//! paused there while the simulation injects a fault. Polls of a future cannot be used, because their number depends on
//! threads; rows and commits are the same every time.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use hotline_server::platform::Store;
use tokio::sync::Notify;

/// The point at which a unit of work stops.
#[derive(Debug, Clone, Copy)]
pub(super) enum PausePoint {
    /// After a changed row, following this many others.
    Row(u32),
    /// Before a commit, following this many others.
    Commit(u32),
}

/// The state shared by the simulation and the thread of the writing connection.
#[derive(Debug, Default)]
struct Shared {
    point: Mutex<Option<PausePoint>>,
    reached: Notify,
    is_held: Mutex<bool>,
    let_go: Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// The thread passes a row or a commit, and is paused if it is the chosen one.
    fn pass(&self, is_commit: bool) {
        let mut point = lock(&self.point);
        let left = match point.as_mut() {
            Some(PausePoint::Row(left)) if !is_commit => left,
            Some(PausePoint::Commit(left)) if is_commit => left,
            _ => return,
        };
        if *left > 0 {
            *left -= 1;
            return;
        }
        *point = None;
        drop(point);
        let mut is_held = lock(&self.is_held);
        *is_held = true;
        self.reached.notify_one();
        while *is_held {
            is_held = self.let_go.wait(is_held).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The pause points of a store's writing connection.
#[derive(Debug, Default)]
pub(super) struct PausePoints {
    shared: Arc<Shared>,
    /// Disconnected when the watched connection ends.
    watched: Option<Receiver<()>>,
}

impl PausePoints {
    /// Watches the store's writing connection, if it has changed.
    pub(super) async fn watch(&mut self, store: &Store) -> Result<(), String> {
        if self.watched.is_some() {
            return Ok(());
        }
        let pool = store.migrating().get_sqlite_connection_pool();
        let mut connection = pool.acquire().await.map_err(|error| error.to_string())?;
        let mut handle = connection.lock_handle().await.map_err(|error| error.to_string())?;
        let (rows, commits) = (Arc::clone(&self.shared), Arc::clone(&self.shared));
        let (alive, watched): (Sender<()>, _) = channel();
        handle.set_update_hook(move |_| rows.pass(false));
        handle.set_commit_hook(move || {
            // It lives as long as the connection.
            let _alive = &alive;
            commits.pass(true);
            true
        });
        self.watched = Some(watched);
        Ok(())
    }

    /// The next unit of work stops at this point, if it gets there.
    pub(super) fn arm(&self, point: PausePoint) {
        *lock(&self.shared.point) = Some(point);
    }

    /// Removes the point; a unit of work that was not stopped did not get there.
    pub(super) fn disarm(&self) {
        *lock(&self.shared.point) = None;
    }

    /// Waits until the point is reached.
    pub(super) async fn reached(&self) {
        self.shared.reached.notified().await;
    }

    /// The paused thread continues.
    pub(super) fn let_go(&self) {
        *lock(&self.shared.is_held) = false;
        self.shared.let_go.notify_all();
    }

    /// Waits for the end of the watched connection, whose owner is dropped.
    pub(super) fn wait_for_the_end(&mut self) {
        if let Some(watched) = self.watched.take() {
            // Nothing is ever sent: the disconnect is the signal.
            let _ = watched.recv();
        }
    }
}
