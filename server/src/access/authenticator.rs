//! Authenticates callers: a certificate names a machine, a token a machine or a clerk, a token of the identity provider
//! a person. Roles come only from the hotline's own clients. So a revocation needs no provider, and no provider can
//! grant a role.
//!
//! A call with both a certificate and a token comes from a clerk through a gateway, and gets the roles that both have.
//! A caller never learns what is wrong with a credential. The log says it, without the credential.

use hotline_proto::v1::{ErrorReason, Role};
use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, Statement};

use crate::access::authentication::Authentication;
use crate::access::client::Proof;
use crate::access::oidc::{Oidc, token::looks_signed};
use crate::access::{Caller, ClientCache, Credentials, PeerCertificate};
use crate::platform::{Clock, Fault, Store};
use crate::ticket::{Instant, UnitCode};

/// The most levels of units that are followed upwards; the directory has fewer.
const UNITS_ABOVE_MAX: usize = 16;

/// Authenticates callers.
#[derive(Debug)]
pub struct Authenticator {
    /// The operator's file, or the development credentials.
    pub file: Credentials,
    /// The clients in the database.
    pub client_cache: ClientCache,
    /// The identity provider, if there is one.
    pub oidc: Option<Oidc>,
    /// For the tree of units.
    pub store: Store,
    /// For the expiry of credentials.
    pub clock: Clock,
}

/// The kind of a bearer token.
enum Bearer {
    Opaque(String),
    Subject { proof: Proof, until: Instant },
}

fn unauthenticated(why: &'static str) -> Fault {
    tracing::debug!(why, "a credential was refused");
    Fault::new(ErrorReason::Unauthenticated)
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl Authenticator {
    /// The caller, by the certificate of the connection and the bearer token of the call.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if there is no credential, or any of them is not valid. `AUTHORITIES_APART` if gateway and
    /// clerk have no role or unit in common. `UNAVAILABLE` if the database does not answer, because revocations are
    /// then unknown.
    pub async fn authenticate(
        &self,
        certificate: Option<&PeerCertificate>,
        bearer: Option<&str>,
    ) -> Result<Authentication, Fault> {
        if certificate.is_none() && bearer.is_none() {
            return Err(unauthenticated("no credential was sent"));
        }
        let bearer = match bearer {
            Some(token) => Some(self.read(token).await?),
            None => None,
        };
        // From here on the cache is as current as this call.
        self.client_cache.refresh().await?;
        let now = self.clock.now();
        let machine = certificate.map(|certificate| self.by_certificate(certificate, now)).transpose()?;
        let clerk = bearer.map(|bearer| self.by_bearer(bearer, now)).transpose()?;
        match (machine, clerk) {
            (Some(gateway), Some(clerk)) => self.both(gateway, clerk).await,
            (one, other) => one.or(other).ok_or_else(|| unauthenticated("no credential was sent")),
        }
    }

    /// The principal with exactly this name, if it is known and not revoked, as of the last refresh. The last refresh
    /// is not before the present call began.
    #[must_use]
    pub fn principal(&self, name: &str) -> Option<Caller> {
        if self.client_cache.contains(name) {
            self.client_cache.client(name)
        } else {
            self.file.principal(name).cloned()
        }
    }

    /// Whether a caller who was admitted before would be admitted now, as of the last refresh.
    #[must_use]
    pub fn is_still_valid(&self, authentication: &Authentication) -> bool {
        self.client_cache.is_still_valid(authentication, self.clock.now())
    }

    /// Triggers the checks of open streams, and refreshes the provider's keys, for as long as it is polled. Returns
    /// only if the cache has ended.
    pub async fn keep(&self) {
        let keys = async {
            match &self.oidc {
                Some(oidc) => oidc.refresh_keys().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.client_cache.watch_streams() => {}
            () = keys => {}
        }
    }

    async fn read(&self, token: &str) -> Result<Bearer, Fault> {
        if !looks_signed(token) {
            return Ok(Bearer::Opaque(token.to_owned()));
        }
        let oidc = self.oidc.as_ref().ok_or_else(|| unauthenticated("no provider is configured"))?;
        let (subject, until) = oidc.verify(token, self.clock.now()).await?;
        Ok(Bearer::Subject { proof: Proof::of_subject(oidc.issuer(), &subject), until })
    }

    fn by_certificate(&self, certificate: &PeerCertificate, now: Instant) -> Result<Authentication, Fault> {
        // A certificate with several URIs identifies no client.
        let [uri] = certificate.uris.as_slice() else {
            return Err(unauthenticated("not one URI in a certificate"));
        };
        let end = Instant::from_timestamp(certificate.not_after, 0);
        if end.is_none_or(|end| end <= now) {
            return Err(unauthenticated("a certificate is over"));
        }
        let mut authentication = self.by_proof(Proof::of_uri(uri), now)?;
        authentication.until = earlier(authentication.until, end);
        Ok(authentication)
    }

    fn by_bearer(&self, bearer: Bearer, now: Instant) -> Result<Authentication, Fault> {
        match bearer {
            Bearer::Subject { proof, until } => {
                let mut authentication = self.by_proof(proof, now)?;
                authentication.until = earlier(authentication.until, Some(until));
                Ok(authentication)
            }
            Bearer::Opaque(token) => match self.file.caller_of(&token) {
                Some(caller) if self.client_cache.contains(&caller.principal) => {
                    Err(unauthenticated("the database speaks for a principal of the file"))
                }
                Some(caller) => Ok(Authentication {
                    caller: caller.clone(),
                    proofs: Vec::new(),
                    file_principals: vec![caller.principal.clone()],
                    until: None,
                }),
                None => self.by_proof(Proof::of_token(&token), now),
            },
        }
    }

    fn by_proof(&self, proof: Proof, now: Instant) -> Result<Authentication, Fault> {
        let (caller, until) =
            self.client_cache.holder(&proof, now).ok_or_else(|| unauthenticated("nobody holds it"))?;
        Ok(Authentication { caller, proofs: vec![proof], file_principals: Vec::new(), until })
    }

    /// A clerk behind a gateway: the roles that both have, for the lower of the two units.
    async fn both(&self, gateway: Authentication, clerk: Authentication) -> Result<Authentication, Fault> {
        let roles: Vec<Role> =
            clerk.caller.roles.iter().copied().filter(|role| gateway.caller.roles.contains(role)).collect();
        let is_within = match (&clerk.caller.unit, &gateway.caller.unit) {
            (None, None) => true,
            (Some(unit), Some(above)) => stands_under(self.store.reader(), unit, above).await?,
            _ => false,
        };
        if roles.is_empty() || !is_within {
            return Err(Fault::new(ErrorReason::AuthoritiesApart));
        }
        let mut all = clerk;
        all.caller.roles = roles;
        all.caller.via = Some(gateway.caller.principal);
        all.caller.credentials.extend(gateway.caller.credentials);
        all.proofs.extend(gateway.proofs);
        all.until = earlier(all.until, gateway.until);
        Ok(all)
    }
}

/// Whether a unit is another one, or is under it.
async fn stands_under(db: &impl ConnectionTrait, unit: &UnitCode, above: &UnitCode) -> Result<bool, Fault> {
    let mut code = unit.0.clone();
    for _ in 0..UNITS_ABOVE_MAX {
        if code == above.0 {
            return Ok(true);
        }
        let parent = match db.get_database_backend() {
            DbBackend::Postgres => "SELECT parent FROM unit WHERE code = $1",
            _ => "SELECT parent FROM unit WHERE code = ?",
        };
        let asked = Statement::from_sql_and_values(db.get_database_backend(), parent, [code.into()]);
        let Some(row) = db.query_one_raw(asked).await? else { return Ok(false) };
        let Some(parent) = row.try_get_by_index::<Option<String>>(0)? else { return Ok(false) };
        code = parent;
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_rests_on_two_things_leaves_with_the_first_that_ends() {
        let at = |seconds| Instant::from_timestamp(seconds, 0);
        for (one, other, expected) in [
            (None, None, None),
            (at(5), None, at(5)),
            (None, at(7), at(7)),
            (at(5), at(7), at(5)),
            (at(7), at(5), at(5)),
        ] {
            assert_eq!(earlier(one, other), expected, "{one:?} and {other:?}");
        }
        assert_eq!(unauthenticated("nobody holds it").reason, ErrorReason::Unauthenticated);
    }
}
