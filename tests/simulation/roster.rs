//! The units and the callers of a simulation, also in the product's form.

use hotline_proto::METHODS;
use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::access::{Caller, Permit};
use hotline_server::desk::directory::{Unit, UnitGroup, UnitSet};
use hotline_server::ticket::{Command, UnitCode};

use crate::command_spec::UnitId;

/// A code of no unit.
pub(crate) const NOBODY: &str = "unit-nowhere";

/// The units of a simulation.
#[derive(Debug)]
pub(crate) struct Roster {
    pub(crate) codes: Vec<UnitCode>,
    parents: Vec<Option<UnitId>>,
    active: Vec<bool>,
    successors: Vec<Option<UnitId>>,
    pub(crate) known: UnitSet,
}

/// A caller.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) roles: Vec<Role>,
    pub(crate) unit: Option<UnitId>,
}

impl Person {
    /// Whether it is the agent who is a dispatcher too, with a principal of its own.
    pub(crate) fn is_second_agent(&self) -> bool {
        self.roles == [Role::Agent, Role::Dispatcher]
    }
}

impl Roster {
    /// Units by their parents; those in `closed` are inactive. One more in the list is unknown to the directory.
    pub(crate) fn new(parents: Vec<Option<UnitId>>, closed: &[UnitId]) -> Self {
        let count = UnitId::try_from(parents.len()).unwrap_or(UnitId::MAX);
        let active: Vec<bool> = (0..count).map(|unit| !closed.contains(&unit)).collect();
        let codes: Vec<_> = (0..count).map(|unit| UnitCode(format!("unit-{unit:03}"))).collect();
        let successors = vec![None; parents.len()];
        let mut roster = Self { codes, parents, active, successors, known: UnitSet::default() };
        roster.known = UnitSet::of(roster.units());
        roster.codes.push(UnitCode(NOBODY.to_owned()));
        roster
    }

    /// The same units, one of which is inactive from now on, with its successor.
    pub(crate) fn closing(&self, unit: UnitId, successor: Option<UnitId>) -> Self {
        let (mut active, mut successors) = (self.active.clone(), self.successors.clone());
        active[usize::from(unit)] = false;
        successors[usize::from(unit)] = successor;
        let (codes, parents) = (self.codes.clone(), self.parents.clone());
        let mut closed = Self { codes, parents, active, successors, known: UnitSet::default() };
        closed.known = UnitSet::of(closed.units());
        closed
    }

    /// The units in the product's form.
    pub(crate) fn units(&self) -> Vec<Unit> {
        let units = (0..self.parents.len()).map(|unit| Unit {
            code: self.codes[unit].clone(),
            name: format!("单位{unit}"),
            name_en: format!("unit {unit}"),
            group: UnitGroup::Department,
            parent: self.parents[unit].map(|parent| self.code(parent)),
            district: None,
            is_active: self.active[unit],
            successor: self.successors[unit].map(|successor| self.code(successor)),
            policy_number: None,
            version: 1,
        });
        units.collect()
    }

    pub(crate) fn code(&self, unit: UnitId) -> UnitCode {
        self.codes[usize::from(unit)].clone()
    }

    pub(crate) fn codes(&self, units: &[UnitId]) -> Vec<UnitCode> {
        units.iter().map(|unit| self.code(*unit)).collect()
    }

    /// The number of units; this number itself is no unit.
    pub(crate) const fn count(&self) -> usize {
        self.parents.len()
    }

    pub(crate) fn is_active(&self, unit: UnitId) -> bool {
        self.active.get(usize::from(unit)).copied().unwrap_or(false)
    }

    /// Whether the directory knows a unit, active or not.
    pub(crate) const fn is_known(&self, unit: UnitId) -> bool {
        (unit as usize) < self.count()
    }

    /// Whether a unit is inactive.
    pub(crate) fn is_closed(&self, unit: UnitId) -> bool {
        self.is_known(unit) && !self.is_active(unit)
    }

    /// Whether a unit is accused, or took over from an accused unit, or is under such a unit.
    pub(crate) fn reaches(&self, unit: UnitId, accused: &[UnitId]) -> bool {
        let heirs = accused.iter().filter_map(|unit| *self.successors.get(usize::from(*unit))?);
        let accused: Vec<UnitId> = accused.iter().copied().chain(heirs).collect();
        let mut here = Some(unit);
        while let Some(unit) = here {
            if accused.contains(&unit) {
                return true;
            }
            here = self.parents.get(usize::from(unit)).copied().flatten();
        }
        false
    }
}

/// The callers of a simulation with their permits, made once.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) all: Vec<Person>,
    permits: Vec<Vec<Result<Permit, ErrorReason>>>,
    intake: Vec<Result<Permit, ErrorReason>>,
}

fn grant(caller: &Caller, method: &str) -> Result<Permit, ErrorReason> {
    let row = METHODS.iter().find(|row| row.service == "TicketService" && row.method == method);
    let row = row.ok_or(ErrorReason::Internal)?;
    Permit::grant(caller.clone(), row).map_err(|fault| fault.reason)
}

impl People {
    /// One for each staff role, some with two, and one for each unit.
    pub(crate) fn new(roster: &Roster) -> Self {
        let staff = |roles: &[Role]| Person { roles: roles.to_vec(), unit: None };
        let mut all = vec![
            staff(&[Role::Agent]),
            staff(&[Role::Dispatcher]),
            staff(&[Role::Coordinator]),
            staff(&[Role::Supervisor]),
            staff(&[Role::Telephony]),
            staff(&[Role::Analyst]),
            staff(&[Role::Administrator]),
            staff(&[Role::Agent, Role::Dispatcher]),
            Person { roles: vec![Role::Dispatcher, Role::Unit], unit: Some(0) },
        ];
        let units = (0..roster.count()).filter_map(|unit| UnitId::try_from(unit).ok());
        all.extend(units.map(|unit| Person { roles: vec![Role::Unit], unit: Some(unit) }));
        let callers: Vec<_> = all
            .iter()
            .map(|person| Caller {
                principal: match (person.unit, person.roles.as_slice()) {
                    (Some(unit), _) => format!("clerk-{unit}"),
                    (None, [Role::Telephony]) => "switch".to_owned(),
                    (None, _) if person.is_second_agent() => "second agent".to_owned(),
                    (None, _) => "staff".to_owned(),
                },
                roles: person.roles.clone(),
                unit: person.unit.map(|unit| roster.code(unit)),
                ..Caller::default()
            })
            .collect();
        let of = |method: &str| callers.iter().map(|caller| grant(caller, method)).collect::<Vec<_>>();
        let permits = Command::ALL.iter().map(|command| of(command.name())).collect();
        let intake = of("CreateTicket");
        Self { all, permits, intake }
    }

    /// A caller's permit for a command.
    pub(crate) fn permit(&self, command: Command, person: usize) -> Result<&Permit, ErrorReason> {
        self.permits[command as usize][person].as_ref().map_err(|reason| *reason)
    }

    /// A caller's permit for an intake.
    pub(crate) fn intake(&self, person: usize) -> Result<&Permit, ErrorReason> {
        self.intake[person].as_ref().map_err(|reason| *reason)
    }

    /// A caller that acts only for a unit.
    pub(crate) fn clerk(&self, unit: UnitId) -> usize {
        self.all.len() - self.units() + usize::from(unit)
    }

    fn units(&self) -> usize {
        self.all.iter().filter(|person| person.roles == [Role::Unit]).count()
    }

    /// Whether a caller is the telephone switch.
    pub(crate) fn is_switch(&self, person: usize) -> bool {
        self.all[person].roles == [Role::Telephony]
    }

    /// The first caller with a role.
    pub(crate) fn with(&self, role: Role) -> usize {
        self.all.iter().position(|person| person.roles.contains(&role)).unwrap_or(0)
    }
}
