//! What requests say of the caller, and the warnings about it.

use hotline_proto::v1 as pb;

use super::limits::{LINE_CHARS_MAX, NAME_CHARS_MAX};
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::Fields;
use crate::ticket::CallerIdentity;
use crate::ticket::codes::{self, Certificate};

/// Who called, as a request says it.
pub(super) fn identity(
    enterprise: Option<&pb::Enterprise>,
    contact: Option<&pb::Contact>,
    certificate: Option<&pb::Certificate>,
    fields: &mut Fields,
) -> CallerIdentity {
    let mut identity = CallerIdentity::default();
    if let Some(enterprise) = enterprise {
        identity.enterprise_name = fields.optional("enterprise.name", &enterprise.name, LINE_CHARS_MAX);
        identity.set_code(codes::given(&enterprise.social_credit_code));
    }
    if let Some(contact) = contact {
        identity.contact_name = fields.optional("contact.name", &contact.name, NAME_CHARS_MAX);
        identity.set_phone(codes::given(&contact.phone));
    }
    if let Some(certificate) = certificate
        && let Some(number) = codes::given(&certificate.number)
    {
        let kind = fields.optional_choice("certificate.kind", certificate.kind);
        identity.certificate = Some(Certificate { kind, number });
    }
    identity
}

/// The warnings about a request. They come from this request alone, and not from what is on record: its sender gets
/// nothing else.
pub(super) fn warnings(given: &CallerIdentity) -> Vec<pb::IntakeWarning> {
    let unverified = given.unverified().into_iter();
    unverified
        .map(|(field, reason)| pb::IntakeWarning { field: field.to_owned(), reason: reason.number() })
        .collect()
}
