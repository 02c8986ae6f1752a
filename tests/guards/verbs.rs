//! One method, one file, one name: every method of the contract has its use case in `closed_loop`, `desk` or `oversight`
//! and its method in the SDK; every changing method of the ticket service has its row in the table of commands.

use std::collections::BTreeSet;

use hotline_proto::v1::RetryClass;
use hotline_proto::{METHODS, MethodRow};
use hotline_server::ticket::Command;

use super::sources::{self, snake};

/// The rooms of use cases: one file for each method of the contract.
const ROOMS: [&str; 3] = ["server/src/closed_loop", "server/src/desk", "server/src/oversight"];

/// Methods of the ticket service that change no ticket: they open the vault, and have a room of their own.
const REVEALS: [&str; 2] = ["RevealIdentity", "ApproveReveal"];

fn changing() -> Vec<&'static MethodRow> {
    let is_changing = |row: &&MethodRow| {
        row.service == "TicketService"
            && row.retry != RetryClass::Idempotent
            && !REVEALS.contains(&row.method)
    };
    METHODS.iter().filter(is_changing).collect()
}

/// The use cases: each file of the rooms that opens with the name of a method.
fn use_cases() -> Vec<(String, sources::Source)> {
    let all = ROOMS.iter().flat_map(|room| sources::under(room));
    let named = all.filter_map(|source| {
        let name = source.text.strip_prefix("//! `")?.split('`').next()?.to_owned();
        name.starts_with(|letter: char| letter.is_ascii_uppercase()).then_some((name, source))
    });
    named.collect()
}

#[test]
fn every_method_has_one_file_and_every_use_case_is_a_method() {
    let mut files: Vec<_> = use_cases().into_iter().map(|(name, _)| name).collect();
    files.sort();
    let mut methods: Vec<_> = METHODS.iter().map(|row| row.method.to_owned()).collect();
    methods.sort();
    assert_eq!(files, methods);
}

#[test]
fn a_file_of_a_method_has_its_name() {
    for (method, source) in use_cases() {
        let name = snake(&method);
        assert!(source.path.ends_with(&format!("/{name}.rs")), "{} opens with {method}", source.path);
    }
}

#[test]
fn a_verb_s_file_has_its_command_and_no_other_file_has_one() {
    let changing: BTreeSet<_> = changing().iter().map(|row| row.method.to_owned()).collect();
    for (method, source) in use_cases().iter().filter(|(method, _)| changing.contains(method)) {
        let has_type = source.text.contains(&format!("pub struct {method}"))
            || source.text.contains(&format!("pub enum {method}"));
        assert!(has_type, "{} has no command {method}", source.path);
    }
    let verbs: BTreeSet<_> = use_cases().into_iter().map(|(_, source)| source.path).collect();
    for source in ROOMS.iter().flat_map(|room| sources::under(room)) {
        let is_verb = source.text.contains("impl Verb for ");
        assert!(!is_verb || verbs.contains(&source.path), "{} opens with no method", source.path);
    }
}

#[test]
fn the_commands_are_the_changing_methods_after_intake() {
    let commands: BTreeSet<_> = Command::ALL.iter().map(|command| command.name()).collect();
    assert_eq!(commands.len(), Command::ALL.len(), "two commands have one name");
    let methods: BTreeSet<_> =
        changing().iter().map(|row| row.method).filter(|method| *method != "CreateTicket").collect();
    assert_eq!(commands, methods);
}

#[test]
fn the_sdk_has_every_method_under_its_own_name() {
    let sdk: String = sources::under("client-sdk/src").iter().map(|source| source.text.as_str()).collect();
    for row in METHODS {
        let name = snake(row.method);
        let has_it = [format!("pub async fn {name}("), format!("pub fn {name}(")]
            .iter()
            .any(|signature| sdk.contains(signature));
        assert!(has_it, "the SDK has no method {name} for {}", row.path);
    }
}
