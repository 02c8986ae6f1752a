//! `SubmitSurvey`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::submit_survey::SubmitSurvey;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::SubmitSurveyRequest {
    type Command = SubmitSurvey;

    fn decode(&self, fields: &mut Fields) -> SubmitSurvey {
        let survey = SubmitSurvey {
            responded: fields.optional_choice("responded", self.responded),
            resolved: fields.optional_choice("resolved", self.resolved),
            satisfied: fields.optional_choice("satisfied", self.satisfied),
            comment: fields.text("comment", &self.comment, 0..=NOTE_CHARS_MAX, Lines::Many),
        };
        if self.responded == 0 && self.resolved == 0 && self.satisfied == 0 {
            fields.wrong("responded", "is required, or resolved, or satisfied");
        }
        survey
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survey_has_an_answer_or_says_that_there_was_none() {
        for (responded, resolved, satisfied, is_refused) in [
            (0, 0, 0, true),
            (pb::Responded::Yes as i32, 0, 0, false),
            (pb::Responded::WouldNotAnswer as i32, 0, 0, false),
            (0, pb::Resolved::WouldNotAnswer as i32, 0, false),
            (0, 0, pb::Satisfied::WouldNotAnswer as i32, false),
        ] {
            let request = pb::SubmitSurveyRequest {
                responded,
                resolved,
                satisfied,
                comment: "未表态".to_owned(),
                ..Default::default()
            };
            let mut fields = Fields::default();
            let survey = request.decode(&mut fields);
            assert_eq!(fields.finish(()).is_err(), is_refused, "{survey:?}");
        }
    }
}
