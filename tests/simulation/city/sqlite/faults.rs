//! How calls and ticks fare: mostly well; some are cut off at a point where a caller hangs up, a server dies, or all
//! are killed, and some meet another call or tick at the same moment.

use hotline_server::platform::Fault;
use hotline_server::ticket::Ticket;

use super::super::backend::Down;
use super::super::city_state::Town;
use super::super::servers::Servers;
use super::pause_points::Point;
use super::{Answering, Server, Stored, table_checks};
use crate::random::Random;

/// How a call fares.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    /// Nothing gets in its way.
    Plain,
    /// It comes to a point, and then this happens.
    Cut(Point, End),
    /// The same request goes to another server too, at once.
    Twice(usize),
    /// Another server looks for due timers at the same moment; whether it is the first.
    Beside(usize, bool),
}

/// What happens at a point.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// The caller hangs up; the server goes on.
    HangsUp,
    /// The server dies.
    Dies,
    /// Everything is killed at once.
    Killed,
}

impl Stored {
    /// Another server that is up, if there is one.
    fn other(town: &Town<'_>, server: usize, random: &mut Random) -> Option<usize> {
        town.servers.serve(random).filter(|other| *other != server)
    }

    /// How a call fares: mostly well.
    pub(super) fn fate(town: &Town<'_>, server: usize, random: &mut Random) -> Fate {
        match random.below(1_000) {
            0..30 => {
                let (point, end) = Self::cut(random);
                Fate::Cut(point, end)
            }
            30..60 => Self::other(town, server, random).map_or(Fate::Plain, Fate::Twice),
            60..100 => Self::other(town, server, random)
                .map_or(Fate::Plain, |other| Fate::Beside(other, random.percent(50))),
            _ => Fate::Plain,
        }
    }

    /// Where a call is cut off, and how.
    fn cut(random: &mut Random) -> (Point, End) {
        let small = |random: &mut Random, end| u32::try_from(random.below(end)).unwrap_or(0);
        let point =
            if random.percent(60) { Point::Row(small(random, 9)) } else { Point::Commit(small(random, 2)) };
        let ends = [End::HangsUp, End::HangsUp, End::HangsUp, End::Dies, End::Dies, End::Killed];
        (point, random.pick(&ends))
    }

    /// Runs a call that is cut off at a point; its outcome where it did not come so far, and who went down.
    fn run_cut<T>(
        &mut self,
        server: usize,
        (point, end): (Point, End),
        call: impl Future<Output = T>,
    ) -> Result<(Option<T>, Down), String> {
        if let Some(outcome) = self.machine.run_until(point, call)? {
            return Ok((Some(outcome), Down::Nobody));
        }
        let down = match end {
            End::HangsUp => {
                self.machine.hang_up()?;
                self.memory.faults.hung_up += 1;
                Down::Nobody
            }
            End::Dies => {
                self.servers[server] = None;
                self.machine.die()?;
                self.memory.faults.died += 1;
                Down::Server(server)
            }
            End::Killed => {
                self.servers = [const { None }; Servers::COUNT];
                self.machine.kill()?;
                self.memory.faults.killed += 1;
                Down::Everybody
            }
        };
        Ok((None, down))
    }

    /// Runs a call as it fares: its answers, and who went down.
    pub(super) fn run(
        &mut self,
        town: &Town<'_>,
        server: usize,
        fate: Fate,
        call: impl Fn(&Server) -> Answering,
    ) -> Result<(Vec<Result<Ticket, Fault>>, Down), String> {
        let first = call(self.server(town, server)?);
        let answers = match fate {
            Fate::Plain => vec![self.machine.run(first)],
            Fate::Cut(point, end) => {
                let (outcome, down) = self.run_cut(server, (point, end), first)?;
                return Ok((outcome.into_iter().collect(), down));
            }
            Fate::Twice(other) => {
                let second = call(self.server(town, other)?);
                self.memory.faults.at_once += 1;
                let (first, second) = self.machine.run(async { tokio::join!(biased; first, second) });
                vec![first, second]
            }
            Fate::Beside(other, is_first) => {
                let runner = self.server(town, other)?.runner.clone();
                let tick = async move { runner.tick().await };
                let (answer, ticked) = self.machine.run(async {
                    if is_first {
                        let (ticked, answer) = tokio::join!(biased; tick, first);
                        (answer, ticked)
                    } else {
                        tokio::join!(biased; first, tick)
                    }
                });
                ticked.map_err(table_checks::said)?;
                vec![answer]
            }
        };
        Ok((answers, Down::Nobody))
    }

    /// A server looks for due timers; who went down, or `None` where it came to the end of them.
    pub(super) fn run_tick(
        &mut self,
        town: &Town<'_>,
        server: usize,
        random: &mut Random,
    ) -> Result<Option<Down>, String> {
        let first = self.server(town, server)?.runner.clone();
        let first = async move { first.tick().await };
        match random.below(100) {
            0..8 => {
                let (outcome, down) = self.run_cut(server, Self::cut(random), first)?;
                if outcome.transpose().map_err(table_checks::said)?.is_none() {
                    return Ok(Some(down));
                }
            }
            8..40 if let Some(other) = Self::other(town, server, random) => {
                let second = self.server(town, other)?.runner.clone();
                let (first, second) = self.machine.run(async { tokio::join!(biased; first, second.tick()) });
                let (fired, _) = first.map_err(table_checks::said)?;
                let (after, _) = second.map_err(table_checks::said)?;
                self.memory.faults.overtaken += u64::from(fired > 0 && after == 0);
            }
            _ => {
                self.machine.run(first).map_err(table_checks::said)?;
            }
        }
        Ok(None)
    }
}
