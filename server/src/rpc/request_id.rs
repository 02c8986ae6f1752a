//! The canonical form of a request id: the same UUID in upper case, in braces, as `urn:uuid:…`, or as people paste
//! it, is the same request.

use uuid::Uuid;

use crate::ticket::codes::fold::fold;

/// The number of the field `request_id` in every request that has one. A guard checks it against the contract.
pub const REQUEST_ID_FIELD: u32 = 1;

/// Characters of a spelling of a request id, at most.
const TEXT_CHARS_MAX: usize = 128;

/// The request id that a text spells: digits of any width, any dashes and spaces between them, braces, quotation
/// marks or `urn:uuid:` around them.
pub(super) fn parse(text: &str) -> Option<Uuid> {
    if let Ok(id) = Uuid::try_parse(text) {
        return Some(id);
    }
    if text.chars().nth(TEXT_CHARS_MAX).is_some() {
        return None;
    }
    let text = fold(text).to_ascii_lowercase();
    let text = text.trim_matches(['"', '\'', '<', '>', '(', ')', ' ']);
    let text = text.trim_start_matches("urn:").trim_start_matches("uuid:");
    let text = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    (digits.len() == 32).then(|| Uuid::try_parse(&digits).ok()).flatten()
}

/// The bytes of a request with its id in canonical form. prost writes fields in the order of their numbers, so the id,
/// field 1, comes first.
pub(super) fn with_canonical_id(request: Vec<u8>, sent: &str, canonical: &str) -> Vec<u8> {
    let field = |id: &str| {
        let mut bytes = Vec::new();
        prost::encoding::string::encode(REQUEST_ID_FIELD, &id.to_owned(), &mut bytes);
        bytes
    };
    match request.strip_prefix(field(sent).as_slice()) {
        Some(rest) if !sent.is_empty() => [field(canonical).as_slice(), rest].concat(),
        _ => request,
    }
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1::WithdrawTicketRequest;
    use prost::Message as _;

    use super::*;

    const ID: &str = "7d0b1a52-6a5e-4a41-9a3c-0b1f0a3f6c11";

    fn request(id: &str) -> WithdrawTicketRequest {
        WithdrawTicketRequest { request_id: id.into(), ticket_number: ID.into(), ..Default::default() }
    }

    #[test]
    fn every_spelling_of_an_id_makes_the_same_bytes() {
        let canonical = request(ID).encode_to_vec();
        for spelling in [
            ID.to_owned(),
            ID.to_uppercase(),
            ID.replace('-', ""),
            format!("{{{ID}}}"),
            format!("urn:uuid:{ID}"),
        ] {
            let bytes = with_canonical_id(request(&spelling).encode_to_vec(), &spelling, ID);
            assert_eq!(bytes, canonical, "{spelling}");
        }
    }

    #[test]
    fn an_id_is_read_in_every_spelling_that_people_paste() {
        let id = Uuid::parse_str(ID).expect("an id");
        for spelling in [
            ID.to_owned(),
            ID.to_uppercase(),
            ID.replace('-', ""),
            format!("{{{}}}", ID.to_uppercase()),
            format!("URN:UUID:{}", ID.to_uppercase()),
            format!("urn:uuid:{{{ID}}}"),
            format!(" {ID}\n"),
            format!("\"{ID}\""),
            ID.replace('-', "—"),
            ID.replace('-', "\u{2011}"),
            ID.replace('-', " - "),
            format!("\u{feff}{ID}\u{200b}"),
            "７ｄ０ｂ１ａ５２－６ａ５ｅ－４ａ４１－９ａ３ｃ－０ｂ１ｆ０ａ３ｆ６ｃ１１".to_owned(),
            "｛7D0B1A52－6A5E－4A41－9A3C－0B1F0A3F6C11｝".to_owned(),
        ] {
            assert_eq!(parse(&spelling), Some(id), "{spelling:?}");
        }
        let long = format!("{ID}{}", " ".repeat(TEXT_CHARS_MAX));
        for wrong in ["", "7d0b1a52", &ID[1..], &format!("{ID}0"), &ID.replace('a', "g"), &long] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_request_without_an_id_stays_as_it_is() {
        let bytes = request("").encode_to_vec();
        assert_eq!(with_canonical_id(bytes.clone(), "", ID), bytes);
    }
}
