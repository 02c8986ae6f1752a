//! The list of files shows where each call of the contract is handled: its use case is one file of its name outside
//! `rpc`, and a file in `rpc` decodes its request.

use std::collections::BTreeMap;

use hotline_proto::METHODS;

use super::code_text::{code_text, without_tests};
use super::sources::{self, Source, snake};

const SERVER: &str = "server/src/";
const RPC: &str = "server/src/rpc";

/// The files that a method lacks in the server.
fn missing(method: &str, files: &[Source]) -> Vec<String> {
    let name = format!("/{}.rs", snake(method));
    let in_rpc =
        |source: &&Source| source.path.strip_prefix(RPC).is_some_and(|rest| rest.starts_with(['/', '.']));
    let use_cases: Vec<_> = files
        .iter()
        .filter(|source| !in_rpc(source) && source.path.ends_with(&name))
        .map(|one| &one.path)
        .collect();
    // Each request has one implementation that decodes it: `impl … for pb::PlanTicketRequest`.
    let implementation = format!("for pb::{method}Request {{");
    let decodes = |source: &&Source| without_tests(&code_text(&source.text)).contains(&implementation);
    let mut missing = Vec::new();
    if use_cases.len() != 1 {
        missing
            .push(format!("{method}: one use case {SERVER}…{name} is expected, and there are {use_cases:?}"));
    }
    if !files.iter().filter(in_rpc).any(|source| decodes(&source)) {
        missing.push(format!("{method}: no file in {RPC} decodes its request"));
    }
    missing
}

#[test]
fn every_rpc_has_its_use_case_and_its_decoder() {
    let files = sources::under("server/src");
    let wrong: Vec<_> = METHODS.iter().flat_map(|row| missing(row.method, &files)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_two_methods_share_a_name() {
    let mut names: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in METHODS {
        names.entry(row.method).or_default().push(row.path);
    }
    names.retain(|_, paths| paths.len() > 1);
    assert_eq!(names, BTreeMap::new(), "their files would have one name");
}

#[test]
fn a_method_without_its_files_is_found() {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let use_case = source("server/src/closed_loop/plan_ticket.rs", "");
    let decoder = source(
        "server/src/rpc/ticket/verbs/plan_ticket.rs",
        "impl Handler<TicketApi> for pb::PlanTicketRequest {}",
    );
    let comment =
        source("server/src/rpc/ticket.rs", "// impl Handler<TicketApi> for pb::PlanTicketRequest {}");
    assert_eq!(missing("PlanTicket", &[use_case, decoder]), Vec::<String>::new());
    assert_eq!(missing("PlanTicket", &[comment]).len(), 2);
    let twice =
        ["server/src/desk/plan_ticket.rs", "server/src/ledger/plan_ticket.rs"].map(|path| source(path, ""));
    assert_eq!(missing("PlanTicket", &twice).len(), 2);
}
