//! Names in the code and in the contract do not use invented words for things that have a standard term. The standard
//! terms are in ARCHITECTURE.md.

use super::code_text::{code_text, words};
use super::sources;

/// Words that no name may have.
pub(super) const FORBIDDEN: [&str; 16] = [
    "ours",
    "hear",
    "hears",
    "heard",
    "told",
    "owe",
    "owes",
    "debt",
    "debts",
    "doorkeeper",
    "notary",
    "farewell",
    "switchboard",
    "hasty",
    "anew",
    "unhurried",
];

/// The parts of a name: `told_at` → told, at; `TicketSwitchboard` → ticket, switchboard.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut is_after_lower = false;
    for letter in name.chars() {
        if letter == '_' || (letter.is_uppercase() && is_after_lower) {
            parts.push(String::new());
        }
        if letter != '_' {
            parts.last_mut().expect("there is one").extend(letter.to_lowercase());
        }
        is_after_lower = letter.is_lowercase();
    }
    parts
}

/// The names of a text with a forbidden word, each with its line and the standard term.
fn forbidden_in(path: &str, code: &str) -> Vec<String> {
    let is_forbidden = |part: &String| FORBIDDEN.contains(&part.as_str());
    let found = words(code).filter(|(_, word)| parts(word).iter().any(is_forbidden));
    found.map(|(line, word)| format!("{path}:{line}: {word}")).collect()
}

#[test]
fn no_name_in_the_code_has_a_word_of_the_old_vocabulary() {
    let wrong: Vec<_> = sources::every()
        .iter()
        .flat_map(|source| {
            let mut wrong = forbidden_in(&source.path, &code_text(&source.text));
            wrong.extend(forbidden_in(&source.path, &source.path));
            wrong
        })
        .collect();
    assert!(wrong.is_empty(), "{} names:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_name_in_the_contract_has_a_word_of_the_old_vocabulary() {
    let wrong: Vec<_> = sources::contract_files()
        .iter()
        .flat_map(|source| forbidden_in(&source.path, &code_text(&source.text)))
        .collect();
    assert!(wrong.is_empty(), "{} names:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_forbidden_word_is_found_in_every_spelling_and_in_no_text() {
    let code = "fn told() { let x = TOLD_AT; } // told\nstruct TicketSwitchboard;\nlet retold = \"told\";\nhears_owe";
    let found = forbidden_in("a.rs", &code_text(code));
    assert_eq!(found, ["a.rs:1: told", "a.rs:1: TOLD_AT", "a.rs:2: TicketSwitchboard", "a.rs:4: hears_owe"]);
}
