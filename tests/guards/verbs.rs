//! One verb, one file, one name: every changing method of the ticket service has its file in `closed_loop` or
//! `oversight`, its row in the table of commands, and its method in the SDK.

use std::collections::BTreeSet;

use hotline_proto::v1::RetryClass;
use hotline_proto::{METHODS, MethodRow};
use hotline_server::ticket::Command;

use super::sources::{self, snake};

/// The two folders of verbs.
const VERB_FOLDERS: [&str; 2] = ["server/src/closed_loop", "server/src/oversight"];
/// Files there that are no verb, and why.
const NO_VERBS: [(&str, &str); 15] = [
    ("mod", "what every verb shares"),
    ("fixture", "what the tests of every verb share"),
    ("given_texts", "what a caller's own texts become"),
    ("recall", "takes tickets away where the tree of units is changed"),
    ("repeat", "answers a second request of one source"),
    ("runner", "acts by itself and takes no input"),
    ("reconciler", "acts by itself and takes no input"),
    ("sealer", "acts by itself and takes no input"),
    ("self_check", "reads back what was acknowledged"),
    ("digests", "gathers by itself what fired"),
    ("simulation", "moves the clock, not a ticket"),
    ("notary", "seals by itself what happened"),
    ("ship", "copies seals and restores to a folder by itself"),
    ("told", "counts what has happened"),
    ("writing", "what the texts of an earlier release are looked through by"),
];

/// Methods of the ticket service that change no ticket: they open the vault, and have a folder of their own.
const REVEALS: [&str; 2] = ["RevealIdentity", "ApproveReveal"];

fn changing() -> Vec<&'static MethodRow> {
    let is_changing = |row: &&MethodRow| {
        row.service == "TicketService"
            && row.retry != RetryClass::Idempotent
            && !REVEALS.contains(&row.method)
    };
    METHODS.iter().filter(is_changing).collect()
}

#[test]
fn every_changing_method_has_a_file_and_every_file_a_method() {
    let no_verbs: BTreeSet<_> = NO_VERBS.iter().map(|(name, _)| *name).collect();
    let files: BTreeSet<_> = VERB_FOLDERS
        .iter()
        .flat_map(|folder| sources::under(folder))
        .filter_map(|source| Some(source.path.rsplit_once('/')?.1.trim_end_matches(".rs").to_owned()))
        .filter(|name| !no_verbs.contains(name.as_str()))
        .collect();
    let methods: BTreeSet<_> = changing().iter().map(|row| snake(row.method)).collect();
    assert_eq!(files, methods);
}

#[test]
fn every_verb_s_file_opens_with_its_name() {
    for row in changing() {
        let name = snake(row.method);
        let sources: Vec<_> = VERB_FOLDERS
            .iter()
            .flat_map(|folder| sources::under(folder))
            .filter(|source| source.path.ends_with(&format!("/{name}.rs")))
            .collect();
        let [source] = sources.as_slice() else { panic!("{name}.rs is not one file") };
        let opening = format!("//! `{}`", row.method);
        assert!(source.text.starts_with(&opening), "{} does not open with {opening}", source.path);
        let has_type = source.text.contains(&format!("pub struct {}", row.method))
            || source.text.contains(&format!("pub enum {}", row.method));
        assert!(has_type, "{} has no command {}", source.path, row.method);
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
