//! The calls of the log in a file of the product: level, message, fields.

use super::code_text::without_tests;

/// The macros of the levels.
const MACROS: [&str; 5] = ["error!(", "warn!(", "info!(", "debug!(", "trace!("];
/// How a log call begins; so every call is found by its name.
const CRATE: &str = "tracing::";

/// A log call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogCall {
    /// File and line.
    pub(crate) place: String,
    /// The level, in lower case.
    pub(crate) level: String,
    /// The message.
    pub(crate) message: String,
    /// The names of its fields, in the order of the code.
    pub(crate) fields: Vec<String>,
}

/// The log calls of a file, without those of its tests.
///
/// # Panics
/// Where a call has no message, or its macro is not named with its crate.
pub(crate) fn of(path: &str, text: &str) -> Vec<LogCall> {
    let code = without_tests(text);
    let mut calls = Vec::new();
    for name in MACROS {
        for (start, _) in code.match_indices(name) {
            let before = &code[..start];
            if before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
                continue;
            }
            let place = format!("{path}:{}", before.lines().count());
            assert!(before.ends_with(CRATE), "{place}: name the macro as {CRATE}{name}…)");
            let arguments = arguments(&code[start + name.len()..]);
            let message = arguments.last().and_then(|last| string(last));
            let message = message.unwrap_or_else(|| panic!("{place}: the last argument is no message"));
            let fields = arguments[..arguments.len() - 1].iter().filter_map(|one| field(one)).collect();
            calls.push(LogCall { place, level: name.trim_end_matches("!(").to_owned(), message, fields });
        }
    }
    calls
}

/// The arguments of a macro, from after its opening parenthesis on.
fn arguments(code: &str) -> Vec<&str> {
    let (mut arguments, mut begin, mut depth, mut is_in_string) = (Vec::new(), 0, 0_u32, false);
    let mut letters = code.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\\' if is_in_string => drop(letters.next()),
            '"' => is_in_string = !is_in_string,
            _ if is_in_string => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                arguments.push(&code[begin..place]);
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                arguments.push(&code[begin..place]);
                begin = place + 1;
            }
            _ => {}
        }
    }
    arguments.into_iter().map(str::trim).filter(|argument| !argument.is_empty()).collect()
}

/// The text of a string literal, its line breaks joined as Rust joins them.
fn string(argument: &str) -> Option<String> {
    let text = argument.strip_prefix('"')?.strip_suffix('"')?;
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let joined = lines.fold(first, |joined, line| joined + line.trim_start());
    Some(joined.replace("\\\"", "\""))
}

/// The name of a field: `%x`, `?x`, `x` or `x = …`. The parent of an event is no field.
fn field(argument: &str) -> Option<String> {
    if argument.starts_with("parent:") {
        return None;
    }
    let name = argument.split('=').next().unwrap_or_default().trim().trim_start_matches(['%', '?']);
    Some(name.to_owned())
}

#[test]
fn level_message_and_fields_are_read() {
    let code = "fn f() {\n    tracing::warn!(parent: None, %a, ?b, c, d = g(\"x, )\", [1, 2]), \"it \\\n        failed: \\\"x\\\"\");\n}\n\
                #[cfg(test)]\nmod tests { fn g() { tracing::info!(\"not this\") } }\n";
    let fields = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let (place, message) = ("a.rs:2".to_owned(), "it failed: \"x\"".to_owned());
    assert_eq!(of("a.rs", code), [LogCall { place, level: "warn".to_owned(), message, fields }]);
}

#[test]
#[should_panic(expected = "a.rs:1: name the macro")]
fn a_macro_without_its_crate_is_found() {
    of("a.rs", "fn f() { info!(\"x\") }");
}
