//! The models in use. Each call looks for a newer version, so all servers answer with the same model. A model is read
//! once and kept.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::calibration::Calibration;
use super::cold_start::{self, LabelWords};
use super::model::Model;
use super::stored_models::{self, ModelKind};
use crate::desk::directory::topics;
use crate::platform::{Fault, Store};

/// The most topics whose words are compared.
const TOPICS_MAX: u64 = 500;

/// The dependencies of suggestions.
#[derive(Debug, Clone)]
pub struct Suggestions {
    store: Store,
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
    pub fn new(store: Store) -> Self {
        Self { store, models: Arc::default() }
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

    async fn topic_words(&self) -> Result<Vec<LabelWords>, Fault> {
        let topics = topics::words(self.store.reader(), TOPICS_MAX).await?;
        Ok(topics.into_iter().map(|(label, words)| LabelWords { label, words }).collect())
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
