//! Builds the authenticator: the operator's or the development credentials, the clients in the database, and the
//! identity provider if there is one.

use hotline_proto::v1::Role;

use super::failure::Failure;
use super::open::App;
use super::private_folder::make_private;
use super::seed;
use crate::access::client::{Client, Credential, read};
use crate::access::oidc::Oidc;
use crate::access::{Authenticator, ClientCache, Credentials};
use crate::desk::directory::units;
use crate::ticket::UnitCode;

/// A revision that is older than every change.
const BEFORE_ALL: i64 = -1;

impl App {
    /// Reads the operator's credentials, or makes those for development.
    pub(super) fn credentials(&self, endpoint: &str) -> Result<(Credentials, Option<String>), Failure> {
        if let Some(path) = self.config.credentials_path() {
            return Ok((Credentials::read(path)?, None));
        }
        make_private(&self.config.data_dir)?;
        let directory = seed::directory(&self.config.directory)?;
        let units: Vec<String> = directory.units.into_iter().map(|unit| unit.code).collect();
        let (credentials, tokens) = Credentials::development(&self.config.data_dir, &units, endpoint)?;
        Ok((credentials, Some(tokens.display().to_string())))
    }

    /// Logs an error if neither the file nor the database lets an administrator in.
    ///
    /// # Errors
    /// If the database can't be read.
    pub(super) async fn check_administrators(&self, file: &Credentials) -> Result<(), Failure> {
        let now = self.clock.now();
        let reader = self.store.reader();
        let known = read::clients_since(reader, BEFORE_ALL).await.map_err(|fault| fault.detail)?;
        let credentials = read::credentials_since(reader, BEFORE_ALL).await.map_err(|fault| fault.detail)?;
        let is_good =
            |held: &Credential| held.revoked.is_none() && held.expires_at.is_none_or(|end| end > now);
        let can_authenticate = |client: &&Client| {
            client.revoked.is_none()
                && credentials.iter().any(|held| held.principal == client.principal && is_good(held))
        };
        let in_file =
            file.callers().filter(|caller| !known.iter().any(|client| client.principal == caller.principal));
        let roles = in_file.map(|caller| &caller.roles);
        let mut roles = roles.chain(known.iter().filter(can_authenticate).map(|client| &client.roles));
        if !roles.any(|roles| roles.contains(&Role::Administrator)) {
            tracing::warn!(
                "no administrator can authenticate: add one to access.credentials with `hotline-server credential`"
            );
        }
        Ok(())
    }

    /// Refuses a credentials file that names a unit which nobody has put: its holder would see nothing, and nobody
    /// would know why.
    ///
    /// # Errors
    /// The principals and their units; also where the database can't be read.
    pub(super) async fn check_credential_units(&self, file: &Credentials) -> Result<(), Failure> {
        let named: Vec<_> = file.callers().filter_map(|caller| caller.unit.clone()).collect();
        let known =
            units::find_all(self.store.reader(), &named, false).await.map_err(|fault| fault.detail)?;
        let is_unknown = |unit: &UnitCode| known.iter().all(|one| one.code != *unit);
        let mut faults: Vec<_> = file
            .callers()
            .filter_map(|caller| {
                caller.unit.as_ref().filter(|unit| is_unknown(unit)).map(|unit| (caller, unit))
            })
            .map(|(caller, unit)| format!("credential {:?}: no unit {:?}", caller.principal, unit.as_str()))
            .collect();
        faults.sort();
        faults.dedup();
        if faults.is_empty() {
            Ok(())
        } else {
            Err(format!("access.credentials: {}", faults.join("; ")).into())
        }
    }

    /// The authenticator: by the file, the clients in the database, and the identity provider if there is one.
    pub(super) fn authenticator(&self, file: Credentials) -> Result<Authenticator, Failure> {
        let store = self.store.clone();
        Ok(Authenticator {
            file,
            // It has connections of its own, so that many calls cannot delay the check for revoked clients.
            client_cache: ClientCache::open(store.in_background()),
            oidc: Oidc::of(&self.config.access.oidc)?,
            store,
            clock: self.clock.clone(),
        })
    }
}
