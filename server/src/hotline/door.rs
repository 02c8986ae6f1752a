//! Who stands at the door: the operator's credentials or those for development, the clients in the database, and the
//! identity provider where there is one.

use super::{Failure, Hotline, make_private};
use crate::access::oidc::Oidc;
use crate::access::{Credentials, Doorkeeper, Register};
use crate::desk::directory::seed::SeedDirectory;

impl Hotline {
    /// Reads the operator's credentials, or makes those for development.
    pub(super) fn credentials(&self, endpoint: &str) -> Result<(Credentials, Option<String>), Failure> {
        if let Some(path) = self.config.credentials_path() {
            return Ok((Credentials::read(path)?, None));
        }
        make_private(&self.config.data_dir)?;
        let units: Vec<String> = SeedDirectory::shipped()?.units.into_iter().map(|unit| unit.code).collect();
        let (credentials, tokens) = Credentials::development(&self.config.data_dir, &units, endpoint)?;
        Ok((credentials, Some(tokens.display().to_string())))
    }

    /// Who lets callers in: by the file, the clients in the database, and the identity provider where there is one.
    pub(super) fn doorkeeper(&self, file: Credentials) -> Result<Doorkeeper, Failure> {
        let store = self.closed_loop.store.clone();
        Ok(Doorkeeper {
            file,
            // Of its own connections, so that no crowd of calls keeps the next one from being told who is revoked.
            register: Register::open(store.in_background()),
            oidc: Oidc::of(&self.config.access.oidc)?,
            store,
            clock: self.closed_loop.clock.clone(),
        })
    }
}
