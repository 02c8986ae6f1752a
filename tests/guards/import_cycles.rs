//! No cycle between files: a file of the server never uses, by however many steps, a file that uses it. A parent module
//! declares and re-exports its children, which is no use; an item that is re-exported counts as used where it is defined.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::{self, Source, without_comments};

/// A module path from the crate's root, for example `["ledger", "write"]`.
type Path = Vec<String>;

/// A file as this guard sees it.
struct Module {
    path: Path,
    /// The code without comments and without the tests at its foot.
    code: String,
    /// What it re-exports from its own children: the name, or `*`, and the full path.
    exports: Vec<(String, Path)>,
    /// The full paths that it uses.
    uses: Vec<Path>,
}

fn segments(text: &str) -> Path {
    text.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn module_path(file: &str) -> Path {
    let inside = file.trim_start_matches("server/src/").trim_end_matches(".rs").trim_end_matches("/mod");
    if inside == "lib" { Vec::new() } else { inside.split('/').map(str::to_owned).collect() }
}

/// The code of a file up to the tests at its foot.
fn code_of(source: &Source) -> String {
    let code = without_comments(&source.text);
    code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned()
}

/// The single paths that a `use` names, with nested braces expanded.
fn expanded(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.trim().to_owned()] };
    let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
    let (mut parts, mut level, mut start) = (Vec::new(), 0_usize, 0);
    for (place, letter) in inside.char_indices() {
        match letter {
            '{' => level += 1,
            '}' => level -= 1,
            ',' if level == 0 => {
                parts.push(&inside[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(|part| expanded(&format!("{before}{part}"))).collect()
}

/// The full path of a path that a module writes; none if it leads out of the crate.
fn full(path: &str, own: &Path, children: &BTreeSet<&str>) -> Option<Path> {
    let written = segments(path.split(" as ").next().unwrap_or_default());
    let mut written = written.into_iter().peekable();
    let mut full = match written.peek()?.as_str() {
        "crate" => Vec::new(),
        "super" | "self" => own.clone(),
        child if children.contains(child) => own.clone(),
        _ => return None,
    };
    for part in written {
        match part.as_str() {
            "crate" | "self" => {}
            "super" => drop(full.pop()),
            _ => full.push(part),
        }
    }
    Some(full)
}

/// The `use` lines at the left edge: whether each is a re-export, and the path.
fn use_lines(code: &str) -> Vec<(bool, String)> {
    let mut lines = Vec::new();
    for (place, _) in code.match_indices("use ") {
        let before = code[..place].rsplit('\n').next().unwrap_or_default();
        let is_export = before.starts_with("pub");
        if before.is_empty() || is_export && before.trim_end().ends_with(['b', ')']) {
            let path = code[place + 4..].split(';').next().unwrap_or_default();
            lines.push((is_export, path.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    lines
}

/// The paths from the crate's root that stand in the code itself.
fn inline_paths(code: &str) -> impl Iterator<Item = &str> {
    let is_path = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':');
    code.match_indices("crate::").map(move |(place, _)| {
        let rest = &code[place..];
        rest.split(|letter| !is_path(letter)).next().unwrap_or_default().trim_end_matches(':')
    })
}

fn read(source: &Source) -> Module {
    let (path, code) = (module_path(&source.path), code_of(source));
    let child = |line: &str| {
        let declared = line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
        Some(declared.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')?.to_owned())
    };
    let children: Vec<String> = code.lines().filter_map(child).collect();
    let children: BTreeSet<&str> = children.iter().map(String::as_str).collect();
    let (mut exports, mut uses) = (Vec::new(), Vec::new());
    for (is_export, line) in use_lines(&code) {
        for one in expanded(&line) {
            let Some(full) = full(&one, &path, &children) else { continue };
            let is_own = full.len() > path.len() && full.starts_with(&path);
            if is_export && is_own {
                let name = one.rsplit([' ', ':']).next().unwrap_or_default().to_owned();
                exports.push((name, full));
            } else {
                uses.push(full);
            }
        }
    }
    let inline: Vec<Path> = inline_paths(&code).map(|path| segments(path)[1..].to_vec()).collect();
    uses.extend(inline);
    Module { path, code, exports, uses }
}

/// Whether a file defines an item under this name.
fn defines(code: &str, name: &str) -> bool {
    let kinds = ["struct", "enum", "fn", "type", "const", "trait", "static", "mod"];
    kinds.iter().any(|kind| {
        let definition = format!("{kind} {name}");
        code.match_indices(&definition).any(|(place, _)| {
            let next = code[place + definition.len()..].chars().next();
            next.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_')
        })
    })
}

/// The file that a full path leads to: that of the deepest module on it, or the one whose item that module re-exports.
fn target(path: &[String], modules: &BTreeMap<Path, Module>) -> Option<Path> {
    let depth = (0..=path.len()).rev().find(|depth| modules.contains_key(&path[..*depth]))?;
    let module = &modules[&path[..depth]];
    let Some(item) = path.get(depth) else { return Some(module.path.clone()) };
    let exported = module.exports.iter().find(|(name, _)| name == item).map(|(_, full)| full.clone());
    if let Some(full) = exported.filter(|full| full.as_slice() != path) {
        return target(&full, modules);
    }
    let globs =
        module.exports.iter().filter(|(name, _)| name == "*").map(|(_, full)| &full[..full.len() - 1]);
    for glob in globs {
        if modules.get(glob).is_some_and(|module| defines(&module.code, item)) {
            return Some(glob.to_vec());
        }
    }
    Some(module.path.clone())
}

/// Which files each file uses.
fn graph(sources: &[Source]) -> BTreeMap<Path, BTreeSet<Path>> {
    let modules = sources.iter().filter(|source| source.path != "server/src/main.rs").map(read);
    let modules: BTreeMap<Path, Module> = modules.map(|module| (module.path.clone(), module)).collect();
    let used = |module: &Module| {
        let targets = module.uses.iter().filter_map(|path| target(path, &modules));
        targets.filter(|target| *target != module.path && !target.is_empty()).collect()
    };
    modules.values().map(|module| (module.path.clone(), used(module))).collect()
}

/// The files that a file leads to, by one step or more.
fn reached(graph: &BTreeMap<Path, BTreeSet<Path>>, from: &Path) -> BTreeSet<Path> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec![from]);
    while let Some(path) = waiting.pop() {
        for next in graph.get(path).into_iter().flatten() {
            if found.insert(next.clone()) {
                waiting.push(next);
            }
        }
    }
    found
}

/// The cycles, each as the uses within it.
fn cycles(graph: &BTreeMap<Path, BTreeSet<Path>>) -> Vec<Vec<String>> {
    let all: BTreeMap<&Path, BTreeSet<Path>> =
        graph.keys().map(|path| (path, reached(graph, path))).collect();
    let mut seen = BTreeSet::new();
    let mut cycles = Vec::new();
    for (path, reached) in all.iter().filter(|(path, reached)| reached.contains(**path)) {
        let together: BTreeSet<&Path> = reached.iter().filter(|other| all[*other].contains(*path)).collect();
        if together.iter().any(|one| !seen.insert((*one).clone())) {
            continue;
        }
        let edges = together.iter().flat_map(|from| {
            let to = graph[*from].iter().filter(|to| together.contains(to));
            to.map(|to| format!("{} uses {}", from.join("/"), to.join("/")))
        });
        cycles.push(edges.collect());
    }
    cycles
}

#[test]
fn no_file_uses_a_file_that_uses_it() {
    let cycles: Vec<_> =
        cycles(&graph(&sources::under("server/src"))).iter().map(|one| one.join("\n")).collect();
    assert!(cycles.is_empty(), "{} cycles:\n\n{}", cycles.len(), cycles.join("\n\n"));
}

#[test]
fn a_cycle_is_seen_however_it_is_written() {
    let source =
        |path: &str, text: &str| Source { path: format!("server/src/{path}.rs"), text: text.to_owned() };
    let count = |sources: &[Source]| cycles(&graph(sources)).len();
    let room = || source("room", "mod a;\nmod b;\npub use a::A;\npub use b::*;");
    for (a, b) in [
        ("use super::b::B;", "use crate::room::a::A;"),
        ("use crate::room::{b::{B, C}, d};", "use super::A;"),
        ("use super::B;", "fn f() { crate::room::a::f() }\npub struct B;"),
    ] {
        assert_eq!(count(&[room(), source("room/a", a), source("room/b", b)]), 1, "{a} {b}");
    }
    let down = source(
        "room/b",
        "// use super::A;\nuse std::fmt;\npub struct B;\n\n#[cfg(test)]\nmod tests { use super::super::A; }",
    );
    assert_eq!(count(&[room(), source("room/a", "use super::B;"), down]), 0);
    let parent = source("room", "mod a;\nuse a::A;\npub struct P;");
    assert_eq!(count(&[parent, source("room/a", "use super::P;")]), 1, "a parent that uses its child");
}
