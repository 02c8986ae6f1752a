//! `ListTopics` and `PutTopic`.

use hotline_proto::v1 as pb;

use super::DirectoryApi;
use crate::access::Permit;
use crate::desk::directory::topics::Topic;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::Page;
use crate::rpc::scalars;

/// The longest name in Chinese, in characters.
const NAME_CHARS_MAX: usize = 100;
/// The longest name in English, in characters.
const NAME_EN_CHARS_MAX: usize = 200;
/// All words, in characters.
const WORDS_CHARS_MAX: usize = 1_000;
/// The longest etag, in characters.
const ETAG_CHARS_MAX: usize = 64;

impl Handler<DirectoryApi> for pb::ListTopicsRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, b"")?;
        let after = page.cursor::<1>()?.map(|[code]| code);
        let found = api.directory.list_topics(after.as_deref(), page.fetch_limit()).await?;
        let (topics, next_page_token) = page.encode(&found, |topic| topic.code.clone(), encode);
        Ok(pb::ListTopicsResponse { topics, next_page_token })
    }
}

impl Handler<DirectoryApi> for pb::PutTopicRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let put = decode(self.topic.as_ref(), &mut fields);
        let put = fields.finish(put)?.ok_or_else(|| Fault::internal("a topic without a violation"))?;
        let answer = |topic: &Topic| pb::PutTopicResponse { topic: Some(encode(topic)) };
        api.directory.put_topic(permit, key, put, answer).await
    }
}

/// Whether a code has parts of `[a-z0-9-]` that begin with a letter, with a dot between them.
fn is_code(code: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|char: char| char.is_ascii_lowercase())
            && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    code.split('.').all(is_part)
}

fn decode(topic: Option<&pb::Topic>, fields: &mut Fields) -> Option<(Topic, Option<String>)> {
    let Some(topic) = topic else {
        fields.wrong("topic", "is required");
        return None;
    };
    let code = fields.topic("topic.code", &topic.code).unwrap_or_default();
    if !is_code(&code) {
        fields
            .wrong("topic.code", "has parts of [a-z0-9-] that begin with a letter, with a dot between them");
    }
    let effective_from = fields.time("topic.start_time", topic.start_time.as_ref());
    let effective_until = fields.time("topic.end_time", topic.end_time.as_ref());
    if effective_from.zip(effective_until).is_some_and(|(from, until)| until <= from) {
        fields.wrong("topic.end_time", "is later than start_time");
    }
    let successor = fields.topic("topic.successor", &topic.successor);
    if successor.is_some() && topic.end_time.is_none() {
        fields.wrong("topic.successor", "is for a topic that has an end");
    }
    let put = Topic {
        code,
        name: fields.text("topic.name", &topic.name, 1..=NAME_CHARS_MAX, Lines::One),
        name_en: fields.text("topic.name_en", &topic.name_en, 0..=NAME_EN_CHARS_MAX, Lines::One),
        words: fields.text("topic.words", &topic.words, 0..=WORDS_CHARS_MAX, Lines::One),
        effective_from,
        effective_until,
        successor,
        version: 0,
    };
    Some((put, fields.optional("topic.etag", &topic.etag, ETAG_CHARS_MAX)))
}

fn encode(topic: &Topic) -> pb::Topic {
    pb::Topic {
        code: topic.code.clone(),
        name: topic.name.clone(),
        name_en: topic.name_en.clone(),
        words: topic.words.clone(),
        start_time: topic.effective_from.map(scalars::time),
        end_time: topic.effective_until.map(scalars::time),
        successor: topic.successor.clone().unwrap_or_default(),
        etag: topic.etag(),
    }
}
