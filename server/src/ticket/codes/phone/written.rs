//! The parts of a telephone number as it is written: what stands before it, its digits with their separators, and its
//! extension.

/// What people write before a number, the longest first.
const LABELS: [&str; 27] = [
    "联系电话",
    "办公电话",
    "手机号码",
    "电话号码",
    "联系方式",
    "手机号",
    "座机号",
    "总机",
    "热线",
    "传真",
    "分机号",
    "分机",
    "内线",
    "电话",
    "手机",
    "座机",
    "固话",
    "号码",
    "主叫",
    "telephone",
    "mobile",
    "phone",
    "tel",
    "mob",
    "cell",
    "fax",
    "ext",
];
/// What stands between a number and its extension, the longest first.
const CUES: [&str; 12] =
    ["extension", "分机号", "分机", "内线", "转接", "extn", "ext", "转", "接", "x", "#", "*"];
/// The digits that stand before an extension at least.
const BASE_DIGITS_MIN: usize = 3;
/// The most digits of an extension.
pub(super) const EXTENSION_DIGITS_MAX: usize = 6;
/// Chinese numerals by their values.
const NUMERALS: [&str; 10] =
    ["〇零○", "一幺壹", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"];

/// A number as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Whether a plus stands before it.
    pub(super) has_plus: bool,
    /// Its digits, parted by `-`, a space, or `/` where another number may begin.
    number: String,
    /// The extension that follows a cue.
    pub(super) extension: Option<String>,
    /// Whether something else is written besides.
    pub(super) has_more: bool,
}

impl Written {
    /// Finds the parts of a folded text in lower case. `None` if it holds no number.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = read_numerals(text);
        let (text, has_note) = without_notes(without_label(&text));
        let (before, after) = split_extension(&text);
        let (extension, is_clear) = after.map_or((None, true), extension);
        let (number, has_words) = number_in(before)?;
        let bare = number.trim_matches(['+', '-', '/', ' ']);
        // The signs before the first digit.
        let has_plus = number.trim_start_matches(['-', '/', ' ']).starts_with('+');
        if bare.contains('+') || bare.is_empty() {
            return None;
        }
        let has_more = has_note || has_words || !is_clear;
        Some(Self { has_plus, number: bare.to_owned(), extension, has_more })
    }

    /// The whole as one number: digits, and the hyphens between them.
    pub(super) fn joined(&self) -> String {
        self.number.chars().filter(|c| !matches!(c, ' ' | '/')).collect()
    }

    /// The whole as several numbers, parted where another number may begin, and then at spaces too.
    pub(super) fn parts(&self) -> impl Iterator<Item = String> {
        let lists = self.number.split('/').map(|part| part.replace(' ', ""));
        let words = self.number.split(['/', ' ']).map(str::to_owned);
        lists.chain(words).filter(|part| part.len() > EXTENSION_DIGITS_MAX)
    }
}

/// A number in Chinese numerals as digits. Next to other digits a numeral is a word, and 一 between them is a dash.
fn read_numerals(text: &str) -> String {
    let value = |c: char| NUMERALS.iter().position(|numerals| numerals.contains(c));
    let is_plain = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        let digit =
            |c| value(c).and_then(|value| char::from_digit(u32::try_from(value).ok()?, 10)).unwrap_or(c);
        return text.chars().map(digit).collect();
    }
    let chars: Vec<char> = text.chars().collect();
    let is_dash = |place: usize| {
        chars[place] == '一'
            && is_plain(place.checked_sub(1).and_then(|before| chars.get(before)).copied())
            && is_plain(chars.get(place + 1).copied())
    };
    (0..chars.len()).map(|place| if is_dash(place) { '-' } else { chars[place] }).collect()
}

fn without_label(text: &str) -> &str {
    let mut rest = text;
    // 联系人电话：手机 …
    for _ in 0..2 {
        let Some(bare) = LABELS.iter().find_map(|label| rest.strip_prefix(label)) else { break };
        rest = bare.trim_start_matches([':', '.', ' ', '-', '为', '是']);
    }
    rest
}

/// The text without remarks in brackets, and whether there were any.
fn without_notes(text: &str) -> (String, bool) {
    let (mut kept, mut rest, mut has_notes) = (String::new(), text, false);
    while let Some((before, behind)) = rest.split_once('(') {
        let Some((inside, behind)) = behind.split_once(')') else { break };
        kept.push_str(before);
        if inside.chars().any(|c| c.is_ascii_digit()) {
            kept.push(' ');
            kept.push_str(inside);
            kept.push(' ');
        } else {
            has_notes |= !inside.trim().is_empty();
        }
        rest = behind;
    }
    kept.push_str(rest);
    (kept.trim().to_owned(), has_notes)
}

/// What stands before the cue of an extension, and what stands behind it.
fn split_extension(text: &str) -> (&str, Option<&str>) {
    let mut digits = 0;
    for (place, c) in text.char_indices() {
        if c.is_ascii_digit() {
            digits += 1;
        } else if digits >= BASE_DIGITS_MIN
            && let Some(cue) = CUES.iter().find(|cue| text[place..].starts_with(**cue))
        {
            return (&text[..place], Some(&text[place + cue.len()..]));
        }
    }
    (text, None)
}

/// The digits of an extension, and whether nothing else is there.
fn extension(text: &str) -> (Option<String>, bool) {
    const MARKS: [char; 10] = [' ', '-', ':', '.', '=', '(', ')', '#', '号', ','];
    let mut text = text.trim_matches(MARKS);
    // 转分机801 has two cues.
    while let Some(rest) = CUES.iter().find_map(|cue| text.strip_prefix(cue)) {
        text = rest.trim_start_matches(MARKS);
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let digits = &text[..end];
    let is_extension = (1..=EXTENSION_DIGITS_MAX).contains(&digits.len());
    (is_extension.then(|| digits.to_owned()), is_extension && end == text.len())
}

/// The separator that a character of a number stands for; `None` for a character of another text.
const fn part(character: char) -> Option<char> {
    Some(match character {
        '0'..='9' | '+' => character,
        ' ' | '(' | ')' | '[' | ']' | '<' | '>' | '"' | '\'' | '\n' => ' ',
        '-' | '.' | '_' | '~' => '-',
        '/' | '\\' | ',' | ';' | '|' => '/',
        _ => return None,
    })
}

/// The part of a text with the most digits, and whether it has words besides.
fn number_in(text: &str) -> Option<(String, bool)> {
    let runs: Vec<String> = text
        .split(|c| part(c).is_none())
        .map(|run| run.chars().filter_map(part).collect::<String>().trim().to_owned())
        .filter(|run| !run.is_empty())
        .collect();
    let digits = |run: &String| run.bytes().filter(u8::is_ascii_digit).count();
    let has_words = text.chars().any(|c| part(c).is_none());
    // The first of equally long ones.
    runs.into_iter().rev().max_by_key(digits).filter(|run| digits(run) > 0).map(|run| (run, has_words))
}
