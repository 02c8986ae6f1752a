//! Fuzzing without a tool: every target takes its kept corpus and some thousand inputs that are drawn and changed from a
//! seed. `docs/fuzzing.md` says how to run it for longer, and how coverage guides it.
//!
//! ```text
//! cargo test -p hotline-server --test fuzz -- [TARGET…] [--seed N] [--executions N]
//!     --input FILE         runs one input of one target
//!     --draw FOLDER        writes drawn inputs of one target, for libFuzzer to begin with, beside its corpus
//!     --pack FOLDER        keeps a folder's inputs as the corpus of one target
//! ```

mod corpus;
mod engine;
mod injected_bugs;
mod mutation;
mod targets;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use targets::{TARGETS, Target};

/// Inputs of a target that are drawn where nobody says how many.
const EXECUTIONS: u64 = if cfg!(debug_assertions) { 1_500 } else { 20_000 };
/// Targets of which one input takes as long as so many of another's.
const SLOW_TARGETS: [(&str, u64); 3] = [("configurations", 6), ("policies", 4), ("calendars", 2)];
/// Inputs that are drawn for libFuzzer to begin with.
const SEED_INPUTS: usize = 400;
/// A target's corpus at most, in bytes.
const CORPUS_BYTES_MAX: usize = 18 * 1024;

/// What to do.
#[derive(Debug)]
enum Task {
    Run,
    Input(PathBuf),
    Draw(PathBuf),
    Pack(PathBuf),
}

struct Options {
    seed: u64,
    executions: u64,
    task: Task,
    is_list: bool,
    names: Vec<String>,
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        seed: 20_191_012,
        executions: EXECUTIONS,
        task: Task::Run,
        is_list: false,
        names: Vec::new(),
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        let number =
            |text: String| text.replace('_', "").parse().map_err(|_| format!("{text} is not a number"));
        match argument.as_str() {
            "--seed" => options.seed = number(value()?)?,
            "--executions" => options.executions = number(value()?)?,
            "--input" => options.task = Task::Input(value()?.into()),
            "--draw" => options.task = Task::Draw(value()?.into()),
            "--pack" => options.task = Task::Pack(value()?.into()),
            "--list" => options.is_list = true,
            "--format" | "--skip" | "--test-threads" | "--color" | "--logfile" | "-Z" => drop(value()?),
            flag if flag.starts_with('-') => {}
            name => options.names.push(name.to_owned()),
        }
    }
    Ok(options)
}

/// Runs the suite: each target, and then whether planted bugs are found.
fn run(options: &Options) -> Result<(), String> {
    let wants =
        |name: &str| options.names.is_empty() || options.names.iter().any(|one| name.contains(one.as_str()));
    for target in TARGETS.iter().filter(|target| wants(target.name)) {
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
    if wants("plants") {
        println!("plants: {}", injected_bugs::check(options.seed)?);
    }
    Ok(())
}

/// Does what is asked of one target.
fn one(target: &Target, options: &Options) -> Result<(), String> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    match &options.task {
        Task::Run => run(options),
        Task::Input(path) => {
            engine::run_one(target, &std::fs::read(path).map_err(|error| failed(path, error))?)
        }
        Task::Draw(folder) => {
            let mut random = targets::random::Random::of(options.seed, target.name);
            let mut inputs: Vec<_> = (0..SEED_INPUTS).map(|_| (target.generate)(&mut random)).collect();
            inputs.extend(corpus::read(target.name).unwrap_or_default());
            corpus::unpack(&inputs, folder)
        }
        Task::Pack(folder) => {
            let kept = corpus::pack(target.name, folder, CORPUS_BYTES_MAX)?;
            println!("{}: {kept} inputs kept", target.name);
            Ok(())
        }
    }
}

fn main() -> ExitCode {
    let outcome = options(std::env::args().skip(1)).and_then(|options| {
        if options.is_list {
            for target in TARGETS {
                println!("{}: test", target.name);
            }
            return Ok(());
        }
        engine::capture_panics();
        match (&options.task, options.names.as_slice()) {
            (Task::Run, _) => run(&options),
            (_, [name]) => {
                one(targets::of_name(name).ok_or_else(|| format!("there is no target {name}"))?, &options)
            }
            _ => Err("name one target".to_owned()),
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
