//! `AnswerTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::{ITEMS_MAX, LINE_CHARS_MAX, NAME_CHARS_MAX, TEXT_CHARS_MAX};
use crate::closed_loop::answer_ticket::AnswerTicket;
use crate::desk::knowledge::ArticleKey;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::AnswerTicketRequest {
    type Command = AnswerTicket;

    fn decode(&self, fields: &mut Fields) -> AnswerTicket {
        let content = fields.text("content", &self.content, 1..=TEXT_CHARS_MAX, Lines::Many);
        let unanswered_question =
            fields.optional("unanswered_question", &self.unanswered_question, LINE_CHARS_MAX);
        let cited_min = usize::from(unanswered_question.is_none());
        if !(cited_min..=ITEMS_MAX).contains(&self.articles.len()) {
            fields.wrong("articles", format!("cites 1 to {ITEMS_MAX} articles"));
            return AnswerTicket { content, cited: Vec::new(), unanswered_question };
        }
        let cited = self.articles.iter().enumerate().map(|(place, cited)| {
            let version = u32::try_from(cited.version).ok().filter(|version| *version > 0);
            if version.is_none() {
                fields.wrong(format!("articles[{place}].version"), "is 1 or more");
            }
            let field = format!("articles[{place}].article");
            let article = fields.text(field, &cited.article, 1..=NAME_CHARS_MAX, Lines::One);
            ArticleKey { article, version: version.unwrap_or_default() }
        });
        AnswerTicket { cited: cited.collect(), content, unanswered_question }
    }
}
