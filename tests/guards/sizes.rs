//! Limits on the size of files and functions, so that each can be read in one go.

use super::code_text::{block_length, code_text};
use super::sources::{self, Source};

/// The most lines of a file.
const FILE_LINES_MAX: usize = 350;
/// The most lines of a function, from `fn` to the closing brace.
const FUNCTION_LINES_MAX: usize = 70;

/// The files and functions that are too long.
fn too_long(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    let mut wrong = Vec::new();
    if lines > FILE_LINES_MAX {
        wrong.push(format!("{} has {lines} lines", source.path));
    }
    for (name, lines) in functions(&source.text) {
        if lines > FUNCTION_LINES_MAX {
            wrong.push(format!("{}: {name} has {lines} lines", source.path));
        }
    }
    wrong
}

/// Each function with a body, and its lines. A nested function is counted with the outer one and alone.
fn functions(text: &str) -> Vec<(String, usize)> {
    let code = code_text(text);
    let mut functions = Vec::new();
    for (place, _) in code.match_indices("fn ") {
        let is_word = code[..place].chars().next_back().is_none_or(|letter| !is_of_name(letter));
        let rest = &code[place..];
        let name: String = rest[3..].chars().take_while(|letter| is_of_name(*letter)).collect();
        if !is_word || name.is_empty() {
            continue;
        }
        if let Some(body) = body_of(rest) {
            let end = body + block_length(&rest[body..]);
            functions.push((name, rest[..end].lines().count()));
        }
    }
    functions
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The position of a function's body; `None` if it only has a signature.
fn body_of(function: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, letter) in function.char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(place),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[test]
fn no_file_and_no_function_is_too_long() {
    let wrong: Vec<_> = sources::every().iter().flat_map(too_long).collect();
    let limits = format!("{FILE_LINES_MAX} lines a file, {FUNCTION_LINES_MAX} lines a function");
    assert!(wrong.is_empty(), "{limits}:\n{}", wrong.join("\n"));
}

#[test]
fn a_file_and_a_function_that_are_too_long_are_found() {
    let body = "    let f = |x: [u8; 2]| { x };\n".repeat(FUNCTION_LINES_MAX - 1);
    let function = format!("/// {{\n#[test]\nfn f(a: [u8; 3])\n where T: Fn() {{\n{body}}}\n");
    let one_less = format!(
        "trait T {{ fn g(); }}\nfn h() -> char {{\n{}'}}'\n}}\n",
        body.replacen("    let f = |x: [u8; 2]| { x };\n", "", 2)
    );
    let source = |text: String| Source { path: "a.rs".to_owned(), text };
    assert_eq!(too_long(&source(function.clone())), ["a.rs: f has 72 lines"]);
    assert_eq!(functions(&one_less), [("h".to_owned(), FUNCTION_LINES_MAX)]);
    assert_eq!(too_long(&source(one_less)), Vec::<String>::new());
    assert_eq!(too_long(&source("\n".repeat(FILE_LINES_MAX + 1))), ["a.rs has 351 lines"]);
}
