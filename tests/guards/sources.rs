//! The repository as text: every Rust file with its path, and its code without comments.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders with code of the project, without `target` and hidden folders.
const FOLDERS: [&str; 9] =
    ["proto", "server", "client-sdk", "hotline-fake", "admin", "tests", "benches", "fuzz", "build.rs"];

/// A file of the repository.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its path from the root, with `/` between folders.
    pub(crate) path: String,
    /// Its content.
    pub(crate) text: String,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the server lies in the repository").to_owned()
}

/// The content of a file of the repository.
pub(crate) fn read(path: &str) -> String {
    let full = root().join(path);
    fs::read_to_string(&full).unwrap_or_else(|error| panic!("{}: {error}", full.display()))
}

/// Every Rust file of the project, in the order of the paths.
pub(crate) fn every() -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        collect(&root().join(folder), &mut paths);
    }
    paths.sort();
    paths.into_iter().map(|path| source(&path)).collect()
}

/// Every Rust file under a folder, in the order of the paths.
pub(crate) fn under(folder: &str) -> Vec<Source> {
    let prefix = format!("{folder}/");
    let found: Vec<_> = every().into_iter().filter(|source| source.path.starts_with(&prefix)).collect();
    assert!(!found.is_empty(), "no Rust file under {folder}");
    found
}

/// Every file of the contract.
pub(crate) fn contract_files() -> Vec<Source> {
    let folder = root().join("proto/hotline/v1");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .expect("the contract is there")
        .map(|entry| entry.expect("a folder of the contract can be listed").path())
        .filter(|path| path.extension().is_some_and(|end| end == "proto"))
        .collect();
    paths.sort();
    paths.into_iter().map(|path| source(&path)).collect()
}

fn collect(path: &Path, paths: &mut Vec<PathBuf>) {
    if path.is_file() && path.extension().is_some_and(|end| end == "rs") {
        paths.push(path.to_owned());
    }
    let Ok(entries) = fs::read_dir(path) else { return };
    for entry in entries {
        let entry = entry.expect("a folder of ours can be listed").path();
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name != "target" && !name.starts_with('.') {
            collect(&entry, paths);
        }
    }
}

fn source(path: &Path) -> Source {
    let relative = path.strip_prefix(root()).expect("a file of the repository");
    let relative = relative.to_string_lossy().replace('\\', "/");
    Source { text: read(&relative), path: relative }
}

/// Code without its comments. An address such as `http://…` is no comment.
pub(crate) fn without_comments(text: &str) -> String {
    let code_of = |line: &str| {
        let is_comment = line.trim_start().starts_with("//");
        let code = if is_comment { "" } else { line.split(" //").next().unwrap_or_default() };
        code.to_owned()
    };
    text.lines().map(code_of).collect::<Vec<_>>().join("\n")
}

/// The file or function name for a name of the contract: `RuleOnReturn` → `rule_on_return`.
pub(crate) fn snake(name: &str) -> String {
    name.chars().fold(String::new(), |mut snake, letter| {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
        snake
    })
}

#[test]
fn comments_are_left_out_and_addresses_are_not() {
    let text = "//! use crate::a;\nlet x = 1; // crate::b\nlet url = \"http://x\";\n    /// crate::c";
    assert_eq!(without_comments(text), "\nlet x = 1;\nlet url = \"http://x\";\n");
    assert_eq!(snake("RuleOnReturn"), "rule_on_return");
}
