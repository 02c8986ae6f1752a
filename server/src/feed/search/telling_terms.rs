//! The terms of a text that find texts like it: those that it says most, and that few tickets have. They are looked up
//! in the index, so that a search for similar tickets costs as much as a search for a short query.

use std::collections::HashMap;

use super::document::{self, Readers};
use super::impact::impacts;
use super::lexer;
use super::query::SearchTerms;
use super::read::{self, TermKeys};
use crate::platform::{Fault, Store};

/// Terms whose rarity is looked up.
const LOOKED_UP_MAX: usize = 64;
/// Terms of the search that tickets have.
const KNOWN_MAX: usize = 40;
/// Entries of the index that these terms have together at most. A small hotline compares all words of a text. A large
/// one leaves out the frequent ones.
const ENTRIES_MAX: u64 = 100_000;
/// Terms of the search that no indexed ticket has. A ticket that is not indexed yet may have them.
const NEW_MAX: usize = 8;

/// The different terms of a text that count for its length, with their impacts; the strongest first.
fn counted(subject: &str, content: &str) -> Vec<(String, u8)> {
    let mut impacts: HashMap<String, u8> = impacts(subject, content, &[]);
    let lexemes = [subject, content].into_iter().flat_map(lexer::of_text);
    let mut terms: Vec<(String, u8)> = lexemes
        .filter(|lexeme| lexeme.is_counted && lexeme.text.chars().nth(1).is_some())
        .filter_map(|lexeme| impacts.remove_entry(&lexeme.text))
        .collect();
    // Of terms with the same impact the order of the text, which the sort keeps.
    terms.sort_by_key(|(_, impact)| std::cmp::Reverse(*impact));
    terms
}

/// The terms that find texts like this one; `None` if it has no terms.
///
/// # Errors
/// If the database refuses.
pub async fn telling_terms(
    store: &Store,
    subject: &str,
    content: &str,
) -> Result<Option<SearchTerms>, Fault> {
    let mut terms = counted(subject, content);
    terms.truncate(LOOKED_UP_MAX);
    if terms.is_empty() {
        return Ok(None);
    }
    let keys: TermKeys = [Readers::Everyone, Readers::Staff]
        .into_iter()
        .flat_map(|readers| {
            terms.iter().enumerate().map(move |(at, (term, _))| (document::key(readers, term), at))
        })
        .collect();
    let documents = read::state(store.reader()).await?.documents.max(0).unsigned_abs();
    let having = read::having(store.reader(), &keys, terms.len()).await?;
    Ok(SearchTerms::of_terms(chosen(terms, documents, &having)))
}

/// The terms with the highest product of impact and rarity, and some that no ticket has.
fn chosen(terms: Vec<(String, u8)>, documents: u64, having: &[u64]) -> Vec<String> {
    let worth = |impact: u8, having: u64| {
        let rarity = f64::from(u32::try_from(documents + 1).unwrap_or(u32::MAX))
            / f64::from(u32::try_from(having).unwrap_or(u32::MAX));
        f64::from(impact) * rarity.ln()
    };
    let (new, mut known): (Vec<_>, Vec<_>) =
        terms.into_iter().zip(having.iter().copied()).partition(|(_, having)| *having == 0);
    known.sort_by(|((_, a), of_a), ((_, b), of_b)| worth(*b, *of_b).total_cmp(&worth(*a, *of_a)));
    let mut room = ENTRIES_MAX;
    known.retain(|(_, having)| match room.checked_sub(*having) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    });
    let known = known.into_iter().take(KNOWN_MAX);
    known.chain(new.into_iter().take(NEW_MAX)).map(|((term, _), _)| term).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_terms_of_the_text_are_chosen() {
        let terms = ["我们", "路灯", "不亮", "没有"].map(|term| (term.to_owned(), 40)).to_vec();
        let chosen = chosen(terms, 1_000, &[900, 3, 0, 120]);
        assert_eq!(chosen, ["路灯", "没有", "我们", "不亮"]);
        let terms = ["路灯", "没有"].map(|term| (term.to_owned(), 40)).to_vec();
        let chosen = super::chosen(terms, 10_000_000, &[60_000, 50_000]);
        assert_eq!(chosen, ["没有"], "together they have too many entries");
    }

    #[test]
    fn single_characters_and_beginnings_are_no_terms() {
        let terms: Vec<String> = counted("路灯", "GB32 路灯").into_iter().map(|(term, _)| term).collect();
        assert_eq!(terms, ["路灯", "GB32"]);
    }
}
