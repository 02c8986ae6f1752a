//! Who called, as somebody who may know it is shown it: numbers and codes in normal form, with how they were read.

use hotline_proto::v1 as pb;

use crate::rpc::enums::ContractEnum;
use crate::ticket::CallerIdentity;
use crate::ticket::codes::{Certificate, CodeReading, PhoneReading, UnverifiedReason};

/// A caller as the contract has it.
pub(in crate::rpc) fn encode(identity: &CallerIdentity) -> pb::Caller {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let certificate_reading = identity.certificate.as_ref().map(|one| (one, one.reading()));
    pb::Caller {
        enterprise: Some(pb::Enterprise {
            name: text(&identity.enterprise_name),
            social_credit_code: text(&identity.social_credit_code),
        }),
        contact: Some(pb::Contact {
            name: text(&identity.contact_name),
            phone: text(&identity.contact_phone),
        }),
        subject: text(&identity.subject),
        content: text(&identity.content),
        code_reading: identity.code_reading().map(|(given, read)| code_reading(given, &read)),
        phone_reading: identity.phone_reading().map(|(given, read)| phone_reading(given, read)),
        certificate: certificate_reading.as_ref().map(|(one, read)| certificate(one, read)),
        certificate_reading: certificate_reading.map(|(one, read)| code_reading(&one.number, &read)),
    }
}

fn certificate(one: &Certificate, read: &CodeReading) -> pb::Certificate {
    pb::Certificate {
        kind: one.kind.or(read.kind).map_or(0, ContractEnum::number),
        number: read.normal.clone().unwrap_or_else(|| one.number.clone()),
    }
}

fn verification(reason: Option<UnverifiedReason>) -> pb::Verification {
    if reason.is_none() { pb::Verification::Verified } else { pb::Verification::Unverified }
}

fn phone_reading(given: &str, read: PhoneReading) -> pb::PhoneReading {
    pb::PhoneReading {
        given: given.to_owned(),
        verification: verification(read.reason) as i32,
        unverified_reason: read.reason.map_or(0, ContractEnum::number),
        kind: read.kind.map_or(0, ContractEnum::number),
        main_number: read.main.unwrap_or_default(),
    }
}

fn code_reading(given: &str, read: &CodeReading) -> pb::CodeReading {
    pb::CodeReading {
        given: given.to_owned(),
        verification: verification(read.reason) as i32,
        unverified_reason: read.reason.map_or(0, ContractEnum::number),
        kind: read.kind.map_or(0, ContractEnum::number),
    }
}
