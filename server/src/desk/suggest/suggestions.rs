//! The models in use. Each call looks for a newer version, so all servers answer with the same model. A model is read
//! once and kept.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::calibration::Calibration;
use super::cold_start::{self, LabelWords};
use super::model::Model;
use super::stored_models::{self, ModelKind};
use crate::desk::directory::{duties, topics};
use crate::platform::{Clock, Fault, Store};

/// The most topics, and units, whose words are compared.
const LABELS_MAX: u64 = 500;
/// Open tickets with the same cause from which on a supervisor should look at it, unless the configuration says
/// otherwise.
const SAME_CAUSE_OPEN_MIN: u32 = 10;

/// The dependencies of suggestions.
#[derive(Debug, Clone)]
pub struct Suggestions {
    store: Store,
    clock: Clock,
    same_cause_open_min: u32,
    models: Arc<Mutex<HashMap<ModelKind, Arc<ModelInUse>>>>,
}

/// A model in use.
#[derive(Debug)]
pub struct ModelInUse {
    source: ModelSource,
    /// Its version, for example `topic-3`; `topic-words` for the one that is made from the words of the labels.
    pub version: String,
    /// The model.
    pub model: Model,
    /// How good it is; a model of words is never sure.
    pub calibration: Calibration,
}

/// What a model was made from.
#[derive(Debug, PartialEq, Eq)]
enum ModelSource {
    /// A stored version.
    Stored(i32),
    /// The words of the labels.
    Words(Vec<LabelWords>),
}

impl Suggestions {
    /// Suggestions from the models of a database.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, same_cause_open_min: SAME_CAUSE_OPEN_MIN, models: Arc::default() }
    }

    /// The same, with another number of open tickets from which on a supervisor should look at their cause.
    #[must_use]
    pub fn with_same_cause_open_min(self, same_cause_open_min: u32) -> Self {
        Self { same_cause_open_min, ..self }
    }

    /// From how many open tickets on a supervisor should look at their cause.
    pub(super) const fn same_cause_open_min(&self) -> u32 {
        self.same_cause_open_min
    }

    /// The clock.
    pub(super) const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The database.
    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    /// The newest model of topics. Before the first training it is made from the words of the topics.
    ///
    /// # Errors
    /// If the database refuses, or a stored model is damaged.
    pub async fn topic_model(&self) -> Result<Arc<ModelInUse>, Fault> {
        let kind = ModelKind::Topic;
        let source = match stored_models::newest(self.store.reader(), kind).await? {
            Some(newest) => ModelSource::Stored(newest.version),
            None => ModelSource::Words(self.topic_words().await?),
        };
        self.model(kind, source).await
    }

    /// The newest model of units. Before the first training it is made from the duties of the units.
    ///
    /// # Errors
    /// If the database refuses, or a stored model is damaged.
    pub async fn unit_model(&self) -> Result<Arc<ModelInUse>, Fault> {
        let kind = ModelKind::Unit;
        let source = match stored_models::newest(self.store.reader(), kind).await? {
            Some(newest) => ModelSource::Stored(newest.version),
            None => ModelSource::Words(labelled(duties::words(self.store.reader(), LABELS_MAX).await?)),
        };
        self.model(kind, source).await
    }

    async fn topic_words(&self) -> Result<Vec<LabelWords>, Fault> {
        Ok(labelled(topics::words(self.store.reader(), LABELS_MAX).await?))
    }

    async fn model(&self, kind: ModelKind, source: ModelSource) -> Result<Arc<ModelInUse>, Fault> {
        // While one call reads a new model, the others wait for it.
        let mut models = self.models.lock().await;
        if let Some(current) = models.get(&kind).filter(|current| current.source == source) {
            return Ok(Arc::clone(current));
        }
        let made = match source {
            ModelSource::Stored(version) => {
                let loaded = stored_models::load(self.store.reader(), kind, version).await?;
                let gone = || {
                    Fault::unavailable(format!("the {} model {version} was replaced meanwhile", kind.name()))
                };
                let (model, calibration) = loaded.ok_or_else(gone)?;
                let name = format!("{}-{version}", kind.name());
                ModelInUse { source, version: name, model, calibration }
            }
            ModelSource::Words(words) => {
                let (model, version) = (cold_start::model(&words), format!("{}-words", kind.name()));
                let source = ModelSource::Words(words);
                ModelInUse { source, version, model, calibration: Calibration::default() }
            }
        };
        let made = Arc::new(made);
        models.insert(kind, Arc::clone(&made));
        Ok(made)
    }
}

fn labelled(words: Vec<(String, String)>) -> Vec<LabelWords> {
    words.into_iter().map(|(label, words)| LabelWords { label, words }).collect()
}
