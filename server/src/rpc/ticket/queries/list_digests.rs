//! `ListDigests`.

use std::collections::HashMap;

use hotline_proto::v1 as pb;
use prost::Message as _;

use crate::access::{Permit, Scope};
use crate::closed_loop::queries::list_digests::ListDigests;
use crate::ledger::digests::list::{Digest, DigestCursor, DigestFilter, DigestTicket, Key};
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{count, optional_time, time};
use crate::rpc::ticket::TicketApi;
use crate::ticket::UnitCode;

impl Handler<TicketApi> for pb::ListDigestsRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let filter = filter_of(self, &permit.scope())?;
        api.queries.check_units(&[("unit", filter.unit.as_ref().map(UnitCode::as_str))]).await?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let query = ListDigests { filter, after: cursor_of(&page)?, size: page.size };
        let found = api.queries.list_digests(permit, query).await?;
        let page = page.shortened_to(found.fitting);
        let cursor =
            |one: &Digest| format!("{}\n{}\n{}", one.gathered_at.timestamp_micros(), one.unit, one.sequence);
        let (digests, next_page_token) =
            page.encode(&found.found, cursor, |digest| encode(digest, tickets_of(digest, &found.tickets)));
        Ok(pb::ListDigestsResponse { digests, next_page_token })
    }
}

/// The filter of the request.
fn filter_of(request: &pb::ListDigestsRequest, scope: &Scope) -> Result<DigestFilter, Fault> {
    let mut fields = Fields::default();
    fields.page_size(request.page_size);
    let unit = (!request.unit.is_empty()).then(|| fields.unit("unit", &request.unit));
    let rung = fields.optional_choice("rung", request.rung);
    if request.after_sequence < 0 {
        fields.wrong("after_sequence", "is not negative");
    } else if request.after_sequence > 0 && unit.is_none() && *scope == Scope::All {
        fields.wrong("after_sequence", "goes with unit: each unit's digests are counted by themselves");
    }
    fields.finish(DigestFilter { unit, rung, after_sequence: request.after_sequence })
}

fn cursor_of(page: &Page) -> Result<Option<DigestCursor>, Fault> {
    let Some([gathered_at, unit, sequence]) = page.cursor::<3>()? else { return Ok(None) };
    Ok(Some(DigestCursor {
        gathered_at: page::parse(&gathered_at)?,
        unit,
        sequence: page::parse(&sequence)?,
    }))
}

/// The tickets of a digest among those of several.
fn tickets_of<'t>(digest: &Digest, tickets: &'t HashMap<Key, Vec<DigestTicket>>) -> &'t [DigestTicket] {
    tickets.get(&(digest.unit.clone(), digest.sequence)).map(Vec::as_slice).unwrap_or_default()
}

/// A digest as a message of the contract.
pub(super) fn encode(digest: &Digest, tickets: &[DigestTicket]) -> pb::Digest {
    let ticket = |one: &DigestTicket| pb::DigestTicket {
        ticket_number: one.number.to_string(),
        cycle: count(one.cycle),
        due_time: optional_time(one.due_at),
        fire_time: Some(time(one.fired_at)),
    };
    pb::Digest {
        unit: digest.unit.0.clone(),
        sequence: digest.sequence,
        rung: digest.rung.number(),
        event_time: Some(time(digest.gathered_at)),
        tickets: tickets.iter().map(ticket).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::UnitCode;

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let request = pb::ListDigestsRequest {
            page_size: -1,
            unit: "No Unit".to_owned(),
            rung: 99,
            after_sequence: -1,
            ..pb::ListDigestsRequest::default()
        };
        let fault = filter_of(&request, &Scope::All).expect_err("everything is wrong");
        let wrong: Vec<_> = fault.violations.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(wrong, ["page_size", "unit", "rung", "after_sequence"]);
    }

    #[test]
    fn a_sequence_goes_with_a_unit() {
        let own = Scope::Unit(UnitCode("district-chaoyang".to_owned()));
        let request = |unit: &str, after_sequence| pb::ListDigestsRequest {
            unit: unit.to_owned(),
            after_sequence,
            ..pb::ListDigestsRequest::default()
        };
        for (scope, unit, after, is_valid) in [
            (&Scope::All, "", 0, true),
            (&Scope::All, "", 7, false),
            (&Scope::All, "dept-tax", 7, true),
            (&own, "", 7, true),
            (&own, "dept-tax", 7, true),
        ] {
            assert_eq!(
                filter_of(&request(unit, after), scope).is_ok(),
                is_valid,
                "{scope:?} {unit:?} {after}"
            );
        }
    }
}
