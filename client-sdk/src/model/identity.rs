//! Who called, and the source of a ticket.
//!
//! A caller's identity is withheld from everyone who need not know it, so none of it is printed: `Debug` only shows
//! that something is there. Serialization with serde does hold it, because a caller's own system may have to store it.

use std::fmt;

use super::{CertificateKind, CodeReading, PhoneReading};
use crate::convert::{record, writable};

record! {
    /// The system that a ticket was created from, and its own reference. Together they are the ticket's natural key: a
    /// second intake with the same pair returns the first ticket.
    #[derive(Debug, Clone, PartialEq, Eq)]
    Source = Source {
        /// The system, for example `switch-3`. At most 64 characters of `[A-Za-z0-9._-]`.
        system: String,
        /// Its reference, for example the switch's call id. At most 128 visible ASCII characters.
        reference: String,
    }
}
writable!(Source = Source { system, reference });

impl Source {
    /// The reference of a system.
    pub fn new(system: impl Into<String>, reference: impl Into<String>) -> Self {
        Self { system: system.into(), reference: reference.into() }
    }
}

record! {
    /// The company that makes the request.
    #[derive(Clone, PartialEq, Eq)]
    Enterprise = Enterprise {
        /// Its name. At most 200 characters.
        name: String,
        /// Its unified social credit code (统一社会信用代码, GB 32100), in any writing; `None` if an
        /// individual calls on the company's behalf. In answers the normal form, or the text as it came.
        social_credit_code: Option<String>,
    }
}
writable!(Enterprise = Enterprise { name, social_credit_code });

impl Enterprise {
    /// A company without a known code.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), social_credit_code: None }
    }
}

record! {
    /// The person to speak to.
    #[derive(Clone, PartialEq, Eq)]
    Contact = Contact {
        /// The name. At most 64 characters.
        name: String,
        /// A telephone number in any writing. In answers the normal form, or the text as it came.
        phone: String,
    }
}
writable!(Contact = Contact { name, phone });

impl Contact {
    /// A person with a telephone number.
    pub fn new(name: impl Into<String>, phone: impl Into<String>) -> Self {
        Self { name: name.into(), phone: phone.into() }
    }
}

record! {
    /// A certificate of a company or a person, other than the unified social credit code.
    #[derive(Clone, PartialEq, Eq)]
    Certificate = Certificate {
        /// What it is; `None`: as the form of the number tells.
        kind: Option<CertificateKind>,
        /// Its number, in any writing. In answers the normal form, or the text as it came.
        number: String,
    }
}
writable!(Certificate = Certificate { kind, number });

record! {
    /// Who called.
    #[derive(Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Caller = Caller {
        /// The company.
        enterprise: Option<Enterprise>,
        /// The person to speak to.
        contact: Option<Contact>,
        /// The original subject, if text was taken out of it on the ticket.
        subject: Option<String>,
        /// The original content, if text was taken out of it on the ticket.
        content: Option<String>,
        /// How the company's code was read.
        code_reading: Option<CodeReading>,
        /// How the telephone number was read.
        phone_reading: Option<PhoneReading>,
        /// A certificate of another kind that the caller named.
        certificate: Option<Certificate>,
        /// How its number was read.
        certificate_reading: Option<CodeReading>,
    }
}

record! {
    /// Who called was completed or corrected. The event never says what a field held or holds.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CallerUpdated = CallerUpdated {
        /// The fields that were given, for example `contact.phone`. Empty for a unit if the ticket is confidential, and
        /// for analysts.
        fields: Vec<String>,
        /// Whether text was taken out of the subject. Shown to hotline staff only, as the next field.
        subject_changed: bool,
        /// Whether text was taken out of the content.
        content_changed: bool,
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate(not printed)")
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller(not printed)")
    }
}

impl fmt::Debug for Enterprise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enterprise(not printed)")
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(not printed)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PhoneKind, Verification};

    #[test]
    fn printing_a_caller_gives_nothing_away() {
        let caller = Caller {
            enterprise: Some(Enterprise { name: "Acme".into(), social_credit_code: Some("9111".into()) }),
            contact: Some(Contact { name: "Li".into(), phone: "13800000000".into() }),
            subject: Some("Li of Acme".into()),
            content: None,
            code_reading: None,
            phone_reading: Some(PhoneReading {
                given: "138 0000 0000".into(),
                verification: Verification::Verified,
                unverified_reason: None,
                kind: Some(PhoneKind::Mobile),
                main_number: None,
            }),
            certificate: Some(Certificate { kind: None, number: "E12345678".into() }),
            certificate_reading: None,
        };
        let printed =
            format!("{caller:?} {:?} {:?} {:?}", caller.contact, caller.phone_reading, caller.certificate);
        for secret in ["Acme", "9111", "Li", "138", "E1234"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
