//! `SuggestDispatch`: the units that fit, with the catalogue row or the words that decided, and closed tickets like it.
//! Nothing is dispatched. No accused unit is suggested.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::{Asked, Question};
use super::model::ScoredLabel;
use super::similar::{SimilarFound, find_similar};
use super::stored_models::ModelKind;
use super::suggestions::{ModelInUse, Suggestions};
use super::{log, why};
use crate::access::Permit;
use crate::desk::directory::catalogue::{self, CatalogueEntry};
use crate::desk::directory::{UnitSet, units};
use crate::platform::Fault;
use crate::ticket::{State, UnitCode};

/// Suggestions of one answer, and precedents.
const SUGGESTIONS_MAX: usize = 3;
const PRECEDENTS_MAX: usize = 3;
/// Closed tickets that are compared.
const COMPARED_MAX: usize = 20;
/// A closed ticket that is less similar is no precedent.
const PRECEDENT_MIN: f32 = 0.15;
/// Units of a suggestion that would assist.
const ASSIST_MAX: usize = 3;
/// The best units of the model that are looked at. Some may be inactive or accused.
const RANKED_MAX: usize = 12;

/// What decided about a suggested unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DispatchBasis {
    /// The catalogue.
    Catalogue,
    /// The words of the text.
    Words,
    /// Two units claim the matter.
    Conflict,
}

/// The catalogue row that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueReason {
    /// The row.
    pub entry: CatalogueEntry,
    /// Whether the topic is only suggested.
    pub is_topic_suggested: bool,
}

/// A unit that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct DispatchSuggestion {
    /// The unit that would lead.
    pub lead_unit: UnitCode,
    /// The units that would assist.
    pub assist_units: Vec<UnitCode>,
    /// The score; it is compared within one answer only.
    pub score: f32,
    /// What decided.
    pub basis: DispatchBasis,
    /// The row that decided.
    pub row: Option<CatalogueReason>,
    /// The words of the text that decided.
    pub words: Vec<String>,
}

/// The units that fit.
#[derive(Debug, Clone)]
pub struct DispatchSuggestions {
    /// The best first.
    pub suggestions: Vec<DispatchSuggestion>,
    /// Whether the first one is sure.
    pub is_sure: bool,
    /// The version of the model of units.
    pub model_version: String,
    /// Closed tickets like it.
    pub precedents: Vec<SimilarFound>,
}

/// What the combination knows.
struct Known {
    row: Option<CatalogueReason>,
    /// The units of the model that may be suggested, the best first.
    ranked: Vec<DispatchSuggestion>,
    /// Whether the model is sure of its first unit, which is `ranked[0]` then.
    is_sure: bool,
    coordinator: Option<UnitCode>,
}

/// The suggestions, and whether the first one is sure. Pure.
fn combined(known: Known) -> (Vec<DispatchSuggestion>, bool) {
    let Known { row, mut ranked, is_sure, coordinator } = known;
    let Some(row) = row else {
        ranked.truncate(SUGGESTIONS_MAX);
        return (ranked, is_sure);
    };
    let best = ranked.first().map(|first| (first.lead_unit.clone(), first.score));
    let unit = row.entry.unit.clone();
    let of_model = ranked.iter().position(|one| one.lead_unit == unit).map(|place| ranked.remove(place));
    let score = of_model.as_ref().map_or(0.0, |one| one.score).max(best.as_ref().map_or(0.0, |best| best.1));
    let words = of_model.map(|one| one.words).unwrap_or_default();
    let claims_too = best.map(|best| best.0).filter(|best| is_sure && *best != unit);
    let by_row = DispatchSuggestion {
        lead_unit: unit.clone(),
        assist_units: Vec::new(),
        score,
        basis: DispatchBasis::Catalogue,
        row: Some(row),
        words,
    };
    let mut suggestions = Vec::new();
    if let (Some(other), Some(coordinator)) = (&claims_too, coordinator) {
        suggestions.push(DispatchSuggestion {
            lead_unit: coordinator,
            assist_units: vec![unit, other.clone()],
            basis: DispatchBasis::Conflict,
            words: Vec::new(),
            ..by_row.clone()
        });
    }
    suggestions.push(by_row);
    suggestions.extend(ranked);
    suggestions.truncate(SUGGESTIONS_MAX);
    (suggestions, is_sure && claims_too.is_none())
}

/// The units that assisted in precedents with the same lead, the most frequent first.
fn assistants(precedents: &[SimilarFound], lead: &UnitCode) -> Vec<UnitCode> {
    let dispatches = precedents.iter().filter_map(|one| one.ticket.dispatch.as_ref());
    let mut counts = BTreeMap::<&UnitCode, usize>::new();
    for dispatch in dispatches.filter(|dispatch| dispatch.lead_unit == *lead) {
        for unit in &dispatch.assist_units {
            *counts.entry(unit).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(unit, count)| (std::cmp::Reverse(*count), *unit));
    counts.into_iter().take(ASSIST_MAX).map(|(unit, _)| unit.clone()).collect()
}

/// The units of the model, the best first, each with the words that decided. Without any word a unit is not suggested.
fn ranked(
    current: &ModelInUse,
    scored: &[ScoredLabel],
    asked: &Asked,
    fits: impl Fn(&UnitCode) -> bool,
) -> Vec<DispatchSuggestion> {
    let (subject, body) = (&asked.text.subject, &asked.text.body);
    let labels = scored.iter().take(RANKED_MAX);
    let units = labels.map(|scored| (UnitCode(scored.label.clone()), scored.score));
    let fitting = units.filter(|(unit, _)| fits(unit));
    let suggested = fitting.map(|(lead_unit, score)| DispatchSuggestion {
        words: why::words(&current.model, lead_unit.as_str(), subject, body),
        lead_unit,
        assist_units: Vec::new(),
        score,
        basis: DispatchBasis::Words,
        row: None,
    });
    suggested.filter(|one| !one.words.is_empty()).take(SUGGESTIONS_MAX + 1).collect()
}

impl Suggestions {
    /// Suggests units, and records what was suggested.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `SEARCH_INDEX_BEHIND`; if the database refuses.
    pub async fn suggest_dispatch(
        &self,
        permit: &Permit,
        question: &Question,
    ) -> Result<DispatchSuggestions, Fault> {
        let asked = self.asked(permit, question).await?;
        let (store, now) = (self.store(), self.clock().now());
        let current = self.unit_model().await?;
        let limits = (now, COMPARED_MAX, PRECEDENTS_MAX);
        let closed = find_similar(store, &permit.scope(), &asked, &[State::Closed], limits).await?;
        let precedents: Vec<SimilarFound> =
            closed.into_iter().filter(|one| one.similarity >= PRECEDENT_MIN).take(PRECEDENTS_MAX).collect();
        let row = self.catalogue_row(&asked).await?;
        let scored = current.model.ranked(&asked.text.subject, &asked.text.body);
        let coordinator = units::first_coordinator(store.reader()).await?;
        let accused = asked.ticket.as_ref().map_or_else(Vec::new, |ticket| ticket.accused_units.clone());
        let named: BTreeSet<UnitCode> = scored
            .iter()
            .take(RANKED_MAX)
            .map(|scored| UnitCode(scored.label.clone()))
            .chain(row.iter().map(|row| row.entry.unit.clone()))
            .chain(coordinator.clone())
            .chain(precedents.iter().flat_map(|one| one.ticket.units().cloned()))
            .chain(accused.clone())
            .collect();
        let set = UnitSet::read(store.reader(), named.into_iter().collect()).await?;
        let fits =
            |unit: &UnitCode| set.is_active(unit) && !set.has_conflict(std::iter::once(unit), &accused);
        let ranked = ranked(&current, &scored, &asked, fits);
        // The model is sure of its best unit only. If that one is left out, it is sure of none.
        let is_best =
            ranked.first().zip(scored.first()).is_some_and(|(a, b)| a.lead_unit.as_str() == b.label);
        let (mut suggestions, is_sure) = combined(Known {
            row: row.filter(|row| fits(&row.entry.unit)),
            ranked,
            is_sure: is_best && current.calibration.is_sure(&scored),
            coordinator: coordinator.filter(fits),
        });
        for one in suggestions.iter_mut().filter(|one| one.assist_units.is_empty()) {
            one.assist_units = assistants(&precedents, &one.lead_unit);
            one.assist_units.retain(fits);
        }
        let entry = log::Entry {
            kind: ModelKind::Unit,
            key: asked.key,
            ticket: asked.ticket.as_ref().map(|ticket| ticket.number),
            model_version: current.version.clone(),
            labels: suggestions.iter().map(|one| one.lead_unit.0.clone()).collect(),
            is_sure,
        };
        self.record(entry).await?;
        Ok(DispatchSuggestions { suggestions, is_sure, model_version: current.version.clone(), precedents })
    }

    /// The catalogue row of the topic, or of the suggested topic if that is sure.
    async fn catalogue_row(&self, asked: &Asked) -> Result<Option<CatalogueReason>, Fault> {
        let (topic, is_topic_suggested) = if let Some(topic) = &asked.topic {
            (topic.clone(), false)
        } else {
            let topics = self.topic_model().await?;
            let ranked = topics.model.ranked(&asked.text.subject, &asked.text.body);
            match ranked.first().filter(|_| topics.calibration.is_sure(&ranked)) {
                Some(best) => (best.label.clone(), true),
                None => return Ok(None),
            }
        };
        let district = asked.district.as_deref().unwrap_or_default();
        let (db, now) = (self.store().reader(), self.clock().now());
        let entry = catalogue::responsible_entry(db, &topic, district, now).await?;
        Ok(entry.map(|entry| CatalogueReason { entry, is_topic_suggested }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::Instant;

    fn unit(code: &str) -> UnitCode {
        UnitCode(code.to_owned())
    }

    fn by_words(code: &str, score: f32) -> DispatchSuggestion {
        DispatchSuggestion {
            lead_unit: unit(code),
            assist_units: vec![],
            score,
            basis: DispatchBasis::Words,
            row: None,
            words: vec!["执照".to_owned()],
        }
    }

    fn row(code: &str) -> CatalogueReason {
        let entry = CatalogueEntry {
            topic: "licence.registration".to_owned(),
            district: None,
            unit: unit(code),
            effective_from: Instant::UNIX_EPOCH,
            effective_until: None,
        };
        CatalogueReason { entry, is_topic_suggested: false }
    }

    fn of(row: Option<CatalogueReason>, is_sure: bool) -> (Vec<String>, bool) {
        let ranked =
            vec![by_words("dept-tax", 0.9), by_words("dept-market", 0.4), by_words("dept-fire", 0.1)];
        let coordinator = Some(unit("coordinator"));
        let (suggestions, is_sure) = combined(Known { row, ranked, is_sure, coordinator });
        (suggestions.into_iter().map(|one| one.lead_unit.0).collect(), is_sure)
    }

    fn codes(codes: &[&str]) -> Vec<String> {
        codes.iter().map(|code| (*code).to_owned()).collect()
    }

    #[test]
    fn the_catalogue_comes_first_and_the_coordinator_if_two_claim_it() {
        assert_eq!(of(None, true), (codes(&["dept-tax", "dept-market", "dept-fire"]), true));
        let by_row = codes(&["dept-market", "dept-tax", "dept-fire"]);
        assert_eq!(of(Some(row("dept-market")), false), (by_row, false));
        let conflict = codes(&["coordinator", "dept-market", "dept-tax"]);
        assert_eq!(of(Some(row("dept-market")), true), (conflict, false));
        let agreed = codes(&["dept-tax", "dept-market", "dept-fire"]);
        assert_eq!(of(Some(row("dept-tax")), true), (agreed, true));
    }

    #[test]
    fn scores_do_not_rise() {
        let ranked = vec![by_words("dept-tax", 0.9), by_words("dept-market", 0.4)];
        let known = Known { row: Some(row("dept-market")), ranked, is_sure: true, coordinator: None };
        let (suggestions, _) = combined(known);
        assert!(suggestions.is_sorted_by(|a, b| a.score >= b.score), "{suggestions:?}");
        assert_eq!(suggestions[0].words, ["执照"], "the words of the model stay");
    }
}
