//! `PutTemplate`: puts the next version of a template. Versions are never changed, so each message can be explained.

use prost::Message;
use sea_orm::EntityTrait as _;
use serde_json::json;

use super::Messages;
use super::model::{MessageEvent, MessageLanguage, Template};
use super::rows::{self, template};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

/// The template to put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutTemplate {
    /// What it tells.
    pub event: MessageEvent,
    /// Its language.
    pub language: MessageLanguage,
    /// The text, which is sound for the event.
    pub text: String,
}

impl Messages {
    /// Puts a template, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn put_template<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        put: PutTemplate,
        answer: fn(&Template) -> A,
    ) -> Result<A, Fault> {
        let input = (permit.clone(), put, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (permit, put, answer)| {
                Ok(answer(&put_in(work, permit, put).await?))
            })
            .await
    }
}

async fn put_in(work: &Work, permit: &Permit, put: &PutTemplate) -> Result<Template, Fault> {
    let last = rows::last_template(&work.tx, put.event, put.language).await?;
    let next = Template {
        event: put.event,
        language: put.language,
        version: last.version + 1,
        text: put.text.clone(),
        put_at: Some(work.now()),
    };
    // Two callers at once get the same version; the key refuses one, and it is run again.
    template::Entity::insert(rows::template_row(&next)).exec_without_returning(&work.tx).await?;
    let details = json!({ "version": next.version });
    let subject = format!("message_template/{}/{}", put.event.word(), put.language.word());
    records::record(work, &permit.actor(), permit.method().method, &subject, details).await?;
    Ok(next)
}
