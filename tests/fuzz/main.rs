//! Fuzzing without a tool: every target runs its stored corpus and some thousand inputs that are generated and mutated
//! from a seed. `docs/fuzzing.md` says how to run it for longer, and how coverage guides it.
//!
//! ```text
//! cargo test -p hotline-server --test fuzz -- [TARGET…] [--seed N] [--executions N]
//!     --input FILE         runs one input of one target
//!     --write-seeds FOLDER writes generated inputs of one target, for libFuzzer to begin with, beside its corpus
//!     --save-corpus FOLDER keeps a folder's inputs as the corpus of one target
//! ```

mod corpus;
mod engine;
mod injected_bugs;
mod mutation;
#[expect(dead_code, reason = "the suites with servers use what this one does not")]
#[path = "../support/suite.rs"]
mod suite;
mod targets;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Parser};

use suite::{SEED, Selection, number};
use targets::{TARGETS, Target};

/// Default number of generated inputs of a target.
const EXECUTIONS: u64 = if cfg!(debug_assertions) { 1_500 } else { 20_000 };
/// Targets of which one input takes as long as this many of others.
const SLOW_TARGETS: [(&str, u64); 3] = [("configurations", 6), ("policies", 4), ("calendars", 2)];
/// Generated inputs that libFuzzer starts with.
const SEED_INPUTS: usize = 400;
/// The largest corpus of a target, in bytes.
const CORPUS_BYTES_MAX: usize = 18 * 1024;

/// Every target runs its stored corpus and some thousand inputs that are generated and mutated from a seed.
#[derive(Debug, Parser)]
struct Options {
    /// Targets: names, or parts of names.
    #[command(flatten)]
    targets: Selection,
    /// Decides which inputs are generated.
    #[arg(long, default_value_t = SEED, value_parser = number)]
    seed: u64,
    /// Inputs that are generated for a target.
    #[arg(long, default_value_t = EXECUTIONS, value_parser = number)]
    executions: u64,
    #[command(flatten)]
    task: Task,
}

/// A task for one target, instead of running all.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Task {
    /// Runs one input of one target.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Writes generated inputs of one target, which libFuzzer starts with, beside its corpus.
    #[arg(long, value_name = "FOLDER")]
    write_seeds: Option<PathBuf>,
    /// Stores a folder's inputs as the corpus of one target.
    #[arg(long, value_name = "FOLDER")]
    save_corpus: Option<PathBuf>,
}

impl Task {
    const fn is_one(&self) -> bool {
        self.input.is_some() || self.write_seeds.is_some() || self.save_corpus.is_some()
    }
}

/// Runs the suite: each target, and then the check that injected bugs are found.
fn run(options: &Options) -> Result<(), String> {
    for target in TARGETS.iter().filter(|target| options.targets.wants(target.name)) {
        let began = Instant::now();
        let kept = corpus::read(target.name)?;
        let slowdown =
            SLOW_TARGETS.iter().find(|(name, _)| *name == target.name).map_or(1, |(_, times)| *times);
        match engine::run(target, &kept, options.executions / slowdown, options.seed) {
            Ok(ran) => println!(
                "{}: {ran} inputs, {} of them kept, in {:.1?}",
                target.name,
                kept.len(),
                began.elapsed()
            ),
            Err(finding) => {
                let path = engine::keep(target, &finding);
                return Err(format!(
                    "{}: input {} of seed {}: {}\nrepeat: cargo test -p hotline-server --test fuzz -- {} --input {}",
                    target.name,
                    finding.executions,
                    options.seed,
                    finding.message,
                    target.name,
                    path.display()
                ));
            }
        }
    }
    if options.targets.wants("injected_bugs") {
        println!("injected_bugs: {}", injected_bugs::check(options.seed)?);
    }
    Ok(())
}

/// Runs the task of one target.
fn one(target: &Target, options: &Options) -> Result<(), String> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let Task { input, write_seeds, save_corpus } = &options.task;
    if let Some(path) = input {
        engine::run_one(target, &std::fs::read(path).map_err(|error| failed(path, error))?)?;
    }
    if let Some(folder) = write_seeds {
        let mut random = targets::random::Random::of(options.seed, target.name);
        let mut inputs: Vec<_> = (0..SEED_INPUTS).map(|_| (target.generate)(&mut random)).collect();
        inputs.extend(corpus::read(target.name).unwrap_or_default());
        corpus::unpack(&inputs, folder)?;
    }
    if let Some(folder) = save_corpus {
        let kept = corpus::pack(target.name, folder, CORPUS_BYTES_MAX)?;
        println!("{}: {kept} inputs kept", target.name);
    }
    Ok(())
}

/// Runs what the options request.
fn start(options: &Options) -> Result<(), String> {
    engine::capture_panics();
    if !options.task.is_one() {
        return run(options);
    }
    let [name] = options.targets.filters.as_slice() else { return Err("name one target".to_owned()) };
    one(targets::of_name(name).ok_or_else(|| format!("there is no target {name}"))?, options)
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.targets.list {
        return suite::list(TARGETS.iter().map(|target| target.name));
    }
    match start(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
