//! Every description of a wrong field has its sentence in Chinese: the literals in calls that note a wrong field are
//! looked up in the table.

use hotline_server::rpc::descriptions::in_chinese;

use super::code_text::without_tests;
use super::sources;

/// Calls that note a wrong field.
const CALLS: [&str; 8] = [
    ".wrong(",
    "wrong.add(",
    "violations.add(",
    ".at(",
    "PolicyFault {",
    "write!(f,",
    ".require(",
    "SchemeFault::whole(",
];
/// Where descriptions are written.
const PLACES: [&str; 7] = [
    "server/src/assessment/score/scheme",
    "server/src/rpc",
    "server/src/closed_loop",
    "server/src/desk",
    "server/src/deadline/policy/validate.rs",
    "server/src/deadline/calendar/fault.rs",
    "server/src/ticket/codes.rs",
];
/// Parts of descriptions, which are looked up with what stands in them.
const PARTS: [&str; 3] = ["has 7 control characters", "a request of 7 7", "7: 7"];
/// The shipped directory is read by no caller.
const SEED: &str = "server/src/desk/directory/seed";

/// The text of a call up to its closing bracket.
fn call(text: &str) -> &str {
    let (mut depth, mut is_quoted, mut is_escaped) = (0_i32, false, false);
    for (place, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '(' | '{' | '[' if !is_quoted => depth += 1,
            ')' | '}' | ']' if !is_quoted => {
                depth -= 1;
                if depth == 0 {
                    return &text[..place];
                }
            }
            _ => {}
        }
    }
    text
}

/// The string literals of a text, with 7 for each value that is put in.
fn literals(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut letters = text.chars();
    while letters.by_ref().any(|letter| letter == '"') {
        let mut literal = String::new();
        let mut is_value = false;
        while let Some(letter) = letters.next() {
            match letter {
                '"' => break,
                '\\' => match letters.next() {
                    // A line that goes on.
                    Some('\n') => {
                        let rest = letters.as_str();
                        letters = rest.trim_start().chars();
                    }
                    Some(other) => literal.push(other),
                    None => {}
                },
                '{' => {
                    is_value = true;
                    literal.push('7');
                }
                '}' => is_value = false,
                _ if is_value => {}
                other => literal.push(other),
            }
        }
        found.push(literal);
    }
    found
}

/// The descriptions in the calls of a file.
fn descriptions(text: &str) -> Vec<String> {
    let text = without_tests(text);
    let calls = CALLS.iter().flat_map(|begin| {
        text.match_indices(begin).map(|(place, _)| {
            let open = place + begin.find(['(', '{']).unwrap_or(0);
            call(&text[open..])
        })
    });
    // A path of a field has no spaces.
    calls.flat_map(literals).filter(|literal| literal.contains(' ')).collect()
}

#[test]
fn every_description_has_its_sentence_in_chinese() {
    let files = sources::under("server/src");
    let files = files.iter().filter(|file| PLACES.iter().any(|place| file.path.starts_with(place)));
    let files = files.filter(|file| !file.path.starts_with(SEED));
    let mut seen = 0;
    let mut missing = Vec::new();
    for file in files {
        for description in descriptions(&file.text) {
            seen += 1;
            if in_chinese(&description).is_none() && !PARTS.contains(&description.as_str()) {
                missing.push(format!("{}: {description:?}", file.path));
            }
        }
    }
    assert!(seen > 60, "{seen} descriptions are found");
    assert!(missing.is_empty(), "rpc/descriptions.rs has no sentence for\n{}", missing.join("\n"));
}

#[test]
fn the_literals_of_a_call_are_found() {
    let text = "fields.wrong(\"a.b\", format!(\"has {} to {most} (a) \\\"b\\\" characters\", 1, 2)); other(\"is no\")";
    assert_eq!(descriptions(text), ["has 7 to 7 (a) \"b\" characters"]);
}
