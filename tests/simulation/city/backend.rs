//! The storage of the city's tickets. The people are the same with every backend: the pure core in memory
//! (`in_memory`), or three servers on a database (`sqlite`).

use hotline_proto::v1::ErrorReason;

use super::city_state::CityState;
use super::servers::Claim;
use crate::command_spec::{CommandSpec, Create};
use crate::in_memory_product::WriteResult;
use crate::random::Random;
use crate::rule_versions::{CalendarPair, PolicyPair};

/// A request that is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    /// Its id; a repeat with it must change nothing.
    pub(super) id: u64,
    /// The caller.
    pub(super) who: usize,
    /// The server that takes the call.
    pub(super) server: usize,
}

/// The servers that stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoppedServers {
    Nobody,
    Server(usize),
    Everybody,
}

/// The outcome of a call or a tick.
#[derive(Debug)]
pub(super) struct CallOutcome {
    /// The writes for each ticket, in the order of the commits, whether or not a caller got the answer.
    pub(super) written: Vec<(usize, WriteResult)>,
    /// The answer of the caller; `None` if it disconnected, or its server stopped, before there was one.
    pub(super) answer: Option<Result<(), ErrorReason>>,
    /// The latest clock reading of the servers that took part.
    pub(super) clock: i64,
    pub(super) down: StoppedServers,
}

/// The outcome of a tick.
#[derive(Debug)]
pub(super) enum TickOutcome {
    /// The writes that the server will commit later.
    Claimed(Vec<Claim>),
    /// The tick has ended.
    Done(CallOutcome),
}

/// A storage of tickets. An `Err` is a fault of the product, or a state that must not happen.
pub(super) trait Backend {
    /// Whether requests are recorded, so that they can be repeated.
    const HAS_REQUEST_RECORDS: bool;

    /// A server starts or restarts.
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

    /// Takes a request in; its ticket gets the next index in the city.
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

    /// Whether a server ticks although no timer should be due.
    fn does_spurious_tick(&self, random: &mut Random) -> bool;

    /// A server ticks; these tickets should be due, at most a batch.
    fn tick(
        &mut self,
        city_state: &CityState<'_>,
        server: usize,
        due: &[usize],
        random: &mut Random,
    ) -> Result<TickOutcome, String>;

    /// Additional checks of a ticket in this backend.
    fn check_ticket(&mut self, city_state: &CityState<'_>, case: usize) -> Result<(), String>;

    /// Rungs that a server would have fired if another one had not been faster, as far as the backend knows.
    fn overtaken(&self) -> u64;

    /// The checks at the end of the year; returns the backend's own figures.
    fn close(&mut self, city_state: &CityState<'_>) -> Result<String, String>;
}
