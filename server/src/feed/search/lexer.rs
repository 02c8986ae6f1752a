//! The terms of a text and of a query.
//!
//! A text is read in its normal form (full-width forms, case, circled digits) and with simplified characters. A run of
//! Chinese characters gives each pair of neighbours and each character. A word of letters and digits gives itself and
//! its beginnings. A word with the character right behind it is a term too: `12号` and `A7县` say more than `12`.

use super::simplified::simplified;
use crate::platform::text::{is_ideograph, normalize};

/// The mark behind a beginning of a word. No word has it.
const BEGINNING: char = '*';
/// Characters of the shortest beginning that is a term.
const BEGINNING_CHARS_MIN: usize = 2;
/// Characters of the longest beginning that is a term.
const BEGINNING_CHARS_MAX: usize = 18;

/// A term of a text, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lexeme {
    /// The term.
    pub(super) text: String,
    /// Its first byte in the text.
    pub(super) start: usize,
    /// The byte behind it.
    pub(super) end: usize,
    /// Whether it counts for the length of the text. The other terms repeat what counts.
    pub(super) is_counted: bool,
}

/// A character of a text in the form that terms are made of.
#[derive(Debug, Clone, Copy)]
struct Glyph {
    value: char,
    start: usize,
    end: usize,
}

/// Characters that belong together.
#[derive(Debug)]
struct Run {
    glyphs: Vec<Glyph>,
    is_chinese: bool,
    /// Whether it stands right behind the run before it.
    is_joined: bool,
}

impl Run {
    fn text(&self, from: usize, to: usize) -> String {
        self.glyphs[from..to].iter().map(|glyph| glyph.value).collect()
    }

    fn lexeme(&self, from: usize, to: usize, is_counted: bool) -> Lexeme {
        let (start, end) = (self.glyphs[from].start, self.glyphs[to - 1].end);
        Lexeme { text: self.text(from, to), start, end, is_counted }
    }

    fn len(&self) -> usize {
        self.glyphs.len()
    }
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut is_behind = false;
    for one in normalize(text) {
        let value = simplified(one.value);
        let is_chinese = is_ideograph(value);
        if !is_chinese && !value.is_alphanumeric() {
            is_behind = false;
            continue;
        }
        let glyph = Glyph { value, start: one.start, end: one.end };
        match runs.last_mut().filter(|run| is_behind && run.is_chinese == is_chinese) {
            Some(run) => run.glyphs.push(glyph),
            None => runs.push(Run { glyphs: vec![glyph], is_chinese, is_joined: is_behind }),
        }
        is_behind = true;
    }
    runs
}

/// The term of a word with the Chinese character right behind it.
fn joined(word: Option<&Run>, run: &Run) -> Option<Lexeme> {
    let word = word.filter(|word| run.is_joined && run.is_chinese && !word.is_chinese)?;
    let text = format!("{}{}", word.text(0, word.len()), run.glyphs[0].value);
    Some(Lexeme { text, start: word.glyphs[0].start, end: run.glyphs[0].end, is_counted: true })
}

/// The terms of a text that is indexed or marked.
pub(super) fn of_text(text: &str) -> Vec<Lexeme> {
    let (runs, mut lexemes) = (runs(text), Vec::new());
    for (place, run) in runs.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| &runs[before]);
        lexemes.extend(joined(before, run));
        if run.is_chinese {
            lexemes.extend((1..run.len()).map(|at| run.lexeme(at - 1, at + 1, true)));
            let is_alone = run.len() == 1;
            lexemes.extend((0..run.len()).map(|at| run.lexeme(at, at + 1, is_alone)));
        } else {
            lexemes.push(run.lexeme(0, run.len(), true));
            lexemes.extend(beginnings(run, BEGINNING_CHARS_MIN));
        }
    }
    lexemes
}

/// The terms of the number of a ticket: the whole, and beginnings that are long enough to mean a number.
pub(super) fn of_number(number: &str, beginning_chars_min: usize) -> Vec<Lexeme> {
    let runs = runs(number);
    let lexemes = runs.iter().flat_map(|run| {
        std::iter::once(run.lexeme(0, run.len(), true)).chain(beginnings(run, beginning_chars_min))
    });
    lexemes.collect()
}

fn beginnings(run: &Run, chars_min: usize) -> impl Iterator<Item = Lexeme> {
    (chars_min..=run.len().min(BEGINNING_CHARS_MAX)).map(|length| {
        let mut lexeme = run.lexeme(0, length, false);
        lexeme.text.push(BEGINNING);
        lexeme
    })
}

/// The terms of a query, in its order. The word at its end may still be typed, so its beginning is looked for.
pub(super) fn of_query(query: &str) -> Vec<String> {
    let runs = runs(query);
    let mut terms = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| &runs[before]);
        terms.extend(joined(before, run).map(|lexeme| lexeme.text));
        let is_at_end = run.glyphs.last().is_some_and(|glyph| glyph.end == query.len());
        let is_beginning = (BEGINNING_CHARS_MIN..=BEGINNING_CHARS_MAX).contains(&run.len());
        if run.is_chinese && run.len() > 1 {
            terms.extend((1..run.len()).map(|at| run.text(at - 1, at + 1)));
        } else if !run.is_chinese && is_at_end && is_beginning {
            terms.push(format!("{}{BEGINNING}", run.text(0, run.len())));
        } else {
            terms.push(run.text(0, run.len()));
        }
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        of_text(text).into_iter().map(|one| one.text).collect()
    }

    #[test]
    fn a_text_gives_pairs_characters_words_and_beginnings() {
        assert_eq!(texts("营业执照"), ["营业", "业执", "执照", "营", "业", "执", "照"]);
        assert_eq!(texts("税"), ["税"]);
        assert_eq!(texts("GB32，税"), ["GB32", "GB*", "GB3*", "GB32*", "税"]);
        assert_eq!(texts("第12号"), ["第", "12", "12*", "12号", "号"]);
        assert_eq!(texts("，。！ "), Vec::<String>::new());
    }

    #[test]
    fn every_writing_of_a_word_gives_the_same_terms() {
        for (one, other) in [
            ("營業執照", "营业执照"),
            ("ｇｂ３２", "GB32"),
            ("京政办发〔2023〕12号", "京政办发[2023]12号"),
            ("京政办发〔2023〕12号", "京政辦發【２０２３】１２號"),
            ("税\u{200b}务", "税务"),
        ] {
            assert_eq!(texts(one), texts(other), "{one}");
        }
    }

    #[test]
    fn every_query_that_is_part_of_a_text_has_only_terms_of_the_text() {
        let text = "朝阳区建国路88号院的营业执照（91110105MA01）办理，税务局第三税务所";
        let all = texts(text);
        for query in ["营业执照", "税", "税务", "朝阳区 税务", "88号院", "9111", "91110105MA01", "建国路88"]
        {
            let missing: Vec<_> = of_query(query).into_iter().filter(|term| !all.contains(term)).collect();
            assert_eq!(missing, Vec::<String>::new(), "{query}");
        }
        assert_eq!(of_query("91110105 "), ["91110105"], "a word that is followed by a space is whole");
    }

    #[test]
    fn places_are_those_of_the_text_as_it_is_stored() {
        let text = "（營業）";
        let found = of_text(text);
        assert_eq!(&text[found[0].start..found[0].end], "營業");
    }
}
