//! Codes and certificates as people write them, with the normal form and the reason of each.

use super::*;
use UnverifiedReason::{
    CharacterWrong, CheckCharacterWrong, FormUnknown, NotCheckable, RegistrarUnknown, TooLong, Withheld,
};

fn read(text: &str) -> (Option<CertificateKind>, Option<String>, Option<UnverifiedReason>) {
    let CodeReading { kind, normal, reason } = CodeReading::of(text);
    (kind, normal, reason)
}

#[test]
fn a_credit_code_is_read_in_every_writing() {
    let expected = (Some(CertificateKind::SocialCreditCode), Some("91110000600037341L".to_owned()), None);
    for text in [
        "91110000600037341L",
        "91110000600037341l",
        "9 1 110000 600037341L",
        "91110000-600037341-L",
        "91110000—600037341—L",
        "９１１１００００６０００３７３４１Ｌ",
        "9111\u{a0}0000\u{200b}600037341\u{2009}L",
        "统一社会信用代码：91110000600037341L",
        "9lllOOOO6OOO3734lL".replace('l', "I").as_str(),
        "(91110000600037341L)",
    ] {
        assert_eq!(read(text), expected, "{text:?}");
    }
}

#[test]
fn every_registrar_and_class_is_known() {
    for code in [
        "11110000MA00HTNE0L",
        "12110000MA00HTNE0H",
        "13110000MA00HTNE0E",
        "19110000MA00HTNE0U",
        "21110000MA00HTNE0K",
        "29110000MA00HTNE0T",
        "31110000MA00HTNE0J",
        "35110000MA00HTNE06",
        "39110000MA00HTNE0R",
        "41110000MA00HTNE0H",
        "51110000MA00HTNE0G",
        "52110000MA00HTNE0D",
        "53110000MA00HTNE0A",
        "62110000MA00HTNE0C",
        "72110000MA00HTNE0B",
        "81110000MA00HTNE0D",
        "91110000MA00HTNE0C",
        "92110000MA00HTNE09",
        "93110000MA00HTNE06",
        "A1110000MA00HTNE0B",
        "A9110000MA00HTNE0J",
        "N1110000MA00HTNE0Y",
        "N2110000MA00HTNE0U",
        "N3110000MA00HTNE0Q",
        "Y1110000MA00HTNE0N",
    ] {
        assert_eq!(check_social_credit_code(code).as_deref(), Ok(code));
    }
}

#[test]
fn a_code_that_breaks_a_rule_is_read_and_marked() {
    for (text, reason) in [
        ("911100006000373410", CheckCharacterWrong),
        ("91110000600073341L", CheckCharacterWrong),
        ("91110000600037341Z", CharacterWrong),
        ("91A10000600037341L", CharacterWrong),
        ("B1110000MA00HTNE0A", RegistrarUnknown),
    ] {
        let expected = (Some(CertificateKind::SocialCreditCode), Some(text.to_owned()), Some(reason));
        assert_eq!(read(text), expected, "{text}");
        assert_eq!(check_social_credit_code(text), Err(reason));
    }
}

#[test]
fn every_single_wrong_character_of_a_credit_code_is_found() {
    let right = "91110000600037341L";
    for place in 0..right.len() {
        for wrong in CREDIT_CODE_ALPHABET.chars().filter(|wrong| !right[place..].starts_with(*wrong)) {
            let text = format!("{}{wrong}{}", &right[..place], &right[place + 1..]);
            assert!(!CodeReading::of(&text).is_verified(), "{text}");
        }
    }
}

#[test]
fn other_numbers_are_read_as_what_they_are() {
    use CertificateKind::{OrganisationCode, RegistrationNumber, ResidentId, TaxNumber};
    for (text, kind, normal, reason) in [
        ("110108000000016", Some(RegistrationNumber), Some("110108000000016"), None),
        ("注册号：1101 0800 0000 016", Some(RegistrationNumber), Some("110108000000016"), None),
        ("110108000000017", Some(RegistrationNumber), Some("110108000000017"), Some(CheckCharacterWrong)),
        ("1101082000016", Some(RegistrationNumber), Some("1101082000016"), Some(NotCheckable)),
        ("D2143569-X", Some(OrganisationCode), Some("D2143569X"), None),
        ("600037342", Some(OrganisationCode), Some("600037342"), Some(CheckCharacterWrong)),
        ("110105D2143569X", Some(TaxNumber), Some("110105D2143569X"), None),
        ("11010519491231002x", Some(ResidentId), Some("11010519491231002X"), None),
        ("110105I949I23IOO2x", Some(ResidentId), Some("11010519491231002X"), None),
        ("11010519491231002X01", Some(TaxNumber), Some("11010519491231002X01"), Some(NotCheckable)),
        ("京A12345", None, None, Some(FormUnknown)),
        ("91110000", None, None, Some(FormUnknown)),
        ("暂无", None, None, Some(Withheld)),
        ("n/a", None, None, Some(Withheld)),
    ] {
        assert_eq!(read(text), (kind, normal.map(str::to_owned), reason), "{text}");
    }
    let cut_off = super::super::given::given(&"9".repeat(1_000)).expect("a text");
    assert_eq!(read(&cut_off), (None, None, Some(TooLong)));
}

#[test]
fn a_certificate_is_read_as_what_the_caller_calls_it() {
    use CertificateKind::{ForeignRegistration, OrganisationCode, Other, ResidentId, TravelDocument};
    for (kind, number, expected) in [
        (
            Some(ForeignRegistration),
            "CR No. 1234567",
            (Some(ForeignRegistration), Some("CRNO1234567"), Some(NotCheckable)),
        ),
        (Some(TravelDocument), "e1234 5678", (Some(TravelDocument), Some("E12345678"), Some(NotCheckable))),
        (Some(ResidentId), "11010519491231002x", (Some(ResidentId), Some("11010519491231002X"), None)),
        (Some(ResidentId), "110105194912310", (Some(ResidentId), Some("110105194912310"), Some(FormUnknown))),
        (Some(OrganisationCode), "D2143569-X", (Some(OrganisationCode), Some("D2143569X"), None)),
        (Some(Other), "民许 2019-7", (Some(Other), Some("民许20197"), Some(NotCheckable))),
        (None, "D2143569-X", (Some(OrganisationCode), Some("D2143569X"), None)),
        (Some(Other), "无", (None, None, Some(Withheld))),
    ] {
        let read = Certificate { kind, number: number.to_owned() }.reading();
        assert_eq!((read.kind, read.normal.as_deref(), read.reason), expected, "{number}");
    }
}

#[test]
fn a_code_is_looked_up_as_it_was_read_and_as_it_was_written() {
    for (stored, sought, is_found) in [
        ("91110000600037341L", "9111 0000 6000 37341l", true),
        ("911100006000373410", "91110000-600037341-0", true),
        ("京A12345", "京a 12345", true),
        ("110108000000016", "1101080000 00016", true),
        ("91110000600037341L", "911100006000373410", false),
        ("无", "无", false),
        ("暂无", "暂无", false),
    ] {
        let key = CodeReading::of(stored).key(stored);
        let is_there = key.is_some_and(|key| CodeReading::sought(sought).contains(&key));
        assert_eq!(is_there, is_found, "{sought} for {stored}");
    }
}
