//! `WhoAmI`: what the hotline knows of a caller, for the caller itself. It says nothing that the caller could not
//! learn by calling.

use hotline_proto::v1::Role;

use super::Permit;
use crate::ticket::{Instant, UnitCode};

/// A caller, as the hotline knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerSummary {
    /// Its name in events and records.
    pub principal: String,
    /// Its roles, in rising order; behind a gateway, those that the gateway has too.
    pub roles: Vec<Role>,
    /// The unit that it acts for.
    pub unit: Option<UnitCode>,
    /// The principal of the gateway that the call came through.
    pub gateway: Option<String>,
    /// From when on what it was authenticated by is not good any more; `None` if nothing of it expires.
    pub expires_at: Option<Instant>,
}

impl Permit {
    /// What the hotline knows of the caller.
    #[must_use]
    pub fn who_am_i(&self) -> CallerSummary {
        let mut roles = self.caller.roles.clone();
        roles.sort_unstable();
        CallerSummary {
            principal: self.caller.principal.clone(),
            roles,
            unit: self.caller.unit.clone(),
            gateway: self.caller.via.clone(),
            expires_at: self.expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Caller, permit::method_of};

    #[test]
    fn a_caller_gets_all_its_roles_and_the_first_expiry() {
        let caller = Caller {
            principal: "li.wei".to_owned(),
            roles: vec![Role::Supervisor, Role::Agent],
            unit: None,
            via: Some("seats".to_owned()),
            credentials: vec!["c-1".to_owned()],
        };
        let method = method_of("/hotline.v1.TicketService/WhoAmI").expect("a method of the contract");
        let expires_at = Instant::from_timestamp(1_570_845_600, 0);
        let permit = Permit::grant(caller, method).expect("everybody may ask").expiring(expires_at);
        let expected = CallerSummary {
            principal: "li.wei".to_owned(),
            roles: vec![Role::Agent, Role::Supervisor],
            unit: None,
            gateway: Some("seats".to_owned()),
            expires_at,
        };
        assert_eq!(permit.who_am_i(), expected);
    }
}
