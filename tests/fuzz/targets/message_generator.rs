//! Requests generated from the contract's descriptor: mostly valid, sometimes with fields that should be refused.

use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto};

use super::descriptor::descriptor;
use super::random::Random;

/// Parts of requests.
pub(crate) const DICTIONARY: &[&str] = &[
    "1910120000178",
    "191012-000017-8",
    "00000000-0000-4000-8000-000000000001",
    "district-chaoyang",
    "dept-tax",
    "110105",
    "tax.invoice",
    "13800138000",
    "91110105MA00HTNE0R",
    "2027-10-01/2027-10-07",
    "08:30",
    "24:00",
    "number",
    "\0",
    "\u{202e}",
    "某公司",
];

/// Texts that a request should not hold.
const HOSTILE: [&str; 10] =
    ["", " ", "\0", "\u{202e}txt", "a\nb", "１２３", "🧾", "-1", "99999999999999999999", "%s' OR 1=1 --"];

/// A request for the message with a name.
pub(crate) fn generate(name: &str, random: &mut Random, depth: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Some(message) = descriptor().messages.get(name) else { return bytes };
    if name == ".google.protobuf.Timestamp" {
        generate_time(random, &mut bytes);
        return bytes;
    }
    let mut fields: Vec<_> = message.field.iter().collect();
    fields.sort_by_key(|field| field.number());
    for field in fields {
        let is_one_of_several = field.oneof_index.is_some() && !field.proto3_optional();
        if depth > 6 || random.percent(if is_one_of_several { 50 } else { 12 }) {
            continue;
        }
        let count = match field.label() {
            Label::Repeated if random.percent(3) => 25,
            Label::Repeated => random.below(4),
            _ => 1,
        };
        for _ in 0..count {
            generate_field(field, message, random, depth, &mut bytes);
        }
    }
    bytes
}

fn generate_field(
    field: &FieldDescriptorProto,
    message: &DescriptorProto,
    random: &mut Random,
    depth: u32,
    bytes: &mut Vec<u8>,
) {
    let number = field.number().unsigned_abs();
    let content = match field.r#type() {
        Type::String => text(field.name(), message.name(), random),
        Type::Bytes => (0..random.below(40)).map(|_| random.byte()).collect(),
        Type::Message => generate(field.type_name(), random, depth + 1),
        Type::Enum => return put_number(number, choice(field.type_name(), random), bytes),
        Type::Bool => return put_number(number, i64::from(random.percent(50)), bytes),
        _ => {
            let whole = random.pick(&[
                0,
                1,
                2,
                7,
                15,
                30,
                2027,
                -1,
                i64::from(i32::MAX),
                i64::from(i32::MIN),
                i64::MAX,
            ]);
            return put_number(number, whole, bytes);
        }
    };
    encode_key(number, WireType::LengthDelimited, bytes);
    encode_varint(content.len() as u64, bytes);
    bytes.extend_from_slice(&content);
}

/// Writes a number as a varint.
pub(crate) fn put_number(field: u32, value: i64, bytes: &mut Vec<u8>) {
    encode_key(field, WireType::Varint, bytes);
    encode_varint(value.cast_unsigned(), bytes);
}

fn choice(name: &str, random: &mut Random) -> i64 {
    let numbers = descriptor().enums.get(name).map(Vec::as_slice).unwrap_or_default();
    if random.percent(4) || numbers.is_empty() {
        return random.pick(&[-1, 0, 99, i64::from(i32::MAX)]);
    }
    i64::from(random.pick(numbers))
}

fn generate_time(random: &mut Random, bytes: &mut Vec<u8>) {
    const MORNING: i64 = 1_570_845_600;
    let is_valid = random.percent(85);
    let seconds = if is_valid {
        MORNING + random.pick(&[0, -3_600, -86_400, 86_400, 604_800])
    } else {
        random.pick(&[0, -62_135_596_800, 253_402_300_799, i64::MAX, i64::MIN, 946_684_799, 4_102_444_800])
    };
    put_number(1, seconds, bytes);
    put_number(2, if is_valid { 0 } else { random.pick(&[999_999_999, -1, 1_000_000_000]) }, bytes);
}

/// A text for a field, chosen by its name.
fn text(field: &str, message: &str, random: &mut Random) -> Vec<u8> {
    if random.percent(10) {
        return match random.below(8) {
            0 => vec![b'x'; random.pick(&[65, 129, 201, 501, 2_001])],
            1 => vec![0xff, 0xfe],
            _ => random.pick(&HOSTILE).as_bytes().to_vec(),
        };
    }
    let sound = match field {
        "request_id" => {
            return format!("{:08x}-0000-4000-8000-000000000001", random.next() >> 32).into_bytes();
        }
        "page_token" | "etag" => "",
        "code" if message == "Unit" => "dept-tax",
        "district" => "110105",
        "topic" => "tax.invoice",
        "phone" | "contact_phone" => "13800138000",
        "social_credit_code" => "91110105MA00HTNE0R",
        "system" => "switch-1",
        "reference" => "call-17",
        "paths" => random.pick(&["number", "content", "caller", "dispatch"]),
        "off" => random.pick(&["2027-10-01/2027-10-07", "2027-01-01"]),
        "work" => random.pick(&["2027-09-26", "2027-10-09"]),
        "hours_open" => "08:30",
        "hours_close" => "17:30",
        name if name.ends_with("ticket_number") => "1910120000178",
        name if name.contains("unit") || name == "parent" => {
            random.pick(&["district-chaoyang", "dept-tax", "dept-market"])
        }
        _ => random.pick(&["某公司", "a line", "增值税发票开具问题", "x"]),
    };
    sound.as_bytes().to_vec()
}
