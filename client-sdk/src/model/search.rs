//! What a search finds.

use super::{Article, Ticket};
use crate::convert::record;

record! {
    /// A ticket that was found.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    TicketHit = TicketHit {
        /// The ticket, without its content unless the read mask names it.
        ticket: Ticket,
        /// The beginning of its subject, with marks.
        subject: TextSnippet,
        /// The part of its content that has the most of the query, with marks.
        content: TextSnippet,
    }
}

record! {
    /// An article that was found.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ArticleHit = ArticleHit {
        /// The version, without its body.
        article: Article,
        /// Whether an answer may cite it now.
        in_force: bool,
        /// The part of its title with the most of the query, with marks.
        title: TextSnippet,
        /// The part of its questions and its body with the most of the query, with marks.
        text: TextSnippet,
    }
}

record! {
    /// A part of a text. What was found is marked.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TextSnippet = TextSnippet {
        /// The part. Nothing in it is escaped.
        text: String,
        /// What was found, in rising order.
        marks: Vec<TextRange>,
    }
}

record! {
    /// A range of characters of a text.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    TextRange = TextRange {
        /// The place of its first character, from 0 on.
        start: u32,
        /// How many characters it has.
        length: u32,
    }
}

impl TextSnippet {
    /// The text in parts, each with whether it is marked. Together they are the text.
    pub fn parts(&self) -> impl Iterator<Item = (bool, &str)> {
        let bytes: Vec<usize> = self.text.char_indices().map(|(at, _)| at).chain([self.text.len()]).collect();
        let byte = |place: u32| bytes.get(place as usize).copied().unwrap_or(self.text.len());
        let (mut parts, mut done) = (Vec::new(), 0);
        for mark in &self.marks {
            let (start, end) = (byte(mark.start).max(done), byte(mark.start.saturating_add(mark.length)));
            let end = end.max(start);
            parts.extend([(false, &self.text[done..start]), (true, &self.text[start..end])]);
            done = end;
        }
        parts.push((false, &self.text[done..]));
        parts.into_iter().filter(|(_, part)| !part.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, marks: &[(u32, u32)]) -> Vec<(bool, String)> {
        let marks =
            marks.iter().map(|(start, length)| TextRange { start: *start, length: *length }).collect();
        let snippet = TextSnippet { text: text.to_owned(), marks };
        snippet.parts().map(|(is_marked, part)| (is_marked, part.to_owned())).collect()
    }

    #[test]
    fn the_parts_of_a_snippet_are_its_text() {
        let shown = |parts: &[(bool, &str)]| -> Vec<_> {
            parts.iter().map(|(is_marked, part)| (*is_marked, (*part).to_owned())).collect()
        };
        assert_eq!(
            parts("申请营业执照。", &[(2, 4)]),
            shown(&[(false, "申请"), (true, "营业执照"), (false, "。")])
        );
        assert_eq!(parts("执照", &[(0, 2)]), shown(&[(true, "执照")]));
        assert_eq!(
            parts("执照", &[(1, 9), (0, 1)]),
            shown(&[(false, "执"), (true, "照")]),
            "no range is trusted"
        );
        assert_eq!(parts("", &[]), []);
    }
}
