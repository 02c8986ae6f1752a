//! `FindSimilarTickets`.

use hotline_proto::v1 as pb;

use super::KnowledgeApi;
use super::question::{QuestionFields, similarity};
use crate::access::Permit;
use crate::desk::suggest::find_similar_tickets::SimilarOffer;
use crate::desk::suggest::similar::SimilarFound;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::scalars::count;

/// Tickets of an answer by default, and at most.
const TICKETS_DEFAULT: usize = 10;
const TICKETS_MAX: usize = 100;

impl Handler<KnowledgeApi> for pb::FindSimilarTicketsRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let Self { ticket_number, subject, content, topic, district, .. } = self;
        let asked = QuestionFields { ticket_number, subject, content, topic, district }.read(&mut fields);
        let tickets_max = match usize::try_from(self.tickets_max) {
            Ok(0) => TICKETS_DEFAULT,
            Ok(max) => max.min(TICKETS_MAX),
            Err(_) => {
                fields.wrong("tickets_max", "is not negative");
                TICKETS_DEFAULT
            }
        };
        let asked = fields.finish(asked)?;
        let found = api.suggestions.find_similar_tickets(permit, &asked, self.open_only, tickets_max).await?;
        Ok(pb::FindSimilarTicketsResponse {
            tickets: found.tickets.iter().map(|(similar, offer)| encode(similar, *offer)).collect(),
            open_with_same_cause_count: count(found.open_with_same_cause),
            supervisor_hint: found.is_for_supervisor,
        })
    }
}

/// Only staff may ask, so the texts are those of staff.
fn encode(one: &SimilarFound, offer: SimilarOffer) -> pb::SimilarTicket {
    let ticket = &one.ticket;
    pb::SimilarTicket {
        ticket_number: ticket.number.to_string(),
        subject: ticket.staff_subject().to_owned(),
        state: ticket.state.number(),
        similarity: similarity(one.similarity),
        shared_texts: one.shared.clone(),
        same_district: one.has_same_district,
        same_topic: one.has_same_topic,
        days_apart: count(one.days_apart),
        offer: offer.number(),
    }
}
