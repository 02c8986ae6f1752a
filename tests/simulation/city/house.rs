//! Where the city's tickets lie: the seam between the people, who are the same either way, and what keeps their
//! tickets. A house is the pure core in memory (`core`).

use hotline_proto::v1::ErrorReason;

use super::servers::Claim;
use super::town::Town;
use crate::asks::{Ask, Create};
use crate::product::Written;
use crate::random::Random;

/// A request on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    /// Who asks.
    pub(super) who: usize,
    /// The server that takes the call.
    pub(super) server: usize,
}

/// What came of a call or a tick.
#[derive(Debug)]
pub(super) struct Told {
    /// What was written for which ticket, in the order of the commits.
    pub(super) written: Vec<(usize, Written)>,
    /// What the caller heard.
    pub(super) answer: Result<(), ErrorReason>,
}

/// What came of a look for due timers.
#[derive(Debug)]
pub(super) enum Ticked {
    /// What the server would write; it commits in a while.
    Claimed(Vec<Claim>),
    /// The server crashed before its commit.
    Crashed,
}

/// What keeps the tickets. An `Err` is a fault of the product's, or something that must not be.
pub(super) trait House {
    /// Takes a request in; its ticket gets the next place in the town.
    fn take_in(&mut self, town: &Town<'_>, request: Request, create: &Create) -> Result<Told, String>;

    /// Runs a command on a ticket.
    fn change(&mut self, town: &Town<'_>, request: Request, case: usize, ask: &Ask) -> Result<Told, String>;

    /// A server looks for due timers, of which there are some.
    fn tick(
        &mut self,
        town: &Town<'_>,
        server: usize,
        due: &[usize],
        random: &mut Random,
    ) -> Result<Ticked, String>;
}
