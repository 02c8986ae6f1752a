//! What a caller's own texts become at intake: masked on the ticket, as they were given in the vault. Pure.

use super::create_ticket::CreateTicket;
use crate::ticket::CallerIdentity;
use crate::ticket::pii::{self, MaskedText};

impl CreateTicket {
    /// Its subject and its content without what says who somebody is: all that leaves the vault.
    #[must_use]
    pub fn screened(&self) -> [MaskedText; 2] {
        [&self.subject, &self.content].map(|text| pii::mask(text, &self.identity))
    }

    /// Its industry likewise. What is taken out of it is kept nowhere: a name is no industry.
    #[must_use]
    pub fn screened_industry(&self) -> Option<String> {
        self.industry.as_ref().map(|industry| pii::mask(industry, &self.identity).text)
    }

    /// Who called, with the texts as they were given where something was taken out of them.
    pub(super) fn identity_to_encrypt(&self) -> CallerIdentity {
        let [subject, content] = self.screened();
        let original =
            |given: &String, screened: MaskedText| (screened.text != *given).then(|| given.clone());
        CallerIdentity {
            subject: original(&self.subject, subject),
            content: original(&self.content, content),
            ..self.identity.clone()
        }
    }
}
