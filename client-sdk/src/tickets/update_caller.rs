//! Completes or corrects who called.

use std::fmt;

use hotline_proto::v1;
use uuid::Uuid;

use super::Tickets;
use crate::call::Command;
use crate::convert::{IntoProto as _, setters};
use crate::error::Error;
use crate::model::{Certificate, UpdatedCaller};

impl Tickets {
    /// Completes or corrects who called. For agents, and for telephony about a ticket that it took in itself.
    ///
    /// # Errors
    /// `TEXT_TRIES_EXHAUSTED` (for an industry that names the caller), and those of every command.
    pub async fn update_caller(&self, command: UpdateCaller) -> Result<UpdatedCaller, Error> {
        self.0.command(command).await
    }
}

/// Completes or corrects who called. `None` leaves a field as it is, and an empty text removes it.
///
/// ```
/// use hotline_client::UpdateCaller;
///
/// let mut command = UpdateCaller::new("1910120000012");
/// command.enterprise_name = Some("Blue Magpie Trading".into());
/// command.contact_phone = Some("010-82345678 ext 801".into());
/// assert_eq!(command.contact_name, None, "the name on record stays");
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct UpdateCaller {
    /// The number of the ticket, as printed or with spaces or hyphens.
    pub ticket_number: String,
    /// The name of the company, at most 200 characters.
    pub enterprise_name: Option<String>,
    /// The unified social credit code, in any writing.
    pub social_credit_code: Option<String>,
    /// The company's industry, at most 64 characters.
    pub industry: Option<String>,
    /// The name of the person to speak to, at most 64 characters.
    pub contact_name: Option<String>,
    /// The telephone number, in any writing.
    pub contact_phone: Option<String>,
    /// A certificate other than the social credit code. One without a number removes it.
    pub certificate: Option<Certificate>,
    /// The etag that you have read, so that the command fails if the ticket has changed since.
    pub etag: Option<String>,
    /// `None` lets the library choose it. Set it to repeat a command whose answer was lost. A repeat is not compared in
    /// the values.
    pub request_id: Option<Uuid>,
}

impl UpdateCaller {
    /// An update that changes nothing yet.
    pub fn new(ticket_number: impl Into<String>) -> Self {
        Self {
            ticket_number: ticket_number.into(),
            enterprise_name: None,
            social_credit_code: None,
            industry: None,
            contact_name: None,
            contact_phone: None,
            certificate: None,
            etag: None,
            request_id: None,
        }
    }
}

setters! {
    UpdateCaller {
        ticket_number: String,
        enterprise_name: Option<String>,
        social_credit_code: Option<String>,
        industry: Option<String>,
        contact_name: Option<String>,
        contact_phone: Option<String>,
        certificate: Option<Certificate>,
        etag: Option<String>,
        request_id: Option<Uuid>,
    }
}

/// Who called is not printed, because printed values end up in logs.
impl fmt::Debug for UpdateCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateCaller").field("ticket_number", &self.ticket_number).finish_non_exhaustive()
    }
}

impl Command for UpdateCaller {
    type Request = v1::UpdateCallerRequest;
    type Changed = UpdatedCaller;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        let set = [
            ("enterprise.name", self.enterprise_name.is_some()),
            ("enterprise.social_credit_code", self.social_credit_code.is_some()),
            ("contact.name", self.contact_name.is_some()),
            ("contact.phone", self.contact_phone.is_some()),
            ("certificate", self.certificate.is_some()),
            ("industry", self.industry.is_some()),
        ];
        let paths = set.into_iter().filter(|(_, is_set)| *is_set).map(|(path, _)| path.to_owned()).collect();
        v1::UpdateCallerRequest {
            request_id,
            ticket_number: self.ticket_number,
            etag: self.etag.into_proto(),
            enterprise: Some(v1::Enterprise {
                name: self.enterprise_name.into_proto(),
                social_credit_code: self.social_credit_code.into_proto(),
            }),
            contact: Some(v1::Contact {
                name: self.contact_name.into_proto(),
                phone: self.contact_phone.into_proto(),
            }),
            certificate: self.certificate.into_proto(),
            industry: self.industry.into_proto(),
            update_mask: Some(prost_types::FieldMask { paths }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_names_what_is_set() {
        let mut command = UpdateCaller::new("1910120000012");
        command.contact_name = Some(String::new());
        command.enterprise_name = Some("Acme".into());
        assert!(!format!("{command:?}").contains("Acme"));
        let request = command.into_request("id".to_owned());
        let mask = request.update_mask.expect("a mask").paths;
        assert_eq!(mask, ["enterprise.name", "contact.name"]);
    }
}
