//! Faults of calls and ticks. Most have none. Some are interrupted at a point, because the caller disconnects, a server
//! dies, or all are killed. Some run at the same moment as another call or tick.

use hotline_server::platform::Fault;
use hotline_server::ticket::Ticket;

use super::super::backend::StoppedServers;
use super::super::city_state::CityState;
use super::super::servers::Servers;
use super::pause_points::PausePoint;
use super::{AnswerFuture, Server, SqliteBackend, table_checks};
use crate::random::Random;

/// The fault of a call.
#[derive(Debug, Clone, Copy)]
pub(super) enum CallFault {
    /// None.
    Plain,
    /// At a point of the call, this happens.
    Cut(PausePoint, End),
    /// The same request goes to another server at once.
    Twice(usize),
    /// Another server ticks at the same moment; whether it is the first.
    Beside(usize, bool),
}

/// The event at a point.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// The caller disconnects; the server goes on.
    HangsUp,
    /// The server dies.
    Dies,
    /// All servers are killed at once.
    Killed,
}

impl SqliteBackend {
    /// Another running server, if there is one.
    fn other(city_state: &CityState<'_>, server: usize, random: &mut Random) -> Option<usize> {
        city_state.servers.serve(random).filter(|other| *other != server)
    }

    /// A random fault of a call; usually none.
    pub(super) fn call_fault(city_state: &CityState<'_>, server: usize, random: &mut Random) -> CallFault {
        match random.below(1_000) {
            0..30 => {
                let (point, end) = Self::cut(random);
                CallFault::Cut(point, end)
            }
            30..60 => Self::other(city_state, server, random).map_or(CallFault::Plain, CallFault::Twice),
            60..100 => Self::other(city_state, server, random)
                .map_or(CallFault::Plain, |other| CallFault::Beside(other, random.percent(50))),
            _ => CallFault::Plain,
        }
    }

    /// The point of an interruption, and the event there.
    fn cut(random: &mut Random) -> (PausePoint, End) {
        let small = |random: &mut Random, end| u32::try_from(random.below(end)).unwrap_or(0);
        let point = if random.percent(60) {
            PausePoint::Row(small(random, 9))
        } else {
            PausePoint::Commit(small(random, 2))
        };
        let ends = [End::HangsUp, End::HangsUp, End::HangsUp, End::Dies, End::Dies, End::Killed];
        (point, random.pick(&ends))
    }

    /// Runs a call that is interrupted at a point; returns its outcome if it did not get there, and the servers that
    /// stopped.
    fn run_cut<T>(
        &mut self,
        server: usize,
        (point, end): (PausePoint, End),
        call: impl Future<Output = T>,
    ) -> Result<(Option<T>, StoppedServers), String> {
        if let Some(outcome) = self.machine.run_until(point, call)? {
            return Ok((Some(outcome), StoppedServers::Nobody));
        }
        let down = match end {
            End::HangsUp => {
                self.machine.hang_up()?;
                self.client_view.faults.hung_up += 1;
                StoppedServers::Nobody
            }
            End::Dies => {
                self.servers[server] = None;
                self.machine.die()?;
                self.client_view.faults.died += 1;
                StoppedServers::Server(server)
            }
            End::Killed => {
                self.servers = [const { None }; Servers::COUNT];
                self.machine.kill()?;
                self.client_view.faults.killed += 1;
                StoppedServers::Everybody
            }
        };
        Ok((None, down))
    }

    /// Runs a call with its fault; returns its answers, and the servers that stopped.
    pub(super) fn run(
        &mut self,
        city_state: &CityState<'_>,
        server: usize,
        call_fault: CallFault,
        call: impl Fn(&Server) -> AnswerFuture,
    ) -> Result<(Vec<Result<Ticket, Fault>>, StoppedServers), String> {
        let first = call(self.server(city_state, server)?);
        let answers = match call_fault {
            CallFault::Plain => vec![self.machine.run(first)],
            CallFault::Cut(point, end) => {
                let (outcome, down) = self.run_cut(server, (point, end), first)?;
                return Ok((outcome.into_iter().collect(), down));
            }
            CallFault::Twice(other) => {
                let second = call(self.server(city_state, other)?);
                self.client_view.faults.at_once += 1;
                let (first, second) = self.machine.run(async { tokio::join!(biased; first, second) });
                vec![first, second]
            }
            CallFault::Beside(other, is_first) => {
                let runner = self.server(city_state, other)?.runner.clone();
                let tick = async move { runner.tick().await };
                let (answer, ticked) = self.machine.run(async {
                    if is_first {
                        let (ticked, answer) = tokio::join!(biased; tick, first);
                        (answer, ticked)
                    } else {
                        tokio::join!(biased; first, tick)
                    }
                });
                ticked.map_err(table_checks::describe)?;
                vec![answer]
            }
        };
        Ok((answers, StoppedServers::Nobody))
    }

    /// A server ticks; returns the servers that stopped, or `None` if the tick was completed.
    pub(super) fn run_tick(
        &mut self,
        city_state: &CityState<'_>,
        server: usize,
        random: &mut Random,
    ) -> Result<Option<StoppedServers>, String> {
        let first = self.server(city_state, server)?.runner.clone();
        let first = async move { first.tick().await };
        match random.below(100) {
            0..8 => {
                let (outcome, down) = self.run_cut(server, Self::cut(random), first)?;
                if outcome.transpose().map_err(table_checks::describe)?.is_none() {
                    return Ok(Some(down));
                }
            }
            8..40 if let Some(other) = Self::other(city_state, server, random) => {
                let second = self.server(city_state, other)?.runner.clone();
                let (first, second) = self.machine.run(async { tokio::join!(biased; first, second.tick()) });
                let (fired, _) = first.map_err(table_checks::describe)?;
                let (after, _) = second.map_err(table_checks::describe)?;
                self.client_view.faults.overtaken += u64::from(fired > 0 && after == 0);
            }
            _ => {
                self.machine.run(first).map_err(table_checks::describe)?;
            }
        }
        Ok(None)
    }
}
