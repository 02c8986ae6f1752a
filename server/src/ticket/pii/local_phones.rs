//! Telephone numbers without an area code. Seven or eight digits are one only beside a word that says so, or beside
//! another number.

use super::groups::{Class, Group, count_while, digits_of, end_of_word, is_amount, is_day, is_word_at};
use crate::platform::text::NormalizedChar;

/// Words before a number that make it a telephone's.
const CUES: &[&str] = &[
    "电话",
    "座机",
    "固话",
    "手机",
    "传真",
    "热线",
    "专线",
    "小灵通",
    "号码",
    "致电",
    "拨打",
    "来电",
    "回电",
    "电联",
    "联系",
    "联络",
    "打给",
    "请打",
    "可打",
    "呼叫",
    "電話",
    "座機",
    "手機",
    "傳真",
    "熱線",
    "聯絡",
    "聯繫",
    "號碼",
    "打給",
    "TEL",
    "PHONE",
    "FAX",
    "MOBILE",
    "CALL",
    "HOTLINE",
];
/// Words behind a number that do the same.
const CUES_BEHIND: &[&str] =
    &["(电话", "(座机", "(固话", "(办公", "(传真", "(手机", "是我的电话", "是我电话", "是联系电话"];
/// Words directly before a number that do the same, but further away say nothing.
const CUES_BESIDE: &[&str] =
    &["咨询", "总机", "客服", "前台", "家里", "家中", "办公室", "值班室", "服务台", "监督", "报修"];
/// What may stand between such a word and the number.
const BESIDE_GAP_MAX: usize = 2;
/// Words that tell behind a number that nobody answered it.
const UNANSWERED: &[&str] = &["人接", "打不通", "占线", "空号", "停机", "忙音", "打不进"];
/// How far behind the number such a word is looked for.
const UNANSWERED_DISTANCE_MAX: usize = 20;
/// What of 打 and 拨 is no call: 打印, 打造.
const NO_CALL: &str = "印造折工击开卡包车架扮扰破断算听分动付款";
/// Ideographs between the call and the number: 打街道2800456.
const CALLED_CHARS_MAX: usize = 6;
/// How far back such a word is looked for, in characters; nothing that ends a sentence stands between.
const CUE_DISTANCE_MAX: usize = 12;
/// What parts a number from the next one of a list.
const LIST_GAP: &str = " 、,/;或者和与及是转";
const LIST_GAP_MAX: usize = 3;
/// Digits of a number of the mainland that is given without its area code.
const LOCAL_DIGITS: std::ops::RangeInclusive<usize> = 7..=8;
/// Digits of a number that was mistyped, or is written as elsewhere.
const ODD_DIGITS: std::ops::RangeInclusive<usize> = 9..=12;

/// Numbers that a cue or another number stands beside. `found` are those known by their form.
pub(super) fn find(
    chars: &[NormalizedChar],
    groups: &[Group],
    found: &[(usize, usize)],
) -> Vec<(usize, usize)> {
    let is_found =
        |group: &Group| found.iter().any(|(first, behind)| (*first..*behind).contains(&group.chars.0));
    let mut all: Vec<(usize, usize)> = Vec::new();
    for (start, group) in groups.iter().enumerate() {
        let is_inside = all.last().is_some_and(|last| group.chars.0 < last.1);
        // A place inside a longer row of digits and letters begins no number.
        let is_within = group.gap.is_some_and(|gap| gap.length == 0);
        if group.class == Class::Letters || is_inside || is_within || is_found(group) {
            continue;
        }
        let Some(place) = local(chars, &groups[start..]) else { continue };
        let continues_list = || {
            let gap = LIST_GAP_MAX.min(place.0);
            let known = found.iter().chain(&all);
            let is_list = |behind: usize| chars[behind..place.0].iter().all(|ch| LIST_GAP.contains(ch.value));
            known.into_iter().any(|one| one.1 <= place.0 && place.0 - one.1 <= gap && is_list(one.1))
        };
        let has_cue = has_cue(chars, place.0) || is_called(chars, place.0);
        if has_cue || has_cue_behind(chars, place.1) || is_unanswered(chars, place.1) || continues_list() {
            all.push(place);
        }
    }
    all
}

/// The place of a number that has the form of one without its area code.
fn local(chars: &[NormalizedChar], groups: &[Group]) -> Option<(usize, usize)> {
    let mut digits = String::new();
    for (place, group) in groups.iter().take(3).enumerate() {
        let is_next = place == 0 || group.gap.is_some_and(|gap| gap.length > 0 && !gap.is_odd);
        if !is_next || group.class == Class::Letters {
            break;
        }
        digits.extend(digits_of(chars, group));
        let is_usual = place == 0 || (3..=4).contains(&groups[0].len()) && (2..=4).contains(&group.len());
        let is_number =
            LOCAL_DIGITS.contains(&digits.len()) && is_usual && matches!(digits.as_bytes()[0], b'2'..=b'9')
                || place == 0 && is_odd_number(&digits);
        let behind = group.chars.1;
        // 一 alone is a word: 6500123一直占线.
        let touches = |next: &Group| next.gap.is_some_and(|gap| gap.length == 0);
        let is_word = |next: &Group| next.class == Class::Numerals && next.len() == 1;
        let goes_on = groups.get(place + 1).is_some_and(|next| touches(next) && !is_word(next));
        let place = (groups[0].chars.0, behind);
        if is_number && !goes_on && !is_day(&digits) && !is_amount(chars, place) {
            return Some(place);
        }
    }
    None
}

/// A mobile with a digit too few or too many, or a number of Taiwan.
fn is_odd_number(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    ODD_DIGITS.contains(&digits.len())
        && (digits.len() >= 10 && bytes[0] == b'1' && matches!(bytes[1], b'3'..=b'9')
            || bytes[0] == b'0' && matches!(bytes[1], b'1'..=b'9'))
}

fn has_cue(chars: &[NormalizedChar], first: usize) -> bool {
    let from = first.saturating_sub(CUE_DISTANCE_MAX);
    let ends_sentence = |ch: &NormalizedChar| matches!(ch.value, '。' | ';' | '!' | '?' | '元' | '年');
    let from = chars[from..first].iter().rposition(ends_sentence).map_or(from, |end| from + end + 1);
    let before = &chars[..first];
    let gap = before.iter().rev().take(BESIDE_GAP_MAX).take_while(|ch| matches!(ch.value, ' ' | ':')).count();
    let is_beside = |cue: &&str| {
        let start = (first - gap).checked_sub(cue.chars().count());
        start.is_some_and(|start| is_word_at(chars, start, cue))
    };
    CUES_BESIDE.iter().any(is_beside)
        || (from..first).any(|place| CUES.iter().any(|cue| end_of_word(before, place, cue).is_some()))
}

/// Whether somebody calls the number, or who has it: 打2800456, 打街道2800456.
fn is_called(chars: &[NormalizedChar], first: usize) -> bool {
    let is_said = |ch: &&NormalizedChar| ch.value == ' ' || ch.value.is_alphabetic() && !ch.value.is_ascii();
    let words = chars[..first].iter().rev().take(CALLED_CHARS_MAX).take_while(is_said).count();
    (first - words..first).any(|place| {
        let next = chars.get(place + 1).map(|ch| ch.value);
        matches!(chars[place].value, '打' | '拨') && next.is_none_or(|next| !NO_CALL.contains(next))
    })
}

/// Whether it is said that nobody answered.
fn is_unanswered(chars: &[NormalizedChar], behind: usize) -> bool {
    let window = count_while(chars, behind, UNANSWERED_DISTANCE_MAX, |value| !"。;!?".contains(value));
    (behind..behind + window).any(|place| UNANSWERED.iter().any(|word| is_word_at(chars, place, word)))
}

fn has_cue_behind(chars: &[NormalizedChar], behind: usize) -> bool {
    let gap = count_while(chars, behind, 2, |value| matches!(value, ' ' | ','));
    CUES_BEHIND.iter().any(|cue| is_word_at(chars, behind + gap, cue))
}
