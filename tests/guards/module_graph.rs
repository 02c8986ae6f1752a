//! The dependencies between the files of the server: the modules, their imports, and the paths in their code.

use std::collections::{BTreeMap, BTreeSet};

use super::code_text::{code_text, without_tests};
use super::sources::Source;

/// The path of a module from the crate; empty for the crate itself.
pub(crate) type Module = Vec<String>;
/// For each module the modules that it depends on, and the used items.
pub(crate) type Edges = BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>>;

/// The most re-exports of an item that are followed.
const RE_EXPORTS_MAX: usize = 10;

/// A file.
#[derive(Debug, Default)]
struct File {
    path: String,
    /// The imports: the name in this file, and the path that it stands for.
    imports: Vec<Import>,
    /// The paths in the code outside `use`.
    paths: Vec<Vec<String>>,
}

#[derive(Debug)]
struct Import {
    name: String,
    path: Vec<String>,
    is_public: bool,
}

/// The files of the crate by their modules.
#[derive(Debug)]
pub(crate) struct Graph(BTreeMap<Module, File>);

impl Graph {
    /// Reads the code of every file without its tests.
    pub(crate) fn of(sources: &[Source]) -> Self {
        let mut for_tests = BTreeSet::new();
        let mut files = BTreeMap::new();
        for source in sources.iter().filter(|source| !source.path.ends_with("/main.rs")) {
            let module = module_of(&source.path);
            let code = code_text(&source.text);
            let product = without_tests(&code);
            let declared = |code: &str| declared_modules(code);
            for child in declared(&code).difference(&declared(&product)) {
                for_tests.insert([module.clone(), vec![child.clone()]].concat());
            }
            files.insert(module, File::of(&source.path, &product));
        }
        files.retain(|module, _| !(1..=module.len()).any(|length| for_tests.contains(&module[..length])));
        Self(files)
    }

    /// The file of a module.
    pub(crate) fn path(&self, module: &Module) -> &str {
        &self.0[module].path
    }

    /// The dependencies of each module. The crate's own file only declares modules, and has none.
    pub(crate) fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for (module, file) in &self.0 {
            let to = edges.entry(module.clone()).or_default();
            let imports = file.imports.iter().filter(|import| !self.is_re_export(module, import));
            for path in imports.map(|import| &import.path).chain(&file.paths) {
                let Some((definer, item)) = self.definition(module, path) else { continue };
                if definer != *module && !definer.is_empty() {
                    to.entry(definer).or_default().insert(item);
                }
            }
        }
        edges
    }

    /// Whether an import only re-exports an item of a submodule.
    fn is_re_export(&self, module: &Module, import: &Import) -> bool {
        let found = self.resolve(module, &import.path);
        import.is_public && found.is_some_and(|(base, _)| base.starts_with(module))
    }

    /// The module that defines the target of a path, and the item; `None` for a whole module and for other crates.
    fn definition(&self, module: &Module, path: &[String]) -> Option<(Module, String)> {
        let (mut base, mut rest) = self.resolve(module, path)?;
        for _ in 0..RE_EXPORTS_MAX {
            let item = rest.first()?.clone();
            let import = self.0[&base].imports.iter().find(|import| import.name == item);
            let Some(import) = import.filter(|_| base != *module) else { return Some((base, item)) };
            // An import from another crate has no module here.
            let onward = [&import.path[..], &rest[1..]].concat();
            (base, rest) = self.resolve(&base, &onward)?;
        }
        None
    }

    /// The deepest module on a path, and the rest of the path.
    fn resolve(&self, module: &Module, path: &[String]) -> Option<(Module, Vec<String>)> {
        let (first, mut rest) = path.split_first()?;
        let mut base = match first.as_str() {
            "crate" => Module::new(),
            "self" => module.clone(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            name => {
                let child = [module.clone(), vec![name.to_owned()]].concat();
                if self.0.contains_key(&child) {
                    child
                } else {
                    let import = self.0.get(module)?.imports.iter().find(|import| import.name == name)?;
                    let onward = [&import.path[..], rest].concat();
                    // An import that names itself is from another crate.
                    return (import.path.first()? != name).then(|| self.resolve(module, &onward)).flatten();
                }
            }
        };
        while let Some((name, after)) = rest.split_first() {
            let below = [base.clone(), vec![name.clone()]].concat();
            if name == "super" {
                base.pop();
            } else if self.0.contains_key(&below) {
                base = below;
            } else {
                break;
            }
            rest = after;
        }
        self.0.contains_key(&base).then(|| (base, rest.to_vec()))
    }
}

impl File {
    fn of(path: &str, code: &str) -> Self {
        let mut file = Self { path: path.to_owned(), ..Self::default() };
        let mut code_without_use = String::new();
        let mut rest = code;
        while let Some(place) = use_place(rest) {
            let (before, statement) = rest.split_at(place);
            code_without_use.push_str(before);
            let end = statement.find(';').unwrap_or(statement.len());
            let is_public =
                before.lines().next_back().is_some_and(|line| line.trim_start().starts_with("pub"));
            let mut found = Vec::new();
            expand(&statement[4..end], &[], &mut found);
            file.imports.extend(found.into_iter().map(|(name, path)| Import { name, path, is_public }));
            rest = &statement[end..];
        }
        code_without_use.push_str(rest);
        file.paths = inline_paths(&code_without_use);
        file
    }
}

/// The position of the next `use`.
fn use_place(code: &str) -> Option<usize> {
    let is_start = |place: usize| code[..place].chars().next_back().is_none_or(char::is_whitespace);
    code.match_indices("use ").map(|(place, _)| place).find(|place| is_start(*place))
}

/// The imports of a tree such as `crate::{a::B, c as d}`: the name of each, and its path.
fn expand(tree: &str, before: &[String], found: &mut Vec<(String, Vec<String>)>) {
    let tree = tree.trim();
    let names = |text: &str| -> Vec<String> {
        text.split("::").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    if let Some((way, inside)) = tree.split_once('{') {
        let way = [before, &names(way)].concat();
        let inside = inside.trim_end().strip_suffix('}').unwrap_or(inside);
        let mut depth = 0_usize;
        let is_between = |letter: char| {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            letter == ',' && depth == 0
        };
        for part in inside.split(is_between).filter(|part| !part.trim().is_empty()) {
            expand(part, &way, found);
        }
        return;
    }
    let (path, alias) =
        tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
    let mut path = [before, &names(path)].concat();
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let name = alias.map_or_else(|| path.last().cloned().unwrap_or_default(), str::to_owned);
    found.push((name, path));
}

/// The paths in code: names with `::` between them.
fn inline_paths(code: &str) -> Vec<Vec<String>> {
    let is_no_path = |letter: char| !letter.is_alphanumeric() && letter != '_' && letter != ':';
    let words = code.split(is_no_path).filter(|word| word.contains("::") && !word.starts_with("::"));
    words.map(|word| word.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect()).collect()
}

/// The modules that a file declares.
fn declared_modules(code: &str) -> BTreeSet<String> {
    let name = |line: &str| Some(line.split_once("mod ")?.1.strip_suffix(';')?.to_owned());
    code.lines().map(str::trim).filter_map(name).collect()
}

/// The module of a file: `server/src/rpc/page.rs` → rpc, page.
fn module_of(path: &str) -> Module {
    let inside = path.trim_start_matches("server/src/").trim_end_matches(".rs").trim_end_matches("/mod");
    let names: Module = inside.split('/').map(str::to_owned).collect();
    if names == ["lib"] { Module::new() } else { names }
}
