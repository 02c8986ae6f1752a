//! Finds a page: the tail is read, the index is ranked, and the rows of the best tickets decide who sees them.
//!
//! The tail is read before the index. A change that the indexer makes in between is then seen twice and never missed:
//! a ticket of the tail is ranked by its own texts alone.

use std::collections::HashSet;

use super::document::{self, Readers};
use super::query::SearchTerms;
use super::rank::{Ranked, Ranking};
use super::read::{self, BlockLists, TermKeys};
use super::tail;
use crate::access::Scope;
use crate::ledger::list::TicketFilter;
use crate::ledger::list::among;
use crate::platform::{Fault, ReadConn, Store};
use crate::ticket::Ticket;

/// Candidates of a page that are looked at in the tables of tickets at most.
const CANDIDATES_MAX: usize = 20_000;
/// Candidates that are looked at first, and the factor by which the next step is longer.
const STEP_FIRST: usize = 200;
const STEP_FACTOR: usize = 4;
/// Candidates of the longest step.
const STEP_MAX: usize = 4_000;
/// Tickets of a unit that are taken as the only candidates. The candidates of a unit with more tickets are looked at in
/// the order of their rank.
const UNIT_TICKETS_FEW: usize = 5_000;

/// Where a page begins: after this ticket, with the weights of the first page. The same weights give a ticket the same
/// rank on each page, however many tickets are added meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageStart {
    /// The rank of the last ticket of the page before.
    pub score: u32,
    /// Its number.
    pub number: i64,
    /// The weights of the query's terms.
    pub weights: Vec<u8>,
}

/// A search for one page.
#[derive(Debug, Clone)]
pub struct TicketSearch {
    /// What is searched for.
    pub terms: SearchTerms,
    /// Which tickets. Filters by caller are not supported, and find nothing here.
    pub filter: TicketFilter,
    /// Where the page begins; `None` for the first page.
    pub after: Option<PageStart>,
    /// How many tickets at most.
    pub limit: usize,
}

/// A ticket that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The ticket, with its content.
    pub ticket: Ticket,
    /// Where a page after it begins.
    pub place: PageStart,
}

/// A page.
#[derive(Debug, Clone)]
pub struct FoundPage {
    /// The tickets, the best first.
    pub hits: Vec<Hit>,
    /// Where the search goes on if the page is short because too few of very many candidates met the filter.
    pub goes_on: Option<PageStart>,
}

/// Finds a page of tickets in a scope.
///
/// # Errors
/// `SEARCH_INDEX_BEHIND`; if the database refuses.
pub async fn find(store: &Store, scope: &Scope, search: &TicketSearch) -> Result<FoundPage, Fault> {
    // Postings and tail are none of a unit's session. Nothing of them is shown but what the rows of tickets allow.
    let index = store.reader();
    let db = store.read_conn(scope.unit()).await?;
    let tail = tail::read(index).await?;
    let keys = keys(&search.terms, scope.unit().is_none());
    let is_whole = scope.unit().is_none() && search.filter == TicketFilter::default();
    let size = if is_whole { search.limit } else { CANDIDATES_MAX };
    let after = search.after.as_ref().map(|after| Ranked { score: after.score, number: after.number });
    let mut ranking = Ranking::new(Vec::new(), search.terms.required(), after, size);
    if let Some(unit) = scope.unit() {
        ranking.only = among::few_of_unit(&db, unit, UNIT_TICKETS_FEW).await?;
    }
    ranking.passed_over = tail.numbers.iter().copied().collect();
    rank_index(store, scope, search, tail.documents, &keys, &mut ranking).await?;
    rank_tail(&db, scope, &search.terms, &tail.numbers, &mut ranking).await?;
    let weights = ranking.weights.clone();
    let (ranked, last) = walk(&db, scope, search, ranking.into_best()).await?;
    let numbers: Vec<i64> = ranked.iter().map(|one| one.number).collect();
    let mut tickets = among::tickets(&db, scope, &numbers).await?;
    let place = |one: &Ranked| PageStart { score: one.score, number: one.number, weights: weights.clone() };
    let goes_on = last.as_ref().map(place);
    let hits =
        ranked.iter().filter_map(|one| Some(Hit { ticket: tickets.remove(&one.number)?, place: place(one) }));
    Ok(FoundPage { hits: hits.collect(), goes_on })
}

fn keys(terms: &SearchTerms, is_staff: bool) -> TermKeys {
    let sets = Readers::searched_by(is_staff).into_iter();
    sets.flat_map(|readers| {
        terms.texts().enumerate().map(move |(at, term)| (document::key(readers, term), at))
    })
    .collect()
}

/// Ranks what is indexed, and fixes the weights of the terms. A small part of a large index is in memory at a time.
async fn rank_index(
    store: &Store,
    scope: &Scope,
    search: &TicketSearch,
    documents: i64,
    keys: &TermKeys,
    ranking: &mut Ranking,
) -> Result<(), Fault> {
    let index = store.reader();
    let ranges = read::ranges(documents, keys);
    let (mut first, all) = (None, documents.max(0).unsigned_abs());
    ranking.weights = match (&search.after, scope, ranges.as_slice()) {
        (Some(after), ..) => after.weights.clone(),
        (None, Scope::Unit(_), _) => search.terms.even_weights(),
        (None, Scope::All, [range]) => {
            let blocks = read::blocks(index, keys, range).await?;
            let having = counted(&blocks, search.terms.len());
            first = Some(blocks);
            search.terms.weights(all, &having)
        }
        (None, Scope::All, _) => {
            search.terms.weights(all, &read::having(index, keys, search.terms.len()).await?)
        }
    };
    for range in ranges {
        let blocks = match first.take() {
            Some(blocks) => blocks,
            None => read::blocks(index, keys, &range).await?,
        };
        for lists in blocks {
            ranking.add_block(lists);
        }
    }
    Ok(())
}

/// How many tickets have each term, if these are all blocks.
fn counted(blocks: &[BlockLists], terms: usize) -> Vec<u64> {
    let mut having = vec![0; terms];
    for (place, entries) in blocks.iter().flatten() {
        having[*place] += entries.len() as u64;
    }
    having
}

/// Ranks the tickets that the index has not reached, by their texts as this reader may read them.
async fn rank_tail(
    db: &ReadConn,
    scope: &Scope,
    terms: &SearchTerms,
    tail: &[i64],
    ranking: &mut Ranking,
) -> Result<(), Fault> {
    for numbers in tail.chunks(STEP_MAX) {
        for (number, ticket) in among::tickets(db, scope, numbers).await? {
            let impacts = document::impacts_for(&ticket, scope.unit().is_none());
            let found = terms.texts().enumerate();
            ranking.add_ticket(number, found.filter_map(|(at, term)| Some((at, *impacts.get(term)?))));
        }
    }
    Ok(())
}

/// The first candidates that the reader may see and asks for, as many as fit on the page. If they do not fill it and
/// there are more candidates, also the last one that was looked at.
async fn walk(
    db: &ReadConn,
    scope: &Scope,
    search: &TicketSearch,
    candidates: Vec<Ranked>,
) -> Result<(Vec<Ranked>, Option<Ranked>), Fault> {
    if scope.unit().is_none() && search.filter == TicketFilter::default() {
        return Ok((candidates, None));
    }
    let is_cut = candidates.len() == CANDIDATES_MAX;
    let (mut found, mut rest, mut step): (Vec<Ranked>, _, _) =
        (Vec::new(), candidates.as_slice(), STEP_FIRST);
    while !rest.is_empty() && found.len() < search.limit {
        let (here, behind) = rest.split_at(step.min(rest.len()));
        let numbers: Vec<i64> = here.iter().map(|one| one.number).collect();
        let visible: HashSet<i64> = among::visible(db, scope, &search.filter, &numbers).await?;
        found.extend(here.iter().filter(|one| visible.contains(&one.number)));
        (rest, step) = (behind, (step * STEP_FACTOR).min(STEP_MAX));
    }
    let is_full = found.len() >= search.limit;
    found.truncate(search.limit);
    let last = candidates.last().filter(|_| is_cut && !is_full).copied();
    Ok((found, last))
}
