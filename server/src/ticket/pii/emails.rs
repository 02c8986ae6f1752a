//! E-mail addresses, also those whose signs are spelled out, and accounts behind a word for e-mail.

use super::groups::{count_while, is_alphanumeric_at, is_day, is_word_at};
use super::mark::{MarkKind, PiiMatch};
use crate::platform::text::NormalizedChar;

/// Characters of an address before its sign, at most; and of one label behind it.
const LOCAL_MAX: usize = 64;
/// How the sign between account and host is written.
const AT: &[&str] = &["@", "(AT)", "[AT]", "(@)", " AT ", "艾特", "圈A"];
/// How the dots of the host are written.
const DOTS: &[&str] = &[".", " . ", "点", "(DOT)", "[DOT]", " DOT ", "。", "·"];
/// What hosts of people end with.
const TOP_LEVELS: &[&str] = &[
    "COM", "CN", "NET", "ORG", "EDU", "GOV", "IO", "ME", "CC", "VIP", "TOP", "INFO", "HK", "TW", "US", "JP",
];
/// Hosts that people name without their end.
const HOSTS: &[&str] = &[
    "QQ", "163", "126", "139", "189", "SINA", "SOHU", "FOXMAIL", "GMAIL", "OUTLOOK", "HOTMAIL", "YAHOO", "YEAH",
    "ALIYUN",
];
/// Words that an account follows.
const CUES: &[&str] = &["邮箱", "邮件", "电邮", "伊妹儿", "E-MAIL", "EMAIL", "MAIL"];
/// What may stand between such a word and the account; if any of [`CLEAR`] does, every word is one.
const BETWEEN: &str = " :号码是为地址=,(账户名";
const CLEAR: &str = ":号是为=";
const BETWEEN_MAX: usize = 6;
/// Characters of an account that has no host.
const ACCOUNT_CHARS: std::ops::RangeInclusive<usize> = 5..=40;

pub(super) fn find(chars: &[NormalizedChar]) -> Vec<PiiMatch> {
    let mut places = Vec::new();
    for place in 0..chars.len() {
        match chars[place].value {
            '@' | '(' | '[' | ' ' | '艾' | '圈' => places.extend(address(chars, place)),
            '邮' | '电' | '伊' | 'E' | 'M' => places.extend(account(chars, place)),
            _ => {}
        }
    }
    places.into_iter().map(|place| PiiMatch::of(MarkKind::Email, chars, place)).collect()
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
    let is_sign = *sign == "@";
    // One space on either side, as some programs put it in.
    let gap = usize::from(!is_sign || at > 1) & usize::from(at > 0 && chars[at - 1].value == ' ');
    let before = chars[..at - gap].iter().rev().take(LOCAL_MAX).take_while(|ch| is_local(ch.value)).count();
    let first = at - gap - before;
    let host = at + sign.chars().count();
    let host = host + count_while(chars, host, 1, |value| value == ' ');
    let behind = end_of_host(chars, host, is_sign)?;
    // Names in other letters than ASCII stand before a host too; its end is enough.
    (before > 0).then_some((first, behind))
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
        let is_plain = *dot == "." && is_sign && (2..=24).contains(&count) && !chars[last].value.is_ascii_digit();
        if is_top || is_plain {
            known = Some(end);
        }
    }
    let is_host = |host: &&str| is_word_at(chars, start, host) && host.len() == first;
    known.or_else(|| (is_sign && last == start && HOSTS.iter().any(|host| is_host(&host))).then_some(start + first))
}

/// The account behind a word for e-mail.
fn account(chars: &[NormalizedChar], start: usize) -> Option<(usize, usize)> {
    let cue = CUES.iter().find(|cue| is_word_at(chars, start, cue))?;
    if cue.is_ascii() && start > 0 && is_alphanumeric_at(chars, start - 1) {
        return None;
    }
    let behind = start + cue.chars().count();
    let between = count_while(chars, behind, BETWEEN_MAX, |value| BETWEEN.contains(value));
    let first = behind + between;
    let count = count_while(chars, first, LOCAL_MAX, is_local);
    let account: String = chars[first..first + count].iter().map(|ch| ch.value).collect();
    let account = account.trim_end_matches(['.', '-', '_', '+', '%']);
    let is_clear = chars[behind..first].iter().any(|ch| CLEAR.contains(ch.value));
    let has_digit = account.bytes().any(|byte| byte.is_ascii_digit() || byte == b'_');
    let is_account = ACCOUNT_CHARS.contains(&account.len())
        && !is_day(account)
        && (is_clear || has_digit && (between > 0 || !cue.is_ascii()));
    is_account.then_some((first, first + account.len()))
}
