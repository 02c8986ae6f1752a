//! Numbers that belong to somebody: telephones, social credit codes, resident identity numbers. Judged by their whole
//! form, check characters included, so that ticket numbers, dates, amounts and documents are passed over.

use super::mark::{MarkKind, PiiMatch};
use super::normalize::{Class, Group, NormalizedChar, groups};
use crate::ticket::codes::check_social_credit_code;

/// Digits of a mobile telephone.
const MOBILE_DIGITS: usize = 11;
/// The most digits of a telephone number: `0086`, an area code without its 0, and eight more.
const PHONE_DIGITS_MAX: usize = 15;
/// Groups that people write a number in; or each digit by itself.
const GROUPS_MAX: usize = 5;
/// Characters of a social credit code and of a resident identity number.
const CODE_CHARS: usize = 18;
/// Words in which a code may be written.
const CODE_WORDS_MAX: usize = 6;

pub(super) fn find(chars: &[NormalizedChar]) -> Vec<PiiMatch> {
    let groups = groups(chars);
    let mut found = codes(chars, &groups);
    found.extend(phones(chars, &groups));
    found.extend(numerals(chars, &groups));
    found
}

fn matched(kind: MarkKind, chars: &[NormalizedChar], (first, behind): (usize, usize)) -> PiiMatch {
    let end = chars[behind - 1].place + 1;
    PiiMatch { kind, place: chars[first].place..end, is_own: false }
}

fn text_of(chars: &[NormalizedChar], group: &Group) -> impl Iterator<Item = char> {
    chars[group.chars.0..group.chars.1].iter().map(|ch| ch.value)
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == MOBILE_DIGITS && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

/// The length of the area code that a landline's digits begin with, if they are one.
fn area(digits: &str) -> Option<usize> {
    let (area, locals) = match digits.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', ..] => (3, 8..=8),
        [b'0', b'3'..=b'9', ..] => (4, 7..=8),
        _ => return None,
    };
    let local = digits.get(area..)?;
    (locals.contains(&local.len()) && matches!(local.as_bytes()[0], b'2'..=b'8')).then_some(area)
}

/// Whether digits in groups of these lengths are a telephone number.
fn is_phone(digits: &str, lengths: &[usize]) -> bool {
    let is_grouped = lengths.len() <= GROUPS_MAX || lengths.iter().all(|length| *length == 1);
    if !is_grouped {
        return false;
    }
    let home = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86"));
    if let Some(home) = home {
        return is_mobile(home) || area(home).is_some() || area(&format!("0{home}")).is_some();
    }
    if is_mobile(digits) || digits.strip_prefix('0').is_some_and(is_mobile) {
        return true;
    }
    // Where it is parted at all, it is parted behind the area code.
    let parted = |area| lengths.len() == 1 || lengths.iter().all(|length| *length == 1) || lengths[0] == area;
    area(digits).is_some_and(parted)
}

fn phones(chars: &[NormalizedChar], groups: &[Group]) -> Vec<PiiMatch> {
    let mut all = Vec::new();
    let mut start = 0;
    while start < groups.len() {
        let mut end = None;
        if groups[start].class != Class::Letters {
            let (mut digits, mut lengths) = (String::new(), Vec::new());
            for (place, group) in groups.iter().enumerate().skip(start) {
                let is_next = place == start || group.gap.is_some();
                if !is_next || group.class == Class::Letters || digits.len() + group.len() > PHONE_DIGITS_MAX
                {
                    break;
                }
                digits.extend(text_of(chars, group));
                lengths.push(group.len());
                if is_phone(&digits, &lengths) {
                    end = Some(place);
                }
            }
        }
        if let Some(end) = end {
            let mut first = groups[start].chars.0;
            if first > 0 && chars[first - 1].value == '+' {
                first -= 1;
            }
            all.push(matched(MarkKind::Phone, chars, (first, groups[end].chars.1)));
            start = end;
        } else if is_local(chars, &groups[start]) {
            all.push(matched(MarkKind::Phone, chars, groups[start].chars));
        }
        start += 1;
    }
    all
}

/// Words before a number that make seven or eight digits a telephone's.
const BEFORE_LOCAL: [&str; 6] = ["电话", "座机", "固话", "TEL", "号码", "致电"];
/// How far back such a word is looked for, in characters.
const BEFORE_MAX: usize = 6;

fn is_local(chars: &[NormalizedChar], group: &Group) -> bool {
    let first = group.chars.0;
    if group.class != Class::Digits
        || !matches!(group.len(), 7 | 8)
        || !matches!(chars[first].value, '2'..='8')
        || is_date(chars, group)
    {
        return false;
    }
    let before: String = chars[first.saturating_sub(BEFORE_MAX)..first].iter().map(|ch| ch.value).collect();
    BEFORE_LOCAL.iter().any(|word| before.contains(word))
}

/// Eight digits that are a day of this or the last century.
fn is_date(chars: &[NormalizedChar], group: &Group) -> bool {
    let text: String = text_of(chars, group).collect();
    text.len() == 8 && is_day(&text)
}

fn is_day(text: &str) -> bool {
    let number = |range| text.get(range).and_then(|part: &str| part.parse::<u32>().ok()).unwrap_or(0);
    matches!(number(0..4), 1900..=2099) && matches!(number(4..6), 1..=12) && matches!(number(6..8), 1..=31)
}

/// Mobile numbers in a longer row of Chinese numerals, which also are words: 一直 begins with one.
fn numerals(chars: &[NormalizedChar], groups: &[Group]) -> Vec<PiiMatch> {
    let mut all = Vec::new();
    for group in groups.iter().filter(|group| group.class == Class::Numerals) {
        let digits: String = text_of(chars, group).collect();
        let mut place = 0;
        while let Some(window) = digits.get(place..place + MOBILE_DIGITS) {
            if is_mobile(window) {
                let first = group.chars.0 + place;
                all.push(matched(MarkKind::Phone, chars, (first, first + MOBILE_DIGITS)));
                place += MOBILE_DIGITS;
            } else {
                place += 1;
            }
        }
    }
    all
}

/// The kind of code that eighteen characters are.
fn code(text: &str) -> Option<MarkKind> {
    if is_resident_id(text) {
        return Some(MarkKind::ResidentId);
    }
    // Authority and kind of organisation, then a place: provinces are 11 to 65.
    let authority =
        matches!(text.as_bytes()[0], b'1' | b'5' | b'9') && matches!(text.as_bytes()[1], b'1'..=b'9');
    let is_somewhere = matches!(text.as_bytes()[2], b'1'..=b'6') && matches!(text.as_bytes()[3], b'0'..=b'6');
    let is_code = authority && is_somewhere && check_social_credit_code(text).is_ok();
    is_code.then_some(MarkKind::SocialCreditCode)
}

/// GB 11643: place, day of birth, order, and a check character (ISO 7064, modulo 11).
fn is_resident_id(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let bytes = text.as_bytes();
    if !matches!(bytes[0], b'1'..=b'8') || !text.get(6..14).is_some_and(is_day) {
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
        for (place, word) in words.iter().enumerate().skip(start).take(CODE_WORDS_MAX) {
            let is_next = place == start || word.gap.is_some();
            if !is_next || text.len() + (word.chars.1 - word.chars.0) > CODE_CHARS {
                break;
            }
            text.extend(chars[word.chars.0..word.chars.1].iter().map(|ch| ch.value));
            if text.len() == CODE_CHARS {
                end = code(&text).map(|kind| (kind, place));
                break;
            }
        }
        if let Some((kind, end)) = end {
            all.push(matched(kind, chars, (words[start].chars.0, words[end].chars.1)));
            start = end;
        } else {
            all.extend(within(chars, words[start].chars));
        }
        start += 1;
    }
    all
}

/// A code in a longer word that has letters: `USCC91110000600037341L`.
fn within(chars: &[NormalizedChar], (first, behind): (usize, usize)) -> Option<PiiMatch> {
    let word: String = chars[first..behind].iter().map(|ch| ch.value).collect();
    if word.len() <= CODE_CHARS || !word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    (0..=word.len() - CODE_CHARS).find_map(|place| {
        let kind = code(&word[place..place + CODE_CHARS])?;
        Some(matched(kind, chars, (first + place, first + place + CODE_CHARS)))
    })
}

/// Letters and digits that nothing parts, as one group each; Chinese numerals part them.
fn words(groups: &[Group]) -> Vec<Group> {
    let mut words: Vec<Group> = Vec::new();
    let mut last_behind = None;
    for group in groups {
        if group.class == Class::Numerals {
            last_behind = None;
            continue;
        }
        match words.last_mut() {
            Some(word) if group.gap == Some(0) && last_behind == Some(group.chars.0) => {
                word.chars.1 = group.chars.1;
            }
            _ => words.push(Group { gap: group.gap.filter(|_| last_behind.is_some()), ..*group }),
        }
        last_behind = Some(group.chars.1);
    }
    words
}
