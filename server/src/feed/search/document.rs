//! What of a ticket is indexed, and for whom.
//!
//! Staff and units read the same texts of most tickets. If personal data was found after a unit had read a text, staff
//! read the redacted text and the unit goes on reading the other one. Such a ticket has two sets of terms. A unit that
//! searched the redacted text would learn what was taken out of it.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::impact::impacts;
use super::lexer;
use crate::ticket::Ticket;

/// Digits of a ticket number from which on its beginning finds it: the day, and some of the sequence.
const NUMBER_DIGITS_MIN: usize = 6;

/// Who reads a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Staff and units.
    Everyone,
    /// Staff alone.
    Staff,
    /// Units alone.
    Units,
}

impl Readers {
    /// The sets of terms that staff, or units, search.
    pub(super) const fn searched_by(is_staff: bool) -> [Self; 2] {
        [Self::Everyone, if is_staff { Self::Staff } else { Self::Units }]
    }
}

/// The first 8 bytes of a digest, as an integer of both databases.
fn first_bytes(digest: &Sha256) -> i64 {
    let whole = digest.clone().finalize();
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&whole[..8]);
    i64::from_be_bytes(bytes)
}

/// The key of a term in the index.
pub(super) fn key(readers: Readers, term: &str) -> i64 {
    let set = match readers {
        Readers::Everyone => b'e',
        Readers::Staff => b's',
        Readers::Units => b'u',
    };
    first_bytes(&Sha256::new().chain_update([set]).chain_update(term))
}

/// The subject and the content, as staff or as units read them.
pub(super) fn texts(ticket: &Ticket, is_staff: bool) -> (&str, &str) {
    if is_staff {
        (ticket.staff_subject(), ticket.staff_content())
    } else {
        (&ticket.subject, &ticket.content)
    }
}

/// The impacts of a ticket's terms, as staff or as units read it.
pub(super) fn impacts_for(ticket: &Ticket, is_staff: bool) -> HashMap<String, u8> {
    let (subject, content) = texts(ticket, is_staff);
    let number = lexer::of_number(&ticket.number.to_string(), NUMBER_DIGITS_MIN);
    impacts(subject, content, &number)
}

/// The keys of a ticket's terms, with their impacts.
pub(super) fn keys(ticket: &Ticket) -> HashMap<i64, u8> {
    let sets = if texts(ticket, true) == texts(ticket, false) {
        vec![(Readers::Everyone, true)]
    } else {
        vec![(Readers::Staff, true), (Readers::Units, false)]
    };
    let sets = sets.into_iter().flat_map(|(readers, is_staff)| {
        let impacts = impacts_for(ticket, is_staff).into_iter();
        impacts.map(move |(term, impact)| (key(readers, &term), impact))
    });
    sets.collect()
}

/// A digest of all that is indexed of a ticket. It changes if and only if its terms may.
pub(super) fn fingerprint(ticket: &Ticket) -> i64 {
    digest_of([true, false].map(|is_staff| texts(ticket, is_staff)))
}

/// The digest that a ticket has in the index if everybody reads these texts of it.
#[must_use]
pub fn text_fingerprint(subject: &str, content: &str) -> i64 {
    digest_of([(subject, content); 2])
}

fn digest_of(texts: [(&str, &str); 2]) -> i64 {
    let mut digest = Sha256::new();
    for text in texts.into_iter().flat_map(|(subject, content)| [subject, content]) {
        digest.update(text.len().to_be_bytes());
        digest.update(text);
    }
    first_bytes(&digest)
}
