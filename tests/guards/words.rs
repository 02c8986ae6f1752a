//! Names in the code and in the contract do not use invented words for things that have a standard term. The standard
//! terms are in ARCHITECTURE.md.

use super::code_text::{code_text, words};
use super::sources;

/// Words that no name may contain, each with the standard term.
const FORBIDDEN: [(&str, &str); 28] = [
    ("debt", "penalty"),
    ("debts", "penalties"),
    ("deed", "task"),
    ("deeds", "tasks"),
    ("doorkeeper", "authenticator"),
    ("errand", "task"),
    ("errands", "tasks"),
    ("farewell", "goaway"),
    ("freshen", "refresh"),
    ("hear", "receive"),
    ("heard", "received"),
    ("hears", "receives"),
    ("lend", "acquire"),
    ("lends", "acquires"),
    ("notary", "signer"),
    ("ours", "detail"),
    ("owe", "due"),
    ("owes", "due"),
    ("plant", "insert or inject"),
    ("planted", "inserted or injected"),
    ("planting", "inserting or injecting"),
    ("plants", "inserts or injects"),
    ("seal", "encrypt or sign"),
    ("sealer", "signer"),
    ("seals", "encrypts or signs"),
    ("switchboard", "api"),
    ("tell", "report"),
    ("told", "reported"),
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

/// The standard term for the first forbidden part of a name; `None` if it has none.
fn standard_term(name: &str) -> Option<&'static str> {
    let parts = parts(name);
    FORBIDDEN.iter().find(|(word, _)| parts.iter().any(|part| part == word)).map(|(_, term)| *term)
}

/// The names of a text with a forbidden word, each with its line and the standard term.
fn forbidden_in(path: &str, code: &str) -> Vec<String> {
    let found = words(code).filter_map(|(line, name)| Some((line, name, standard_term(name)?)));
    found.map(|(line, name, term)| format!("{path}:{line}: {name}: {term}")).collect()
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
    let expected = [
        "a.rs:1: told: reported",
        "a.rs:1: TOLD_AT: reported",
        "a.rs:2: TicketSwitchboard: api",
        "a.rs:4: hears_owe: receives",
    ];
    assert_eq!(found, expected);
}
