//! Snippets: the part of a text that has the most of a query, with marks.

use super::lexer;
use super::query::SearchTerms;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snippet {
    /// The part, as it is stored. Nothing in it is escaped.
    pub text: String,
    /// What is marked: the first character and the number of characters, in rising order.
    pub marks: Vec<(u32, u32)>,
}

/// Where the terms of a query are in a text, in bytes; neighbours are one place.
fn places(text: &str, terms: &SearchTerms) -> Vec<(usize, usize)> {
    let lexemes = lexer::of_text(text).into_iter();
    let mut found: Vec<_> = lexemes
        .filter(|lexeme| terms.texts().any(|term| term == lexeme.text))
        .map(|lexeme| (lexeme.start, lexeme.end))
        .collect();
    found.sort_unstable();
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (start, end) in found {
        match places.last_mut().filter(|last| start <= last.1) {
            Some(last) => last.1 = last.1.max(end),
            None => places.push((start, end)),
        }
    }
    places
}

/// The part of at most `chars_max` characters with the most marked characters, the first of such parts.
#[must_use]
pub fn snippet(text: &str, terms: &SearchTerms, chars_max: usize) -> Snippet {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let char_at = |byte: usize| starts.partition_point(|start| *start < byte);
    let marks: Vec<(usize, usize)> =
        places(text, terms).into_iter().map(|(start, end)| (char_at(start), char_at(end))).collect();
    let length = starts.len() - 1;
    let marked_in = |from: usize| -> usize {
        let to = from + chars_max;
        marks.iter().map(|(start, end)| (*end).min(to).saturating_sub((*start).max(from))).sum()
    };
    // A part begins shortly before a mark, so that the mark has its context.
    let last_from = length.saturating_sub(chars_max);
    let candidates = marks.iter().map(|(start, _)| start.saturating_sub(chars_max / 8).min(last_from));
    let from = candidates.fold((0, marked_in(0)), |best, from| {
        let marked = marked_in(from);
        if marked > best.1 { (from, marked) } else { best }
    });
    let (from, to) = (from.0, (from.0 + chars_max).min(length));
    let inside = marks.iter().map(|(start, end)| ((*start).max(from), (*end).min(to)));
    let place = |chars: usize| u32::try_from(chars).unwrap_or(u32::MAX);
    let inside = inside
        .filter(|(start, end)| start < end)
        .map(|(start, end)| (place(start - from), place(end - start)));
    Snippet { text: text[starts[from]..starts[to]].to_owned(), marks: inside.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, query: &str, chars_max: usize) -> (String, Vec<String>) {
        let found = snippet(text, &SearchTerms::of(query).expect("terms"), chars_max);
        let characters: Vec<char> = found.text.chars().collect();
        let marked = found.marks.iter().map(|(start, count)| {
            characters.iter().skip(*start as usize).take(*count as usize).collect::<String>()
        });
        (found.text, marked.collect())
    }

    #[test]
    fn what_was_found_is_marked_in_the_writing_of_the_text() {
        let (text, marked) = of("申請營業執照，ＧＢ32标准", "营业执照 gb32", 40);
        assert_eq!(text, "申請營業執照，ＧＢ32标准");
        assert_eq!(marked, ["營業執照", "ＧＢ32"]);
    }

    #[test]
    fn the_part_with_the_most_marks_is_shown() {
        let text = format!("{}执照{}营业执照变更", "前".repeat(50), "后".repeat(50));
        let (shown, marked) = of(&text, "营业执照变更", 20);
        assert!(shown.ends_with("营业执照变更") && shown.chars().count() <= 20, "{shown}");
        assert_eq!(marked, ["营业执照变更"]);
    }

    #[test]
    fn a_text_without_a_term_is_shown_from_its_beginning() {
        assert_eq!(of("没有这个词", "发票", 3), ("没有这".to_owned(), vec![]));
        assert_eq!(of("", "发票", 3), (String::new(), vec![]));
    }
}
