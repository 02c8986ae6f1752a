//! The flags. Those of this suite come with values; those of libtest that cargo and nextest pass are taken as well.

use crate::injected_bugs::InjectedBug;

/// What to run.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) seed: u64,
    /// Steps of the walk.
    pub(crate) steps: u64,
    /// Tickets of the city in memory.
    pub(crate) tickets: u32,
    /// Tickets of the city on a file.
    pub(crate) stored_tickets: u32,
    /// Cases of the deadlines.
    pub(crate) cases: u64,
    pub(crate) bug: Option<InjectedBug>,
    pub(crate) is_list: bool,
    pub(crate) is_exact: bool,
    /// Libtest's `--ignored`: none of these tests is.
    pub(crate) is_ignored_only: bool,
    /// Names, or parts of names, of the tests to run; all where empty.
    pub(crate) filters: Vec<String>,
    pub(crate) skips: Vec<String>,
}

impl Options {
    /// A debug build runs a short version, a release build the whole.
    fn default_size() -> Self {
        let (steps, tickets, stored_tickets, cases) = if cfg!(debug_assertions) {
            (100_000, 1_500, 100, 20_000)
        } else {
            (1_000_000, 100_000, 5_000, 1_000_000)
        };
        Self {
            seed: 20_191_012,
            steps,
            tickets,
            stored_tickets,
            cases,
            bug: None,
            is_list: false,
            is_exact: false,
            is_ignored_only: false,
            filters: Vec::new(),
            skips: Vec::new(),
        }
    }

    /// Reads the flags; what libtest knows and this suite has no use for is left alone.
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default_size();
        let mut arguments = arguments.flat_map(|argument| match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => vec![flag.to_owned(), value.to_owned()],
            _ => vec![argument],
        });
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--seed" => options.seed = number(&value()?)?,
                "--steps" => options.steps = number(&value()?)?,
                "--tickets" => {
                    options.tickets = u32::try_from(number(&value()?)?).map_err(|e| e.to_string())?;
                    options.stored_tickets = options.tickets;
                }
                "--cases" => options.cases = number(&value()?)?,
                "--plant" => {
                    let name = value()?;
                    let names = InjectedBug::ALL.map(InjectedBug::name).join(", ");
                    options.bug =
                        Some(InjectedBug::of(&name).ok_or_else(|| format!("{name} is none of {names}"))?);
                }
                "--skip" => options.skips.push(value()?),
                "--test-threads" | "--format" | "--color" | "--logfile" | "--shuffle-seed" | "-Z" => {
                    let _ = value()?;
                }
                "--list" => options.is_list = true,
                "--exact" => options.is_exact = true,
                "--ignored" => options.is_ignored_only = true,
                flag if flag.starts_with('-') => {}
                name => options.filters.push(name.to_owned()),
            }
        }
        Ok(options)
    }

    /// Whether a test is among those to run.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let fits =
            |filter: &String| if self.is_exact { filter == name } else { name.contains(filter.as_str()) };
        !self.is_ignored_only
            && (self.filters.is_empty() || self.filters.iter().any(fits))
            && !self.skips.iter().any(fits)
    }

    /// The command that repeats a test.
    pub(crate) fn repeat(&self, test: &str) -> String {
        let profile = if cfg!(debug_assertions) { "" } else { " --release" };
        let tickets = if test == "city_on_sqlite" { self.stored_tickets } else { self.tickets };
        let bug = self.bug.map(|bug| format!(" --plant {}", bug.name())).unwrap_or_default();
        format!(
            "cargo test{profile} -p hotline-server --test simulation -- {test} --seed {} --steps {} --tickets {} --cases {}{bug}",
            self.seed, self.steps, tickets, self.cases
        )
    }
}

/// A number, with underscores where they help.
fn number(text: &str) -> Result<u64, String> {
    text.replace('_', "").parse().map_err(|_| format!("{text} is not a number"))
}
