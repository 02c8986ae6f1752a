//! E-mail addresses, also those whose signs are spelled out, and accounts behind a word for e-mail.

use super::groups::{count_while, end_of_word, is_alphanumeric_at, is_day, is_word_at};
use super::mark::{MarkKind, PiiMatch};
use crate::platform::text::NormalizedChar;

/// Characters of an address before its sign, at most; and of one label behind it.
const LOCAL_MAX: usize = 64;
/// How the sign between account and host is written; AT stands in brackets or between spaces.
const AT: &[&str] = &["@", "#", "AT", "艾特", "圈A"];
/// How the dots of the host are written.
const DOTS: &[&str] = &[".", " . ", "点", "(DOT)", "[DOT]", " DOT ", "。", "·"];
/// What hosts of people end with.
const TOP_LEVELS: &[&str] = &[
    "COM", "CN", "NET", "ORG", "EDU", "GOV", "IO", "ME", "CC", "VIP", "TOP", "INFO", "HK", "TW", "US", "JP",
];
/// Hosts that people name without their end.
const HOSTS: &[&str] = &[
    "QQ", "163", "126", "139", "189", "SINA", "SOHU", "FOXMAIL", "GMAIL", "OUTLOOK", "HOTMAIL", "YAHOO",
    "YEAH", "ALIYUN",
];
/// Words that an account follows.
const CUES: &[&str] = &["郵箱", "電郵", "郵件", "邮箱", "邮件", "电邮", "伊妹儿", "E-MAIL", "EMAIL", "MAIL"];
/// What may stand between such a word and the account; if any of [`CLEAR`] does, every word is one.
const BETWEEN: &str = " 到至:号號码碼是为地址=,(账户名";
const CLEAR: &str = ":号號是为=";
const BETWEEN_MAX: usize = 6;
/// What addresses of pages begin with.
const ADDRESSES: &[&str] = &["HTTP", "WWW."];
/// Characters of an account that has no host.
const ACCOUNT_CHARS: std::ops::RangeInclusive<usize> = 5..=40;

pub(super) fn find(chars: &[NormalizedChar], cues: &[usize]) -> Vec<PiiMatch> {
    let places = cues.iter().filter_map(|&place| match chars[place].value {
        '@' | '#' | 'A' | '艾' | '圈' => address(chars, place),
        '邮' | '郵' | '電' | '电' | '伊' | 'E' | 'M' => account(chars, place),
        _ => None,
    });
    places.map(|place| PiiMatch::of(MarkKind::Email, chars, place)).collect()
}

const fn is_local(value: char) -> bool {
    value.is_ascii_alphanumeric() || matches!(value, '.' | '_' | '%' | '+' | '-')
}

const fn is_label(value: char) -> bool {
    value.is_ascii_alphanumeric() || value == '-'
}

/// The address whose sign stands at a place.
fn address(chars: &[NormalizedChar], at: usize) -> Option<(usize, usize)> {
    let sign = AT.iter().find(|sign| is_word_at(chars, at, sign))?;
    let is_wrap = |value| matches!(value, ' ' | '(' | ')' | '[' | ']' | '{' | '}');
    // A space or a bracket on either side, as some programs put them in.
    let before_sign = at - usize::from(at > 0 && is_wrap(chars[at - 1].value));
    let sign_end = at + sign.chars().count();
    let host = sign_end + count_while(chars, sign_end, 1, is_wrap);
    let is_apart = before_sign < at && host > sign_end;
    if *sign == "AT" && !is_apart {
        return None;
    }
    let before =
        chars[..before_sign].iter().rev().take(LOCAL_MAX).take_while(|ch| is_local(ch.value)).count();
    let behind = end_of_host(chars, host, *sign == "@")?;
    (before > 0).then_some((before_sign - before, behind))
}

/// Where a host ends that begins at a place.
fn end_of_host(chars: &[NormalizedChar], start: usize, is_sign: bool) -> Option<usize> {
    let label = |place| count_while(chars, place, LOCAL_MAX, is_label);
    let first = label(start);
    if first == 0 {
        return None;
    }
    let (mut end, mut known, mut last) = (start + first, None, start);
    while let Some(dot) = DOTS.iter().find(|dot| is_word_at(chars, end, dot)) {
        let next = end + dot.chars().count();
        let count = label(next);
        if count == 0 {
            break;
        }
        (last, end) = (next, next + count);
        let is_top = TOP_LEVELS.iter().any(|top| is_word_at(chars, last, top) && top.len() == count);
        let is_plain =
            *dot == "." && is_sign && (2..=24).contains(&count) && !chars[last].value.is_ascii_digit();
        if is_top || is_plain {
            known = Some(end);
        }
    }
    let is_host = |host: &&str| is_word_at(chars, start, host) && host.len() == first;
    known.or_else(|| (is_sign && last == start && HOSTS.iter().any(is_host)).then_some(start + first))
}

/// The account behind a word for e-mail.
fn account(chars: &[NormalizedChar], start: usize) -> Option<(usize, usize)> {
    let (cue, behind) =
        CUES.iter().find_map(|cue| end_of_word(chars, start, cue).map(|behind| (*cue, behind)))?;
    if cue.is_ascii() && start > 0 && is_alphanumeric_at(chars, start - 1) {
        return None;
    }
    let between = count_while(chars, behind, BETWEEN_MAX, |value| BETWEEN.contains(value));
    let first = behind + between;
    let count = count_while(chars, first, LOCAL_MAX, is_local);
    let account: String = chars[first..first + count].iter().map(|ch| ch.value).collect();
    let account = account.trim_end_matches(['.', '-', '_', '+', '%']);
    let is_clear = chars[behind..first].iter().any(|ch| CLEAR.contains(ch.value));
    let has_digit = account.bytes().any(|byte| byte.is_ascii_digit() || byte == b'_');
    let is_account = ACCOUNT_CHARS.contains(&account.len())
        && !is_day(account)
        && !ADDRESSES.iter().any(|word| is_word_at(chars, first, word))
        && (is_clear || has_digit && (between > 0 || !cue.is_ascii()));
    is_account.then_some((first, first + account.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_looked_for() {
        let wrong: Vec<_> =
            AT.iter().chain(CUES).copied().filter(|word| !super::super::groups::is_cue(word)).collect();
        assert_eq!(wrong, Vec::<&str>::new());
    }
}
