//! `SubmitFeedback`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::{ITEMS_MAX, NAME_CHARS_MAX, SHORT_NOTE_CHARS_MAX, TEXT_CHARS_MAX};
use crate::closed_loop::submit_feedback::{Reply, Report, SubmitFeedback};
use crate::rpc::fields::{Fields, Lines};
use crate::ticket::ContactMethod;

impl Decode for pb::SubmitFeedbackRequest {
    type Command = SubmitFeedback;

    fn decode(&self, fields: &mut Fields) -> SubmitFeedback {
        if self.caller_reply.is_none() && self.hotline_report.is_none() {
            fields.wrong("caller_reply", "is required, or hotline_report, or both");
        }
        let caller_reply = self.caller_reply.as_ref().map(|reply| Reply {
            replied_at: fields.required_past_time("caller_reply.reply_time", reply.reply_time.as_ref()),
            method: fields.choice("caller_reply.method", reply.method, ContactMethod::Telephone),
            official: fields.text("caller_reply.official", &reply.official, 1..=NAME_CHARS_MAX, Lines::One),
            content: fields.text("caller_reply.content", &reply.content, 1..=TEXT_CHARS_MAX, Lines::Many),
        });
        let hotline_report = self.hotline_report.as_ref().map(|report| {
            let mut evidence = Vec::new();
            if report.evidence.len() > ITEMS_MAX {
                fields.wrong("hotline_report.evidence", format!("has at most {ITEMS_MAX} references"));
            } else {
                for (place, one) in report.evidence.iter().enumerate() {
                    let field = format!("hotline_report.evidence[{place}]");
                    evidence.push(fields.text(field, one, 1..=SHORT_NOTE_CHARS_MAX, Lines::One));
                }
            }
            Report {
                actions: fields.text(
                    "hotline_report.actions",
                    &report.actions,
                    1..=TEXT_CHARS_MAX,
                    Lines::Many,
                ),
                result: fields.text("hotline_report.result", &report.result, 1..=TEXT_CHARS_MAX, Lines::Many),
                evidence,
            }
        });
        SubmitFeedback { caller_reply, hotline_report }
    }
}
