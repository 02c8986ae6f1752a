//! The flags. Those of this suite come with values; those of libtest that cargo and nextest pass are taken as well.

use crate::injected_bugs::InjectedBug;
use crate::run::Database;

/// Histories of a run where nobody says how many.
const HISTORIES: usize = 50;

/// What to run.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) seed: u64,
    /// Histories on each database.
    pub(crate) histories: usize,
    /// One database, or both.
    pub(crate) database: Option<Database>,
    /// A bug that the run must find.
    pub(crate) inject: Option<InjectedBug>,
    pub(crate) is_list: bool,
    is_exact: bool,
    /// Libtest's `--ignored`: none of these tests is.
    is_ignored_only: bool,
    filters: Vec<String>,
    skips: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 20_191_012,
            histories: HISTORIES,
            database: None,
            inject: None,
            is_list: false,
            is_exact: false,
            is_ignored_only: false,
            filters: Vec::new(),
            skips: Vec::new(),
        }
    }
}

impl Options {
    /// Reads the flags; what libtest knows and this suite has no use for is left alone.
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.flat_map(|argument| match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => vec![flag.to_owned(), value.to_owned()],
            _ => vec![argument],
        });
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--seed" => options.seed = number(&value()?)?,
                "--histories" => {
                    options.histories = usize::try_from(number(&value()?)?).map_err(|e| e.to_string())?;
                }
                "--database" => {
                    options.database = Some(one_of("database", &value()?, &Database::ALL, Database::name)?);
                }
                "--inject" => {
                    options.inject = Some(one_of("bug", &value()?, &InjectedBug::ALL, InjectedBug::name)?);
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
        // A database, or a bug, is asked for alone.
        let is_aside = match Database::ALL.into_iter().find(|database| database.name() == name) {
            Some(database) => self.database.is_some_and(|wanted| wanted != database),
            None => self.database.is_some() || self.inject.is_some(),
        };
        !self.is_ignored_only
            && (self.filters.is_empty() || self.filters.iter().any(fits))
            && !self.skips.iter().any(fits)
            && !is_aside
    }

    /// The command that runs the histories of a database again.
    pub(crate) fn repeat(&self, database: Database) -> String {
        let profile = if cfg!(debug_assertions) { "" } else { " --release" };
        let inject = self.inject.map(|bug| format!(" --inject {}", bug.name())).unwrap_or_default();
        format!(
            "cargo test{profile} -p hotline-server --test linearizability -- --database {} --seed {} --histories {}{inject}",
            database.name(),
            self.seed,
            self.histories
        )
    }
}

fn one_of<T: Copy>(what: &str, name: &str, all: &[T], name_of: fn(T) -> &'static str) -> Result<T, String> {
    let found = all.iter().copied().find(|one| name_of(*one) == name);
    let names = || all.iter().copied().map(name_of).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("{name} is no {what}: {}", names()))
}

/// A number, with underscores where they help.
fn number(text: &str) -> Result<u64, String> {
    text.replace('_', "").parse().map_err(|_| format!("{text} is not a number"))
}
