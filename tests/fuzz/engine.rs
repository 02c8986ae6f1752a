//! Runs a target: first every stored input, then generated and mutated inputs from a seed, until one of them makes it
//! panic. It is not guided by coverage, which libFuzzer does (`fuzz/`).

use std::cell::RefCell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::corpus;
use crate::mutation::mutate;
use crate::targets::Target;
use crate::targets::random::Random;

/// An input that takes longer is a finding too.
const INPUT_TIME_MAX: Duration = Duration::from_secs(10);

thread_local! {
    /// The messages of panics since they were last taken. A target runs entirely on its own thread.
    static PANIC_MESSAGES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// An input with a finding.
#[derive(Debug)]
pub(crate) struct Finding {
    /// The input.
    pub(crate) input: Vec<u8>,
    /// The fault.
    pub(crate) message: String,
    /// How many inputs were run, including this one.
    pub(crate) executions: u64,
}

/// Collects the messages of panics instead of printing them.
pub(crate) fn capture_panics() {
    std::panic::set_hook(Box::new(|panic| {
        PANIC_MESSAGES.with(|messages| messages.borrow_mut().push(panic.to_string()));
    }));
}

/// Runs one input. A panic in a task counts even if it was caught.
pub(crate) fn run_one(target: &Target, input: &[u8]) -> Result<(), String> {
    let began = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let messages = PANIC_MESSAGES.with(|messages| messages.borrow_mut().drain(..).collect::<Vec<_>>());
    if outcome.is_err() || !messages.is_empty() {
        return Err(messages.join("; "));
    }
    let took = began.elapsed();
    if took > INPUT_TIME_MAX { Err(format!("it took {took:?}")) } else { Ok(()) }
}

/// Runs the corpus and then this many generated inputs; returns how many were run in all.
pub(crate) fn run(target: &Target, kept: &[Vec<u8>], executions: u64, seed: u64) -> Result<u64, Finding> {
    let mut ran = 0;
    let mut check = |input: Vec<u8>| {
        ran += 1;
        run_one(target, &input).map_err(|message| Finding { input, message, executions: ran })
    };
    for input in kept {
        check(input.clone())?;
    }
    let mut random = Random::of(seed, target.name);
    for _ in 0..executions {
        let base = if kept.is_empty() || random.percent(50) {
            (target.generate)(&mut random)
        } else {
            kept[random.below(kept.len())].clone()
        };
        let input =
            if random.percent(20) { base } else { mutate(&base, kept, target.dictionary, &mut random) };
        check(input)?;
    }
    Ok(ran)
}

/// Stores an input with a finding, for a later run.
pub(crate) fn keep(target: &Target, finding: &Finding) -> PathBuf {
    let folder = corpus::root().join("target/fuzz");
    let path = folder.join(format!("finding-{}", target.name));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, &finding.input));
    if let Err(error) = kept {
        eprintln!("{} can't be written: {error}", path.display());
    }
    path
}
