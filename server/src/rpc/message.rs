//! `hotline.v1.MessageService`.

mod choose_messages;
mod encode;
mod get_progress;
mod list_messages;
mod list_templates;
mod put_template;

use hotline_proto::v1::message_service_server::MessageService;

use super::handler::serve;
use crate::desk::message::Messages;

/// Serves the messages to companies.
#[derive(Debug, Clone)]
pub struct MessageApi {
    /// The messages.
    pub messages: Messages,
}

hotline_proto::message_service_methods!(serve for MessageApi);
