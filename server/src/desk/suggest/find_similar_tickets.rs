//! `FindSimilarTickets`: tickets that repeat a matter, or that have the same cause, with why. Nothing is merged.

use super::asked::{Asked, Question};
use super::cause_groups::SAME_CAUSE;
use super::similar::{SimilarFound, find_similar};
use super::suggestions::Suggestions;
use crate::access::Permit;
use crate::platform::Fault;
use crate::ticket::{Command, State, Ticket};

/// Open tickets, and others, that are compared.
const OPEN_COMPARED_MAX: usize = 100;
const OTHERS_COMPARED_MAX: usize = 50;
/// The similarity from which on two texts seem to be about the same matter.
const SAME_MATTER: f32 = 0.5;
/// The days after which a text is hardly the same matter.
const SAME_MATTER_DAYS: u32 = 60;
/// The states of what is done, or left the loop.
const NOT_OPEN: [State; 6] =
    [State::Declined, State::Answered, State::Completed, State::Closed, State::Withdrawn, State::Merged];

/// What a similar ticket is offered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimilarOffer {
    /// To merge one into the other.
    Merge,
    /// To name it as a related ticket.
    Link,
}

/// The tickets that are similar.
#[derive(Debug, Clone)]
pub struct SimilarTickets {
    /// The most similar first, each with what it is offered for.
    pub tickets: Vec<(SimilarFound, SimilarOffer)>,
    /// How many of the open ones share the cause.
    pub open_with_same_cause: u32,
    /// Whether they are so many that a supervisor should look at the cause.
    pub is_for_supervisor: bool,
}

/// What decides whether a ticket may be merged: its state, and whether it accuses a unit.
type Standing = (State, bool);

fn standing(ticket: &Ticket) -> Standing {
    (ticket.state, !ticket.accused_units.is_empty())
}

/// Whether a merge may be tried: both are open, neither is a complaint, and the repeat is with no unit.
fn may_merge(asked: Option<Standing>, (state, accuses): Standing) -> bool {
    let is_free = asked.is_none_or(|(state, accuses)| Command::MergeTicket.is_allowed_in(state) && !accuses);
    is_free && state.is_open() && !accuses
}

fn offer(asked: &Asked, found: &SimilarFound) -> SimilarOffer {
    let is_elsewhere =
        !found.has_same_district && asked.district.is_some() && found.ticket.district.is_some();
    let is_same_matter =
        found.text_similarity >= SAME_MATTER && !is_elsewhere && found.days_apart <= SAME_MATTER_DAYS;
    if is_same_matter && may_merge(asked.ticket.as_ref().map(standing), standing(&found.ticket)) {
        SimilarOffer::Merge
    } else {
        SimilarOffer::Link
    }
}

impl Suggestions {
    /// Finds similar tickets in the caller's scope, at most `tickets_max`.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `SEARCH_INDEX_BEHIND`; if the database refuses.
    pub async fn find_similar_tickets(
        &self,
        permit: &Permit,
        question: &Question,
        is_open_only: bool,
        tickets_max: usize,
    ) -> Result<SimilarTickets, Fault> {
        let asked = self.asked(permit, question).await?;
        let (store, scope, now) = (self.store(), permit.scope(), self.clock().now());
        let limits = (now, OPEN_COMPARED_MAX, tickets_max);
        let mut found = find_similar(store, &scope, &asked, State::OPEN, limits).await?;
        let same_cause = found.iter().filter(|similar| similar.similarity >= SAME_CAUSE).count();
        if !is_open_only {
            let limits = (now, OTHERS_COMPARED_MAX, tickets_max);
            found.extend(find_similar(store, &scope, &asked, &NOT_OPEN, limits).await?);
            found.sort_by(|a, b| {
                b.similarity.total_cmp(&a.similarity).then_with(|| b.ticket.number.cmp(&a.ticket.number))
            });
        }
        found.truncate(tickets_max);
        let open_with_same_cause = u32::try_from(same_cause).unwrap_or(u32::MAX);
        let tickets = found.into_iter().map(|similar| {
            let offer = offer(&asked, &similar);
            (similar, offer)
        });
        Ok(SimilarTickets {
            tickets: tickets.collect(),
            open_with_same_cause,
            is_for_supervisor: open_with_same_cause >= self.same_cause_open_min(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_and_a_ticket_that_is_done_are_not_merged() {
        let open = (State::Received, false);
        assert!(may_merge(None, open) && may_merge(Some(open), open));
        let accusing = (State::Received, true);
        assert!(!may_merge(Some(accusing), open) && !may_merge(None, accusing));
        assert!(!may_merge(None, (State::Closed, false)));
        let with_a_unit = (State::Handling, false);
        assert!(!may_merge(Some(with_a_unit), open) && may_merge(Some(open), with_a_unit));
    }
}
