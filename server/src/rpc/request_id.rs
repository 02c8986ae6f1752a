//! The canonical form of a request id: the same UUID in upper case, in braces or as `urn:uuid:…` is the same request.

/// The number of the field `request_id` in every request that has one. A guard checks it against the contract.
pub const REQUEST_ID_FIELD: u32 = 1;

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
    fn a_request_without_an_id_stays_as_it_is() {
        let bytes = request("").encode_to_vec();
        assert_eq!(with_canonical_id(bytes.clone(), "", ID), bytes);
    }
}
