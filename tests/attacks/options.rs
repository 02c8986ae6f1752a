//! The flags. Those of this suite come with values; those of libtest that cargo and nextest pass are taken as well.

/// What to run.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// Seconds of quiet, and of attack.
    pub(crate) seconds: u32,
    /// How often in turn, on the same server.
    pub(crate) rounds: u32,
    /// Calls that are given up in `cancels`.
    pub(crate) calls: u64,
    /// The processor that the attacker has for itself, if the others are kept from it.
    pub(crate) attacker_cpu: Option<u32>,
    /// Whether the bounds are those of the figures, and what takes long runs too.
    pub(crate) is_strict: bool,
    pub(crate) is_list: bool,
    is_exact: bool,
    filters: Vec<String>,
    skips: Vec<String>,
}

impl Options {
    /// Reads the flags; what libtest knows and this suite has no use for is left alone.
    pub(crate) fn read(arguments: Vec<String>) -> Result<Self, String> {
        let mut options = Self {
            seconds: 2,
            rounds: 1,
            calls: 100_000,
            attacker_cpu: None,
            is_strict: false,
            is_list: false,
            is_exact: false,
            filters: Vec::new(),
            skips: Vec::new(),
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            let number = |text: String| text.parse::<u32>().map_err(|_| format!("{text} is not a number"));
            match argument.as_str() {
                "--seconds" => options.seconds = number(value()?)?.max(1),
                "--rounds" => options.rounds = number(value()?)?.max(1),
                "--calls" => options.calls = u64::from(number(value()?)?),
                "--attacker-cpu" => options.attacker_cpu = Some(number(value()?)?),
                "--strict" => options.is_strict = true,
                "--skip" => options.skips.push(value()?),
                "--test-threads" | "--format" | "--color" | "--logfile" | "--shuffle-seed" | "-Z" => {
                    let _ = value()?;
                }
                "--list" => options.is_list = true,
                "--exact" => options.is_exact = true,
                // Libtest's: none of these is.
                "--ignored" => options.skips.push(String::new()),
                flag if flag.starts_with('-') => {}
                name => options.filters.push(name.to_owned()),
            }
        }
        Ok(options)
    }

    /// Whether this is among those to run.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let fits =
            |filter: &String| if self.is_exact { filter == name } else { name.contains(filter.as_str()) };
        (self.filters.is_empty() || self.filters.iter().any(fits)) && !self.skips.iter().any(fits)
    }
}
