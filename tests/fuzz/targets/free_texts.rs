//! Free text that is searched for personal data.

use hotline_server::ticket::CallerIdentity;
use hotline_server::ticket::pii::{find, mask};

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
    let length = text.chars().count();
    assert!(found.iter().all(|one| one.place.start < one.place.end && one.place.end <= length), "outside");
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
