//! `ListTopics`: the leaves of the topic tree, by code.

use super::Directory;
use super::topics::{self, Topic};
use crate::platform::Fault;

impl Directory {
    /// The topics after a code, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_topics(&self, after: Option<&str>, limit: u64) -> Result<Vec<Topic>, Fault> {
        topics::page(self.store.reader(), after, limit).await
    }
}
