//! Reads a corpus; its format is described at the head of `own.txt`.

use std::collections::BTreeMap;
use std::ops::Range;

use hotline_server::ticket::CallerIdentity;
use hotline_server::ticket::pii::MarkKind;

/// A text with the places that must be taken out of it.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) line: usize,
    pub(super) caller: CallerIdentity,
    pub(super) text: String,
    /// What stands where, in bytes of the text.
    pub(super) places: Vec<(MarkKind, Range<usize>)>,
}

/// The samples of a corpus.
///
/// # Panics
/// If a line has not the format.
pub(super) fn read(corpus: &str) -> Vec<Sample> {
    let mut callers = BTreeMap::from([("-".to_owned(), CallerIdentity::default())]);
    let mut samples = Vec::new();
    for (place, line) in corpus.lines().enumerate() {
        let line_number = place + 1;
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(caller) = line.strip_prefix("caller ") {
            let mut parts = caller.split(" | ");
            let name = parts.next().expect("a caller has a name");
            callers.insert(name.to_owned(), parts.fold(CallerIdentity::default(), with_part));
            continue;
        }
        let (caller, text) = line.split_once(" | ").unwrap_or_else(|| panic!("line {line_number}: {line}"));
        let caller =
            callers.get(caller).unwrap_or_else(|| panic!("line {line_number}: no caller {caller:?}"));
        let (text, places) = places(text);
        samples.push(Sample { line: line_number, caller: caller.clone(), text, places });
    }
    samples
}

fn with_part(caller: CallerIdentity, part: &str) -> CallerIdentity {
    let (field, value) = part.split_once(' ').expect("a part has a value");
    let value = Some(unescape(value));
    match field {
        "name" => CallerIdentity { contact_name: value, ..caller },
        "company" => CallerIdentity { enterprise_name: value, ..caller },
        "phone" => CallerIdentity { contact_phone: value, ..caller },
        "code" => CallerIdentity { social_credit_code: value, ..caller },
        other => panic!("a caller has no {other}"),
    }
}

fn places(marked: &str) -> (String, Vec<(MarkKind, Range<usize>)>) {
    let (mut text, mut places, mut rest) = (String::new(), Vec::new(), marked);
    while let Some((before, inside)) = rest.split_once('⟦') {
        let (inside, behind) = inside.split_once('⟧').expect("a place has an end");
        let (kind, value) = inside.split_once(' ').expect("a place has a kind");
        text.push_str(&unescape(before));
        let start = text.len();
        text.push_str(&unescape(value));
        places.push((kind_of(kind), start..text.len()));
        rest = behind;
    }
    text.push_str(&unescape(rest));
    (text, places)
}

fn kind_of(name: &str) -> MarkKind {
    match name {
        "phone" => MarkKind::Phone,
        "code" => MarkKind::SocialCreditCode,
        "id" => MarkKind::ResidentId,
        "email" => MarkKind::Email,
        "chat" => MarkKind::ChatId,
        "company" => MarkKind::EnterpriseName,
        "name" => MarkKind::ContactName,
        other => panic!("no kind {other:?}"),
    }
}

/// The text with its escapes read.
fn unescape(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, escape)) = rest.split_once('\\') {
        plain.push_str(before);
        rest = if let Some(behind) = escape.strip_prefix('n') {
            plain.push('\n');
            behind
        } else if let Some(behind) = escape.strip_prefix('s') {
            plain.push(' ');
            behind
        } else {
            let (code, behind) = escape
                .strip_prefix("u{")
                .and_then(|code| code.split_once('}'))
                .expect("an escape of a character");
            let code = u32::from_str_radix(code, 16).expect("hexadecimal");
            plain.push(char::from_u32(code).expect("a character"));
            behind
        };
    }
    plain.push_str(rest);
    plain
}
