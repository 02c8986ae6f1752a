//! Progress on the standard error: a bar on a terminal, and nothing elsewhere.

use std::io::{self, IsTerminal as _, Write as _};

/// Characters of the bar.
const WIDTH: usize = 30;

/// A bar that shows how much of something is done.
#[derive(Debug)]
pub(crate) struct Progress {
    total: usize,
    done: usize,
    /// The last percentage that was shown; none if nothing is shown.
    shown: Option<usize>,
}

impl Progress {
    /// A bar for so many things. A quiet one shows nothing.
    pub(crate) fn new(total: usize, is_quiet: bool) -> Self {
        let is_shown = !is_quiet && io::stderr().is_terminal();
        Self { total: total.max(1), done: 0, shown: is_shown.then_some(usize::MAX) }
    }

    /// One more is done.
    pub(crate) fn advance(&mut self, label: &str) {
        self.advance_by(1, label);
    }

    /// So many more are done.
    pub(crate) fn advance_by(&mut self, count: usize, label: &str) {
        self.done = self.done.saturating_add(count).min(self.total);
        let percent = self.done * 100 / self.total;
        if self.shown.is_some_and(|shown| shown != percent) {
            self.shown = Some(percent);
            let filled = WIDTH * percent / 100;
            let bar = "#".repeat(filled) + &".".repeat(WIDTH - filled);
            let _ = write!(io::stderr(), "\r[{bar}] {percent:>3} %  {label}");
        }
    }

    /// Clears the line.
    pub(crate) fn finish(&self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r{}\r", " ".repeat(WIDTH + 50));
        }
    }
}
