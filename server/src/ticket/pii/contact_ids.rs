//! Personal addresses: e-mail, and ids after the name of a chat service.

use super::mark::{MarkKind, PiiMatch};
use super::normalize::NormalizedChar;

/// Characters of an address before its @, at most.
const LOCAL_MAX: usize = 64;
/// Characters of a chat address.
const CHAT_CHARS: std::ops::RangeInclusive<usize> = 5..=20;
/// What a chat address follows, in normal form.
const SERVICES: [&str; 6] = ["微信", "WEIXIN", "WECHAT", "VX", "QQ", "薇信"];
/// What may stand between a service and the address, and how much of it.
const BETWEEN: &str = "号码是为:： 同";
const BETWEEN_MAX: usize = 4;

pub(super) fn find(chars: &[NormalizedChar]) -> Vec<PiiMatch> {
    let mut found = emails(chars);
    found.extend(chats(chars));
    found
}

fn matched(kind: MarkKind, chars: &[NormalizedChar], first: usize, behind: usize) -> PiiMatch {
    PiiMatch { kind, place: chars[first].place..chars[behind - 1].place + 1, is_own: false }
}

fn is_word(ch: NormalizedChar) -> bool {
    ch.value.is_ascii_alphanumeric() && !ch.is_numeral
}

fn emails(chars: &[NormalizedChar]) -> Vec<PiiMatch> {
    let is_local = |ch: &NormalizedChar| is_word(*ch) || matches!(ch.value, '.' | '_' | '%' | '+' | '-');
    let is_domain = |ch: &NormalizedChar| is_word(*ch) || matches!(ch.value, '.' | '-');
    let mut all = Vec::new();
    for (at, _) in chars.iter().enumerate().filter(|(_, ch)| ch.value == '@') {
        let before =
            chars[at.saturating_sub(LOCAL_MAX)..at].iter().rev().take_while(|ch| is_local(ch)).count();
        let after = chars[at + 1..].iter().take(LOCAL_MAX).take_while(|ch| is_domain(ch)).count();
        let has_dot = chars[at + 1..=at + after].iter().skip(1).any(|ch| ch.value == '.');
        if before > 0 && after >= 4 && has_dot {
            all.push(matched(MarkKind::Email, chars, at - before, at + 1 + after));
        }
    }
    all
}

fn chats(chars: &[NormalizedChar]) -> Vec<PiiMatch> {
    let mut all = Vec::new();
    // Hardly any character begins a service's name.
    let begins = |ch: &NormalizedChar| matches!(ch.value, '微' | '薇' | 'W' | 'V' | 'Q');
    for start in (0..chars.len()).filter(|start| begins(&chars[*start])) {
        let named = SERVICES.iter().find(|name| {
            let mut rest = chars[start..].iter();
            name.chars().all(|character| rest.next().is_some_and(|ch| ch.value == character))
        });
        let Some(name) = named else { continue };
        // QQ within a longer word is no service.
        let is_within = name.is_ascii() && start > 0 && is_word(chars[start - 1]);
        if is_within {
            continue;
        }
        let behind = start + name.chars().count();
        let between =
            chars[behind..].iter().take(BETWEEN_MAX).take_while(|ch| BETWEEN.contains(ch.value)).count();
        let first = behind + between;
        let is_address = |ch: &&NormalizedChar| is_word(**ch) || matches!(ch.value, '_' | '-');
        let length = chars[first..].iter().take(CHAT_CHARS.end() + 1).take_while(is_address).count();
        // What follows QQ at once is a word of its own, unless it is a number.
        let is_number = chars[first..first + length].iter().all(|ch| ch.value.is_ascii_digit());
        if CHAT_CHARS.contains(&length) && (between > 0 || !name.is_ascii() || is_number) {
            all.push(matched(MarkKind::ChatId, chars, first, first + length));
        }
    }
    all
}
