//! Free text that is searched for personal data.

use hotline_server::platform::text::{has_visible, normalize, stored_text};
use hotline_server::ticket::CallerIdentity;
use hotline_server::ticket::pii::{PiiMatch, find, mask};

use super::one_of;
use super::random::Random;

/// Parts of such texts.
pub(crate) const DICTIONARY: &[&str] = &[
    "13800138000",
    "138 0013 8000",
    "１３８",
    "一三八",
    "91110105MA00HTNE0R",
    "微信",
    "QQ",
    "@",
    "某公司",
    "电话",
    "-",
    "\u{200b}",
    "+852 9123 4567",
    "QQ：",
    "有限公司",
    "先生",
];

/// A line with a name, then a text: finds lie inside the text, in order and without overlaps, and the marks give their
/// places.
pub(crate) fn text(bytes: &[u8]) {
    let whole = String::from_utf8_lossy(bytes);
    let (name, text) = whole.split_once('\n').unwrap_or(("", &whole));
    let caller = CallerIdentity {
        contact_name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        contact_phone: Some("13800138000".to_owned()),
        ..CallerIdentity::default()
    };
    let found = find(text, &caller);
    let is_inside = |one: &PiiMatch| one.place.start < one.place.end && text.get(one.place.clone()).is_some();
    assert!(found.iter().all(is_inside), "outside, or within a character");
    assert!(found.windows(2).all(|pair| pair[0].place.end <= pair[1].place.start), "out of order");
    let masked = mask(text, &caller);
    assert_eq!(masked.marks.len(), found.len(), "one mark for each find");
    let length = u32::try_from(masked.text.chars().count()).unwrap_or(u32::MAX);
    assert!(masked.marks.iter().all(|(_, place)| (1..=length).contains(place)), "a mark outside");
}

pub(crate) fn generate_text(random: &mut Random) -> Vec<u8> {
    one_of(
        random,
        &[
            "王某某\n我是王某某，电话138-0013-8000，微信 abc_123",
            "\n公司代码 9 1110105-ma00htne0r，请回电 010-12345678转5",
            "李女士\n邮箱 a.b@example.cn，QQ 12345678，身份证 11010519491231002X",
        ],
    )
}

/// What texts consist of that are not read as they are typed.
pub(crate) const UNUSUAL: &[&str] = &[
    "①",
    "⓫",
    "１",
    "٣",
    "𝟛",
    "㈠",
    "é",
    "e\u{301}",
    "ｶﾞ",
    "\u{1112}\u{1161}\u{11ab}",
    "\u{200b}",
    "\u{202e}",
    "\u{2028}",
    "\u{b}",
    "\u{a0}",
    "\u{2011}",
    "\u{ad}",
    "1\u{fe0f}\u{20e3}",
    "ﷺ",
    "ß",
    "\u{e0101}",
    "𠀀",
    "\r\n",
];

/// A text in normal form: places lie in the text, at boundaries of characters, and ascend; nothing is left that the
/// form does not have. A stored text is its own stored text.
pub(crate) fn normal_form(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let chars = normalize(&text);
    assert!(chars.iter().all(|one| one.start < one.end && text.get(one.start..one.end).is_some()), "outside");
    assert!(chars.windows(2).all(|pair| pair[0].start <= pair[1].start), "out of order");
    let form: String = chars.iter().map(|one| one.value).collect();
    assert!(
        form.chars().all(|one| !one.is_control() && one != '\u{200b}' && one != '\u{2011}'),
        "not normal"
    );
    let stored = stored_text(&text);
    assert_eq!(stored_text(&stored), stored, "the stored text of a stored text");
    assert!(!stored.chars().any(|one| matches!(one, '\u{b}' | '\u{2028}' | '\u{202e}')), "not a stored text");
    assert!(has_visible(&text) || form.trim().is_empty() || !form.is_ascii(), "ASCII that nobody sees");
}

pub(crate) fn generate_normal_form(random: &mut Random) -> Vec<u8> {
    let length = random.below(12);
    (0..length).flat_map(|_| one_of(random, UNUSUAL)).collect()
}
