//! Who called. It is kept apart from the ticket and its events.

use super::codes::{Certificate, CodeReading, PhoneReading, UnverifiedReason};

/// Who called. Kept apart from the ticket and its events.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields; absent is `None`")]
pub struct CallerIdentity {
    pub enterprise_name: Option<String>,
    /// In normal form; as it was given if it has none.
    pub social_credit_code: Option<String>,
    pub contact_name: Option<String>,
    /// In normal form; as it was given if it has none.
    pub contact_phone: Option<String>,
    /// The original subject, if a part of it was replaced on the ticket.
    pub subject: Option<String>,
    /// The original content, if a part of it was replaced on the ticket.
    pub content: Option<String>,
    /// The code as it was given, if that is not its normal form.
    pub given_code: Option<String>,
    /// The telephone number as it was given, likewise.
    pub given_phone: Option<String>,
    /// A certificate of another kind.
    pub certificate: Option<Certificate>,
    /// Where the company wishes to get messages.
    pub email: Option<String>,
}

/// Shows whether anybody was named, but never who, because printed values end up in logs.
impl std::fmt::Debug for CallerIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_empty() { "CallerIdentity(nobody)" } else { "CallerIdentity(not printed)" })
    }
}

impl CallerIdentity {
    /// Whether nobody was named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Keeps a code as it was given, beside its normal form.
    pub fn set_code(&mut self, given: Option<String>) {
        let normal = given.as_deref().and_then(|given| CodeReading::of(given).normal);
        (self.social_credit_code, self.given_code) = kept(given, normal);
    }

    /// Keeps a telephone number as it was given, beside its normal form.
    pub fn set_phone(&mut self, given: Option<String>) {
        let normal = given.as_deref().and_then(|given| PhoneReading::of(given).normal);
        (self.contact_phone, self.given_phone) = kept(given, normal);
    }

    /// The code as it was given, and how it is read.
    #[must_use]
    pub fn code_reading(&self) -> Option<(&str, CodeReading)> {
        let given = self.given_code.as_deref().or(self.social_credit_code.as_deref())?;
        Some((given, CodeReading::of(given)))
    }

    /// The telephone number as it was given, and how it is read.
    #[must_use]
    pub fn phone_reading(&self) -> Option<(&str, PhoneReading)> {
        let given = self.given_phone.as_deref().or(self.contact_phone.as_deref())?;
        Some((given, PhoneReading::of(given)))
    }

    /// The fields of a request whose number or code is kept without being verified. Pure: it depends on what is given
    /// alone, so that the same request has the same ones whatever was taken in before.
    #[must_use]
    pub fn unverified(&self) -> Vec<(&'static str, UnverifiedReason)> {
        let code = self.code_reading().and_then(|(_, read)| read.reason);
        let phone = self.phone_reading().and_then(|(_, read)| read.reason);
        let certificate = self.certificate.as_ref().and_then(|one| one.reading().reason);
        [
            ("enterprise.social_credit_code", code),
            ("contact.phone", phone),
            ("certificate.number", certificate),
        ]
        .into_iter()
        .filter_map(|(field, reason)| reason.map(|reason| (field, reason)))
        .collect()
    }
}

/// A text in normal form, if it has one, and as it was given, if that is another text.
fn kept(given: Option<String>, normal: Option<String>) -> (Option<String>, Option<String>) {
    match normal {
        Some(normal) => {
            let given = given.filter(|given| *given != normal);
            (Some(normal), given)
        }
        None => (given, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_as_they_came_beside_their_normal_form() {
        for (given, phone, kept) in [
            (None, None, None),
            (Some("13800138000"), Some("13800138000"), None),
            (Some("010—8234 5678 分机801"), Some("010-82345678-801"), Some("010—8234 5678 分机801")),
            (Some("anonymous"), Some("anonymous"), None),
        ] {
            let mut caller = CallerIdentity::default();
            caller.set_phone(given.map(str::to_owned));
            assert_eq!((caller.contact_phone.as_deref(), caller.given_phone.as_deref()), (phone, kept));
            assert_eq!(caller.phone_reading().map(|(text, _)| text.to_owned()).as_deref(), given);
        }
        let mut caller = CallerIdentity::default();
        caller.set_code(Some("9111 0000 6000 3734 10".to_owned()));
        assert_eq!(caller.social_credit_code.as_deref(), Some("911100006000373410"));
        assert_eq!(caller.given_code.as_deref(), Some("9111 0000 6000 3734 10"));
        assert_eq!(
            caller.unverified(),
            [("enterprise.social_credit_code", UnverifiedReason::CheckCharacterWrong)]
        );
        assert_eq!(format!("{caller:?}"), "CallerIdentity(not printed)");
    }
}
