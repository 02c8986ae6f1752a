//! A certificate as the text of one cell: the word of its kind, a space, and its number. So the kind is encrypted too.

use crate::ticket::codes::{Certificate, CertificateKind};

/// Each kind with its word in the cell. Stored words never change.
const WORDS: [(CertificateKind, &str); 8] = [
    (CertificateKind::SocialCreditCode, "social_credit_code"),
    (CertificateKind::RegistrationNumber, "registration_number"),
    (CertificateKind::OrganisationCode, "organisation_code"),
    (CertificateKind::TaxNumber, "tax_number"),
    (CertificateKind::ResidentId, "resident_id"),
    (CertificateKind::ForeignRegistration, "foreign_registration"),
    (CertificateKind::TravelDocument, "travel_document"),
    (CertificateKind::Other, "other"),
];
/// Stands for a certificate whose kind the caller did not say.
const UNSAID: &str = "unsaid";

/// The text of a certificate's cell.
pub(super) fn text(certificate: &Certificate) -> String {
    let word =
        WORDS.iter().find(|(kind, _)| Some(*kind) == certificate.kind).map_or(UNSAID, |(_, word)| word);
    format!("{word} {}", certificate.number)
}

/// The certificate of a cell's text. A word of a later version is a kind that nobody said.
pub(super) fn read(cell: &str) -> Certificate {
    let (word, number) = cell.split_once(' ').unwrap_or((UNSAID, cell));
    let kind = WORDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind);
    Certificate { kind, number: number.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_comes_back() {
        let kinds = WORDS.iter().map(|(kind, _)| Some(*kind)).chain([None]);
        for kind in kinds {
            let certificate = Certificate { kind, number: "民许 2019-7".to_owned() };
            let back = read(&text(&certificate));
            assert!(back == certificate, "{kind:?}");
        }
    }
}
