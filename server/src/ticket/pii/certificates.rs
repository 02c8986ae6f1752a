//! Numbers of companies and of personal documents. By their form alone only those with check characters are found;
//! beside a word that names them also those that were mistyped, and older ones.

use super::groups::{Class, Group, count_while, digit_of, end_of_word, is_day};
use super::mark::{MarkKind, PiiMatch};
use crate::platform::text::NormalizedChar;
use crate::ticket::codes::check_social_credit_code;

/// Characters of a social credit code and of a resident identity number.
const CODE_CHARS: usize = 18;
/// Words in which a code may be written; more only if each is a single character.
const CODE_WORDS_MAX: usize = 6;

/// Words that name a number, what it is, and the lengths that it may have.
const CUES: &[(&str, MarkKind, std::ops::RangeInclusive<usize>)] = &[
    ("信用代码", MarkKind::SocialCreditCode, 15..=20),
    ("信用编码", MarkKind::SocialCreditCode, 15..=20),
    ("信用码", MarkKind::SocialCreditCode, 15..=20),
    ("统一代码", MarkKind::SocialCreditCode, 15..=20),
    ("机构代码", MarkKind::SocialCreditCode, 9..=18),
    ("注册号", MarkKind::SocialCreditCode, 12..=18),
    ("执照号", MarkKind::SocialCreditCode, 12..=18),
    ("执照编号", MarkKind::SocialCreditCode, 12..=18),
    ("执照注册号", MarkKind::SocialCreditCode, 12..=18),
    ("税号", MarkKind::SocialCreditCode, 15..=20),
    ("纳税人识别号", MarkKind::SocialCreditCode, 15..=20),
    ("税务登记号", MarkKind::SocialCreditCode, 15..=20),
    ("税务登记证号", MarkKind::SocialCreditCode, 15..=20),
    ("身份证", MarkKind::ResidentId, 15..=19),
    ("证件号", MarkKind::ResidentId, 8..=19),
    ("身份證", MarkKind::ResidentId, 8..=19),
    ("身分證", MarkKind::ResidentId, 8..=19),
    ("護照", MarkKind::ResidentId, 7..=10),
    ("通行證", MarkKind::ResidentId, 8..=11),
    ("信用代碼", MarkKind::SocialCreditCode, 15..=20),
    ("护照", MarkKind::ResidentId, 7..=10),
    ("通行证", MarkKind::ResidentId, 8..=11),
    ("回乡证", MarkKind::ResidentId, 8..=11),
    ("居住证", MarkKind::ResidentId, 8..=18),
    ("台胞证", MarkKind::ResidentId, 8..=11),
    ("臺胞證", MarkKind::ResidentId, 8..=11),
    ("军官证", MarkKind::ResidentId, 6..=12),
    ("士兵证", MarkKind::ResidentId, 6..=12),
    ("警官证", MarkKind::ResidentId, 6..=12),
    ("驾驶证", MarkKind::ResidentId, 12..=18),
    ("永居证", MarkKind::ResidentId, 15..=18),
    ("PASSPORT NUMBER", MarkKind::ResidentId, 7..=10),
    ("PASSPORT NO.", MarkKind::ResidentId, 7..=10),
    ("PASSPORT NO", MarkKind::ResidentId, 7..=10),
    ("PASSPORT", MarkKind::ResidentId, 7..=10),
];
/// What may stand between such a word and the number, and how much of it.
const BETWEEN: &str = " :号號码碼是为即=,(-)的编证登记";
const BETWEEN_MAX: usize = 8;

pub(super) fn find(chars: &[NormalizedChar], groups: &[Group], cues: &[usize]) -> Vec<PiiMatch> {
    let mut found = codes(chars, groups);
    found.extend(named(chars, cues));
    found
}

/// A number behind a word that names it.
fn named(chars: &[NormalizedChar], cues: &[usize]) -> Vec<PiiMatch> {
    let mut all = Vec::new();
    for &start in cues {
        let named = CUES.iter().find_map(|cue| Some((cue, end_of_word(chars, start, cue.0)?)));
        let Some(((_, kind, lengths), behind)) = named else { continue };
        let first = behind + count_while(chars, behind, BETWEEN_MAX, |value| BETWEEN.contains(value));
        let is_part = |value: char| value.is_ascii_alphanumeric() || digit_of(value).is_some();
        let (mut end, mut length, mut digits) = (first, 0, 0);
        loop {
            let count = count_while(chars, end, CODE_CHARS + 3, is_part);
            if count == 0 || length + count > *lengths.end() {
                break;
            }
            digits += chars[end..end + count].iter().filter(|ch| digit_of(ch.value).is_some()).count();
            (end, length) = (end + count, length + count);
            // The number goes on behind a single space or dash.
            let gap = count_while(chars, end, 1, |value| matches!(value, ' ' | '-'));
            if count_while(chars, end + gap, 1, is_part) == 0 {
                break;
            }
            end += gap;
        }
        let last = chars[..end].iter().rposition(|ch| is_part(ch.value)).map_or(end, |last| last + 1);
        if lengths.contains(&length) && digits * 4 > length {
            all.push(PiiMatch::of(*kind, chars, (first, last)));
        }
    }
    all
}

/// The kind of code that eighteen characters are, by their check characters.
fn code(text: &str) -> Option<MarkKind> {
    if is_resident_id(text) {
        return Some(MarkKind::ResidentId);
    }
    let bytes = text.as_bytes();
    // The registering authority and the kind of organisation, then a place: 10 for the nation, else a province.
    let is_registered =
        matches!(bytes[0], b'1'..=b'9' | b'A' | b'N' | b'Y') && matches!(bytes[1], b'1'..=b'9');
    let is_place = matches!(&bytes[2..4], b"10" | b"71" | b"81" | b"82")
        || matches!(bytes[2], b'1'..=b'6') && matches!(bytes[3], b'1'..=b'7');
    let is_code = is_registered && is_place && check_social_credit_code(text).is_ok();
    is_code.then_some(MarkKind::SocialCreditCode)
}

/// GB 11643: place, day of birth, order, and a check character (ISO 7064, modulo 11).
fn is_resident_id(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let bytes = text.as_bytes();
    if !matches!(bytes[0], b'1'..=b'9') || !text.get(6..14).is_some_and(is_day) {
        return false;
    }
    let mut sum = 0;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        let Some(digit) = char::from(*byte).to_digit(10) else { return false };
        sum += digit * weight;
    }
    CHECKS[sum as usize % 11] == bytes[17]
}

fn codes(chars: &[NormalizedChar], groups: &[Group]) -> Vec<PiiMatch> {
    let words = words(groups);
    let mut all = Vec::new();
    let mut start = 0;
    while start < words.len() {
        let mut end = None;
        let mut text = String::new();
        for (place, word) in words.iter().enumerate().skip(start).take(CODE_CHARS) {
            let is_next = place == start || word.gap.is_some();
            let is_grouped = place - start < CODE_WORDS_MAX || text.len() == place - start;
            if !is_next || !is_grouped || text.len() + word.len() > CODE_CHARS {
                break;
            }
            text.extend(super::groups::digits_of(chars, word));
            if text.len() == CODE_CHARS {
                end = code(&text).map(|kind| (kind, place));
                break;
            }
        }
        if let Some((kind, end)) = end {
            all.push(PiiMatch::of(kind, chars, (words[start].chars.0, words[end].chars.1)));
            start = end;
        } else {
            all.extend(within(chars, &words[start]));
        }
        start += 1;
    }
    all
}

/// A code in a longer word that has letters: `USCC91110000600037341L`.
fn within(chars: &[NormalizedChar], word: &Group) -> Option<PiiMatch> {
    let text: String = super::groups::digits_of(chars, word).collect();
    if text.len() <= CODE_CHARS || !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let first = word.chars.0;
    (0..=text.len() - CODE_CHARS).find_map(|place| {
        let kind = code(&text[place..place + CODE_CHARS])?;
        Some(PiiMatch::of(kind, chars, (first + place, first + place + CODE_CHARS)))
    })
}

/// Letters and digits that nothing parts, as one group each. Chinese numerals are groups of their own, unless they
/// stand for the digits of a whole number.
fn words(groups: &[Group]) -> Vec<Group> {
    let mut words: Vec<Group> = Vec::new();
    for group in groups {
        let is_short = group.class == Class::Numerals && group.len() < 4;
        match words.last_mut() {
            Some(word)
                if group.gap.is_some_and(|gap| gap.length == 0)
                    && !is_short
                    && word.class != Class::Numerals =>
            {
                word.chars.1 = group.chars.1;
            }
            _ => words.push(*group),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_looked_for() {
        let wrong: Vec<_> =
            CUES.iter().map(|(word, ..)| *word).filter(|word| !super::super::groups::is_cue(word)).collect();
        assert_eq!(wrong, Vec::<&str>::new());
    }
}
