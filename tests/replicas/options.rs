//! The flags. Those of this suite come with values; those of libtest that cargo and nextest pass are taken as well.

use crate::injected_bugs::InjectedBug;

/// What to run.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) seed: u64,
    /// Tickets of the backlog.
    pub(crate) timers: u32,
    /// Seconds in which their rungs fall due.
    pub(crate) seconds: u32,
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
        let (timers, seconds) = if cfg!(debug_assertions) { (1_500, 12) } else { (10_000, 60) };
        Self {
            seed: 20_191_012,
            timers,
            seconds,
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
                "--timers" => options.timers = at_least_1(&value()?)?,
                "--seconds" => options.seconds = at_least_1(&value()?)?,
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
        let bug = self.bug.map(|bug| format!(" --plant {}", bug.name())).unwrap_or_default();
        format!(
            "cargo test{profile} -p hotline-server --test replicas -- {test} --seed {} --timers {} --seconds {}{bug}",
            self.seed, self.timers, self.seconds
        )
    }
}

/// A number, with underscores where they help.
fn number(text: &str) -> Result<u64, String> {
    text.replace('_', "").parse().map_err(|_| format!("{text} is not a number"))
}

fn at_least_1(text: &str) -> Result<u32, String> {
    let number = u32::try_from(number(text)?).map_err(|error| error.to_string())?;
    if number == 0 { Err("0 is too few".to_owned()) } else { Ok(number) }
}
