//! The fingerprint of an intake request, and the identity to encrypt. Everything but the vault uses the screened texts:
//! the first event, the comparison with an earlier request of the same source, and the fingerprint.

use serde::Serialize;

use crate::access::Permit;
use crate::closed_loop::create_ticket::{NamedCall, ScreenedTicket};
use crate::platform::Fault;
use crate::platform::idempotency::fingerprint;
use crate::ticket::pii::MaskedText;
use crate::ticket::{
    CallId, CallerIdentity, Category, Channel, Complexity, Instant, Source, TicketNumber, UnitCode,
};

/// The parts that make two requests the same: everything but the caller, and the text that was taken out.
#[derive(Serialize)]
struct Comparable<'a> {
    category: Category,
    complexity: Complexity,
    has_several_units: bool,
    topic: Option<&'a str>,
    district: Option<&'a str>,
    industry: Option<&'a str>,
    subject: &'a str,
    content: &'a str,
    channel: Channel,
    source: Option<&'a Source>,
    call_began_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_to_end_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<&'a CallId>,
    chosen_confidential: Option<bool>,
    accused_units: &'a [UnitCode],
    #[serde(skip_serializing_if = "Option::is_none")]
    follows: Option<TicketNumber>,
}

impl ScreenedTicket {
    /// The fingerprint that identifies repeats of the request. A repeat that differs only in the caller has the same
    /// one. So the answer does not show whether a guess about the caller is right.
    ///
    /// # Errors
    /// An internal error if the request can't be serialised.
    pub fn fingerprint(&self, permit: &Permit) -> Result<String, Fault> {
        let (create, texts) = (&self.create, &self.texts);
        let (end_to_end_id, call) = match &create.named_call {
            NamedCall::BySource { end_to_end_id } => (end_to_end_id.as_deref(), None),
            NamedCall::ById(call) => (None, Some(call)),
        };
        let comparable = Comparable {
            category: create.category,
            complexity: create.complexity,
            has_several_units: create.has_several_units,
            topic: create.topic.as_deref(),
            district: create.district.as_deref(),
            industry: texts.industry.as_deref(),
            subject: &texts.subject.text,
            content: &texts.content.text,
            channel: create.channel,
            source: create.source.as_ref(),
            call_began_at: create.call_began_at,
            end_to_end_id,
            call,
            chosen_confidential: create.chosen_confidential,
            accused_units: &create.accused_units,
            follows: create.follows,
        };
        let bytes = serde_json::to_vec(&comparable)
            .map_err(|error| Fault::internal(format!("a fingerprint: {error}")))?;
        Ok(fingerprint(permit.method().path, permit.unit().map(UnitCode::as_str), &bytes))
    }

    /// Who called, with the original texts if something was taken out of them.
    pub(super) fn identity_to_encrypt(&self) -> CallerIdentity {
        let (create, texts) = (&self.create, &self.texts);
        let original =
            |given: &String, screened: &MaskedText| (screened.text != *given).then(|| given.clone());
        CallerIdentity {
            subject: original(&create.subject, &texts.subject),
            content: original(&create.content, &texts.content),
            ..create.identity.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use hotline_proto::METHODS;
    use hotline_proto::v1::Role;

    use super::*;
    use crate::access::Caller;
    use crate::closed_loop::create_ticket::CreateTicket;
    use crate::closed_loop::fixture::*;

    fn fingerprint_of(create: CreateTicket) -> String {
        let caller = Caller { principal: "agent".to_owned(), roles: vec![Role::Agent], ..Caller::default() };
        let row = METHODS.iter().find(|row| row.method == "CreateTicket").expect("a method");
        let permit = Permit::grant(caller, row).expect("agents take in");
        ScreenedTicket::from(create).fingerprint(&permit).expect("it can be written down")
    }

    fn from(name: &str) -> CreateTicket {
        let identity = CallerIdentity { contact_name: Some(name.to_owned()), ..CallerIdentity::default() };
        CreateTicket {
            content: format!("{name}来电"), industry: Some(name.to_owned()), identity, ..appeal()
        }
    }

    #[test]
    fn no_guess_at_the_caller_changes_the_fingerprint() {
        let first = fingerprint_of(from("欧阳示例"));
        assert_eq!(fingerprint_of(from("司马示例")), first);
        assert_ne!(fingerprint_of(appeal()), first);
    }

    #[test]
    fn every_other_field_changes_the_fingerprint() {
        let first = fingerprint_of(appeal());
        let at = Desk::open().now;
        let source = Source { owner: None, system: "switch".to_owned(), reference: "1".to_owned() };
        for other in [
            CreateTicket { category: Category::Consultation, ..appeal() },
            CreateTicket { complexity: Complexity::Complex, ..appeal() },
            CreateTicket { has_several_units: true, ..appeal() },
            CreateTicket { topic: None, ..appeal() },
            CreateTicket { district: None, ..appeal() },
            CreateTicket { industry: Some("餐饮".to_owned()), ..appeal() },
            CreateTicket { subject: "其他".to_owned(), ..appeal() },
            CreateTicket { content: "其他".to_owned(), ..appeal() },
            CreateTicket { channel: Channel::App, ..appeal() },
            CreateTicket { source: Some(source), ..appeal() },
            CreateTicket { call_began_at: Some(at), ..appeal() },
            CreateTicket { chosen_confidential: Some(false), ..appeal() },
            CreateTicket { accused_units: vec![code(LEAD)], ..appeal() },
            CreateTicket { follows: Some(number(1)), ..appeal() },
        ] {
            assert_ne!(fingerprint_of(other.clone()), first, "{other:?}");
        }
    }
}
