//! Templates of texts.

use chrono::{DateTime, Utc};

use crate::convert::{open_enum, record, writable};

open_enum! {
    /// What a template is for: the text of one verb.
    TextTemplateKind = TextTemplateKind {
        /// The answer of `AnswerTicket`.
        Answer = "即时答复",
        /// Where the company can turn instead, of `DeclineTicket`.
        Decline = "不予受理指引",
        /// The note of `ReturnTicket`.
        Return = "退单说明",
        /// The reply to the company of `SubmitFeedback`.
        CallerReply = "答复企业",
        /// What was done and the result, of the report to the hotline of `SubmitFeedback`.
        HotlineReport = "反馈热线",
        /// The question of `AskCompany`.
        Question = "询问企业",
    }
}

record! {
    /// A text that people start from (常用语). It is never sent by itself.
    #[derive(Debug, Clone, PartialEq, Eq)]
    TextTemplate = TextTemplate {
        /// Its code: 2 to 64 characters of `[a-z0-9-]`.
        code: String,
        /// What it is for.
        kind: TextTemplateKind,
        /// Its name in Chinese, 1 to 100 characters.
        name: String,
        /// Its name in English, at most 200 characters.
        name_en: Option<String>,
        /// The text in Chinese, 1 to 2,000 characters.
        text: String,
        /// The text in English, at most 2,000 characters.
        text_en: Option<String>,
        /// The topic leaf that it is for; `None` for all topics.
        topic: Option<String>,
        /// The unit that it belongs to; `None` for a text of the hotline, which everybody sees.
        unit: Option<String>,
        /// In force from this instant on. A new one without it is in force from now on.
        start_time: Option<DateTime<Utc>>,
        /// Until this instant; `None` if it has no end.
        end_time: Option<DateTime<Utc>>,
        /// 1 for a new template, then one more for each change. Set by the server.
        revision: u32,
        /// When it was put. Set by the server.
        put_time: Option<DateTime<Utc>>,
        /// Changes with every change. If it is sent back, it must be the present one.
        etag: Option<String>,
    }
}
writable!(
    TextTemplate = TextTemplate {
        code,
        kind,
        name,
        name_en,
        text,
        text_en,
        topic,
        unit,
        start_time,
        end_time,
        revision,
        put_time,
        etag
    }
);

impl TextTemplate {
    /// A new template of the hotline for all topics, in force from now on.
    #[must_use]
    pub fn new(
        code: impl Into<String>,
        kind: TextTemplateKind,
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            code: code.into(),
            kind,
            name: name.into(),
            name_en: None,
            text: text.into(),
            text_en: None,
            topic: None,
            unit: None,
            start_time: None,
            end_time: None,
            revision: 0,
            put_time: None,
            etag: None,
        }
    }
}
