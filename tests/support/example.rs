//! The examples of the SDK as programs.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// Only one of them is built at a time.
static BUILDING: Mutex<()> = Mutex::new(());

/// The present program of an example, beside the tests'.
pub(crate) fn program(name: &str) -> PathBuf {
    program_with(name, &[])
}

/// The present program of an example that needs features of the SDK.
pub(crate) fn program_with(name: &str, features: &[&str]) -> PathBuf {
    let tests = env::current_exe().expect("a test knows its program");
    let profile = tests.ancestors().nth(2).expect("tests lie in the folder deps of a profile");
    let program = profile.join(format!("examples/{name}{EXE_SUFFIX}"));
    // `cargo test` builds the tests of an example and not the example, which may be missing or outdated.
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--package", "hotline-client", "--example", name]);
    if !features.is_empty() {
        cargo.arg("--features").arg(features.join(","));
    }
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let _building = BUILDING.lock();
    let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).status();
    assert!(built.expect("cargo can be run").success(), "the example can't be built");
    assert!(program.is_file(), "cargo put the example elsewhere than {}", program.display());
    program
}
