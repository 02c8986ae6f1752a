//! The parts of the model of a ticket.

use crate::command_spec::UnitId;

/// The state of a carry-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carry {
    Asked,
    Granted,
    Refused,
}

/// The survey of a cycle, and the second call about it.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that stands by itself")]
pub(crate) struct ModelSurvey {
    pub(crate) is_bad: bool,
    /// Whether another agent is to call again.
    pub(crate) is_chosen: bool,
    /// Whether the second agent took it.
    pub(crate) is_of_second: bool,
    pub(crate) has_recheck: bool,
}

/// A limit as it was before a classification.
#[derive(Debug, Clone)]
pub(crate) struct LimitBefore {
    pub(crate) moved: i64,
    pub(crate) tier: usize,
    pub(crate) due: i64,
    pub(crate) is_provisional: bool,
    pub(crate) ladder: u8,
}

/// A repeat that a ticket stands for.
#[derive(Debug, Clone)]
pub(crate) struct ModelRepeat {
    /// Its number in the run.
    pub(crate) number: u32,
    /// Its limit and its rung, for the cycle of the merge.
    pub(crate) limit: Option<(i64, u8)>,
    /// Whether its company waits for a call, and the calls of this cycle that reached nobody.
    pub(crate) is_to_call: bool,
    pub(crate) calls: u32,
    pub(crate) last_call: i64,
}

/// A dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModelDispatch {
    pub(crate) lead: UnitId,
    pub(crate) assist: Vec<UnitId>,
    pub(crate) inform: Vec<UnitId>,
    pub(crate) window_ends: i64,
    pub(crate) is_signed: bool,
}

impl ModelDispatch {
    pub(crate) fn units(&self) -> impl Iterator<Item = UnitId> {
        std::iter::once(self.lead).chain(self.assist.iter().copied()).chain(self.inform.iter().copied())
    }
}
