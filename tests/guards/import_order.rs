//! Import order: a top module of the server imports only from the modules below it in the table of `server/src/lib.rs`.
//! Inside a top module every import is allowed. The same order holds for tests.

use std::collections::BTreeSet;

use super::sources::{self, Source, without_comments};

const LIB: &str = "server/src/lib.rs";

/// The top modules as the table lists them, from top to bottom.
fn modules() -> Vec<String> {
    let module = |line: &str| Some(line.strip_prefix("//! | [`")?.split_once('`')?.0.to_owned());
    sources::read(LIB).lines().filter_map(module).collect()
}

/// The top module of a file; `None` for `lib.rs` and `main.rs`.
fn module_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("server/src/")?;
    let module = inside.split(['/', '.']).next()?;
    (!matches!(inside, "lib.rs" | "main.rs")).then_some(module)
}

/// The depth of a file's module below the crate: 1 for a top module.
fn depth_of(path: &str) -> usize {
    let inside = path.trim_start_matches("server/src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inside.split('/').count()
}

/// The first name of a path.
fn first_name(path: &str) -> String {
    path.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// The names directly inside a `{…}`.
fn names_in_braces(rest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut level = 0_usize;
    for (place, letter) in rest.char_indices() {
        match letter {
            '{' => level += 1,
            '}' => level -= 1,
            _ => {}
        }
        if level == 0 {
            break;
        }
        if level == 1 && matches!(letter, '{' | ',') {
            names.push(first_name(&rest[place + 1..]));
        }
    }
    names
}

/// The names after each `crate::`, and after each chain of `super::` that is long enough to leave the top module.
fn used_names(code: &str, depth: usize) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let way_out = "super::".repeat(depth);
    for way in ["crate::", way_out.as_str()] {
        for (place, _) in code.match_indices(way) {
            let rest = &code[place + way.len()..];
            if rest.starts_with('{') {
                names.extend(names_in_braces(rest));
            } else {
                names.insert(first_name(rest));
            }
        }
    }
    names
}

/// The modules above its own that a file uses.
fn upward(source: &Source, modules: &[String]) -> Vec<String> {
    let Some(own) = module_of(&source.path) else { return Vec::new() };
    let place = modules.iter().position(|module| module == own);
    let place = place.unwrap_or_else(|| panic!("{} lies in no module of {LIB}", source.path));
    let used = used_names(&without_comments(&source.text), depth_of(&source.path));
    let above = modules[..place].iter().filter(|module| used.contains(*module));
    above.map(|module| format!("{} uses {module}, which lies above {own}", source.path)).collect()
}

#[test]
fn a_module_imports_only_modules_below_it() {
    let modules = modules();
    let wrong: Vec<_> =
        sources::under("server/src").iter().flat_map(|source| upward(source, &modules)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_names_every_module_and_no_other() {
    let declared = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    let declared: BTreeSet<_> = sources::read(LIB).lines().filter_map(declared).collect();
    assert_eq!(modules().into_iter().collect::<BTreeSet<_>>(), declared);
}

#[test]
fn an_upward_import_is_found_however_it_is_written() {
    let modules = modules();
    for code in [
        "use crate::rpc::status;",
        "use crate::{access::Permit, ledger::{self, Entry}, rpc};",
        "fn f() { crate::rpc::f() }",
        "use super::super::rpc;",
    ] {
        let source =
            Source { path: "server/src/closed_loop/plan_ticket.rs".to_owned(), text: code.to_owned() };
        assert_eq!(upward(&source, &modules).len(), 1, "{code}");
    }
    let down = "use crate::{access::Permit, ledger::{rpc, Entry}};\n// crate::rpc\nuse super::rpc;";
    let source = Source { path: "server/src/closed_loop/plan_ticket.rs".to_owned(), text: down.to_owned() };
    assert_eq!(upward(&source, &modules), Vec::<String>::new());
}
