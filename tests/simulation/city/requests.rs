//! Requests and their ids: who got no answer asks again under the same id, as telephony middleware does, and some ask
//! again although they had one.

use hotline_proto::v1::ErrorReason;
use hotline_server::ticket::State;

use super::backend::{Down, House, Request};
use super::event_loop::{City, Job};
use super::servers::Servers;
use crate::command_spec::{Ask, Create};
use crate::in_memory_product::Written;
use crate::reference::due::{DAY, HOUR, MINUTE};

/// Answers in a hundred after which the same is asked again.
const ASKED_AGAIN: usize = 4;
/// When, at most: within the time that request records are kept for.
const ASKED_AGAIN_MAX: i64 = 2 * DAY;

/// What is asked.
#[derive(Debug)]
pub(super) enum What {
    TakeIn(Create),
    Change(usize, Ask),
}

/// A request as its caller keeps it, until it has an answer.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) id: u64,
    pub(super) who: usize,
    pub(super) what: What,
}

impl<H: House> City<'_, H> {
    /// A request id that nobody had.
    pub(super) const fn next_id(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    /// Somebody asks something of a ticket; a refusal is an answer.
    pub(super) fn ask(
        &mut self,
        case: usize,
        ask: &Ask,
        who: usize,
    ) -> Result<Result<(), ErrorReason>, String> {
        let Some(server) = self.town.servers.serve(&mut self.random) else {
            return Ok(Err(ErrorReason::Unavailable));
        };
        let id = self.next_id();
        let told = self.house.change(&self.town, Request { id, who, server }, case, ask, &mut self.random)?;
        let asked = || Asked { id, who, what: What::Change(case, ask.clone()) };
        self.hear(told, asked)
    }

    /// A request goes to a server, for the first time or again.
    pub(super) fn request(&mut self, asked: Asked, server: usize) -> Result<Result<(), ErrorReason>, String> {
        let request = Request { id: asked.id, who: asked.who, server };
        let random = &mut self.random;
        let told = match &asked.what {
            What::TakeIn(create) => self.house.take_in(&self.town, request, create, random)?,
            What::Change(case, ask) => self.house.change(&self.town, request, *case, ask, random)?,
        };
        self.hear(told, || asked)
    }

    /// Somebody asks again what was asked before.
    pub(super) fn ask_again(&mut self, asked: Asked) -> Result<(), String> {
        let Some(server) = self.town.servers.serve(&mut self.random) else {
            self.later(HOUR, Job::Again(asked));
            return Ok(());
        };
        self.figures.asked_again += 1;
        let case = match &asked.what {
            What::TakeIn(_) => None,
            What::Change(case, _) => Some(*case),
        };
        let version = |city: &Self, case: usize| city.town.cases[case].ticket.version;
        let before = case.map(|case| version(self, case));
        let _ = self.request(asked, server)?;
        // What nobody expected any more has happened now, so somebody goes on from there.
        if let Some(case) = case.filter(|case| before != Some(version(self, *case))) {
            match self.town.cases[case].ticket.state {
                State::Answered | State::Completed => self.later(DAY, Job::Call(case)),
                _ => self.take_up(case),
            }
        }
        Ok(())
    }

    /// Takes note of what a call was told.
    fn hear(
        &mut self,
        told: super::backend::Told,
        asked: impl FnOnce() -> Asked,
    ) -> Result<Result<(), ErrorReason>, String> {
        self.take_note(told.written, told.clock, told.down)?;
        let Some(answer) = told.answer else {
            let soon = self.random.between(MINUTE / 60, 20 * MINUTE);
            self.later(soon, Job::Again(asked()));
            return Ok(Err(ErrorReason::Unavailable));
        };
        self.figures.refused += u64::from(answer.is_err());
        if H::REMEMBERS && answer.is_ok() && self.random.percent(ASKED_AGAIN) {
            let after = self.random.between(0, ASKED_AGAIN_MAX);
            self.later(after, Job::Again(asked()));
        }
        Ok(answer)
    }

    /// Takes note of what was written, and of who went down.
    pub(super) fn take_note(
        &mut self,
        written: Vec<(usize, Written)>,
        clock: i64,
        down: Down,
    ) -> Result<(), String> {
        match down {
            Down::Nobody => {}
            Down::Server(server) => self.crash(server),
            Down::Everybody => (0..Servers::COUNT).for_each(|server| self.crash(server)),
        }
        let mut touched: Vec<usize> = Vec::with_capacity(written.len());
        for (case, written) in written {
            self.commit(case, written, clock)?;
            if touched.last() != Some(&case) {
                touched.push(case);
            }
        }
        touched.into_iter().try_for_each(|case| self.house.hold(&self.town, case))
    }
}
