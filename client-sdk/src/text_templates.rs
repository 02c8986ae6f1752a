//! Templates of texts: what people start from when they answer, decline, return, give feedback or ask.

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use uuid::Uuid;

use crate::call::Command;
use crate::convert::{IntoProto as _, answers, setters};
use crate::directory::Directory;
use crate::error::Error;
use crate::model::{TextTemplate, TextTemplateKind};
use crate::page::{self, Listing};

/// Adds a template of a text, or replaces the one with the same code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutTextTemplate {
    /// The template with its new values.
    pub template: TextTemplate,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl PutTextTemplate {
    /// Puts a template with its new values.
    #[must_use]
    pub const fn new(template: TextTemplate) -> Self {
        Self { template, request_id: None }
    }
}

setters! {
    PutTextTemplate { template: TextTemplate, request_id: Option<Uuid> }
}

/// A filter of templates; by default all that the caller may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListTextTemplates {
    /// This kind only.
    pub kind: Option<TextTemplateKind>,
    /// Those for this topic, and those for all topics.
    pub topic: Option<String>,
    /// In force at this instant only.
    pub effective_time: Option<DateTime<Utc>>,
    /// Without those of units.
    pub hotline_only: bool,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    ListTextTemplates {
        kind: Option<TextTemplateKind>,
        topic: Option<String>,
        effective_time: Option<DateTime<Utc>>,
        hotline_only: bool,
        page_size: Option<u32>,
    }
}

impl Directory {
    /// Adds, changes or ends a template of a text. For administrators.
    ///
    /// # Errors
    /// `ETAG_STALE`, `UNIT_UNKNOWN`, `REQUEST_ID_REUSED`.
    pub async fn put_text_template(&self, command: PutTextTemplate) -> Result<TextTemplate, Error> {
        self.0.command(command).await
    }

    /// Lists templates of texts, by code. A unit reads those of the hotline and its own. For agents, dispatchers,
    /// coordinators, units, supervisors and administrators.
    pub fn list_text_templates(&self, which: ListTextTemplates) -> Listing<TextTemplate> {
        let request = v1::ListTextTemplatesRequest {
            page_size: which.page_size.into_proto(),
            page_token: String::new(),
            kind: which.kind.into_proto(),
            topic: which.topic.into_proto(),
            effective_time: which.effective_time.into_proto(),
            hotline_only: which.hotline_only,
        };
        page::list(self.0.clone(), request)
    }
}

impl Command for PutTextTemplate {
    type Request = v1::PutTextTemplateRequest;
    type Changed = TextTemplate;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::PutTextTemplateRequest { request_id, template: self.template.into_proto() }
    }
}

answers! {
    TextTemplate: PutTextTemplateResponse.template;
}
