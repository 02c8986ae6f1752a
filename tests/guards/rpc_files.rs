//! The list of files shows where each call of the contract is handled: its use case is one file of its name outside
//! `rpc`, and a file in `rpc` decodes its request.

use std::collections::BTreeMap;

use hotline_proto::METHODS;

use super::code_text::{code_text, without_tests};
use super::sources::{self, Source, snake};

const SERVER: &str = "server/src/";
const RPC: &str = "server/src/rpc";

fn is_in_rpc(source: &Source) -> bool {
    source.path.strip_prefix(RPC).is_some_and(|rest| rest.starts_with(['/', '.']))
}

/// What remains of the files in `rpc` without their comments, strings and tests.
fn code_of_rpc(files: &[Source]) -> Vec<String> {
    files.iter().filter(|one| is_in_rpc(one)).map(|one| without_tests(&code_text(&one.text))).collect()
}

/// The files that a method lacks in the server.
fn missing(method: &str, files: &[Source], code_of_rpc: &[String]) -> Vec<String> {
    let name = format!("/{}.rs", snake(method));
    let use_cases: Vec<_> = files
        .iter()
        .filter(|source| !is_in_rpc(source) && source.path.ends_with(&name))
        .map(|one| &one.path)
        .collect();
    // Each request has one implementation that decodes it: `impl … for pb::PlanTicketRequest`.
    let implementation = format!("for pb::{method}Request {{");
    let mut missing = Vec::new();
    if use_cases.len() != 1 {
        missing
            .push(format!("{method}: one use case {SERVER}…{name} is expected, and there are {use_cases:?}"));
    }
    if !code_of_rpc.iter().any(|code| code.contains(&implementation)) {
        missing.push(format!("{method}: no file in {RPC} decodes its request"));
    }
    missing
}

#[test]
fn every_rpc_has_its_use_case_and_its_decoder() {
    let files = sources::under("server/src");
    let code = code_of_rpc(&files);
    let wrong: Vec<_> = METHODS.iter().flat_map(|row| missing(row.method, &files, &code)).collect();
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
    let missing = |files: &[Source]| missing("PlanTicket", files, &code_of_rpc(files)).len();
    assert_eq!(missing(&[use_case, decoder]), 0);
    assert_eq!(missing(&[comment]), 2);
    let twice =
        ["server/src/desk/plan_ticket.rs", "server/src/ledger/plan_ticket.rs"].map(|path| source(path, ""));
    assert_eq!(missing(&twice), 2);
}
