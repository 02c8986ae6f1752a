//! One method, one file, one name. Every method of the contract has its use case in `closed_loop`, `desk` or
//! `oversight` and its method in the SDK. Every changing method of the ticket service has its row in the table of
//! commands.

use std::collections::BTreeSet;

use hotline_proto::v1::RetryClass;
use hotline_proto::{METHODS, MethodRow};
use hotline_server::ticket::Command;

use super::sources::{self, snake};

/// The two folders of verbs.
const VERB_FOLDERS: [&str; 2] = ["server/src/closed_loop", "server/src/oversight"];
/// Methods of the ticket service that are in another folder: they decrypt identities, start a transfer, or record the
/// advice of a unit that has no relation to the ticket.
const ELSEWHERE: [&str; 4] = ["RevealIdentity", "ApproveReveal", "TransferTickets", "AdviseDispatch"];

fn changing() -> Vec<&'static MethodRow> {
    let is_changing = |row: &&MethodRow| {
        row.service == "TicketService"
            && row.retry != RetryClass::Idempotent
            && !ELSEWHERE.contains(&row.method)
    };
    METHODS.iter().filter(is_changing).collect()
}

/// The method of a file: named by its first line and by its file name.
fn method_of(path: &str, text: &str) -> Option<String> {
    let name = text.strip_prefix("//! `")?.split_once('`')?.0;
    let is_name = name.chars().all(char::is_alphanumeric) && name.starts_with(char::is_uppercase);
    (is_name && path.ends_with(&format!("/{}.rs", snake(name)))).then(|| name.to_owned())
}

#[test]
fn every_file_that_opens_as_a_verb_is_a_method_of_the_contract() {
    let sources: Vec<_> = VERB_FOLDERS.iter().flat_map(|folder| sources::under(folder)).collect();
    let named = sources.iter().filter_map(|source| method_of(&source.path, &source.text));
    let unknown: Vec<_> = named.filter(|name| METHODS.iter().all(|row| row.method != name)).collect();
    assert_eq!(unknown, Vec::<String>::new());
    let path = "server/src/closed_loop/sing_ticket.rs";
    assert_eq!(method_of(path, "//! `SingTicket`: x").as_deref(), Some("SingTicket"));
    assert_eq!(method_of(path, "//! `ClosedLoop` runs verbs"), None);
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
