//! Accounts of chat services, behind the name of the service or before it in brackets.

use super::groups::{
    count_while, digit_of, end_of_word, is_alphanumeric_at, is_amount, is_day, is_separator, is_word_at,
};
use super::mark::{MarkKind, PiiMatch};
use crate::platform::text::NormalizedChar;

/// The names of services, in normal form, the longest first where one begins another.
const SERVICES: &[&str] = &[
    "企业微信",
    "微信",
    "薇信",
    "威信",
    "徽信",
    "微X",
    "加微",
    "加薇",
    "WEIXIN",
    "WECHAT",
    "WX",
    "VX",
    "V信",
    "V号",
    "V是",
    "V❤",
    "薇❤",
    "薇心",
    "卫星号",
    "卫星:",
    "微❤",
    "微心",
    "威❤",
    "V芯",
    "V:",
    "加V",
    "+V",
    "QQ",
    "加Q",
    "Q号",
    "Q群",
    "扣扣",
    "叩叩",
    "抠抠",
    "企鹅",
    "钉钉",
    "叮叮",
    "釘釘",
    "DINGTALK",
    "DINGDING",
    "DING:",
    "飞书",
    "抖音",
    "快手",
    "小红书",
    "WHATSAPP",
    "TELEGRAM",
    "SKYPE",
    "LINE ID",
    "LINE:",
    "LINE号",
    "公众号",
    "视频号",
];
/// Services whose accounts are numbers.
const NUMERIC: &[&str] = &["QQ", "加Q", "Q号", "Q群", "扣扣", "叩叩", "抠抠", "企鹅"];
/// Spaces within QQ, as in forms.
const QQ_SPACES_MAX: usize = 4;
/// What may stand between a service and the account, and how much of it.
const BETWEEN: &str = "号號码碼是为: 同账帐户名加我=-/、,的(\"'“‘请搜索添叫群联系找";
const BETWEEN_MAX: usize = 9;
/// What of it says that an account follows.
const CLEAR: &str = "号號码碼是为:=加搜叫";
/// Characters of an account.
const ACCOUNT_CHARS: std::ops::RangeInclusive<usize> = 5..=20;
/// Digits of an account that is a number.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 5..=12;
/// Words of ASCII letters that follow the name of a service and are no accounts.
const NO_ACCOUNTS: &[&str] = &[
    "ANDROID", "IPHONE", "WINDOWS", "OFFICE", "EXCEL", "ALIPAY", "TENCENT", "ONLINE", "LOGIN", "MOBILE",
    "GITHUB", "GOOGLE", "CHROME", "VIDEO", "MUSIC", "EMAIL", "WECHAT", "12345",
];

pub(super) fn find(chars: &[NormalizedChar], cues: &[usize]) -> Vec<PiiMatch> {
    let named = cues.iter().filter_map(|&start| {
        let (service, name_end) = service_at(chars, start)?;
        behind(chars, (start, name_end), service).or_else(|| before(chars, start))
    });
    named.map(|place| PiiMatch::of(MarkKind::ChatId, chars, place)).collect()
}

/// The service whose name begins at a place, and the place behind the name.
fn service_at(chars: &[NormalizedChar], start: usize) -> Option<(&'static str, usize)> {
    let gap = count_while(chars, start + 1, QQ_SPACES_MAX, |value| value == ' ');
    if gap > 0 && is_word_at(chars, start, "Q") && is_word_at(chars, start + 1 + gap, "Q") {
        return Some(("QQ", start + gap + 2));
    }
    let (service, end) =
        SERVICES.iter().find_map(|name| end_of_word(chars, start, name).map(|end| (*name, end)))?;
    // QQ within a longer word is no service.
    let is_within = service.starts_with(|first: char| first.is_ascii_alphabetic())
        && start > 0
        && chars[start - 1].value.is_ascii_alphabetic();
    (!is_within).then_some((service, end))
}

/// The account behind a service whose name begins at a place.
fn behind(
    chars: &[NormalizedChar],
    (start, name_end): (usize, usize),
    service: &str,
) -> Option<(usize, usize)> {
    // The account itself begins like the service: wxid_k3v9.
    if is_word_at(chars, start, "WXID_") {
        let count = count_while(chars, start, 30, is_account);
        return (count > 8).then_some((start, start + count));
    }
    let mut first = name_end + count_while(chars, name_end, BETWEEN_MAX, |value| BETWEEN.contains(value));
    let mut is_clear = service.ends_with([':', '是', '号'])
        || chars[name_end..first].iter().any(|ch| CLEAR.contains(ch.value));
    if is_word_at(chars, first, "ID") && !is_alphanumeric_at(chars, first + 2) {
        first += 2;
        first += count_while(chars, first, 3, |value| BETWEEN.contains(value));
        is_clear = true;
    }
    let is_numeric = NUMERIC.contains(&service);
    if let Some(number) = number(chars, first) {
        let digits: String = chars[number.0..number.1].iter().filter_map(|ch| digit_of(ch.value)).collect();
        let is_long = digits.len() > 5 || is_numeric || is_clear;
        // No account begins with 0; a number that somebody has masked does.
        let is_other =
            digits.starts_with('0') || is_day(&digits) || digits == "12345" || is_amount(chars, number);
        return (is_long && !is_other).then_some(number);
    }
    let count = count_while(chars, first, ACCOUNT_CHARS.end() + 1, is_account);
    let account: String = chars[first..first + count].iter().map(|ch| ch.value).collect();
    let account = account.trim_end_matches(['.', '-', '_']);
    let has_digit = account.bytes().any(|byte| byte.is_ascii_digit() || byte == b'_');
    // VXlanque.shop
    let has_dot = service == "VX" && account.contains('.') && !account.starts_with('.');
    let is_named = is_clear
        || has_dot
        || has_digit && (first > name_end || !service.is_ascii())
        || !service.is_ascii() && !is_numeric;
    let has_letter = account.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let is_account = ACCOUNT_CHARS.contains(&account.len())
        && has_letter
        && is_named
        && (!is_numeric || is_clear)
        && !NO_ACCOUNTS.contains(&account);
    is_account.then_some((first, first + account.len()))
}

const fn is_account(value: char) -> bool {
    value.is_ascii_alphanumeric() || matches!(value, '_' | '-' | '.')
}

/// A number at a place, in one or more groups, that no letter touches.
fn number(chars: &[NormalizedChar], first: usize) -> Option<(usize, usize)> {
    let is_digit = |value: char| digit_of(value).is_some();
    let (mut end, mut digits) = (first, 0);
    loop {
        let count = count_while(chars, end, NUMBER_DIGITS.end() + 1, is_digit);
        if count == 0 {
            return None;
        }
        (end, digits) = (end + count, digits + count);
        let gap = count_while(chars, end, 2, is_separator);
        let next = count_while(chars, end + gap, NUMBER_DIGITS.end() + 1, is_digit);
        if gap == 0 || next == 0 || digits + next > *NUMBER_DIGITS.end() {
            break;
        }
        end += gap;
    }
    let is_word = chars.get(end).is_some_and(|ch| ch.value.is_ascii_alphabetic() || ch.value == '_');
    (NUMBER_DIGITS.contains(&digits) && !is_word).then_some((first, end))
}

/// The account before a service that is named in brackets: lanque88（微信）.
fn before(chars: &[NormalizedChar], start: usize) -> Option<(usize, usize)> {
    let bracket = start.checked_sub(1).filter(|place| chars[*place].value == '(')?;
    let is_part = |ch: &&NormalizedChar| ch.value.is_ascii_alphanumeric() || matches!(ch.value, '_' | '-');
    let count = chars[..bracket].iter().rev().take(ACCOUNT_CHARS.end() + 1).take_while(is_part).count();
    let first = bracket - count;
    let has_digit = chars[first..bracket].iter().any(|ch| ch.value.is_ascii_digit() || ch.value == '_');
    (ACCOUNT_CHARS.contains(&count) && has_digit).then_some((first, bracket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_looked_for() {
        let wrong: Vec<_> =
            SERVICES.iter().copied().filter(|word| !super::super::groups::is_cue(word)).collect();
        assert_eq!(wrong, Vec::<&str>::new());
    }
}
