//! The permit: proof that a caller may call a method, which every verb demands. Made here alone, from the rule in the
//! contract's own options, so that a method without a rule can't be called and a verb without a permit can't be run.

use hotline_proto::v1::{ErrorReason, Role, UnitRelation};
use hotline_proto::{METHODS, MethodRow};

use super::Caller;
use crate::platform::Fault;
use crate::ticket::{Actor, Relation, UnitCode};

/// Whose tickets a caller may see. Every query takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every ticket: hotline staff.
    All,
    /// The tickets that the unit leads, assists or is informed of.
    Unit(UnitCode),
}

impl Scope {
    /// The unit, where the scope is one's.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Unit(unit) => Some(unit.as_str()),
        }
    }
}

/// Proof that a caller may call a method.
#[derive(Debug, Clone)]
pub struct Permit {
    caller: Caller,
    roles: Vec<Role>,
    method: &'static MethodRow,
}

/// The row of a method, by the path of its HTTP/2 request.
#[must_use]
pub fn method_of(path: &str) -> Option<&'static MethodRow> {
    METHODS.iter().find(|row| row.path == path)
}

impl Permit {
    /// Grants a method to a caller whose roles allow it.
    ///
    /// # Errors
    /// `ROLE_NOT_ALLOWED`.
    pub fn grant(caller: Caller, method: &'static MethodRow) -> Result<Self, Fault> {
        let roles: Vec<Role> =
            method.roles.iter().copied().filter(|role| caller.roles.contains(role)).collect();
        if roles.is_empty() {
            return Err(Fault::new(ErrorReason::RoleNotAllowed).with("method", method.method));
        }
        Ok(Self { caller, roles, method })
    }

    /// The caller's name.
    #[must_use]
    pub fn principal(&self) -> &str {
        &self.caller.principal
    }

    /// The credentials in the database by which the caller was admitted.
    #[must_use]
    pub fn credentials(&self) -> &[String] {
        &self.caller.credentials
    }

    /// The method that was granted.
    #[must_use]
    pub const fn method(&self) -> &'static MethodRow {
        self.method
    }

    /// Whether one of the roles that allow the method is this one.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether no other role allows the method to this caller.
    #[must_use]
    pub fn has_only(&self, role: Role) -> bool {
        self.roles == [role]
    }

    /// The unit that the caller acts for in this call; `None` for hotline staff.
    #[must_use]
    pub fn unit(&self) -> Option<&UnitCode> {
        match self.roles.as_slice() {
            [Role::Unit] => self.caller.unit.as_ref(),
            _ => None,
        }
    }

    /// Whose tickets the caller may see in this call. A caller that holds staff roles beside a unit's is staff.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match (self.roles.as_slice(), &self.caller.unit) {
            ([Role::Unit], Some(unit)) => Scope::Unit(unit.clone()),
            _ => Scope::All,
        }
    }

    /// Grants the method on a ticket to a unit that has this relation to it; to staff always. Whether the unit sees the
    /// ticket at all was asked before.
    ///
    /// # Errors
    /// `LEAD_ONLY` where no other relation would do, else `NOT_INVOLVED`.
    pub fn check_relation(&self, relation: Option<Relation>) -> Result<(), Fault> {
        let held = relation.map(|relation| match relation {
            Relation::Lead => UnitRelation::Lead,
            Relation::Assist => UnitRelation::Assist,
            Relation::Inform => UnitRelation::Inform,
        });
        if self.unit().is_none() || held.is_some_and(|held| self.method.relations.contains(&held)) {
            return Ok(());
        }
        Err(Fault::new(match self.method.relations {
            [UnitRelation::Lead] => ErrorReason::LeadOnly,
            _ => ErrorReason::NotInvolved,
        }))
    }

    /// Who stands behind the events of this call.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let Caller { principal, unit, via, .. } = self.caller.clone();
        Actor { principal, unit, via }
    }
}
