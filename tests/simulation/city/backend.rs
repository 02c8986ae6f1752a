//! Where the city's tickets lie: the seam between the people, who are the same either way, and what keeps their
//! tickets. A backend is the pure core in memory (`in_memory`), or three servers on a database (`sqlite`).

use hotline_proto::v1::ErrorReason;

use super::city_state::CityState;
use super::servers::Claim;
use crate::command_spec::{CommandSpec, Create};
use crate::in_memory_product::WriteResult;
use crate::random::Random;
use crate::rule_versions::{CalendarPair, PolicyPair};

/// A request on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    /// Its id; asking again under it must change nothing again.
    pub(super) id: u64,
    /// Who asks.
    pub(super) person: usize,
    /// The server that takes the call.
    pub(super) server: usize,
}

/// Who went down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoppedServers {
    Nobody,
    Server(usize),
    Everybody,
}

/// What came of a call or a tick.
#[derive(Debug)]
pub(super) struct CallOutcome {
    /// What was written for which ticket, in the order of the commits, whether or not anybody heard of it.
    pub(super) written: Vec<(usize, WriteResult)>,
    /// What the caller heard; none where it hung up, or its server went down, before there was an answer.
    pub(super) answer: Option<Result<(), ErrorReason>>,
    /// What the clocks of the servers showed that took part, at most.
    pub(super) clock: i64,
    pub(super) down: StoppedServers,
}

/// What came of a look for due timers.
#[derive(Debug)]
pub(super) enum TickOutcome {
    /// What the server would write; it commits in a while.
    Claimed(Vec<Claim>),
    /// It is over, one way or the other.
    Done(CallOutcome),
}

/// What keeps the tickets. An `Err` is a fault of the product's, or something that must not be.
pub(super) trait Backend {
    /// Whether requests are remembered, so that they can be asked again.
    const HAS_REQUEST_RECORDS: bool;

    /// A server starts, or starts again.
    fn start(&mut self, city_state: &CityState<'_>, server: usize) -> Result<(), String>;

    /// All servers are shut down, or killed.
    fn stop_all(&mut self, city_state: &CityState<'_>) -> Result<(), String>;

    /// A policy comes into force at an instant, through a server.
    fn put_policy(
        &mut self,
        city_state: &CityState<'_>,
        server: usize,
        policy_pair: &PolicyPair,
        from: i64,
    ) -> Result<(), String>;

    /// A calendar comes into force at an instant, through a server.
    fn put_calendar(
        &mut self,
        city_state: &CityState<'_>,
        server: usize,
        days: &CalendarPair,
        from: i64,
    ) -> Result<(), String>;

    /// Takes a request in; its ticket gets the next place in the city.
    fn take_in(
        &mut self,
        city_state: &CityState<'_>,
        request: Request,
        create: &Create,
        random: &mut Random,
    ) -> Result<CallOutcome, String>;

    /// Runs a command on a ticket.
    fn change(
        &mut self,
        city_state: &CityState<'_>,
        request: Request,
        case: usize,
        spec: &CommandSpec,
        random: &mut Random,
    ) -> Result<CallOutcome, String>;

    /// Whether a server looks for due timers where there should be none.
    fn does_spurious_tick(&self, random: &mut Random) -> bool;

    /// A server looks for due timers; the tickets that should be, at most a batch.
    fn tick(
        &mut self,
        city_state: &CityState<'_>,
        server: usize,
        due: &[usize],
        random: &mut Random,
    ) -> Result<TickOutcome, String>;

    /// What must be true of a ticket in this backend, besides what is true in any.
    fn check_ticket(&mut self, city_state: &CityState<'_>, case: usize) -> Result<(), String>;

    /// Rungs that a server would have fired, had another one not been quicker; as far as the backend sees it.
    fn overtaken(&self) -> u64;

    /// What must be true when the year is over; figures of the backend's own.
    fn close(&mut self, city_state: &CityState<'_>) -> Result<String, String>;
}
