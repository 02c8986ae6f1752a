//! A handling cycle: its limit, its rungs, and what was done in it.
//!
//! The limit in force is the deadline or a granted promise, but never later than the limit of a repeat that was merged
//! into the ticket. The rung is the highest one of three: what the ladder fired, what staff fired by hand, and the
//! rungs of merged repeats.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    AssistReport, CallerReply, CarryOver, CarryOverState, ContactAttempt, CorrectableLimit, Deadline,
    HotlineReport, Instant, RepeatLimit, Rung, Survey, TicketNumber,
};

/// One handling cycle; rework starts the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields under the same names")]
pub struct Cycle {
    /// 1 for the first cycle.
    pub number: u32,
    pub began_at: Instant,
    pub deadline: Deadline,
    pub rung: Rung,
    /// How far the ladder has gone in the present round.
    pub ladder_rung: Rung,
    /// The highest rung that staff fired.
    #[serde(default, skip_serializing_if = "is_none")]
    pub hand_rung: Rung,
    /// The round of the ladder. The ladder fires each rung once in a round. Another round begins if staff fire a rung
    /// before the limit, and if a wrong limit is corrected.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u32,
    /// The limit before the last classification that moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correctable: Option<CorrectableLimit>,
    /// The limits and rungs of repeats that were merged in this cycle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeat_limits: Vec<RepeatLimit>,
    pub carry_over: Option<CarryOver>,
    pub caller_reply: Option<CallerReply>,
    pub hotline_report: Option<HotlineReport>,
    pub assist_reports: Vec<AssistReport>,
    pub completed_at: Option<Instant>,
    pub contact_attempts: Vec<ContactAttempt>,
    pub survey: Option<Survey>,
    /// What the company said to another agent, who called again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck: Option<Survey>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
fn is_none(rung: &Rung) -> bool {
    *rung == Rung::None
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Cycle {
    /// A cycle without events yet.
    #[must_use]
    pub const fn begin(number: u32, began_at: Instant, deadline: Deadline) -> Self {
        Self {
            number,
            began_at,
            deadline,
            rung: Rung::None,
            ladder_rung: Rung::None,
            hand_rung: Rung::None,
            round: 0,
            correctable: None,
            repeat_limits: Vec::new(),
            carry_over: None,
            caller_reply: None,
            hotline_report: None,
            assist_reports: Vec::new(),
            completed_at: None,
            contact_attempts: Vec::new(),
            survey: None,
            recheck: None,
        }
    }

    /// Whether another agent is to call the company again, and has not yet.
    #[must_use]
    pub fn is_recheck_due(&self) -> bool {
        self.recheck.is_none() && self.survey.as_ref().is_some_and(|survey| survey.is_chosen)
    }

    /// The granted carry-over, if there is one.
    fn promise(&self) -> Option<&CarryOver> {
        self.carry_over.as_ref().filter(|carry| carry.state == CarryOverState::Granted)
    }

    /// Whether a carry-over was granted, so that the promised date is the ticket's own limit.
    #[must_use]
    pub fn is_carried_over(&self) -> bool {
        self.promise().is_some()
    }

    /// Whether the limit in force is a promised date.
    #[must_use]
    pub fn is_due_by_promise(&self) -> bool {
        self.promise().is_some_and(|carry| carry.promised_at == self.due_at())
    }

    /// The limit in force.
    #[must_use]
    pub fn due_at(&self) -> Instant {
        self.due_with(&self.deadline)
    }

    /// The limit that would be in force with another deadline.
    #[must_use]
    pub fn due_with(&self, deadline: &Deadline) -> Instant {
        let own = self.promise().map_or(deadline.due_at, |carry| carry.promised_at);
        self.repeat_limits.iter().map(|limit| limit.due_at).fold(own, Instant::min)
    }

    /// The ticket's own limit: the deadline, or a granted promise.
    #[must_use]
    pub fn own_due_at(&self) -> Instant {
        self.promise().map_or(self.deadline.due_at, |carry| carry.promised_at)
    }

    /// Whether the limit in force has passed at an instant.
    #[must_use]
    pub fn has_passed(&self, at: Instant) -> bool {
        at >= self.due_at()
    }

    /// The limit before a classification that can still be corrected: its window is open, and the limit would not have
    /// passed without the classification.
    #[must_use]
    pub fn correctable_at(&self, at: Instant, window: TimeDelta) -> Option<&CorrectableLimit> {
        let is_open = |before: &&CorrectableLimit| {
            at <= before.moved_at + window && at < self.due_with(&before.deadline)
        };
        self.correctable.as_ref().filter(is_open)
    }

    /// The limits that a merge of this ticket hands on: its own, and those of its repeats. A limit that is in force or
    /// has passed takes the rung of the ladder with it. So each of them leaves with its own rung if the merge of its
    /// repeat is undone, as it would leave this ticket.
    #[must_use]
    pub fn limits_to_hand_on(&self, number: TicketNumber, at: Instant) -> Vec<RepeatLimit> {
        let in_force = self.due_at();
        let ladder_rung =
            |due_at: Instant| if due_at == in_force || at >= due_at { self.ladder_rung } else { Rung::None };
        let due_at = self.own_due_at();
        let own = RepeatLimit { repeat: number, due_at, rung: self.hand_rung.max(ladder_rung(due_at)) };
        let of_repeats = self
            .repeat_limits
            .iter()
            .map(|limit| RepeatLimit { rung: limit.rung.max(ladder_rung(limit.due_at)), ..limit.clone() });
        std::iter::once(own).chain(of_repeats).collect()
    }

    /// A rung fired. What staff fire before the limit does not keep the ladder from firing at the limit.
    pub(super) fn rung_fired(&mut self, rung: Rung, is_by_hand: bool, at: Instant) {
        let is_early = is_by_hand && !self.has_passed(at);
        if is_by_hand {
            self.hand_rung = self.hand_rung.max(rung);
        }
        if is_early {
            self.round += 1;
        } else {
            self.ladder_rung = self.ladder_rung.max(rung);
        }
        self.set_rung();
    }

    /// The ladder goes back: it fires the rungs above again, in another round.
    pub(super) fn restart_ladder(&mut self, from: Rung) {
        if self.ladder_rung > from {
            self.ladder_rung = from;
            self.round += 1;
        }
        self.set_rung();
    }

    /// Takes over limits of repeats.
    pub(super) fn take_over(&mut self, limits: Vec<RepeatLimit>) {
        self.repeat_limits.extend(limits);
        self.set_rung();
    }

    /// Gives back the limits of repeats. If the ticket is not overdue without them, neither is its ladder.
    pub(super) fn give_back(&mut self, repeats: &[TicketNumber], at: Instant) {
        let before = self.due_at();
        self.repeat_limits.retain(|limit| !repeats.contains(&limit.repeat));
        if self.due_at() != before && !self.has_passed(at) {
            self.restart_ladder(Rung::None);
        }
        self.set_rung();
    }

    fn set_rung(&mut self) {
        let own = self.ladder_rung.max(self.hand_rung);
        self.rung = self.repeat_limits.iter().map(|limit| limit.rung).fold(own, Rung::max);
    }
}
