//! Tickets like a text: the search index finds candidates, and their texts are compared. The scope of the caller
//! decides which tickets are candidates, as in a search.

use super::asked::Asked;
use super::similarity::ComparedText;
use crate::access::Scope;
use crate::feed::search::{TicketSearch, find, telling_terms};
use crate::ledger::list::TicketFilter;
use crate::platform::{Fault, Store};
use crate::ticket::{Instant, State, Ticket};

/// What the same district and the same topic add to the similarity.
const SAME_DISTRICT: f32 = 0.03;
const SAME_TOPIC: f32 = 0.03;
/// What the time takes off at most, and the days after which it does.
const LONG_AGO: f32 = 0.06;
const LONG_AGO_DAYS: f32 = 90.0;
/// The days of a year; what is older counts like a year.
const DAYS_MAX: u16 = 365;

/// A ticket that is like a text, and why.
#[derive(Debug, Clone)]
pub struct SimilarFound {
    /// The ticket.
    pub ticket: Ticket,
    /// From 0 to 1: the texts count most, then district, topic and time.
    pub similarity: f32,
    /// How similar the texts alone are.
    pub text_similarity: f32,
    /// The parts of the texts that both have.
    pub shared: Vec<String>,
    /// Whether both have the same district.
    pub has_same_district: bool,
    /// Whether both have the same topic.
    pub has_same_topic: bool,
    /// Whole days between the intakes.
    pub days_apart: u32,
}

/// Whether two places are known and the same.
fn is_same(one: Option<&String>, other: Option<&String>) -> bool {
    one.is_some() && one == other
}

/// Compares a candidate. Without its shared parts, which cost more than the rest.
fn compared(
    asked: &Asked,
    text: &ComparedText,
    ticket: Ticket,
    now: Instant,
) -> (SimilarFound, ComparedText) {
    let other = ComparedText::of(ticket.staff_subject(), ticket.staff_content());
    let text_similarity = text.similarity(&other);
    let has_same_district = is_same(asked.district.as_ref(), ticket.district.as_ref());
    let has_same_topic = is_same(asked.topic.as_ref(), ticket.topic.as_ref());
    let received_at = asked.ticket.as_ref().map_or(now, |ticket| ticket.received_at);
    let days_apart = (received_at - ticket.received_at).num_days().unsigned_abs();
    let days = f32::from(u16::try_from(days_apart).unwrap_or(DAYS_MAX).min(DAYS_MAX));
    let mut similarity = text_similarity - LONG_AGO * (days / LONG_AGO_DAYS).min(1.0) * text_similarity;
    if text_similarity > 0.0 {
        similarity += if has_same_district { SAME_DISTRICT } else { 0.0 };
        similarity += if has_same_topic { SAME_TOPIC } else { 0.0 };
    }
    let found = SimilarFound {
        ticket,
        similarity: similarity.clamp(0.0, 1.0),
        text_similarity,
        shared: Vec::new(),
        has_same_district,
        has_same_topic,
        days_apart: u32::try_from(days_apart).unwrap_or(u32::MAX),
    };
    (found, other)
}

/// The tickets in these states that are most like what was asked for, the most similar first. `compared_max` candidates
/// are compared, and the shared parts of the best `shown_max` are named.
///
/// # Errors
/// `SEARCH_INDEX_BEHIND`; if the database refuses.
pub(super) async fn find_similar(
    store: &Store,
    scope: &Scope,
    asked: &Asked,
    states: &[State],
    (now, compared_max, shown_max): (Instant, usize, usize),
) -> Result<Vec<SimilarFound>, Fault> {
    let terms = telling_terms(store, &asked.text.subject, &asked.text.body).await?;
    let Some(terms) = terms else { return Ok(Vec::new()) };
    let filter = TicketFilter { states: states.to_vec(), ..TicketFilter::default() };
    let search = TicketSearch { terms, filter, after: None, limit: compared_max + 1 };
    let candidates = find(store, scope, &search).await?.hits;
    let itself = asked.ticket.as_ref().map(|ticket| ticket.number);
    let text = ComparedText::of(&asked.text.subject, &asked.text.body);
    let mut found: Vec<_> = candidates
        .into_iter()
        .filter(|hit| Some(hit.ticket.number) != itself)
        .take(compared_max)
        .map(|hit| compared(asked, &text, hit.ticket, now))
        .collect();
    found.sort_by(|(a, _), (b, _)| {
        b.similarity.total_cmp(&a.similarity).then_with(|| b.ticket.number.cmp(&a.ticket.number))
    });
    for (similar, other) in found.iter_mut().take(shown_max) {
        similar.shared = text.shared(other);
    }
    Ok(found.into_iter().map(|(similar, _)| similar).collect())
}
