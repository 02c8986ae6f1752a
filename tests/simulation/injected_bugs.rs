//! Injected bugs in the adapter of the product, or in the database. The suite must find each of them; a suite that
//! can't fail proves nothing.

/// An injected bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InjectedBug {
    /// Rungs fire an hour before their time.
    EarlyRung,
    /// The runner forgets which rungs have fired.
    DoubleRung,
    /// The hotline report is lost before it becomes an event.
    ForgetFeedback,
    /// The product's calendar lacks the days around 1 May.
    WrongHoliday,
    /// A complaint may go to the unit it is about.
    AccusedHas,
    /// A held ticket is dispatched.
    SendsHeld,
    /// A transfer takes a unit off, and its successor gets no assistance to give.
    LosesAssist,
    /// A classification moves a limit that has passed.
    BetterLimit,
    /// An undone merge gives a repeat back to a unit that the other ticket accuses.
    GivesBack,
    /// A merge hands a repeat's whole rung on as its own.
    HandsRungOn,
    /// A commit is not checked against the version that was read.
    LostUpdate,
    /// A ticket is judged by the policy in force, not by its own.
    MovedPolicy,
    /// A limit is counted again by the calendar in force, not by its own.
    MovedCalendar,
    /// A database forgets what it has acknowledged when it is killed.
    LostCommit,
}

impl InjectedBug {
    pub(crate) const ALL: [Self; 14] = [
        Self::EarlyRung,
        Self::DoubleRung,
        Self::ForgetFeedback,
        Self::WrongHoliday,
        Self::AccusedHas,
        Self::SendsHeld,
        Self::LosesAssist,
        Self::BetterLimit,
        Self::GivesBack,
        Self::HandsRungOn,
        Self::LostUpdate,
        Self::MovedPolicy,
        Self::MovedCalendar,
        Self::LostCommit,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::EarlyRung => "early-rung",
            Self::DoubleRung => "double-rung",
            Self::ForgetFeedback => "forget-feedback",
            Self::WrongHoliday => "wrong-holiday",
            Self::AccusedHas => "accused-has",
            Self::SendsHeld => "sends-held",
            Self::LosesAssist => "loses-assist",
            Self::BetterLimit => "better-limit",
            Self::GivesBack => "gives-back",
            Self::HandsRungOn => "hands-rung-on",
            Self::LostUpdate => "lost-update",
            Self::MovedPolicy => "moved-policy",
            Self::MovedCalendar => "moved-calendar",
            Self::LostCommit => "lost-commit",
        }
    }
}
