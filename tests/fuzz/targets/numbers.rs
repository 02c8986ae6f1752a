//! Numbers and codes that people dictate: whatever is read has one normal form, which reads as itself. Whatever is
//! kept can be kept again unchanged, and what was given finds what was kept of it.

use hotline_server::rpc::status::Language;
use hotline_server::ticket::TicketNumber;
use hotline_server::ticket::codes::{
    Certificate, CodeReading, GIVEN_CHARS_MAX, PhoneReading, check_social_credit_code, given,
};

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
    "00852",
    "分机",
    "ext.",
    "sip:",
    "@anonymous.invalid",
    ";ext=",
    "—",
    "\u{2011}",
    "\u{a0}",
    "\u{202d}",
    "一三八",
    "17951",
    "400",
    "电话：",
    "统一社会信用代码：",
    "110108000000016",
    "D2143569-X",
    "11010519491231002X",
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
        &[
            "191012-000017-8",
            "1910120000178",
            " 1910 1200 0017 8",
            "191012000018",
            "１９１０１２0000178",
            "工单编号：191012—000017—8",
            "№ 1910120000178",
        ],
    )
}

/// A social credit code or another certificate, and a list of languages.
pub(crate) fn code(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = Language::of(Some(&text));
    let Some(kept) = kept(&text) else { return };
    let read = CodeReading::of(&kept);
    assert_eq!(read.is_verified(), read.reason.is_none());
    if let Some(normal) = &read.normal {
        let again = CodeReading::of(normal);
        assert_eq!((&again.normal, again.kind), (&read.normal, read.kind), "its normal form is its own");
        assert!(normal.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()), "{normal}");
    }
    if let Some(key) = read.key(&kept) {
        assert!(CodeReading::sought(&kept).contains(&key), "what was given finds it");
    }
    if let Ok(code) = check_social_credit_code(&text) {
        assert_eq!(Some(&code), read.normal.as_ref());
    }
    let _ = Certificate { kind: read.kind, number: kept }.reading();
}

/// A text as intake keeps it.
fn kept(text: &str) -> Option<String> {
    let kept = given(text)?;
    assert!(kept.chars().count() <= GIVEN_CHARS_MAX + 1, "it is bounded");
    assert_eq!(given(&kept).as_ref(), Some(&kept), "keeping it again changes nothing");
    Some(kept)
}

/// A telephone number, or what a switch gives instead of one.
pub(crate) fn phone(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some(kept) = kept(&text) else { return };
    let read = PhoneReading::of(&kept);
    if let Some(normal) = &read.normal {
        assert!(read.kind.is_some(), "{normal}");
        let again = PhoneReading::of(normal);
        assert_eq!((&again.normal, again.kind), (&read.normal, read.kind), "its normal form is its own");
        assert_eq!(again.main, read.main);
    }
    if let Some(main) = &read.main {
        let again = PhoneReading::of(main);
        assert_eq!((again.normal.as_ref(), again.main), (Some(main), None), "a main number has no extension");
    }
    let [whole, main] = read.keys(&kept);
    if let Some(whole) = &whole {
        assert!(PhoneReading::sought(&kept).contains(whole), "what was given finds it");
    }
    if let Some(main) = &main {
        assert!(PhoneReading::sought(main).contains(main), "its main number finds it");
    }
}

pub(crate) fn generate_phone(random: &mut Random) -> Vec<u8> {
    one_of(
        random,
        &[
            "13800138000",
            "+86 138 0013 8000",
            "0086-10-12345678",
            "（010）12345678转5",
            "010—8234 5678 分机801",
            "4008101234-5",
            "95588",
            "010-96156",
            "+85221234567 ext 12",
            "00853 6612 3456",
            "+44 (0)20 7946 0958",
            "8001",
            "82345678-801",
            "13800138000/13900139000",
            "王女士 13800138000",
            "anonymous",
            "\"Anonymous\" <sip:anonymous@anonymous.invalid>",
            "sip:+8613800138000@ims.example.cn;user=phone",
            "tel:+86-10-82345678;ext=801",
            "一三八零零一三八零零零",
        ],
    )
}

pub(crate) fn generate_code(random: &mut Random) -> Vec<u8> {
    one_of(
        random,
        &[
            "91110105MA00HTNE0R",
            "9 1110105-ma00htne0r",
            "911IO105MA00HTNE0R",
            "91110105MA00HTNE0T",
            "统一社会信用代码：91110000600037341L",
            "N2110000MA00HTNE0U",
            "110108000000016",
            "D2143569-X",
            "110105D2143569X",
            "11010519491231002x",
            "暂无",
            "京A12345",
            "zh-CN,en;q=0.8",
        ],
    )
}
