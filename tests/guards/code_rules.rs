//! Rules for every file: it begins with `//!`, its name is specific, modules have one style, and no lint is allowed
//! without a reason.

use super::sources::{self, Source};

/// Words without a specific meaning.
const EMPTY_WORDS: [&str; 6] = ["util", "utils", "helper", "helpers", "common", "manager"];

/// What is wrong with the name of a file.
fn wrong_name(path: &str) -> Option<String> {
    if path.ends_with("/mod.rs") {
        return Some(format!("{path}: a module x is x.rs with its parts in x/, and has no mod.rs"));
    }
    let mut words = path.trim_end_matches(".rs").split(['/', '_']);
    words.find(|word| EMPTY_WORDS.contains(word)).map(|word| format!("{path}: {word:?} says nothing"))
}

/// The lints that a file allows. The searched words are put together here, so that this file does not contain them.
fn switched_off(source: &Source) -> Vec<String> {
    let code = sources::without_comments(&source.text);
    let banned = ["allow", "ignore"].into_iter().flat_map(|word| [format!("#[{word}"), format!("#![{word}")]);
    banned.filter(|one| code.contains(one.as_str())).map(|one| format!("{} has {one}", source.path)).collect()
}

#[test]
fn every_file_opens_with_what_it_promises() {
    for source in sources::every() {
        let first = source.text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 10, "{} opens with {first:?}", source.path);
    }
}

#[test]
fn every_file_has_a_name_that_says_something_in_one_module_style() {
    let wrong: Vec<_> = sources::every().iter().filter_map(|source| wrong_name(&source.path)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_allowed_only_expected_and_no_test_is_left_out() {
    let wrong: Vec<_> = sources::every().iter().flat_map(switched_off).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn wrong_names_and_attributes_are_found() {
    assert!(wrong_name("server/src/rpc/mod.rs").is_some());
    assert!(wrong_name("server/src/rpc_helpers.rs").is_some());
    assert_eq!(wrong_name("server/src/modules.rs"), None);
    let text = format!("//! A file.\n#[{}(dead_code)]\nfn f() {{}}\n", "allow");
    assert_eq!(switched_off(&Source { path: "a.rs".to_owned(), text }).len(), 1);
}
