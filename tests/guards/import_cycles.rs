//! No two files of the server depend on each other, directly or through other files. A file depends on the file that
//! defines what it imports or names by a path. A re-export leads to the definition, and a `mod` line is no dependency.

use std::collections::{BTreeMap, BTreeSet};

use super::module_graph::{Graph, Module};
use super::sources::{self, Source};

/// The sets of files that depend on each other, each with its dependencies inside the set.
fn cycles(graph: &Graph) -> Vec<String> {
    let edges = graph.edges();
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        edges.keys().map(|module| (module, reachable(module, &edges))).collect();
    let mut cycles = Vec::new();
    let mut seen = BTreeSet::new();
    for module in edges.keys() {
        let together: BTreeSet<_> =
            reached[module].iter().copied().filter(|other| reached[*other].contains(module)).collect();
        if together.is_empty() || !seen.insert(together.clone()) {
            continue;
        }
        let mut lines = vec![format!("{} files depend on each other:", together.len())];
        for from in &together {
            for (to, items) in edges[*from].iter().filter(|(to, _)| together.contains(to)) {
                let items: Vec<_> = items.iter().map(String::as_str).collect();
                lines.push(format!("  {} -> {}: {}", graph.path(from), graph.path(to), items.join(", ")));
            }
        }
        cycles.push(lines.join("\n"));
    }
    cycles
}

/// Every module that another depends on, over any number of steps.
fn reachable<'a>(
    from: &Module,
    edges: &'a BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>>,
) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Module> = edges[from].keys().collect();
    while let Some(module) = next.pop() {
        if reached.insert(module) {
            next.extend(edges[module].keys());
        }
    }
    reached
}

#[test]
fn no_files_of_the_server_depend_on_each_other() {
    let cycles = cycles(&Graph::of(&sources::under("server/src")));
    assert!(cycles.is_empty(), "{}", cycles.join("\n"));
}

/// The files of an example crate, each with its path below `server/src` and its code.
fn graph(files: &[(&str, &str)]) -> Graph {
    let source =
        |(path, text): &(&str, &str)| Source { path: format!("server/src/{path}"), text: (*text).to_owned() };
    Graph::of(&files.iter().map(source).collect::<Vec<_>>())
}

#[test]
fn a_cycle_is_found_however_it_is_written() {
    for (what, one, other) in [
        ("by use", "use crate::b::X;\npub struct Y;", "use crate::a::Y;\npub struct X;"),
        (
            "by super and braces",
            "use super::{b::{self, X}, c};\npub struct Y;",
            "use super::a::Y;\npub struct X;",
        ),
        ("by inline paths", "pub fn y() { crate::b::x() }", "pub fn x() { super::a::y() }"),
        (
            "by a module's name",
            "use crate::b;\npub fn y() { b::x() }",
            "use crate::a;\npub fn x() { a::y() }",
        ),
        (
            "under another name",
            "use crate::b::X as Z;\npub struct Y;",
            "use crate::a as z;\npub fn x() { z::y() }",
        ),
    ] {
        let files = [("lib.rs", "mod a;\nmod b;\nmod c;"), ("a.rs", one), ("b.rs", other), ("c.rs", "")];
        assert_eq!(cycles(&graph(&files)).len(), 1, "{what}");
    }
}

#[test]
fn a_parent_and_a_child_that_import_from_each_other_are_a_cycle() {
    let child = ("a/b.rs", "use super::Y;\npub struct X;");
    let imports = ("a.rs", "mod b;\nuse self::b::X;\npub struct Y;");
    let calls = ("a.rs", "mod b;\npub struct Y;\nfn f() { b::g() }");
    let exports = ("a.rs", "mod b;\npub use b::X;\npub struct Y;");
    assert_eq!(cycles(&graph(&[imports, child])).len(), 1);
    assert_eq!(cycles(&graph(&[calls, child])).len(), 1);
    assert_eq!(cycles(&graph(&[exports, child])), Vec::<String>::new());
}

#[test]
fn what_is_no_cycle_is_not_called_one() {
    for (what, one, other) in [
        ("one way", "use crate::b::X;", "pub struct X;"),
        (
            "a comment and a text",
            "use crate::b::X;\npub struct Y;",
            "// use crate::a::Y;\nconst X: &str = \"crate::a::Y\";",
        ),
        (
            "tests",
            "use crate::b::X;\npub struct Y;",
            "pub struct X;\n#[cfg(test)]\nmod tests { use crate::a::Y; }",
        ),
    ] {
        let files = [("lib.rs", "mod a;\nmod b;"), ("a.rs", one), ("b.rs", other)];
        assert_eq!(cycles(&graph(&files)), Vec::<String>::new(), "{what}");
    }
    // An import of the parent leads to the definition.
    let through = [
        ("a.rs", "mod b;\nuse crate::c::Z;\nuse b::X;"),
        ("a/b.rs", "use super::Z;\npub struct X;"),
        ("c.rs", "pub struct Z;"),
    ];
    assert_eq!(cycles(&graph(&through)), Vec::<String>::new());
}
