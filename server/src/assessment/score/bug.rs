//! Errors that the tests of the scores inject, to show that they would be found. A program that is not a test of this
//! crate has none of them.

/// An error that people make in such programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bug {
    /// Months begin at midnight in UTC, which is eight hours late.
    UtcMonth,
    /// A ticket that was reworked counts in each cycle, whatever the scheme says.
    ReworkTwice,
    /// Numbers are rounded as doubles.
    FloatRounding,
}

#[cfg(test)]
thread_local! {
    static INJECTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

/// Runs something with an error in it.
#[cfg(test)]
pub(super) fn with<T>(bug: Bug, body: impl FnOnce() -> T) -> T {
    INJECTED.set(Some(bug));
    let result = body();
    INJECTED.set(None);
    result
}

/// Whether an error is injected.
#[cfg(test)]
pub(super) fn is_injected(bug: Bug) -> bool {
    INJECTED.get() == Some(bug)
}

/// Whether an error is injected: never outside the tests.
#[cfg(not(test))]
pub(super) const fn is_injected(_bug: Bug) -> bool {
    false
}
