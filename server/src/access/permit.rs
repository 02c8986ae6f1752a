//! The permit: proof that a caller may call a method. Every verb requires one. Permits are made only here, from the
//! rule in the contract's options. So a method without a rule can't be called, and a verb can't run without a permit.

use hotline_proto::v1::{ErrorReason, Role, UnitRelation};
use hotline_proto::{METHODS, MethodRow};

use super::Caller;
use crate::platform::Fault;
use crate::ticket::{Actor, Instant, Relation, UnitCode};

/// Which tickets a caller may see. Every query takes a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every ticket: hotline staff.
    All,
    /// The tickets that the unit leads, assists or is informed of.
    Unit(UnitCode),
}

impl Scope {
    /// The unit, if the scope is one unit.
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
    pub(super) caller: Caller,
    roles: Vec<Role>,
    method: &'static MethodRow,
    /// From when on what the caller was authenticated by is not good any more.
    pub(super) expires_at: Option<Instant>,
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
        Ok(Self { caller, roles, method, expires_at: None })
    }

    /// Notes from when on what the caller was authenticated by is not good any more.
    #[must_use]
    pub fn expiring(self, expires_at: Option<Instant>) -> Self {
        Self { expires_at, ..self }
    }

    /// The caller's name.
    #[must_use]
    pub fn principal(&self) -> &str {
        &self.caller.principal
    }

    /// The credentials in the database that authenticated the caller.
    #[must_use]
    pub fn credentials(&self) -> &[String] {
        &self.caller.credentials
    }

    /// The granted method.
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

    /// Which tickets the caller may see in this call. A caller with staff roles beside a unit's is staff.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match (self.roles.as_slice(), &self.caller.unit) {
            ([Role::Unit], Some(unit)) => Scope::Unit(unit.clone()),
            _ => Scope::All,
        }
    }

    /// Grants the method on a ticket to a unit with this relation; always to staff. That the unit may see the ticket
    /// was checked before.
    ///
    /// # Errors
    /// `LEAD_ONLY` if only the lead may call the method, otherwise `NOT_INVOLVED`.
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

    /// The actor of the events of this call.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let Caller { principal, unit, via, .. } = self.caller.clone();
        Actor { principal, unit, via }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHOD: &str = "/hotline.v1.TicketService/";

    fn row(method: &str) -> &'static MethodRow {
        method_of(&format!("{METHOD}{method}")).expect("a method of the contract")
    }

    fn permit(method: &str, roles: &[Role], unit: Option<&str>) -> Result<Permit, Fault> {
        let caller = Caller {
            principal: "somebody".to_owned(),
            roles: roles.to_vec(),
            unit: unit.map(|code| UnitCode(code.to_owned())),
            via: Some("gateway".to_owned()),
            credentials: vec!["c-1".to_owned()],
        };
        Permit::grant(caller, row(method))
    }

    #[test]
    fn a_method_is_granted_to_its_roles_alone() {
        let granted = permit("GetTicket", &[Role::Agent, Role::Telephony], None).expect("agents read");
        assert_eq!((granted.principal(), granted.credentials()), ("somebody", &["c-1".to_owned()][..]));
        assert_eq!(granted.method().path, "/hotline.v1.TicketService/GetTicket");
        assert!(granted.has(Role::Agent) && granted.has_only(Role::Agent));
        assert!(!granted.has(Role::Telephony), "it does not allow the method");
        assert!(!granted.has_only(Role::Supervisor));
        let two = permit("GetTicket", &[Role::Agent, Role::Supervisor], None).expect("both read");
        assert!(two.has(Role::Supervisor) && !two.has_only(Role::Agent));
        let fault = permit("GetTicket", &[Role::Telephony], None).expect_err("telephony reads nothing");
        assert_eq!(fault.reason, ErrorReason::RoleNotAllowed);
        assert_eq!(fault.metadata.get("method").map(String::as_str), Some("GetTicket"));
        assert!(method_of("/hotline.v1.TicketService/NoSuchMethod").is_none());
    }

    #[test]
    fn a_unit_sees_its_tickets_and_staff_see_all() {
        let unit = UnitCode("dept-tax".to_owned());
        let of_unit = permit("GetTicket", &[Role::Unit], Some("dept-tax")).expect("units read");
        assert_eq!((of_unit.unit(), of_unit.scope()), (Some(&unit), Scope::Unit(unit.clone())));
        assert_eq!((of_unit.scope().unit(), Scope::All.unit()), (Some("dept-tax"), None));
        let of_staff = permit("GetTicket", &[Role::Agent], None).expect("agents read");
        assert_eq!((of_staff.unit(), of_staff.scope()), (None, Scope::All));
        // A caller with a staff role beside a unit's is staff.
        let both = permit("GetTicket", &[Role::Unit, Role::Agent], Some("dept-tax")).expect("both read");
        assert_eq!((both.unit(), both.scope()), (None, Scope::All));
        let actor = of_unit.actor();
        assert_eq!((actor.principal.as_str(), actor.unit), ("somebody", Some(unit)));
        assert_eq!(actor.via.as_deref(), Some("gateway"));
    }

    #[test]
    fn a_unit_needs_the_relation_that_the_contract_demands() {
        let reason = |method: &str, relation| {
            let permit = permit(method, &[Role::Unit], Some("dept-tax")).expect("units may call it");
            permit.check_relation(relation).err().map(|fault| fault.reason)
        };
        let every = [Some(Relation::Lead), Some(Relation::Assist), Some(Relation::Inform), None];
        let lead_only = Some(ErrorReason::LeadOnly);
        assert_eq!(
            every.map(|relation| reason("AcceptTicket", relation)),
            [None, lead_only, lead_only, lead_only]
        );
        let not_involved = Some(ErrorReason::NotInvolved);
        let feedback = every.map(|relation| reason("SubmitFeedback", relation));
        assert_eq!(feedback, [None, None, not_involved, not_involved]);
        assert_eq!(every.map(|relation| reason("GetTicket", relation)), [None, None, None, not_involved]);
        let staff = permit("GetTicket", &[Role::Agent], None).expect("agents read");
        assert!(staff.check_relation(None).is_ok());
    }
}
