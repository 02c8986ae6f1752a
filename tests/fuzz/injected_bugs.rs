//! Injected bugs that show that this suite finds bugs. Each is of a kind that is typical for code that reads foreign
//! bytes.

use crate::engine;
use crate::targets::Target;
use crate::targets::grpc_calls;
use crate::targets::random::Random;

/// Inputs after which an injected bug counts as missed.
const EXECUTIONS: u64 = 200_000;

/// An index from the input.
fn index(bytes: &[u8]) {
    if let [b'h', place, rest @ ..] = bytes {
        assert!(rest.is_empty() || rest[usize::from(*place)] < u8::MAX || rest[0] > 0);
    }
}

/// A text that is split inside a character.
fn cut(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.len() > 3
    {
        let _ = &text[..3];
    }
}

/// A length from the input.
fn length(bytes: &[u8]) {
    if let Some(([high, low], rest)) = bytes.split_first_chunk() {
        let length = u16::from_be_bytes([*high, *low]) & 0x3ff;
        let _ = &rest[..usize::from(length)];
    }
}

/// A panic in a task, which its runtime would hide.
fn task(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let is_last = bytes.last() == Some(&0x80);
    let _ = runtime.block_on(async move { tokio::spawn(async move { assert!(!is_last) }).await });
}

fn generate(random: &mut Random) -> Vec<u8> {
    let length = random.below(12);
    (0..length).map(|_| random.pick(b"hotline 0123")).collect()
}

const INJECTED_BUGS: [Target; 4] = [
    Target { name: "index", run: index, generate, dictionary: &["h"] },
    Target { name: "cut", run: cut, generate, dictionary: &["热线"] },
    Target { name: "length", run: length, generate, dictionary: &[] },
    Target { name: "task", run: task, generate, dictionary: &[] },
];

/// Checks that every injected bug is found, and that page tokens pass the check of their digest.
pub(crate) fn check(seed: u64) -> Result<String, String> {
    let mut found = Vec::new();
    for bug in &INJECTED_BUGS {
        match engine::run(bug, &[], EXECUTIONS, seed) {
            Ok(_) => return Err(format!("the injected bug {:?} was not found", bug.name)),
            Err(finding) => found.push(format!("{} by input {}", bug.name, finding.executions)),
        }
    }
    grpc_calls::page_tokens_fit()?;
    Ok(found.join(", "))
}
