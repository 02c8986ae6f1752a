//! `ListClients`: clients, by name.

use super::ClientAdmin;
use crate::access::client::Client;
use crate::access::client::read::{self, ClientFilter};
use crate::platform::Fault;

impl ClientAdmin {
    /// The clients after a name, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_clients(
        &self,
        filter: &ClientFilter,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Client>, Fault> {
        read::page(self.store.reader(), filter, after, limit).await
    }
}
