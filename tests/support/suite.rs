//! Shared by the suites that are separate programs: the options of libtest, and how results are printed. Each suite
//! adds its own options with a derive.

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use tokio::task::JoinSet;

/// The default seed of a run.
pub(crate) const SEED: u64 = 20_191_012;

/// A line of figures, or the fault.
pub(crate) type TestResult = Result<String, String>;
/// A running test.
pub(crate) type Running = Pin<Box<dyn Future<Output = TestResult> + Send>>;

/// The selected tests: the options of libtest that choose tests.
#[derive(Debug, Clone, Args)]
pub(crate) struct Selection {
    /// Names, or parts of names, of the tests to run; all if there are none.
    pub(crate) filters: Vec<String>,
    /// Leaves out the tests whose name contains this. Repeatable.
    #[arg(long, value_name = "FILTER")]
    skip: Vec<String>,
    /// Compares filters with whole names.
    #[arg(long)]
    exact: bool,
    /// Lists the tests and runs none.
    #[arg(long)]
    pub(crate) list: bool,
    /// Runs the tests that are marked as ignored: there are none.
    #[arg(long)]
    ignored: bool,
    #[command(flatten)]
    _without_effect: WithoutEffect,
}

/// Options of libtest that cargo, nextest or users pass to every test program.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of libtest")]
struct WithoutEffect {
    #[arg(long, hide = true)]
    include_ignored: bool,
    #[arg(long, hide = true)]
    test: bool,
    #[arg(long, hide = true)]
    bench: bool,
    #[arg(long, hide = true, alias = "no-capture")]
    nocapture: bool,
    #[arg(long, short, hide = true)]
    quiet: bool,
    #[arg(long, hide = true)]
    show_output: bool,
    #[arg(long, hide = true)]
    exclude_should_panic: bool,
    #[arg(long, hide = true)]
    force_run_in_process: bool,
    #[arg(long, hide = true)]
    report_time: bool,
    #[arg(long, hide = true)]
    ensure_time: bool,
    #[arg(long, hide = true)]
    shuffle: bool,
    #[arg(long, hide = true)]
    shuffle_seed: Option<String>,
    #[arg(long, hide = true)]
    test_threads: Option<String>,
    #[arg(long, hide = true)]
    format: Option<String>,
    #[arg(long, hide = true)]
    color: Option<String>,
    #[arg(long, hide = true)]
    logfile: Option<String>,
    #[arg(short = 'Z', hide = true)]
    unstable: Vec<String>,
}

impl Selection {
    /// Whether a test is selected.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let fits = |filter: &String| if self.exact { filter == name } else { name.contains(filter.as_str()) };
        !self.ignored
            && (self.filters.is_empty() || self.filters.iter().any(fits))
            && !self.skip.iter().any(fits)
    }
}

/// Lists tests as libtest does.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> ExitCode {
    for name in names {
        println!("{name}: test");
    }
    ExitCode::SUCCESS
}

/// A number, with optional underscores.
pub(crate) fn number(text: &str) -> Result<u64, String> {
    text.replace('_', "").parse().map_err(|_| format!("{text} is not a number"))
}

/// A number above 0, with optional underscores.
pub(crate) fn at_least_1(text: &str) -> Result<u32, String> {
    let number = u32::try_from(number(text)?).map_err(|error| error.to_string())?;
    if number == 0 { Err("0 is too few".to_owned()) } else { Ok(number) }
}

/// One of several things by its name.
pub(crate) fn one_of<T: Copy>(name: &str, all: &[T], name_of: fn(T) -> &'static str) -> Result<T, String> {
    let found = all.iter().copied().find(|one| name_of(*one) == name);
    let names = || all.iter().copied().map(name_of).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("{name} is none of {}", names()))
}

/// `--release`, in a command that repeats a test of a release build.
pub(crate) const fn profile() -> &'static str {
    if cfg!(debug_assertions) { "" } else { " --release" }
}

/// How many tests passed, and how many failed.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    /// Counts a result and prints it; returns whether it passed.
    pub(crate) fn add(&mut self, name: &str, verdict: &TestResult, begun: Instant) -> bool {
        let seconds = begun.elapsed().as_secs_f64();
        match verdict {
            Ok(figures) => {
                self.passed += 1;
                println!("test {name} ... ok ({seconds:.1} s): {figures}");
            }
            Err(what) => {
                self.failed += 1;
                println!("test {name} ... FAILED ({seconds:.1} s): {what}");
            }
        }
        verdict.is_ok()
    }

    /// Prints both numbers; returns the exit code.
    pub(crate) fn end(&self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Runs tests side by side and prints the result of each as soon as it has ended. A panic is a failure. `repeat` is the
/// command that repeats a failed test, if the result does not hold it already.
pub(crate) async fn run_side_by_side(
    tests: Vec<(&'static str, Running)>,
    repeat: impl Fn(&str) -> Option<String>,
) -> Tally {
    let mut tally = Tally::default();
    let mut running = JoinSet::new();
    for (name, test) in tests {
        running.spawn(async move {
            let begun = Instant::now();
            let verdict = tokio::spawn(test).await;
            (name, verdict.unwrap_or_else(|_| Err("panicked".to_owned())), begun)
        });
    }
    while let Some(ended) = running.join_next().await {
        let (name, verdict, begun) = ended.expect("who waits does not panic");
        if !tally.add(name, &verdict, begun)
            && let Some(command) = repeat(name)
        {
            println!("  to repeat: {command}");
        }
    }
    tally
}
