//! Telephone numbers, judged by their whole form, so that ticket numbers, dates and amounts are passed over.

use super::groups::{
    Class, Group, count_while, digit_of, digits_of, groups, is_alphanumeric_at, is_amount, is_separator,
    is_word_at,
};
use super::local_phones;
use super::mark::{MarkKind, PiiMatch};
use super::phone_forms::{
    Grouped, MOBILE_DIGITS, area, is_foreign, is_international, is_mainland, is_mobile, is_of_taiwan,
};
use crate::platform::text::NormalizedChar;

/// The most digits of a telephone number: a country with its zeros, an area, and eight more.
const PHONE_DIGITS_MAX: usize = 17;
/// What an extension follows, after the number.
const EXTENSION_WORDS: &[&str] = &["转分机", "转接", "转", "分机", "内线", "EXT", "X", "#", "-"];
/// Digits of an extension.
const EXTENSION_DIGITS_MAX: usize = 6;

/// Words before a number that is no telephone's.
const DOCUMENT_WORDS: &[&str] = &[
    "编号",
    "单号",
    "订单号码",
    "运单号码",
    "发票号",
    "发票号码",
    "序列号",
    "流水号",
    "合同号",
    "凭证号",
    "档案号",
    "设备号",
    "批号",
    "型号",
    "文号",
    "案号",
];
/// What may stand between such a word and the number.
const BETWEEN_MAX: usize = 3;

/// Numbers by their form alone, and those that are numbers because of what stands beside them.
pub(super) fn find(chars: &[NormalizedChar], groups: &[Group]) -> (Vec<PiiMatch>, Vec<PiiMatch>) {
    let mut places = scan(chars, groups);
    if let Some((read, groups)) = read_letters(chars, groups) {
        places.extend(scan(&read, &groups));
    }
    if let Some(groups) = read_dashes(chars, groups) {
        places.extend(scan(chars, &groups));
    }
    places.extend(numerals(chars, groups));
    let local = local_phones::find(chars, groups, &places);
    let matched = |places: Vec<(usize, usize)>| {
        let whole = places.into_iter().map(|place| with_rest(chars, place));
        whole.map(|place| PiiMatch::of(MarkKind::Phone, chars, place)).collect()
    };
    (matched(places), matched(local))
}

/// The place of a number with the bracket that it begins with, the last digits of further numbers, and the extension
/// that follows.
pub(super) fn with_rest(chars: &[NormalizedChar], place: (usize, usize)) -> (usize, usize) {
    with_extension(chars, with_variants(chars, with_bracket(chars, place)))
}

/// The place with the last digits of further numbers: 82345678/79.
fn with_variants(chars: &[NormalizedChar], (first, mut behind): (usize, usize)) -> (usize, usize) {
    while is_word_at(chars, behind, "/") {
        let count = count_while(chars, behind + 1, 5, |value| digit_of(value).is_some());
        // 021-58881234/021-58881235 are two numbers.
        let goes_on = chars.get(behind + 1 + count).is_some_and(|ch| ch.value == '-');
        if !(1..=4).contains(&count) || goes_on {
            break;
        }
        behind += 1 + count;
    }
    (first, behind)
}

/// Numbers by their form alone.
fn scan(chars: &[NormalizedChar], groups: &[Group]) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut start = 0;
    while start < groups.len() {
        if groups[start].class == Class::Letters {
            start += 1;
            continue;
        }
        if let Some(end) = end_of_number(chars, groups, start) {
            let first = groups[start].chars.0;
            let place = (first - usize::from(has_plus(chars, first)), groups[end].chars.1);
            if !is_amount(chars, place) && !is_document_number(chars, place.0) {
                all.push(place);
            }
            start = end;
        } else {
            all.extend(twins(chars, &groups[start]));
        }
        start += 1;
    }
    all
}

/// Whether a word before a number says that it is one of a document or a thing: 订单编号13900001234.
fn is_document_number(chars: &[NormalizedChar], first: usize) -> bool {
    let is_between = |ch: &&NormalizedChar| matches!(ch.value, ' ' | ':' | '是' | '为' | '#' | '(');
    let gap = chars[..first].iter().rev().take(BETWEEN_MAX).take_while(is_between).count();
    let before = &chars[..first - gap];
    DOCUMENT_WORDS.iter().any(|word| {
        let length = word.chars().count();
        before.len().checked_sub(length).is_some_and(|start| is_word_at(before, start, word))
    })
}

fn has_plus(chars: &[NormalizedChar], first: usize) -> bool {
    first > 0 && chars[first - 1].value == '+'
}

/// The last group of the longest number that begins with a group.
fn end_of_number(chars: &[NormalizedChar], groups: &[Group], start: usize) -> Option<usize> {
    let (mut digits, mut lengths, mut is_odd, mut end) = (String::new(), Vec::new(), false, None);
    let first = groups[start].chars.0;
    let is_dialled = has_plus(chars, first) && !(first > 1 && is_alphanumeric_at(chars, first - 2));
    for (place, group) in groups.iter().enumerate().skip(start) {
        let gap = if place == start { Some(super::groups::Gap::default()) } else { group.gap };
        let Some(gap) = gap.filter(|_| group.class != Class::Letters) else { break };
        if digits.len() + group.len() > PHONE_DIGITS_MAX {
            break;
        }
        is_odd |= gap.is_odd;
        digits.extend(digits_of(chars, group));
        match lengths.last_mut() {
            // 1三9零: numerals and digits that nothing parts are one group.
            Some(length) if gap.length == 0 => *length += group.len(),
            _ => lengths.push(group.len()),
        }
        let number = Grouped { digits: &digits, lengths: &lengths, is_odd };
        let is_number = is_mainland(&number)
            || (is_dialled && !is_odd && is_international(&digits))
            || is_foreign(&number)
            || is_of_taiwan(&number);
        if is_number {
            end = Some(place);
        }
    }
    end
}

/// Two mobile numbers that nothing parts.
fn twins(chars: &[NormalizedChar], group: &Group) -> Vec<(usize, usize)> {
    let digits: String = digits_of(chars, group).collect();
    let middle = group.chars.0 + MOBILE_DIGITS;
    let is_twin = digits.len() == 2 * MOBILE_DIGITS
        && is_mobile(&digits[..MOBILE_DIGITS])
        && is_mobile(&digits[MOBILE_DIGITS..]);
    if is_twin { vec![(group.chars.0, middle), (middle, group.chars.1)] } else { Vec::new() }
}

/// Numbers in a longer row of Chinese numerals, which also are words: 一直 begins with one.
fn numerals(chars: &[NormalizedChar], groups: &[Group]) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    for group in groups.iter().filter(|group| group.class == Class::Numerals && group.len() > MOBILE_DIGITS) {
        let digits: String = digits_of(chars, group).collect();
        let mut place = 0;
        while let Some(window) = digits.get(place..place + MOBILE_DIGITS) {
            let is_number = is_mobile(window) || area(window).is_some();
            if is_number {
                all.push((group.chars.0 + place, group.chars.0 + place + MOBILE_DIGITS));
            }
            place += if is_number { MOBILE_DIGITS } else { 1 };
        }
    }
    all
}

/// The text with the letters that are typed for digits read as these (O for 0, I and L for 1); `None` if there are
/// none.
fn read_letters(chars: &[NormalizedChar], groups: &[Group]) -> Option<(Vec<NormalizedChar>, Vec<Group>)> {
    let is_like_digits = |group: &Group| {
        group.class == Class::Letters
            && chars[group.chars.0..group.chars.1].iter().all(|ch| matches!(ch.value, 'O' | 'I' | 'L'))
    };
    let touch = |pair: &[Group]| pair[0].chars.1 == pair[1].chars.0;
    let is_read = |pair: &[Group]| {
        touch(pair)
            && (is_like_digits(&pair[0]) && pair[1].class == Class::Digits
                || is_like_digits(&pair[1]) && pair[0].class == Class::Digits)
    };
    if !groups.windows(2).any(is_read) {
        return None;
    }
    let mut read = chars.to_vec();
    for group in groups.iter().filter(|group| is_like_digits(group)) {
        for ch in &mut read[group.chars.0..group.chars.1] {
            ch.value = if ch.value == 'O' { '0' } else { '1' };
        }
    }
    let groups = super::groups::groups(&read);
    Some((read, groups))
}

/// The groups with each 一 between digits read as the dash that it is typed for; `None` if there is none.
fn read_dashes(chars: &[NormalizedChar], all: &[Group]) -> Option<Vec<Group>> {
    let is_dash = |place: usize| {
        chars[place].value == '一'
            && place > 0
            && chars[place - 1].value.is_ascii_digit()
            && chars.get(place + 1).is_some_and(|ch| ch.value.is_ascii_digit())
    };
    let has_dash = all.iter().any(|group| group.len() == 1 && is_dash(group.chars.0));
    has_dash.then(|| {
        let mut read = chars.to_vec();
        for place in (0..chars.len()).filter(|place| is_dash(*place)) {
            read[place].value = '-';
        }
        groups(&read)
    })
}

/// The place with the bracket that a number begins with: （010）65881234.
fn with_bracket(chars: &[NormalizedChar], (first, behind): (usize, usize)) -> (usize, usize) {
    let Some(open) = first.checked_sub(1).map(|place| chars[place].value) else { return (first, behind) };
    let inside = &chars[first..behind];
    let has = |bracket: char| inside.iter().any(|ch| ch.value == bracket);
    let is_pair = |(begin, end): &(char, char)| open == *begin && has(*end) && !has(*begin);
    let has_bracket = [('(', ')'), ('[', ']'), ('【', '】'), ('〔', '〕')].iter().any(is_pair);
    (first - usize::from(has_bracket), behind)
}

/// The place with the extension that follows.
fn with_extension(chars: &[NormalizedChar], (first, behind): (usize, usize)) -> (usize, usize) {
    let is_gap = |value| is_separator(value) && value != '-' || matches!(value, ',' | ':' | '、');
    let place = behind + count_while(chars, behind, 2, is_gap);
    let Some(word) = EXTENSION_WORDS.iter().find(|word| is_word_at(chars, place, word)) else {
        return (first, behind);
    };
    let digits_at = place + word.chars().count();
    let digits_at = digits_at + count_while(chars, digits_at, 2, |value| is_gap(value) || value == '号');
    let count = count_while(chars, digits_at, EXTENSION_DIGITS_MAX + 1, |value| digit_of(value).is_some());
    let end = digits_at + count;
    let is_word = *word == "X" && is_alphanumeric_at(chars, end);
    if !(1..=EXTENSION_DIGITS_MAX).contains(&count) || is_word {
        return (first, behind);
    }
    let is_in_brackets = chars[behind..place].iter().any(|ch| ch.value == '(');
    (first, end + usize::from(is_in_brackets && is_word_at(chars, end, ")")))
}
