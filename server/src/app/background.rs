//! The background tasks of a server. None of them ends before the server does. If one ends or panics, the log names it,
//! and the server drains and ends instead of running without it.

use std::collections::HashMap;

use tokio::task::{Id, JoinError, JoinSet};

/// Tasks with their names. They end when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Background {
    tasks: JoinSet<()>,
    names: HashMap<Id, &'static str>,
}

/// How a task ended.
pub(super) fn how<T>(outcome: &Result<T, JoinError>) -> &'static str {
    match outcome {
        Ok(_) => "returned",
        Err(error) if error.is_panic() => "panicked",
        Err(_) => "was cancelled",
    }
}

impl Background {
    /// Starts a task that never ends by itself.
    pub(super) fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.tasks.spawn(task).id();
        self.names.insert(id, name);
    }

    /// Waits until a task has ended; returns its name, and how it ended.
    pub(super) async fn ended(&mut self) -> (&'static str, &'static str) {
        let Some(ended) = self.tasks.join_next_with_id().await else { return std::future::pending().await };
        let (id, outcome) = match ended {
            Ok((id, ())) => (id, Ok(())),
            Err(error) => (error.id(), Err(error)),
        };
        (self.names.get(&id).copied().unwrap_or("a task"), how(&outcome))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_is_named() {
        let mut background = Background::default();
        background.spawn("one that works", std::future::pending());
        background.spawn("one that panics", async { panic!("an injected bug") });
        assert_eq!(background.ended().await, ("one that panics", "panicked"));
        background.spawn("one that returns", async {});
        assert_eq!(background.ended().await, ("one that returns", "returned"));
    }
}
