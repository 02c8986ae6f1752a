//! The caller's own name, company, number and code, however they are spaced: the strongest sign, because nobody need
//! guess at it.

use super::mark::{MarkKind, PiiMatch};
use super::normalize::{NormalizedChar, normalize};
use crate::ticket::CallerIdentity;

/// A company's name of fewer characters is an ordinary word.
const ENTERPRISE_CHARS_MIN: usize = 3;
/// What is left of one without its form and its city must have so many.
const SHORT_NAME_CHARS_MIN: usize = 4;
/// So has a person's name: a single character is in every sentence.
const CONTACT_CHARS_MIN: usize = 2;
/// A certificate's number of fewer characters is in many texts.
const CERTIFICATE_CHARS_MIN: usize = 5;
/// Digits of a number that are looked for.
const PHONE_DIGITS_MIN: usize = 7;

/// What a company's name ends with, the longest first.
const FORMS: [&str; 7] =
    ["股份有限公司", "有限责任公司", "有限公司", "分公司", "公司", "(有限合伙)", "(普通合伙)"];
/// What it may begin with.
const CITIES: [&str; 4] = ["北京市", "北京", "中国", "(北京)"];
/// How a person is addressed.
const TITLES: [&str; 8] = ["先生", "女士", "小姐", "经理", "老师", "师傅", "老板", "同志"];

/// A text without what people part it by.
struct CompactText<'a> {
    text: String,
    /// For each byte of the text, the character it comes from.
    from: Vec<&'a NormalizedChar>,
}

fn compact_text(chars: &[NormalizedChar]) -> CompactText<'_> {
    let mut compact = CompactText { text: String::new(), from: Vec::new() };
    for ch in chars.iter().filter(|ch| !ch.is_separator() && !ch.value.is_whitespace()) {
        compact.text.push(ch.value);
        compact.from.resize(compact.text.len(), ch);
    }
    compact
}

fn needle(text: &str) -> String {
    compact_text(&normalize(text)).text
}

pub(super) fn find(chars: &[NormalizedChar], caller: &CallerIdentity) -> Vec<PiiMatch> {
    let mut found = Vec::new();
    let needles = needles(caller);
    if needles.is_empty() {
        return found;
    }
    let hay = compact_text(chars);
    for (kind, needle) in needles {
        for (start, _) in hay.text.match_indices(&needle) {
            let end = start + needle.len() - 1;
            found.push(PiiMatch {
                kind,
                place: hay.from[start].place..hay.from[end].place + 1,
                is_own: true,
            });
        }
    }
    found
}

fn needles(caller: &CallerIdentity) -> Vec<(MarkKind, String)> {
    let mut all = Vec::new();
    let mut add = |kind, text: &str, least: usize| {
        let needle = needle(text);
        if needle.chars().count() >= least {
            all.push((kind, needle));
        }
    };
    if let Some(name) = &caller.enterprise_name {
        add(MarkKind::EnterpriseName, name, ENTERPRISE_CHARS_MIN);
        add(MarkKind::EnterpriseName, &short(name), SHORT_NAME_CHARS_MIN);
    }
    if let Some(code) = &caller.social_credit_code {
        add(MarkKind::SocialCreditCode, code, 1);
    }
    if let Some(name) = &caller.contact_name {
        let bare = TITLES.iter().find_map(|title| name.trim().strip_suffix(title)).unwrap_or(name);
        // 王女士 is looked for as a whole, because 王 alone is a word.
        let bare = if bare.trim().chars().count() < CONTACT_CHARS_MIN { name } else { bare };
        add(MarkKind::ContactName, bare, CONTACT_CHARS_MIN);
    }
    if let Some(certificate) = &caller.certificate {
        let number = certificate.reading().normal.unwrap_or_else(|| certificate.number.clone());
        add(MarkKind::SocialCreditCode, &number, CERTIFICATE_CHARS_MIN);
    }
    if let Some(phone) = &caller.contact_phone {
        // An extension is seldom written with its number.
        let main = caller.phone_reading().and_then(|(_, read)| read.main);
        let phone = main.as_ref().unwrap_or(phone);
        let whole: String = phone.chars().filter(char::is_ascii_digit).collect();
        add(MarkKind::Phone, whole.trim_start_matches('0'), PHONE_DIGITS_MIN);
        // A landline is often given without its area code.
        let local = phone.split('-').nth(1).unwrap_or_default();
        add(MarkKind::Phone, local, PHONE_DIGITS_MIN);
    }
    all
}

/// A company's name as people say it: without its city and its form.
fn short(name: &str) -> String {
    let narrow: String = normalize(name).iter().map(|ch| ch.value).collect();
    let narrow = narrow.trim();
    let bare = CITIES.iter().find_map(|city| narrow.strip_prefix(city)).unwrap_or(narrow);
    FORMS.iter().find_map(|form| bare.strip_suffix(form)).unwrap_or(bare).to_owned()
}
