//! `docs/logs.md` lists every message of the log of level info and above, with its fields, what it means and what to
//! do. Level and fields come from the code, the rest from `log_messages.toml`. A message that is not listed there
//! fails, and so does one that breaks the rules on wording.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;

use super::log_calls::{self, LogCall};
use super::{golden_file, sources, words};

const PAGE: &str = "docs/logs.md";
const LISTED: &str = "tests/guards/log_messages.toml";
/// Compiled for tests alone.
const FAILPOINTS: &str = "server/src/platform/failpoint";
/// The levels on the page, the worst first.
const LEVELS: [&str; 3] = ["error", "warn", "info"];
/// The longest message and the longest cell of the page, in characters.
const MESSAGE_CHARS_MAX: usize = 100;
const CELL_CHARS_MAX: usize = 120;
/// Words that no message may have, beside those that no name may have: they are for people, or for no machine that we
/// know.
const FORBIDDEN_IN_LOGS: [&str; 16] = [
    "anew", "aside", "can't", "couldn't", "debts", "doesn't", "gathered", "goes", "nobody", "pace", "plant",
    "somebody", "tell", "wall", "walls", "whoever",
];
/// A message begins with a lower-case letter or with one of these.
const ACRONYMS: [&str; 1] = ["TLS"];

const OPENING: &str = "\
# Log messages

The server writes its log to standard error: as text, or as JSON with `log.format = \"json\"`. `log.filter` chooses
what is logged. Messages are stable texts without values; values are fields. So a message can be searched for as it
stands here. No message or field holds the identity of a caller, the text of a ticket or a credential.

This page is made from the code and `tests/guards/log_messages.toml`. `HOTLINE_BLESS=1 cargo test guards` makes it
again.

## The fields of a call

Each call has one span, named `call`. Every line that belongs to the call has the fields of the span, so far as they are
known by then.

| field | meaning |
|---|---|
| `method` | the method, for example `hotline.v1.TicketService/GetTicket`; `other` if no service has it |
| `principal` | the principal of the caller, once it is authenticated |
| `ticket` | the number of the ticket that the request names or the answer holds |
| `code` | the gRPC status code, at the end of the call |
| `elapsed_ms` | milliseconds from the headers of the call to the end of its response |
| `trace_id`, `parent_span_id` | the caller's trace context, from its header `traceparent` |

The end of each call is logged as `call finished` at level `debug`, whatever its code. At level `info` a call leaves no
line of its own, so callers cannot fill the disk. Errors that the server is responsible for are logged at `error` and
`warn`. Refusals are counted in one line a minute for each reason. For one line per call use this filter:

```sh
hotline-server --set 'log.filter=\"info,hotline_server::rpc::layer::observe=debug\"'
```

`traceparent` is read as W3C Trace Context says. A malformed header is ignored. The rates and durations of calls are
[metrics](metrics.md).
";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    fields: BTreeMap<String, String>,
    message: Vec<Message>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    text: String,
    meaning: String,
    action: String,
}

fn listed() -> Listed {
    toml::from_str(&sources::read(LISTED)).unwrap_or_else(|error| panic!("{LISTED}: {error}"))
}

/// Every log call of the product.
fn product_calls() -> Vec<LogCall> {
    let of_product = |source: &sources::Source| !source.path.starts_with(FAILPOINTS);
    let sources = sources::under("server/src").into_iter().filter(of_product);
    sources.flat_map(|source| log_calls::of(&source.path, &source.text)).collect()
}

/// The calls of the levels on the page, by message. A message has one level and one set of fields, wherever it is
/// logged.
fn by_message(calls: &[LogCall]) -> BTreeMap<&str, &LogCall> {
    let mut by_message: BTreeMap<&str, &LogCall> = BTreeMap::new();
    for call in calls.iter().filter(|call| LEVELS.contains(&call.level.as_str())) {
        let first = by_message.entry(&call.message).or_insert(call);
        let is_same = (&first.level, &first.fields) == (&call.level, &call.fields);
        assert!(is_same, "{} and {} log the same message differently", first.place, call.place);
    }
    by_message
}

fn page() -> String {
    let (calls, listed) = (product_calls(), listed());
    let logged = by_message(&calls);
    let mut page = OPENING.to_owned();
    for level in LEVELS {
        _ = write!(page, "\n## {level}\n\n| message | fields | meaning | what to do |\n|---|---|---|---|\n");
        for Message { text, meaning, action } in &listed.message {
            let Some(call) = logged.get(text.as_str()).filter(|call| call.level == level) else { continue };
            let fields: Vec<_> = call.fields.iter().map(|field| format!("`{field}`")).collect();
            _ = writeln!(page, "| {text} | {} | {meaning} | {action} |", fields.join(", "));
        }
    }
    page.push_str("\n## Fields of messages\n\n| field | meaning |\n|---|---|\n");
    for (name, meaning) in &listed.fields {
        _ = writeln!(page, "| `{name}` | {meaning} |");
    }
    page
}

#[test]
fn the_page_of_log_messages_is_the_code_s() {
    golden_file::check(PAGE, &page());
}

#[test]
fn every_message_is_listed_and_every_listed_message_is_logged() {
    let (calls, listed) = (product_calls(), listed());
    let texts: Vec<_> = listed.message.iter().map(|message| message.text.as_str()).collect();
    let distinct: BTreeSet<_> = texts.iter().copied().collect();
    assert_eq!(distinct.len(), texts.len(), "{LISTED} lists a message twice");
    let logged: BTreeSet<_> = by_message(&calls).into_keys().collect();
    let (missing, stale) = (logged.difference(&distinct), distinct.difference(&logged));
    let (missing, stale): (Vec<_>, Vec<_>) = (missing.collect(), stale.collect());
    assert!(missing.is_empty(), "{LISTED} lacks {missing:#?}");
    assert!(stale.is_empty(), "nothing logs {stale:#?}");
}

#[test]
fn every_field_is_listed_and_every_listed_field_is_logged() {
    let (calls, listed) = (product_calls(), listed());
    let logged: BTreeSet<_> =
        by_message(&calls).values().flat_map(|call| call.fields.iter().map(String::as_str)).collect();
    let named: BTreeSet<_> = listed.fields.keys().map(String::as_str).collect();
    assert_eq!(logged, named);
}

/// What is wrong with the wording of a message.
fn wrong_wording(message: &str) -> Option<String> {
    let lower = message.to_lowercase();
    let mut found = lower.split(|letter: char| !letter.is_alphanumeric() && letter != '\'');
    let is_forbidden = |word: &&str| words::FORBIDDEN.contains(word) || FORBIDDEN_IN_LOGS.contains(word);
    if let Some(word) = found.find(is_forbidden) {
        return Some(format!("the word {word:?} is not a standard term"));
    }
    let begins_well = message.starts_with(|letter: char| letter.is_ascii_lowercase())
        || ACRONYMS.iter().any(|acronym| message.starts_with(acronym));
    if !begins_well || message.ends_with('.') {
        return Some("a message begins in lower case and ends without a full stop".to_owned());
    }
    if message.contains(['{', '|']) || message.chars().count() > MESSAGE_CHARS_MAX {
        return Some("a message is short and holds no value".to_owned());
    }
    None
}

#[test]
fn messages_are_worded_in_standard_terms() {
    let calls = product_calls();
    assert!(calls.len() > 60, "{} log calls were found", calls.len());
    let wrong: Vec<_> = calls
        .iter()
        .filter_map(|call| {
            Some(format!("{}: {:?}: {}", call.place, call.message, wrong_wording(&call.message)?))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_badly_worded_message_is_found() {
    for message in [
        "nobody can be told from the revoked",
        "the second wall is weak",
        "Escalation failed",
        "escalation failed.",
        "the timer can't be fired",
        "ticket {number} failed",
        "",
    ] {
        assert!(wrong_wording(message).is_some(), "{message:?}");
    }
    assert_eq!(wrong_wording("escalation job failed; retrying"), None);
}

#[test]
fn no_cell_of_the_page_is_too_long() {
    for line in page().lines().filter(|line| line.starts_with("| ")) {
        let long = line.split(" | ").find(|cell| cell.chars().count() > CELL_CHARS_MAX);
        assert_eq!(long, None);
    }
}
