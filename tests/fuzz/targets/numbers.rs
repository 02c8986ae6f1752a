//! Numbers and codes that people dictate: each has one normal form, which reads as itself.

use hotline_server::rpc::status::Language;
use hotline_server::ticket::TicketNumber;
use hotline_server::ticket::codes::{check_phone, check_social_credit_code};

use super::one_of;
use super::random::Random;

/// Characters of numbers.
pub(crate) const DICTIONARY: &[&str] = &[
    "191012-000017-8",
    "1910120000178",
    "+86",
    "0086",
    "010-",
    "转",
    "（",
    "１３",
    "\u{3000}",
    "zh-CN,en;q=0.8",
    "91110105MA00HTNE0R",
];

/// A ticket number, as text and as a stored value.
pub(crate) fn number(bytes: &[u8]) {
    if let Some(first) = bytes.first_chunk() {
        let value = i64::from_be_bytes(*first);
        if let Ok(number) = TicketNumber::from_i64(value) {
            assert_eq!(number.as_i64(), value);
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(number) = TicketNumber::parse(text) else { return };
    for form in [number.to_string(), number.spoken()] {
        assert_eq!(TicketNumber::parse(&form), Ok(number));
    }
    assert_eq!(TicketNumber::new(number.day(), number.sequence()), Ok(number));
    assert_eq!(TicketNumber::from_i64(number.as_i64()), Ok(number));
}

pub(crate) fn generate_number(random: &mut Random) -> Vec<u8> {
    if random.percent(20) {
        return (random.next() % 9_912_319_999_999).to_be_bytes().to_vec();
    }
    one_of(
        random,
        &["191012-000017-8", "1910120000178", " 1910 1200 0017 8", "191012000018", "１９１０１２0000178"],
    )
}

/// A telephone number, a social credit code and a list of languages.
pub(crate) fn code(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(phone) = check_phone(&text) {
        assert_eq!(check_phone(&phone).as_ref(), Ok(&phone), "its normal form is its own");
    }
    if let Ok(code) = check_social_credit_code(&text) {
        assert_eq!(check_social_credit_code(&code).as_ref(), Ok(&code), "its normal form is its own");
    }
    let _ = Language::of(Some(&text));
}

pub(crate) fn generate_code(random: &mut Random) -> Vec<u8> {
    one_of(
        random,
        &[
            "13800138000",
            "+86 138 0013 8000",
            "0086-10-12345678",
            "（010）12345678转5",
            "4008101234-5",
            "95588",
            "+85221234567",
            "91110105MA00HTNE0R",
            "9 1110105-ma00htne0r",
            "zh-CN,en;q=0.8",
        ],
    )
}
