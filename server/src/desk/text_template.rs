//! Templates of texts (常用语): what staff and units start from when they answer, decline, return, give feedback or ask.
//!
//! A template is a text and nothing else. A program puts it into a form, and what a person sends is checked with its
//! command, as if it had been typed. So a template is never a way around a check.

pub mod list_text_templates;
mod model;
pub mod put_text_template;
mod rows;

pub use model::{TextTemplate, TextTemplateKind};

use crate::platform::{Clock, Store};

/// The dependencies of the templates of texts.
#[derive(Debug, Clone)]
pub struct TextTemplates {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
}
