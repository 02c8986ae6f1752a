//! `docs/errors.md` is generated from the contract's reasons, and the server can give every reason.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use hotline_proto::{REASONS, ReasonRow};

use super::{golden_file, sources};

const OPENING: &str = "\
# Reasons for refusal

Every refusal of the hotline is a `google.rpc.Status`. Its `google.rpc.ErrorInfo` has the domain `hotline` and one of the
reasons below; `google.rpc.LocalizedMessage` says it in the caller's language (`accept-language: zh` or `en`). Programs
decide by the reason, never by the message.

This page is made from `proto/hotline/v1/error_reason.proto`; `HOTLINE_BLESS=1 cargo test guards` makes it again.
";

/// What a caller should do for a status code, and whether the same request may succeed if it is sent again.
fn advice(code: &str) -> (&'static str, &'static str) {
    match code {
        "INVALID_ARGUMENT" => {
            ("Correct the request; `google.rpc.BadRequest` names each field that is wrong.", "no")
        }
        "UNAUTHENTICATED" => ("Send `authorization: Bearer …` with a token that the hotline knows.", "no"),
        "PERMISSION_DENIED" => ("Leave it to a caller whose role or unit may do it.", "no"),
        "NOT_FOUND" => ("Check what was named; what a caller may not see does not exist for it.", "no"),
        "ALREADY_EXISTS" => ("A new request needs an id or a source reference of its own.", "no"),
        "ABORTED" => ("Read again, decide again, and send the new etag.", "no"),
        "FAILED_PRECONDITION" => {
            ("Read the ticket; what is asked fits another moment or another ticket.", "no")
        }
        "OUT_OF_RANGE" => ("Read the present state, and go on from the place in the metadata.", "no"),
        "RESOURCE_EXHAUSTED" => (
            "Wait for the time in `google.rpc.RetryInfo`; where there is none, waiting does not help.",
            "where `RetryInfo` is given",
        ),
        "DEADLINE_EXCEEDED" | "UNAVAILABLE" => {
            ("Send it again with the same `request_id`; the first answer comes back if there was one.", "yes")
        }
        "UNIMPLEMENTED" => ("Call what the server has; reflection lists it.", "no"),
        "INTERNAL" => ("Tell the operator; the log holds what happened.", "no"),
        other => panic!("no advice for the status code {other}"),
    }
}

fn page() -> String {
    let mut page = OPENING.to_owned();
    let mut codes: Vec<&str> = Vec::new();
    for row in REASONS {
        if !codes.contains(&row.code) {
            codes.push(row.code);
        }
    }
    page.push_str("\n| status code | what to do | sent again as it is |\n|---|---|---|\n");
    for code in &codes {
        let (advice, again) = advice(code);
        _ = writeln!(page, "| [`{code}`](#{}) | {advice} | {again} |", code.to_lowercase());
    }
    for code in codes {
        _ = writeln!(page, "\n## {code}");
        for row in REASONS.iter().filter(|row| row.code == code) {
            let ReasonRow { name, en, zh, example, .. } = row;
            _ = write!(page, "\n### {name}\n\n- {en}\n- {zh}\n- Example: {example}\n");
        }
    }
    page
}

#[test]
fn the_page_of_reasons_matches_the_contract() {
    golden_file::check("docs/errors.md", &page());
}

#[test]
fn no_two_reasons_have_the_same_text() {
    for field in [|row: &ReasonRow| row.name, |row: &ReasonRow| row.en, |row: &ReasonRow| row.zh] {
        let distinct: BTreeSet<_> = REASONS.iter().map(field).collect();
        assert_eq!(distinct.len(), REASONS.len());
    }
}

#[test]
fn the_server_can_give_every_reason() {
    // Code of tests does not count; verbs have their tests at the end.
    let code: String = sources::under("server/src")
        .iter()
        .map(|source| sources::without_comments(&source.text))
        .map(|code| code.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned())
        .collect();
    for row in REASONS {
        let variant = format!("ErrorReason::{:?}", row.reason);
        let is_given = code.match_indices(&variant).any(|(place, _)| {
            // Another variant may begin with the same letters.
            !code[place + variant.len()..].starts_with(|next: char| next.is_alphanumeric())
        });
        assert!(is_given, "{} is never given", row.name);
    }
}
