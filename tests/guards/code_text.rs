//! The code of a file as text: comments, strings and characters are blank, and lines keep their numbers. The guards of
//! names, functions and imports read this, so that no text is taken for code.

/// The rest of a text, and the code so far.
struct Scanner<'a> {
    rest: &'a str,
    code: String,
}

impl Scanner<'_> {
    /// Copies this many bytes.
    fn keep(&mut self, length: usize) {
        let (kept, rest) = self.rest.split_at(length);
        self.code.push_str(kept);
        self.rest = rest;
    }

    /// Replaces this many bytes by spaces; line breaks stay.
    fn blank(&mut self, length: usize) {
        let (blanked, rest) = self.rest.split_at(length);
        self.code.extend(blanked.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }

    /// The length of the comment, string or character that begins here; `None` if other code begins here.
    fn text_length(&self) -> Option<usize> {
        let rest = self.rest;
        if rest.starts_with("//") {
            return Some(rest.find('\n').unwrap_or(rest.len()));
        }
        if rest.starts_with("/*") {
            return Some(rest.find("*/").map_or(rest.len(), |end| end + 2));
        }
        let after_prefix = rest.trim_start_matches('b');
        let prefix = rest.len() - after_prefix.len();
        if let Some(raw) = after_prefix.strip_prefix('r') {
            let marks = raw.len() - raw.trim_start_matches('#').len();
            if raw[marks..].starts_with('"') {
                let end = format!("\"{}", "#".repeat(marks));
                let start = prefix + 1 + marks + 1;
                let found = rest[start..].find(&end).map_or(rest.len(), |place| start + place + end.len());
                return Some(found);
            }
        }
        if after_prefix.starts_with('"') && prefix <= 1 {
            return Some(prefix + quoted_length(after_prefix, '"'));
        }
        // `'a` is a lifetime, `'a'` a character.
        let is_character = after_prefix.starts_with("'\\") || after_prefix.chars().nth(2) == Some('\'');
        (after_prefix.starts_with('\'') && is_character && prefix <= 1)
            .then(|| prefix + quoted_length(after_prefix, '\''))
    }
}

/// The length of a quoted text, with its quotes.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1);
    while let Some((place, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if letter == quote {
            return place + 1;
        }
    }
    text.len()
}

/// Code in which everything else is blank.
pub(crate) fn code_text(text: &str) -> String {
    let mut scanner = Scanner { rest: text, code: String::with_capacity(text.len()) };
    let mut is_in_name = false;
    while let Some(letter) = scanner.rest.chars().next() {
        // The `b` of `letter_b` is not the prefix of a string.
        let may_begin = !(is_in_name && matches!(letter, 'b' | 'r'));
        match scanner.text_length().filter(|_| may_begin) {
            Some(length) => scanner.blank(length),
            None => scanner.keep(letter.len_utf8()),
        }
        is_in_name = letter.is_alphanumeric() || letter == '_';
    }
    scanner.code
}

/// Code without the items that are compiled only for tests.
pub(crate) fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let (mut product, mut rest) = (String::with_capacity(code.len()), code);
    while let Some(place) = rest.find(MARK) {
        product.push_str(&rest[..place]);
        let item = &rest[place + MARK.len()..];
        rest = &item[item_length(item)..];
    }
    product + rest
}

/// The length of the item that a text begins with, up to its `;` or its last brace.
fn item_length(item: &str) -> usize {
    let is_use = item.trim_start().starts_with("use ");
    let end = item.char_indices().find(|(_, letter)| *letter == ';' || (*letter == '{' && !is_use));
    match end {
        Some((place, '{')) => place + block_length(&item[place..]),
        Some((place, _)) => place + 1,
        None => item.len(),
    }
}

/// The length of a block, from its opening brace to the brace that closes it.
pub(crate) fn block_length(block: &str) -> usize {
    let mut depth = 0_usize;
    for (place, letter) in block.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return place + 1;
        }
    }
    block.len()
}

/// The words of code, each with its line.
pub(crate) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_no_word = |letter: char| !letter.is_alphanumeric() && letter != '_';
    code.lines().zip(1..).flat_map(move |(line, number)| {
        line.split(is_no_word).filter(|word| !word.is_empty()).map(move |word| (number, word))
    })
}

#[test]
fn text_is_blank_and_code_is_not() {
    let text = "let a = \"x\\\"y\"; // told\nlet b = 'c'; let d: &'static str = r#\"a\"b\"#; /* e\nf */ b'\\'' letter_b\"g\"";
    let code = code_text(text);
    let found: Vec<_> = words(&code).collect();
    let expected = [
        (1, "let"),
        (1, "a"),
        (2, "let"),
        (2, "b"),
        (2, "let"),
        (2, "d"),
        (2, "static"),
        (2, "str"),
        (3, "letter_b"),
    ];
    assert_eq!(found, expected, "{code}");
    assert_eq!(code.len(), text.len());
}

#[test]
fn what_is_for_tests_alone_is_left_out() {
    let code = "a();\n#[cfg(test)]\nmod tests { fn f() { {} } }\nb();\n#[cfg(test)]\nuse x::{y, z};\nc();\n#[cfg(test)]\nmod fixture;\n";
    let found = without_tests(code);
    assert_eq!(found.split_whitespace().collect::<String>(), "a();b();c();");
}
