//! A completion or correction of who called.

use serde::{Deserialize, Serialize};

use super::{CallerIdentity, TextMark};

/// A field about the caller. Stored in events, so that a name never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub enum CallerField {
    EnterpriseName,
    SocialCreditCode,
    ContactName,
    ContactPhone,
    Certificate,
    Industry,
}

impl CallerField {
    /// Every field, in the order of the contract.
    pub const ALL: [Self; 6] = [
        Self::EnterpriseName,
        Self::SocialCreditCode,
        Self::ContactName,
        Self::ContactPhone,
        Self::Certificate,
        Self::Industry,
    ];

    /// Its name in the request of the contract.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::EnterpriseName => "enterprise.name",
            Self::SocialCreditCode => "enterprise.social_credit_code",
            Self::ContactName => "contact.name",
            Self::ContactPhone => "contact.phone",
            Self::Certificate => "certificate",
            Self::Industry => "industry",
        }
    }
}

/// What is given about a caller: the fields to replace, and their new values. A field without a value is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerUpdate {
    /// The fields to replace, each once.
    pub fields: Vec<CallerField>,
    /// The values of the fields that are encrypted.
    pub given: CallerIdentity,
    /// The industry, which stands on the ticket.
    pub industry: Option<String>,
}

impl CallerUpdate {
    /// An update of every field that has a value.
    #[must_use]
    pub fn of_given(given: CallerIdentity, industry: Option<String>) -> Self {
        let update = Self { fields: Vec::new(), given, industry };
        let fields = CallerField::ALL.into_iter().filter(|field| update.has_value(*field)).collect();
        Self { fields, ..update }
    }

    /// The same update without some fields.
    #[must_use]
    pub fn without(mut self, fields: &[CallerField]) -> Self {
        self.fields.retain(|field| !fields.contains(field));
        let mut given = CallerIdentity::default();
        self.put_into(&mut given);
        let industry = self.industry.filter(|_| self.fields.contains(&CallerField::Industry));
        Self { fields: self.fields, given, industry }
    }

    /// Whether the value of a field is there.
    #[must_use]
    pub const fn has_value(&self, field: CallerField) -> bool {
        match field {
            CallerField::EnterpriseName => self.given.enterprise_name.is_some(),
            CallerField::SocialCreditCode => self.given.social_credit_code.is_some(),
            CallerField::ContactName => self.given.contact_name.is_some(),
            CallerField::ContactPhone => self.given.contact_phone.is_some(),
            CallerField::Certificate => self.given.certificate.is_some(),
            CallerField::Industry => self.industry.is_some(),
        }
    }

    /// Replaces the fields of an identity. The industry is none of its fields.
    pub fn put_into(&self, caller: &mut CallerIdentity) {
        let given = &self.given;
        for field in &self.fields {
            match field {
                CallerField::EnterpriseName => caller.enterprise_name.clone_from(&given.enterprise_name),
                CallerField::SocialCreditCode => {
                    caller.social_credit_code.clone_from(&given.social_credit_code);
                    caller.given_code.clone_from(&given.given_code);
                }
                CallerField::ContactName => caller.contact_name.clone_from(&given.contact_name),
                CallerField::ContactPhone => {
                    caller.contact_phone.clone_from(&given.contact_phone);
                    caller.given_phone.clone_from(&given.given_phone);
                }
                CallerField::Certificate => caller.certificate.clone_from(&given.certificate),
                CallerField::Industry => {}
            }
        }
    }
}

/// An update as an event. It holds nothing of the identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerUpdated {
    /// The fields that were given, whether they changed or not.
    pub fields: Vec<CallerField>,
    /// The industry, if it is one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    /// The texts without what the given values identify; `None` if nothing was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts: Option<UpdatedTexts>,
}

/// Texts from which something was taken out after the intake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdatedTexts {
    /// The subject, if something was taken out of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The content, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Every mark of both texts as they are now.
    pub text_marks: Vec<TextMark>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> CallerIdentity {
        let mut given =
            CallerIdentity { contact_name: Some("欧阳示例".to_owned()), ..CallerIdentity::default() };
        given.set_phone(Some("010—8234 5678".to_owned()));
        given
    }

    #[test]
    fn only_the_named_fields_are_replaced() {
        let mut caller = CallerIdentity { enterprise_name: Some("蓝鹊示例".to_owned()), ..given() };
        caller.set_code(Some("91110000600037341L".to_owned()));
        let other =
            CallerIdentity { contact_name: Some("司马示例".to_owned()), ..CallerIdentity::default() };
        let fields = vec![CallerField::ContactName, CallerField::ContactPhone];
        CallerUpdate { fields, given: other, industry: None }.put_into(&mut caller);
        assert_eq!(caller.contact_name.as_deref(), Some("司马示例"));
        assert_eq!((&caller.contact_phone, &caller.given_phone), (&None, &None), "named, and empty");
        assert_eq!(caller.enterprise_name.as_deref(), Some("蓝鹊示例"));
        assert!(caller.social_credit_code.is_some());
    }

    #[test]
    fn what_is_on_record_is_left_out() {
        let update = CallerUpdate::of_given(given(), Some("批发".to_owned()));
        let all = [CallerField::ContactName, CallerField::ContactPhone, CallerField::Industry];
        assert_eq!(update.fields, all);
        let rest = update.without(&[CallerField::ContactName, CallerField::Industry]);
        assert_eq!(rest.fields, [CallerField::ContactPhone]);
        assert_eq!((rest.given.contact_name, rest.industry), (None, None));
        assert_eq!(rest.given.given_phone.as_deref(), Some("010—8234 5678"));
    }
}
