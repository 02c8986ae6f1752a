//! `CreateTicket`: its request as a command. It is the only verb without an existing ticket.

use hotline_proto::v1 as pb;
use hotline_proto::v1::Role;

use super::caller_fields::{identity, warnings};
use super::limits::{LINE_CHARS_MAX, NAME_CHARS_MAX, TEXT_CHARS_MAX, accused_units};
use super::visible;
use crate::access::Permit;
use crate::closed_loop::create_ticket::{CreateTicket, NamedCall, ScreenedTicket};
use crate::desk::free_text::without_names;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::ticket::TicketApi;
use crate::ticket::{CallerIdentity, Category, Channel, Complexity, Source, pii};

impl Handler<TicketApi> for pb::CreateTicketRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::at(api.closed_loop.clock.now());
        let create = decode(self, permit, &mut fields);
        let warnings = warnings(&create.identity);
        let create = ScreenedTicket::from(create);
        let key = RequestKey {
            principal: permit.principal().to_owned(),
            request_id: fields.request_id(&self.request_id),
            fingerprint: create.fingerprint(permit)?,
        };
        fields.finish(())?;
        let ticket = api.closed_loop.create_ticket(permit.clone(), key, create).await?;
        Ok(pb::CreateTicketResponse { ticket: Some(visible(permit, &ticket)), warnings })
    }
}

fn decode(request: &pb::CreateTicketRequest, permit: &Permit, fields: &mut Fields) -> CreateTicket {
    // The fallbacks need no other field, so that a wrong choice is one violation, not two.
    let category = fields.choice("category", request.category, Category::ComplaintReport);
    let channel = fields.choice("channel", request.channel, Channel::Web);
    if Channel::of(request.channel).is_some() {
        check_channel(channel, permit, fields);
    }
    let source = source(request.source.as_ref(), permit, fields);
    let call_began_at = fields.past_time("call_start_time", request.call_start_time.as_ref());
    if channel == Channel::Telephone && request.call_start_time.is_none() {
        fields.wrong("call_start_time", "is required for a call");
    }
    let named_call = named_call(request, permit, channel == Channel::Telephone && source.is_some(), fields);
    let create = CreateTicket {
        category,
        complexity: fields.choice("complexity", request.complexity, Complexity::General),
        has_several_units: request.several_units,
        topic: fields.topic("topic", &request.topic),
        district: fields.district("district", &request.district),
        industry: fields.optional("industry", &request.industry, NAME_CHARS_MAX),
        subject: fields.text("subject", &request.subject, 1..=LINE_CHARS_MAX, Lines::One),
        content: fields.text("content", &request.content, 1..=TEXT_CHARS_MAX, Lines::Many),
        channel,
        source,
        call_began_at,
        named_call,
        chosen_confidential: request.confidential,
        accused_units: accused_units(category, &request.accused_units, fields),
        follows: (!request.follows_ticket_number.is_empty())
            .then(|| fields.number("follows_ticket_number", &request.follows_ticket_number)),
        identity: identity(
            request.enterprise.as_ref(),
            request.contact.as_ref(),
            request.certificate.as_ref(),
            fields,
        ),
    };
    check_topic(create.topic.as_deref(), &create.identity, fields);
    create
}

/// The call that a request names: by its source, or by the id of the call.
fn named_call(
    request: &pb::CreateTicketRequest,
    permit: &Permit,
    is_call: bool,
    fields: &mut Fields,
) -> NamedCall {
    let end_to_end_id = (!request.call_end_to_end_id.is_empty())
        .then(|| fields.source_reference("call_end_to_end_id", &request.call_end_to_end_id));
    if end_to_end_id.is_some() && !is_call {
        fields.wrong("call_end_to_end_id", "is for TELEPHONE with a source");
    }
    if request.call_id.is_empty() {
        return NamedCall::BySource { end_to_end_id };
    }
    if permit.unit().is_some() {
        fields.wrong("call_id", "is for hotline staff and telephony");
    }
    if is_call {
        fields.wrong("call_id", "is not given with a source of TELEPHONE, which names the call");
    }
    NamedCall::ById(fields.call_id("call_id", &request.call_id))
}

/// A topic must be a code of the tree, not a number or the caller's code. Names are not searched, because a short name
/// in Latin letters can be part of a topic by chance.
fn check_topic(topic: Option<&str>, identity: &CallerIdentity, fields: &mut Fields) {
    let numbers = without_names(identity);
    if topic.is_some_and(|topic| !pii::find(topic, &numbers).is_empty()) {
        fields.wrong("topic", "is a code of the topic tree, and nobody's number");
    }
}

/// The caller's own channel: telephone for telephony, partner for a unit.
fn own_channel(permit: &Permit) -> Channel {
    if permit.has(Role::Telephony) { Channel::Telephone } else { Channel::Partner }
}

/// Staff may use any channel, other callers only their own.
fn check_channel(channel: Channel, permit: &Permit, fields: &mut Fields) {
    if !permit.has(Role::Agent) && channel != own_channel(permit) {
        fields.wrong("channel", "telephony creates TELEPHONE, a unit creates PARTNER");
    }
}

fn source(source: Option<&pb::Source>, permit: &Permit, fields: &mut Fields) -> Option<Source> {
    let Some(source) = source else {
        if permit.has(Role::Telephony) && !permit.has(Role::Agent) {
            fields.wrong("source", "is required for telephony: the switch and its call id");
        }
        return None;
    };
    Some(Source {
        owner: permit.unit().cloned(),
        system: fields.source_system("source.system", &source.system),
        reference: fields.source_reference("source.reference", &source.reference),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_compared_with_numbers_and_not_with_names() {
        let identity = CallerIdentity {
            enterprise_name: Some("Tax Refund".to_owned()),
            contact_name: Some("Li".to_owned()),
            contact_phone: Some("13800138000".to_owned()),
            ..CallerIdentity::default()
        };
        for (topic, is_refused) in [
            (None, false),
            (Some("licence.change"), false),
            (Some("tax.refund"), false),
            (Some("13800138000"), true),
            (Some("13900139000"), true),
        ] {
            let mut fields = Fields::default();
            check_topic(topic, &identity, &mut fields);
            assert_eq!(fields.finish(()).is_err(), is_refused, "{topic:?}");
        }
    }
}
