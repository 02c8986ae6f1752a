//! The configuration documents itself: every key of the default file has a comment, and the program prints that file.

use std::process::Command;

use super::sources;

const FILE: &str = "server/config.default.toml";

/// The keys without a comment above them, or above the lines that they follow directly.
fn unexplained(text: &str) -> Vec<String> {
    let mut is_explained = false;
    let mut wrong = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            is_explained = false;
        } else if line.starts_with('#') {
            is_explained = true;
        } else if let Some((key, _)) = line.split_once('=').filter(|_| !is_explained) {
            wrong.push(key.trim().to_owned());
        }
    }
    wrong
}

#[test]
fn every_key_has_a_comment() {
    let text = sources::read(FILE);
    assert_eq!(unexplained(&text), Vec::<String>::new());
    assert_eq!(unexplained("# why\na = 1\nb = 2\n\n[table]\nc = 3\n# d\nd = 4"), ["c"]);
}

#[test]
fn the_program_prints_the_file() {
    let output = Command::new(env!("CARGO_BIN_EXE_hotline-server")).arg("config").output();
    let output = output.expect("the server can be run");
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).expect("text"), sources::read(FILE));
}
