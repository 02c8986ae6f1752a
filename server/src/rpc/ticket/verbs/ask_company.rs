//! `AskCompany`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::{NOTE_CHARS_MAX, SHORT_NOTE_CHARS_MAX};
use crate::closed_loop::ask_company::AskCompany;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::AskCompanyRequest {
    type Command = AskCompany;

    fn decode(&self, fields: &mut Fields) -> AskCompany {
        AskCompany {
            question: fields.text("question", &self.question, 1..=NOTE_CHARS_MAX, Lines::Many),
            wanted: fields.text("wanted", &self.wanted, 0..=SHORT_NOTE_CHARS_MAX, Lines::Many),
        }
    }
}
