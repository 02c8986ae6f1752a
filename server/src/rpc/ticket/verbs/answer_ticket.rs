//! `AnswerTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::{ITEMS_MAX, NAME_CHARS_MAX, TEXT_CHARS_MAX};
use crate::closed_loop::answer_ticket::AnswerTicket;
use crate::rpc::fields::{Fields, Lines};
use crate::ticket::ArticleCitation;

impl Decode for pb::AnswerTicketRequest {
    type Command = AnswerTicket;

    fn decode(&self, fields: &mut Fields) -> AnswerTicket {
        let content = fields.text("content", &self.content, 1..=TEXT_CHARS_MAX, Lines::Many);
        if !(1..=ITEMS_MAX).contains(&self.articles.len()) {
            fields.wrong("articles", format!("cites 1 to {ITEMS_MAX} articles"));
            return AnswerTicket { content, articles: Vec::new() };
        }
        let articles = self.articles.iter().enumerate().map(|(place, cited)| {
            if cited.version < 1 {
                fields.wrong(format!("articles[{place}].version"), "is 1 or more");
            }
            let field = format!("articles[{place}].article");
            let article = fields.text(field, &cited.article, 1..=NAME_CHARS_MAX, Lines::One);
            ArticleCitation { article, version: cited.version }
        });
        AnswerTicket { articles: articles.collect(), content }
    }
}
