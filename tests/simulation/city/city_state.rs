//! What a backend may know of the city: its people, its rules, its servers, the time, and every ticket as it was last
//! told of.

use hotline_proto::v1::ErrorReason;
use hotline_server::access::Permit;
use hotline_server::ticket::{Command, EventRecord, Ticket};

use super::servers::Servers;
use super::timers::Timers;
use crate::in_memory_product::Product;
use crate::roster::People;
use crate::rule_versions::RuleVersions;

/// A ticket and what the city remembers of it.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) ticket: Ticket,
    /// The policy it was taken in under, and the calendar that its cycle began with.
    pub(super) policy: usize,
    pub(super) calendar: usize,
    /// Every event, for one case in [`SAMPLE`](super::event_loop::SAMPLE).
    pub(super) events: Vec<EventRecord>,
}

/// The state of the city.
#[derive(Debug)]
pub(super) struct CityState<'w> {
    pub(super) product: &'w Product<'w>,
    pub(super) people: &'w People,
    pub(super) rule_versions: RuleVersions,
    pub(super) servers: Servers,
    /// The timers, as they should be.
    pub(super) timers: Timers,
    /// True time; each server has its own idea of it.
    pub(super) now: i64,
    pub(super) cases: Vec<Case>,
}

impl CityState<'_> {
    /// What the clock of a server shows.
    pub(super) const fn clock(&self, server: usize) -> i64 {
        self.now + self.servers.skew(server)
    }

    /// The permit of somebody for a command.
    pub(super) fn permit(&self, command: Command, person: usize) -> Result<&Permit, String> {
        self.people.permit(command, person).map_err(no_permit)
    }

    /// The permit of somebody to take requests in.
    pub(super) fn intake(&self, person: usize) -> Result<&Permit, String> {
        self.people.intake(person).map_err(no_permit)
    }
}

/// Everybody in the city keeps to their post.
fn no_permit(reason: ErrorReason) -> String {
    format!("{reason:?}")
}
