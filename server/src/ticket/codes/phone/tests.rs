//! Telephone numbers as people write them, with the normal form and the reason of each.

use super::PhoneKind::{Extension, Foreign, HongKong, Landline, Macau, Mobile, National, Service, Taiwan};
use super::UnverifiedReason::{
    AreaCodeMissing, FormUnknown, InternalExtension, PartlyRead, RangeUnknown, TooLong, Withheld,
};
use super::*;

fn check(text: &str, kind: PhoneKind, normal: &str, reason: Option<UnverifiedReason>) {
    let read = PhoneReading::of(text);
    assert_eq!(
        (read.kind, read.normal.as_deref(), read.reason),
        (Some(kind), Some(normal), reason),
        "{text:?}"
    );
    let again = PhoneReading::of(normal);
    assert_eq!(again.normal.as_deref(), Some(normal), "{normal:?} is not its own normal form");
    assert_eq!((again.kind, again.main), (read.kind, read.main), "{normal:?}");
}

#[test]
fn mobiles_are_read_in_every_writing() {
    for text in [
        "13800138000",
        "138-0013-8000",
        "138 0013 8000",
        "138.0013.8000",
        "138·0013·8000",
        "138/0013/8000",
        "138‑0013‑8000",
        "138–0013–8000",
        "138—0013—8000",
        "138−0013−8000",
        "138一0013一8000",
        "138\u{a0}0013\u{2009}8000",
        "138\u{200b}0013\u{ad}8000",
        "\u{202d}13800138000\u{202c}",
        "1 3 8 0 0 1 3 8 0 0 0",
        "１３８００１３８０００",
        "①③⑧⓪⓪①③⑧⓪⓪⓪",
        "١٣٨٠٠١٣٨٠٠٠",
        "一三八零零一三八零零零",
        "幺三八〇〇幺三八〇〇〇",
        "013800138000",
        "8613800138000",
        "86-138-0013-8000",
        "+86 138 0013 8000",
        "+8613800138000",
        "（+86）138 0013 8000",
        "＋８６－１３８００１３８０００",
        "+86 013800138000",
        "0086-13800138000",
        "008613800138000",
        "+00 86 13800138000",
        "+-86 138 0013 8000",
        "+013800138000",
        "17951 13800138000",
        "1259313800138000",
        "电话：13800138000",
        "手机13800138000",
        "联系电话: 手机 138 0013 8000",
        "Tel. 13800138000",
        "Mobile: +86 13800138000",
        "tel:+86-138-0013-8000",
        "sip:+8613800138000@ims.example.cn;user=phone",
        "\"李\" <sip:013800138000@10.0.0.8:5060>",
    ] {
        check(text, Mobile, "13800138000", None);
    }
}

#[test]
fn landlines_are_read_in_every_writing() {
    for text in [
        "010-82345678",
        "01082345678",
        "010/82345678",
        "010—82345678",
        "010–82345678",
        "010‑82345678",
        "010.82345678",
        "010 8234 5678",
        "010-8234-5678",
        "(010) 8234 5678",
        "（０１０）８２３４５６７８",
        "[010]82345678",
        "＋86 10 8234 5678",
        "+86-010-82345678",
        "+86 (0)10 82345678",
        "0086 10 82345678",
        "861082345678",
        "+8-610-82345678",
        "1082345678",
        "座机：010－82345678",
    ] {
        check(text, Landline, "010-82345678", None);
    }
    for (text, normal) in [
        ("0755-26771234", "0755-26771234"),
        ("+86 755 2677 1234", "0755-26771234"),
        ("75526771234", "0755-26771234"),
        ("0998-1234567", "0998-1234567"),
    ] {
        assert_eq!(PhoneReading::of(text).normal.as_deref(), Some(normal), "{text}");
    }
}

#[test]
fn extensions_are_read_after_every_cue() {
    for text in [
        "010-82345678-801",
        "01082345678-801",
        "010 8234 5678 - 801",
        "010.82345678.801",
        "010-82345678转801",
        "（010）82345678 转 801",
        "010-82345678 转分机 801",
        "010-82345678分机801",
        "010-82345678 分机：801",
        "010-82345678分机号801",
        "010-82345678内线801",
        "010-82345678 ext 801",
        "010-82345678 Ext. 801",
        "010-82345678 extension 801",
        "010-82345678x801",
        "010-82345678 X 801",
        "010-82345678#801",
        "010-82345678＃８０１",
        "010-82345678,ext.801#",
        "010-82345678(分机801)",
        "tel:+86-10-82345678;ext=801",
    ] {
        check(text, Landline, "010-82345678-801", None);
        assert_eq!(PhoneReading::of(text).main.as_deref(), Some("010-82345678"), "{text}");
    }
    for (text, kind, normal, main) in [
        ("400-650-1234转5", National, "4006501234-5", "4006501234"),
        ("13800138000转1234", Mobile, "13800138000-1234", "13800138000"),
        ("13800138000-1234", Mobile, "13800138000-1234", "13800138000"),
        ("+852 2123 4567 ext 12", HongKong, "+85221234567x12", "+85221234567"),
        ("95588转1", Service, "95588x1", "95588"),
    ] {
        check(text, kind, normal, None);
        assert_eq!(PhoneReading::of(text).main.as_deref(), Some(main), "{text}");
    }
    // 0311-1234567-8 has an extension, and 0311-123-4567 has none.
    assert_eq!(PhoneReading::of("0311-8234567-8").main.as_deref(), Some("0311-8234567"));
    assert_eq!(PhoneReading::of("0311-823-4567").normal.as_deref(), Some("0311-8234567"));
    check("82345678-801", Landline, "82345678x801", Some(AreaCodeMissing));
}

#[test]
fn national_and_service_numbers_are_read() {
    for (text, kind, normal) in [
        ("400-810-1234", National, "4008101234"),
        ("400 8101 234", National, "4008101234"),
        ("8008101234", National, "8008101234"),
        ("12345", Service, "12345"),
        ("110", Service, "110"),
        ("10086", Service, "10086"),
        ("1008611", Service, "1008611"),
        ("95588", Service, "95588"),
        ("96156", Service, "96156"),
        ("962288", Service, "962288"),
        ("118114", Service, "118114"),
        ("10106666", Service, "10106666"),
        ("010-12345", Service, "010-12345"),
        ("021 962288", Service, "021-962288"),
        ("+86 10 96156", Service, "010-96156"),
    ] {
        check(text, kind, normal, None);
    }
}

#[test]
fn numbers_of_other_places_are_read() {
    for (text, kind, normal) in [
        ("+852 2123 4567", HongKong, "+85221234567"),
        ("00852-91234567", HongKong, "+85291234567"),
        ("(852) 9123 4567", HongKong, "+85291234567"),
        ("85291234567", HongKong, "+85291234567"),
        ("+853 6612 3456", Macau, "+85366123456"),
        ("00853 66123456", Macau, "+85366123456"),
        ("+886 2 2345 6789", Taiwan, "+886223456789"),
        ("886-912-345-678", Taiwan, "+886912345678"),
        ("+886 (0)912 345 678", Taiwan, "+886912345678"),
        ("+1 (212) 555-0123", Foreign, "+12125550123"),
        ("001-212-555-0123", Foreign, "+12125550123"),
        ("+44 (0)20 7946 0958", Foreign, "+442079460958"),
        ("+39 06 6982 1234", Foreign, "+390669821234"),
        ("+81 3-1234-5678", Foreign, "+81312345678"),
        ("+683 4000", Foreign, "+6834000"),
    ] {
        check(text, kind, normal, None);
    }
}

#[test]
fn what_is_not_sure_is_read_and_marked() {
    for (text, kind, normal, reason) in [
        ("82345678", Landline, "82345678", AreaCodeMissing),
        ("8234-5678", Landline, "82345678", AreaCodeMissing),
        ("8001", Extension, "8001", InternalExtension),
        ("分机8001", Extension, "8001", InternalExtension),
        ("sip:8001@10.0.0.8", Extension, "8001", InternalExtension),
        ("14600138000", Mobile, "14600138000", RangeUnknown),
        ("+852 1123 4567", HongKong, "+85211234567", RangeUnknown),
        ("13800138000/13900139000", Mobile, "13800138000", PartlyRead),
        ("13800138000、13900139000", Mobile, "13800138000", PartlyRead),
        ("13800138000 13900139000", Mobile, "13800138000", PartlyRead),
        ("010-82345678/79", Landline, "010-82345678", PartlyRead),
        ("010-82345678 或 13800138000", Landline, "010-82345678", PartlyRead),
        ("王经理13800138000", Mobile, "13800138000", PartlyRead),
        ("13800138000（李女士）", Mobile, "13800138000", PartlyRead),
        ("010-82345678转人工", Landline, "010-82345678", PartlyRead),
        ("010-82345678转1234567", Landline, "010-82345678", PartlyRead),
    ] {
        check(text, kind, normal, Some(reason));
    }
}

#[test]
fn what_is_no_number_is_kept_and_marked() {
    let table = [
        ("王女士", FormUnknown),
        ("-", FormUnknown),
        ("+", FormUnknown),
        ("12", FormUnknown),
        ("12800138000", FormUnknown),
        ("1380013800", FormUnknown),
        ("138001380001", FormUnknown),
        ("010-02345678", FormUnknown),
        ("+86", FormUnknown),
        ("+86 12", FormUnknown),
        ("+0123456789", FormUnknown),
        ("+1234567890123456", FormUnknown),
        ("13+800138000", FormUnknown),
        ("sip:alice@example.com", FormUnknown),
        ("anonymous", Withheld),
        ("Anonymous", Withheld),
        ("UNAVAILABLE", Withheld),
        ("Private Number", Withheld),
        ("匿名", Withheld),
        ("隐藏号码", Withheld),
        ("\"Anonymous\" <sip:anonymous@anonymous.invalid>", Withheld),
        ("sip:unavailable@10.0.0.8", Withheld),
    ];
    for (text, reason) in table {
        let read = PhoneReading::of(text);
        assert_eq!((read.normal, read.reason), (None, Some(reason)), "{text:?}");
    }
    let cut_off = super::super::given::given(&"1".repeat(1_000)).expect("a text");
    assert_eq!(PhoneReading::of(&cut_off).reason, Some(TooLong));
}

#[test]
fn a_number_is_looked_up_by_what_it_was_read_as_and_by_its_main_number() {
    for (stored, sought, is_found) in [
        ("13800138000", "+86 138-0013-8000", true),
        ("010-82345678-801", "010—82345678", true),
        ("010-82345678-801", "+86 10 8234 5678 分机 801", true),
        ("010-82345678-801", "010-82345678-802", false),
        ("010-82345678", "010-82345678-801", false),
        ("+85221234567x12", "00852 2123 4567", true),
        ("82345678", "8234 5678", true),
        ("8001", "分机8001", true),
        ("12800138000", "128 0013 8000", true),
        ("sip:alice@example.com", "SIP:Alice@example.com", true),
        ("王女士家", "王女士家", true),
        ("anonymous", "anonymous", false),
        ("sip:anonymous@anonymous.invalid", "anonymous", false),
        ("12", "12", false),
    ] {
        let keys = PhoneReading::of(stored).keys(stored);
        let wanted = PhoneReading::sought(sought);
        let is_there = keys.iter().flatten().any(|key| wanted.contains(key));
        assert_eq!(is_there, is_found, "{sought} for {stored}: {keys:?} {wanted:?}");
    }
}
