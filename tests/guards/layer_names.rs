//! Names that a module of the server may not use: `rpc` and `closed_loop` no database library, `platform` neither
//! tickets nor the contract.

use super::code_text::{code_text, without_tests};
use super::sources::{self, Source};

/// Uses that are allowed, by file and line: the reason of a fault is the contract's (docs/adr/0029).
const ALLOWED: [(&str, &str); 1] = [("server/src/platform/fault.rs", "use hotline_proto::v1::ErrorReason;")];

/// A folder or file below `server/src`, and the paths that it may not name.
const FORBIDDEN: [(&str, &[&str]); 3] =
    [("rpc", &["sea_orm"]), ("closed_loop", &["sea_orm"]), ("platform", &["crate::ticket", "hotline_proto"])];

/// The forbidden names in a file, each with its line.
fn forbidden_in(source: &Source) -> Vec<String> {
    let is_in = |module: &str| {
        let inside = source.path.strip_prefix("server/src/").and_then(|path| path.strip_prefix(module));
        inside.is_some_and(|rest| rest.starts_with(['/', '.']))
    };
    let Some((module, names)) = FORBIDDEN.iter().find(|(module, _)| is_in(module)) else { return Vec::new() };
    let code = without_tests(&code_text(&source.text));
    let lines = code
        .lines()
        .filter_map(|line| names.iter().find(|name| has_name(line, name)).map(|name| (line, name)));
    lines
        .filter(|(line, _)| !ALLOWED.contains(&(source.path.as_str(), line.trim())))
        .map(|(line, name)| format!("{} names {name}, which {module} may not: {}", source.path, line.trim()))
        .collect()
}

/// Whether a line has a path that is, or begins with, a name.
fn has_name(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(place, _)| {
        let is_of_name = |letter: Option<char>| letter.is_some_and(|one| one.is_alphanumeric() || one == '_');
        !is_of_name(line[..place].chars().next_back())
            && !is_of_name(line[place + name.len()..].chars().next())
    })
}

#[test]
fn no_module_names_what_lies_outside_its_layer() {
    let wrong: Vec<_> = sources::under("server/src").iter().flat_map(forbidden_in).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_forbidden_name_is_found_in_code_alone() {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    for (path, text) in [
        ("server/src/rpc.rs", "use sea_orm::DbErr;"),
        ("server/src/closed_loop/merge_ticket.rs", "fn f(db: &sea_orm::DatabaseConnection) {}"),
        ("server/src/platform/work.rs", "use crate::ticket::Ticket;"),
        ("server/src/platform/store.rs", "use hotline_proto::v1;"),
    ] {
        assert_eq!(forbidden_in(&source(path, text)).len(), 1, "{path}");
    }
    let text = "// sea_orm\nuse crate::tickets_of::x;\n#[cfg(test)]\nmod tests { use sea_orm::X; }\n";
    assert_eq!(forbidden_in(&source("server/src/rpc/page.rs", text)), Vec::<String>::new());
    assert_eq!(forbidden_in(&source("server/src/ledger/rows.rs", "use sea_orm::X;")), Vec::<String>::new());
}
