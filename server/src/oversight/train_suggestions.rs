//! Trains the models of suggestions from the newest closed tickets: their topics, and the units that led.
//!
//! It takes no input and is idempotent: if the tickets say the same as at the last training, it makes no new version.
//! Any number of servers may run it on one database; a row of the database is claimed, so that one of them trains. It
//! reads redacted texts only. The number of texts and the work are bounded.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::task::{JoinError, spawn_blocking};

use crate::desk::suggest::learn::{self, LabelledText};
use crate::desk::suggest::redacted::RedactedText;
use crate::desk::suggest::stored_models::{self, ModelKind, NewModel};
use crate::ledger::confirmed_decisions;
use crate::platform::{Clock, Fault, Store};
use crate::ticket::Ticket;

/// The newest closed tickets that are read.
const TEXTS_MAX: usize = 20_000;
/// Tickets that one statement reads.
const PAGE_TICKETS: usize = 500;
/// The same as the limit of a statement.
const PAGE: u64 = PAGE_TICKETS as u64;
/// The pause after a page, so that callers can use the database.
const PAGE_PAUSE: Duration = Duration::from_millis(20);

/// Trains models.
#[derive(Debug, Clone)]
pub struct SuggestionTrainer {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// With fewer confirmed texts of a kind, no model is trained.
    pub texts_min: usize,
    /// The pause between two trainings.
    pub interval: Duration,
}

/// A closed ticket as a text and the label of a kind. None if it has no such label, or if it is confidential and nobody
/// has read what was taken out of its texts.
fn labelled(ticket: &Ticket, kind: ModelKind) -> Option<LabelledText> {
    if ticket.is_confidential && !ticket.text_marks.is_empty() {
        return None;
    }
    let label = match kind {
        ModelKind::Topic => ticket.topic.clone(),
        ModelKind::Unit => ticket.lead_unit().map(|unit| unit.0.clone()),
    };
    let RedactedText { subject, body } = RedactedText::of_ticket(ticket);
    Some(LabelledText { subject, body, label: label? })
}

/// The texts of each kind in a page of closed tickets.
fn labelled_page(page: &[Ticket]) -> [Vec<LabelledText>; 2] {
    ModelKind::ALL.map(|kind| page.iter().filter_map(|ticket| labelled(ticket, kind)).collect())
}

fn hash(texts: &[LabelledText]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for LabelledText { subject, body, label } in texts {
        for part in [subject, body, label] {
            // The length comes first, so that no two lists have the same bytes.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize().to_vec()
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn ended(error: JoinError) -> Fault {
    Fault::internal(format!("the training ended early: {error}"))
}

impl SuggestionTrainer {
    /// Trains each kind once, if its texts have changed; returns the versions that it made. None if another server
    /// trains, or if there are too few closed tickets.
    ///
    /// # Errors
    /// If the database can't be reached.
    pub async fn pass(&self) -> Result<Vec<(ModelKind, i32)>, Fault> {
        let page = confirmed_decisions::page(self.store.reader(), None, PAGE).await?;
        if page.len() < self.texts_min.min(PAGE_TICKETS) {
            return Ok(Vec::new());
        }
        if !self.store.run(&self.clock, (), async |work, &()| stored_models::claim(work).await).await? {
            return Ok(Vec::new());
        }
        let trained = self.train_all(page).await;
        self.store.run(&self.clock, (), async |work, &()| stored_models::release(work).await).await?;
        trained
    }

    /// Trains each kind from this page and those behind it.
    async fn train_all(&self, mut page: Vec<Ticket>) -> Result<Vec<(ModelKind, i32)>, Fault> {
        let (mut texts, mut read) = (ModelKind::ALL.map(|_| Vec::new()), 0);
        while let Some(last) = page.last().map(|ticket| ticket.number) {
            read += page.len();
            let labelled = spawn_blocking(move || labelled_page(&page)).await.map_err(ended)?;
            for (texts, labelled) in texts.iter_mut().zip(labelled) {
                texts.extend(labelled);
            }
            if read >= TEXTS_MAX {
                break;
            }
            if !self.clock.is_simulated() {
                tokio::time::sleep(PAGE_PAUSE).await;
            }
            page = confirmed_decisions::page(self.store.reader(), Some(last), PAGE).await?;
        }
        let mut trained = Vec::new();
        for (kind, texts) in ModelKind::ALL.into_iter().zip(texts) {
            trained.extend(self.train(kind, texts).await?.map(|version| (kind, version)));
        }
        Ok(trained)
    }

    async fn train(&self, kind: ModelKind, texts: Vec<LabelledText>) -> Result<Option<i32>, Fault> {
        if texts.len() < self.texts_min {
            return Ok(None);
        }
        let texts_hash = hash(&texts);
        let newest = stored_models::newest(self.store.reader(), kind).await?;
        if newest.is_some_and(|newest| newest.texts_hash == texts_hash) {
            return Ok(None);
        }
        let learned = spawn_blocking(move || learn::learn(&texts)).await.map_err(ended)?;
        let Some(learned) = learned else { return Ok(None) };
        let new = NewModel { kind, learned, texts_hash };
        let version =
            self.store.run(&self.clock, new.clone(), async |work, new| stored_models::add(work, new).await);
        let version = version.await?;
        let kind = kind.name();
        tracing::info!(kind, version, count = new.learned.texts, "suggestion model trained");
        Ok(Some(version))
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        loop {
            if let Err(fault) = self.pass().await {
                tracing::warn!(error = fault.detail, "training of suggestions failed; retrying");
            }
            tokio::time::sleep(self.interval).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closed_loop::fixture::Desk;
    use crate::ticket::TextMark;
    use crate::ticket::pii::{MarkKind, TextField};

    #[test]
    fn a_ticket_without_a_label_teaches_nothing() {
        let mut ticket = Desk::open().received();
        (ticket.topic, ticket.is_confidential) = (None, false);
        ticket.text_marks.clear();
        assert_eq!(labelled(&ticket, ModelKind::Topic), None);
        assert_eq!(labelled(&ticket, ModelKind::Unit), None, "it is not dispatched");
        ticket.topic = Some("licence.registration".to_owned());
        let text = labelled(&ticket, ModelKind::Topic).expect("it has a topic");
        assert_eq!(text.label, "licence.registration");
        let mark = TextMark { field: TextField::Content, kind: MarkKind::Phone, position: 3 };
        ticket.text_marks.push(mark);
        assert!(labelled(&ticket, ModelKind::Topic).is_some(), "it is not confidential");
        ticket.is_confidential = true;
        assert_eq!(labelled(&ticket, ModelKind::Topic), None, "an agent has still to redact it");
    }

    #[test]
    fn the_hash_is_of_each_part() {
        let text = |subject: &str, body: &str| LabelledText {
            subject: subject.to_owned(),
            body: body.to_owned(),
            label: "a".to_owned(),
        };
        assert_eq!(hash(&[text("ab", "c")]), hash(&[text("ab", "c")]));
        assert_ne!(hash(&[text("ab", "c")]), hash(&[text("a", "bc")]));
        assert_ne!(hash(&[text("a", "b")]), hash(&[text("a", "b"), text("", "")]));
    }
}
