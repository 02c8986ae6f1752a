//! `SubmitSurvey`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::submit_survey::SubmitSurvey;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::SubmitSurveyRequest {
    type Command = SubmitSurvey;

    fn decode(&self, fields: &mut Fields) -> SubmitSurvey {
        SubmitSurvey {
            responded: fields.optional_choice("responded", self.responded),
            resolved: fields.optional_choice("resolved", self.resolved),
            satisfied: fields.optional_choice("satisfied", self.satisfied),
            comment: fields.text("comment", &self.comment, 0..=NOTE_CHARS_MAX, Lines::Many),
        }
    }
}
