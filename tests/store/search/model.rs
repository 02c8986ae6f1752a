//! What a reader finds, by a scan that knows the contract and none of the code of search: every ticket that the reader
//! may see, whose texts have two parts of the query.

use std::collections::BTreeSet;

use hotline_server::access::Scope;
use hotline_server::ledger;
use hotline_server::ticket::{Ticket, TicketNumber};

use crate::store::fixture::Hotline;

/// The parts of the queries of this suite: simplified, in capitals, as the texts of the suite are written.
fn parts(query: &str) -> Vec<String> {
    let query: String = query.to_uppercase().chars().map(plain).collect();
    let mut parts = Vec::new();
    for word in query.split_whitespace() {
        let characters: Vec<char> = word.chars().collect();
        if characters.len() == 1 || characters.iter().all(char::is_ascii) {
            parts.push(word.to_owned());
        } else if characters[0].is_ascii() {
            let (digits, rest): (Vec<char>, Vec<char>) = characters.iter().partition(|one| one.is_ascii());
            parts.extend([digits.iter().collect(), digits.iter().chain(&rest).collect()]);
            parts.push(rest.into_iter().collect());
        } else {
            parts.extend(characters.windows(2).map(String::from_iter));
        }
    }
    parts.dedup();
    parts
}

fn plain(character: char) -> char {
    match character {
        '營' => '营',
        '業' => '业',
        '執' => '执',
        '變' => '变',
        '０'..='９' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        other => other,
    }
}

/// Whether a text has a part. A word of ASCII is found as a whole word, or as the beginning of one at the query's end.
fn has(text: &str, part: &str, is_last: bool) -> bool {
    let text = text.to_uppercase();
    if !part.is_ascii() {
        let begins_with_word = part.starts_with(|first: char| first.is_ascii_alphanumeric());
        return text.match_indices(part).any(|(at, _)| {
            !begins_with_word || !text[..at].ends_with(|before: char| before.is_ascii_alphanumeric())
        });
    }
    let mut words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words.any(|word| word == part || (is_last && part.len() > 1 && word.starts_with(part)))
}

fn is_found(subject: &str, content: &str, query: &str) -> bool {
    let parts = parts(query);
    let last = parts.len() - 1;
    let found = parts
        .iter()
        .enumerate()
        .filter(|(place, part)| has(subject, part, *place == last) || has(content, part, *place == last));
    found.count() >= parts.len().min(2)
}

/// The tickets that a reader finds.
pub(super) async fn model_of(hotline: &Hotline, scope: &Scope, query: &str) -> BTreeSet<TicketNumber> {
    let mut found = BTreeSet::new();
    for row in hotline.rows("SELECT number FROM ticket").await {
        let number: i64 = row.try_get_by_index(0).expect("a number");
        let number = TicketNumber::from_i64(number).expect("a ticket number");
        let seen: Option<Ticket> =
            ledger::read::find(hotline.store.reader(), scope, number).await.expect("the row can be read");
        let Some(ticket) = seen else { continue };
        let (subject, content) = match scope {
            Scope::All => (ticket.staff_subject(), ticket.staff_content()),
            Scope::Unit(_) => (ticket.subject.as_str(), ticket.content.as_str()),
        };
        if is_found(subject, content, query) {
            found.insert(number);
        }
    }
    found
}
