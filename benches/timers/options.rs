//! The flags of the benchmark; the one that cargo passes to every benchmark is taken as well.

use super::support::server::{self, Store};

/// What to measure.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// Where the tickets lie.
    pub(crate) store: Store,
    /// Timers that are due at one instant.
    pub(crate) timers: u32,
    /// Tickets that clients create in a second.
    pub(crate) pace: u32,
    /// For how long intake is measured before the timers are due.
    pub(crate) quiet_seconds: i64,
    /// How often it is measured, each time on a fresh store.
    pub(crate) runs: u32,
    /// Keys of the server's configuration, as `KEY=VALUE`.
    keys: Vec<String>,
}

impl Options {
    /// Reads the flags.
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (store, keys) = (Store::Postgres, Vec::new());
        let mut options = Self { store, timers: 50_000, pace: 50, quiet_seconds: 40, runs: 1, keys };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--bench" => {}
                "--store" => options.store = store_of(&value()?)?,
                "--timers" => options.timers = number(&value()?)?,
                "--pace" => options.pace = number(&value()?)?,
                "--quiet-seconds" => options.quiet_seconds = i64::from(number(&value()?)?),
                "--runs" => options.runs = number(&value()?)?,
                "--set" => options.keys.push(value()?),
                other => return Err(format!("{other} is no flag of this benchmark")),
            }
        }
        Ok(options)
    }

    /// What the server is started with.
    pub(crate) fn server(&self) -> server::Options {
        self.keys.iter().fold(server::Options::default(), |options, key| {
            let (key, value) = key.split_once('=').unwrap_or((key, ""));
            options.set(key, value)
        })
    }
}

fn store_of(name: &str) -> Result<Store, String> {
    match name {
        "postgres" => Ok(Store::Postgres),
        "sqlite" => Ok(Store::Sqlite),
        other => Err(format!("no store {other}; postgres or sqlite")),
    }
}

fn number(text: &str) -> Result<u32, String> {
    match text.replace('_', "").parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("{text} is no number above 0")),
    }
}
