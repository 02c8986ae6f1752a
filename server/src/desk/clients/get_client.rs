//! `GetClient`: one client with its credentials.

use super::{CREDENTIALS_MAX, ClientAdmin, not_found};
use crate::access::client::{Client, Credential, read};
use crate::platform::Fault;

impl ClientAdmin {
    /// A client by its name, and its credentials.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND`; if the database refuses.
    pub async fn get_client(&self, principal: &str) -> Result<(Client, Vec<Credential>), Fault> {
        let reader = self.store.reader();
        let client = read::find(reader, principal).await?.ok_or_else(|| not_found(principal))?;
        let credentials = read::credentials_of(reader, principal, CREDENTIALS_MAX).await?;
        Ok((client, credentials))
    }
}
