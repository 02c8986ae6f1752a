//! What searches have in common: how a query is read, and how a snippet is answered.

use hotline_proto::v1 as pb;

use super::fields::Fields;
use super::scalars::count;
use crate::feed::search::{QUERY_CHARS_MAX, SearchTerms, snippet};
use crate::platform::text;

/// Characters of a snippet at most.
const SNIPPET_CHARS_MAX: usize = 100;

/// The terms of a query; `None` beside a violation.
pub(super) fn terms_of(query: &str, fields: &mut Fields) -> Option<SearchTerms> {
    if query.chars().nth(QUERY_CHARS_MAX).is_some() {
        fields.wrong("query", format!("has 1 to {QUERY_CHARS_MAX} characters"));
        return None;
    }
    if text::forbidden(query, true).is_some() {
        fields.wrong("query", "has no line breaks or control characters");
        return None;
    }
    let terms = SearchTerms::of(query);
    if terms.is_none() {
        fields.wrong("query", "is required, with a letter, a digit or a Chinese character");
    }
    terms
}

/// The part of a text with the most of a query, with marks.
pub(super) fn snippet_of(text: &str, terms: &SearchTerms) -> pb::TextSnippet {
    let snippet = snippet(text, terms, SNIPPET_CHARS_MAX);
    let marks = snippet.marks.iter();
    let range = |(start, length): &(u32, u32)| pb::TextRange { start: count(*start), length: count(*length) };
    pb::TextSnippet { marks: marks.map(range).collect(), text: snippet.text }
}
