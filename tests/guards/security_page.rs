//! `docs/security.md` makes no claim without a test: each test, target or check that it names exists, and each row of
//! its tables names one.

use std::fs;

use super::sources;

/// The page.
const PAGE: &str = "docs/security.md";

/// The references of a row: a file, and a name in it.
fn references(line: &str) -> Vec<(String, String)> {
    let quoted = line.split('`').skip(1).step_by(2);
    let named = quoted.filter_map(|quoted| quoted.split_once("::"));
    let is_file = |(path, _): &(&str, &str)| {
        let end = path.rsplit('/').next().unwrap_or_default();
        end.rsplit_once('.').is_some_and(|(_, end)| end == "rs") || path.starts_with(".ci/")
    };
    named.filter(is_file).map(|(path, name)| (path.to_owned(), name.to_owned())).collect()
}

/// Whether a file has a function with a name, in Rust, Python or shell.
fn has(path: &str, name: &str) -> bool {
    let is_whole = path.starts_with("server/") || path.starts_with(".ci/");
    let path = if is_whole { path.to_owned() } else { format!("tests/{path}") };
    let Ok(text) = fs::read_to_string(sources::root().join(path)) else { return false };
    let begins =
        [format!("fn {name}("), format!("fn {name}<"), format!("def {name}("), format!("{name}() {{")];
    text.lines().any(|line| begins.iter().any(|begin| line.trim_start_matches("pub(crate) ").contains(begin)))
}

#[test]
fn every_test_on_the_page_exists() {
    let page = sources::read(PAGE);
    let missing: Vec<_> = page.lines().flat_map(references).filter(|(path, name)| !has(path, name)).collect();
    assert!(missing.is_empty(), "{PAGE} names what is not there: {missing:?}");
}

#[test]
fn every_claim_on_the_page_names_a_test() {
    let page = sources::read(PAGE);
    let is_claim = |line: &&str| line.starts_with("| ") && line.matches(" | ").count() == 2;
    let is_head = |line: &str| line.ends_with("| seen by |");
    let bare: Vec<_> =
        page.lines().filter(is_claim).filter(|line| !is_head(line) && references(line).is_empty()).collect();
    assert!(bare.is_empty(), "{PAGE} claims what nothing has seen: {bare:?}");
    assert!(page.lines().filter(is_claim).count() > 30, "{PAGE} has lost its tables");
}

#[test]
fn a_reference_is_a_file_and_a_name() {
    let line = "| x | y, `vault::KeyProvider` | `stories/a.rs::b`, `.ci/run::c` |";
    let expected =
        [("stories/a.rs", "b"), (".ci/run", "c")].map(|(path, name)| (path.to_owned(), name.to_owned()));
    assert_eq!(references(line), expected);
    assert!(has("guards/security_page.rs", "has") && !has("guards/security_page.rs", "hasnt"));
}
