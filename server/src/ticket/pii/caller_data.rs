//! The caller's own name, company, number and code, as they were given or as people shorten them, however they are
//! spaced: the strongest sign, because nobody need guess at it.
//!
//! What was given and names nobody (匿名, 先生, 有限公司) is looked for nowhere, so that ordinary words stay.

mod compact_text;
mod company_name;
mod company_words;
mod ordinary_words;
mod person_name;
mod surname;

use super::groups::{Group, count_while, digit_of, is_word_at};
use super::mark::{MarkKind, PiiMatch};
use super::phones::with_rest;
use crate::platform::text::{NormalizedChar, normalize};
use crate::ticket::CallerIdentity;
use compact_text::{CompactText, compact};
use company_name::CompanyName;
use person_name::PersonName;

/// Digits of a number that are looked for.
const PHONE_DIGITS_MIN: usize = 7;
/// Characters of a code that are looked for: a shorter one is in other words.
const CODE_CHARS_MIN: usize = 6;
/// Words before the last digits of a number.
const TAIL_CUES: &[&str] = &["尾号", "后四位", "末四位", "尾数", "后4位"];
/// The last digits of a number that people give.
const TAIL_DIGITS: usize = 4;
/// Characters that may stand between two digits of the caller's number.
const DIGIT_GAP_MAX: usize = 4;

/// `cues` are the places where cue words can begin.
pub(super) fn find(
    chars: &[NormalizedChar],
    groups: &[Group],
    cues: &[usize],
    caller: &CallerIdentity,
) -> Vec<PiiMatch> {
    let mut found = Vec::new();
    let mut add = |kind, places: Vec<(usize, usize)>| {
        let places = places.into_iter();
        found.extend(places.map(|place| PiiMatch { is_own: true, ..PiiMatch::of(kind, chars, place) }));
    };
    let company = caller.enterprise_name.as_deref().and_then(CompanyName::of);
    let person = caller.contact_name.as_deref().and_then(PersonName::of);
    let certificate = caller.certificate.as_ref();
    let certificate = certificate.map(|given| given.reading().normal.unwrap_or_else(|| given.number.clone()));
    let codes = [&caller.social_credit_code, &certificate].into_iter().flatten();
    let codes: Vec<_> =
        codes.map(|code| compact(code)).filter(|code| code.chars().count() >= CODE_CHARS_MIN).collect();
    if company.is_some() || person.is_some() || !codes.is_empty() {
        let hay = CompactText::of_names(chars);
        if let Some(company) = company {
            add(MarkKind::EnterpriseName, company.find(chars, &hay));
        }
        if let Some(person) = person {
            add(MarkKind::ContactName, person.find(chars, &hay));
        }
        for code in codes {
            add(MarkKind::SocialCreditCode, hay.find(&code).collect());
        }
    }
    if let Some(phone) = &caller.contact_phone {
        // An extension is seldom written with its number.
        let main = caller.phone_reading().and_then(|(_, read)| read.main);
        add(MarkKind::Phone, phones(chars, groups, cues, main.as_ref().unwrap_or(phone)));
    }
    found
}

/// The caller's number: whole, without the code of the country or the area, and its last digits behind a word that
/// says so.
fn phones(chars: &[NormalizedChar], groups: &[Group], cues: &[usize], phone: &str) -> Vec<(usize, usize)> {
    let given: String = normalize(phone).iter().map(|ch| ch.value).collect();
    let (main, local) = numbers(&given);
    if main.len() < PHONE_DIGITS_MIN {
        return Vec::new();
    }
    let hay = CompactText::of_digits(chars, groups);
    let is_near = |(first, behind): &(usize, usize)| {
        let mut gap = 0;
        chars[*first..*behind].iter().all(|ch| {
            gap = if digit_of(ch.value).is_some() { 0 } else { gap + 1 };
            gap <= DIGIT_GAP_MAX && (gap == 0 || !ch.value.is_alphabetic())
        })
    };
    let is_digit = |place: usize| chars.get(place).is_some_and(|ch| ch.value.is_ascii_digit());
    let mut all: Vec<_> = hay.find(&main).filter(is_near).collect();
    if let Some(local) = local {
        let is_apart = |(first, behind): &(usize, usize)| {
            let is_cut = |inside: usize, outside: usize| is_digit(inside) && is_digit(outside);
            !(is_cut(behind - 1, *behind) || *first > 0 && is_cut(*first, first - 1))
        };
        all.extend(hay.find(&local).filter(is_near).filter(is_apart));
    }
    let mut all: Vec<_> = all.into_iter().map(|place| with_rest(chars, place)).collect();
    all.extend(tails(chars, cues, &main[main.len() - TAIL_DIGITS..]));
    all
}

/// The digits of a number without country, carrier and leading zeros, and those of a landline without its area.
fn numbers(given: &str) -> (String, Option<String>) {
    // An extension is no part of it.
    let end = ["转", "分机", "EXT", "X", "#", ",", ";"].iter().filter_map(|word| given.find(word)).min();
    let given = &given[..end.unwrap_or(given.len())];
    let digits: String = given.chars().filter_map(digit_of).collect();
    let abroad = digits.strip_prefix("00").or_else(|| given.starts_with('+').then_some(digits.as_str()));
    if let Some((abroad, national)) =
        abroad.and_then(|abroad| Some((abroad, super::phone_forms::national(abroad)?)))
    {
        return (abroad.to_owned(), Some(national.to_owned()));
    }
    let home =
        ["0086", "86"].iter().find_map(|prefix| digits.strip_prefix(prefix).filter(|rest| rest.len() > 8));
    let home = home.unwrap_or(&digits).trim_start_matches('0');
    let local = |groups: Vec<&str>| groups.get(1).map(|local| (*local).to_owned());
    let groups: Vec<_> = given
        .split(|character: char| !character.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .collect();
    let is_landline = given.trim_start_matches('(').starts_with('0') && groups.len() > 1;
    // An extension behind a dash: 010-65881234-801.
    let has_extension = is_landline && groups.len() > 2 && groups[1].len() >= PHONE_DIGITS_MIN;
    let main =
        if has_extension { groups[..2].concat().trim_start_matches('0').to_owned() } else { home.to_owned() };
    let area = super::phone_forms::area(&format!("0{main}")).map(|area| area - 1);
    let by_form = area.and_then(|area| main.get(area..)).map(str::to_owned);
    let local = by_form.or_else(|| local(groups).filter(|_| is_landline));
    (main, local.filter(|local| local.len() >= PHONE_DIGITS_MIN))
}

/// The last digits of the caller's number behind a word that says so: 尾号8000.
fn tails(chars: &[NormalizedChar], cues: &[usize], tail: &str) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    for &start in cues {
        let Some(cue) = TAIL_CUES.iter().find(|cue| is_word_at(chars, start, cue)) else { continue };
        let behind = start + cue.chars().count();
        let first = behind + count_while(chars, behind, 4, |value| " 是为:号".contains(value));
        let count = count_while(chars, first, TAIL_DIGITS + 1, |value| digit_of(value).is_some());
        let digits = chars[first..first + count].iter().filter_map(|ch| digit_of(ch.value));
        if digits.eq(tail.chars()) {
            all.push((first, first + count));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_looked_for() {
        let wrong: Vec<_> =
            TAIL_CUES.iter().copied().filter(|word| !super::super::groups::is_cue(word)).collect();
        assert_eq!(wrong, Vec::<&str>::new());
    }
}
