//! Topics: what requests are about.

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use uuid::Uuid;

use crate::call::Command;
use crate::convert::{IntoProto as _, answers, setters};
use crate::directory::Directory;
use crate::error::Error;
use crate::model::Topic;
use crate::page::{self, Listing};

/// Adds a topic, or replaces the one with the same code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutTopic {
    /// The topic with its new values.
    pub topic: Topic,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl PutTopic {
    /// Puts a topic with its new values.
    #[must_use]
    pub const fn new(topic: Topic) -> Self {
        Self { topic, request_id: None }
    }

    /// Retires a topic from an instant on, with the topic to use instead if there is one.
    #[must_use]
    pub fn retire(topic: Topic, end_time: DateTime<Utc>, successor: Option<String>) -> Self {
        Self::new(Topic { end_time: Some(end_time), successor, ..topic })
    }
}

setters! {
    PutTopic { topic: Topic, request_id: Option<Uuid> }
}

impl Directory {
    /// Adds, renames or retires a topic. A topic is never deleted. For administrators.
    ///
    /// # Errors
    /// `ETAG_STALE`, `TOPIC_NOT_IN_FORCE` (its successor), `REQUEST_ID_REUSED`.
    pub async fn put_topic(&self, command: PutTopic) -> Result<Topic, Error> {
        self.0.command(command).await
    }

    /// Lists the leaves of the topic tree, by code, also those that are not in force. For everyone but telephony.
    pub fn list_topics(&self) -> Listing<Topic> {
        page::list(self.0.clone(), v1::ListTopicsRequest::default())
    }
}

impl Command for PutTopic {
    type Request = v1::PutTopicRequest;
    type Changed = Topic;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::PutTopicRequest { request_id, topic: self.topic.into_proto() }
    }
}

answers! {
    Topic: PutTopicResponse.topic;
}
