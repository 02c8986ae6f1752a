//! The city as a backend sees it: its people, rules, servers and time, and every ticket as it was last reported.

use hotline_proto::v1::ErrorReason;
use hotline_server::access::Permit;
use hotline_server::ticket::{Command, EventRecord, Ticket};

use super::servers::Servers;
use super::timers::Timers;
use crate::in_memory_product::Product;
use crate::roster::People;
use crate::rule_versions::RuleVersions;

/// A ticket and the city's data about it.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) ticket: Ticket,
    /// The policy of its intake, and the calendar of its cycle.
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
    /// The expected timers.
    pub(super) timers: Timers,
    /// True time; each server's clock may differ.
    pub(super) now: i64,
    pub(super) cases: Vec<Case>,
}

impl CityState<'_> {
    /// The clock reading of a server.
    pub(super) const fn clock(&self, server: usize) -> i64 {
        self.now + self.servers.skew(server)
    }

    /// The permit of somebody for a command.
    pub(super) fn permit(&self, command: Command, who: usize) -> Result<&Permit, String> {
        self.people.permit(command, who).map_err(no_permit)
    }

    /// The permit of somebody to take requests in.
    pub(super) fn intake(&self, who: usize) -> Result<&Permit, String> {
        self.people.intake(who).map_err(no_permit)
    }
}

/// All callers of the city have the roles for their calls.
fn no_permit(reason: ErrorReason) -> String {
    format!("{reason:?}")
}
