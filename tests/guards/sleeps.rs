//! No test sleeps. A test waits for a condition with `support::wait`, or advances the simulated clock. The files that
//! wait for real timers, or that need a real rate, are listed with the reason.

use std::fs;
use std::path::Path;

use super::code_text::{code_text, without_tests, words};
use super::sources::{self, Source};

/// Functions that pause for a time, whatever happens meanwhile.
const PAUSES: [&str; 5] = ["sleep", "sleep_until", "sleep_ms", "park_timeout", "sleep_for"];

/// Files and folders that may pause, and why.
const ALLOWED: [(&str, &str); 10] = [
    ("tests/support/wait.rs", "the pause between two checks of a condition"),
    ("tests/hardening/slow_link.rs", "a slow link passes on so many bytes a second"),
    ("tests/replicas/", "servers run on the real clock, and their limits pass in real time"),
    ("tests/failover/", "a primary is lost and a standby promoted in real time"),
    ("tests/linearizability/", "clients retry servers that are killed and restarted in real time"),
    ("tests/watch/", "readers and writers retry servers that are killed and restarted in real time"),
    ("tests/attacks/", "attackers send at a rate, and what a good client waits is measured"),
    ("client-sdk/tests/calls/", "tokio's clock is stopped, so a pause takes no real time"),
    (
        "client-sdk/examples/suggest_bench.rs",
        "a server learns in real time, and the program waits for its model",
    ),
    ("benches/", "a benchmark waits for the instant at which its timers are due"),
];

/// Folders of scripts, and how the names of scripts end there; the scripts of the gate have no ending.
const SCRIPTS: [(&str, &[&str]); 2] = [("tests", &["sh", "py", "mjs"]), (".ci", &["", "sh", "py"])];

fn is_allowed(path: &str) -> bool {
    ALLOWED.iter().any(|(allowed, _)| path.starts_with(allowed))
}

/// The pauses in code, each with its line.
fn pauses_in(path: &str, code: &str) -> Vec<String> {
    let found = words(code).filter(|(_, word)| PAUSES.contains(word));
    found.map(|(line, word)| format!("{path}:{line}: {word}")).collect()
}

/// The code of a file that only tests run: nothing of the product's own code.
fn test_code(source: &Source) -> String {
    let code = code_text(&source.text);
    let is_product = source.path.contains("/src/") && !source.path.ends_with("tests.rs");
    if !is_product {
        return code;
    }
    // The tests of a product file stand at its end, so what is left over begins where the product's code ends.
    let product = without_tests(&code);
    let common = code.bytes().zip(product.bytes()).take_while(|(left, right)| left == right).count();
    let lines_before = code[..common].matches('\n').count();
    "\n".repeat(lines_before) + &code[common..]
}

/// Every script under a folder.
fn scripts_under(folder: &Path, endings: &[&str], scripts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the folder can be listed").path();
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            scripts_under(&path, endings, scripts);
        } else if endings.contains(&&*ending) {
            let relative = path.strip_prefix(sources::root()).expect("a file of the repository");
            scripts.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
}

#[test]
fn no_test_sleeps() {
    let all = sources::every();
    let is_test = |source: &&Source| !source.path.starts_with("fuzz/") && !is_allowed(&source.path);
    let wrong: Vec<_> =
        all.iter().filter(is_test).flat_map(|source| pauses_in(&source.path, &test_code(source))).collect();
    assert!(wrong.is_empty(), "wait for a condition with support::wait instead:\n{}", wrong.join("\n"));
}

#[test]
fn no_script_of_the_tests_sleeps() {
    let mut scripts = Vec::new();
    for (folder, endings) in SCRIPTS {
        scripts_under(&sources::root().join(folder), endings, &mut scripts);
    }
    assert!(scripts.iter().any(|path| path == ".ci/run"), "the gate is among the scripts: {scripts:?}");
    let is_comment = |line: &&str| line.trim_start().starts_with('#') || line.trim_start().starts_with("//");
    for path in scripts {
        let text = sources::read(&path);
        let code: Vec<_> = text.lines().map(|line| if is_comment(&line) { "" } else { line }).collect();
        let found = pauses_in(&path, &code.join("\n"));
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

#[test]
fn every_file_that_may_sleep_is_there_and_does() {
    for (path, reason) in ALLOWED {
        let sleeps = sources::every().iter().any(|source| {
            source.path.starts_with(path) && !pauses_in(path, &code_text(&source.text)).is_empty()
        });
        assert!(sleeps, "{path} no longer sleeps; take it off the list ({reason})");
    }
}

#[test]
fn a_sleep_is_found_in_tests_and_not_in_the_product() {
    let text = "fn run() { sleep(PAUSE); }\n// sleep\n#[cfg(test)]\nmod tests {\n    fn f() { thread::sleep(ONE); }\n}\n";
    let source = |path: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let found = |path: &str| pauses_in(path, &test_code(&source(path)));
    assert_eq!(found("server/src/a.rs"), ["server/src/a.rs:5: sleep"]);
    assert_eq!(found("tests/a.rs"), ["tests/a.rs:1: sleep", "tests/a.rs:5: sleep"]);
    assert!(is_allowed("tests/replicas/load.rs") && !is_allowed("tests/stories/ladder.rs"));
}
