//! `ListDigests`: what units are told of the ladder, each within the reader's scope as it is now.

use std::collections::HashMap;

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::encode::count;
use super::fields::Fields;
use super::page::{self, Page};
use super::ticket_service::TicketSwitchboard;
use super::wire::{Wire as _, time};
use crate::access::{Permit, Scope};
use crate::ledger::digests::list::{self, Digest, DigestCursor, DigestTicket, Filter, Key};
use crate::platform::Fault;

/// Tickets in one answer: a page ends before its size is reached where its digests have more. A digest is shown whole.
const TICKETS_MAX: usize = 5_000;

/// Reads which digests are asked for.
fn filter_of(request: &pb::ListDigestsRequest, scope: &Scope) -> Result<Filter, Fault> {
    let mut fields = Fields::default();
    fields.page_size(request.page_size);
    let unit = (!request.unit.is_empty()).then(|| fields.unit("unit", &request.unit));
    let rung = fields.optional_choice("rung", request.rung);
    if request.after_sequence < 0 {
        fields.wrong("after_sequence", "is not negative");
    } else if request.after_sequence > 0 && unit.is_none() && *scope == Scope::All {
        fields.wrong("after_sequence", "goes with unit: each unit's digests are counted by themselves");
    }
    fields.finish(Filter { unit, rung, after_sequence: request.after_sequence })
}

fn behind_of(page: &Page) -> Result<Option<DigestCursor>, Fault> {
    let Some([gathered_at, unit, sequence]) = page.key::<3>()? else { return Ok(None) };
    Ok(Some(DigestCursor {
        gathered_at: page::parse(&gathered_at)?,
        unit,
        sequence: page::parse(&sequence)?,
    }))
}

/// How many of some digests fit into one answer: the first at least.
fn fitting(digests: &[Digest]) -> usize {
    let sums = digests.iter().scan(0, |sum, digest| {
        *sum += digest.ticket_count;
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= TICKETS_MAX).count().max(1).min(digests.len())
}

fn encode(digest: &Digest, tickets: &HashMap<Key, Vec<DigestTicket>>) -> pb::Digest {
    let theirs = tickets.get(&(digest.unit.clone(), digest.sequence));
    let ticket = |one: &DigestTicket| pb::DigestTicket {
        ticket_number: one.number.to_string(),
        cycle: count(one.cycle),
        due_time: one.due_at.map(time),
        fire_time: Some(time(one.fired_at)),
    };
    pb::Digest {
        unit: digest.unit.0.clone(),
        sequence: digest.sequence,
        rung: digest.rung.number(),
        event_time: Some(time(digest.gathered_at)),
        tickets: theirs.into_iter().flatten().map(ticket).collect(),
    }
}

impl TicketSwitchboard {
    pub(super) async fn list_digests(
        &self,
        permit: &Permit,
        request: &pb::ListDigestsRequest,
    ) -> Result<pb::ListDigestsResponse, Fault> {
        let scope = permit.scope();
        let filter = filter_of(request, &scope)?;
        let rest = pb::ListDigestsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
        let page =
            Page::read(request.page_size, &request.page_token, permit.method().path, &rest.encode_to_vec())?;
        let behind = behind_of(&page)?;
        let reader = &self.reading(permit).await?;
        let found = list::page(reader, &scope, &filter, behind.as_ref(), page.reach()).await?;
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let shown = &found[..fitting(&found).min(size)];
        let page = page.shortened_to(shown.len());
        let tickets = list::tickets(reader, &scope, shown).await?;
        let key =
            |one: &Digest| format!("{}\n{}\n{}", one.gathered_at.timestamp_micros(), one.unit, one.sequence);
        let (digests, next_page_token) = page.show(&found, key, |digest| encode(digest, &tickets));
        Ok(pb::ListDigestsResponse { digests, next_page_token })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::ticket::{Rung, UnitCode};

    fn digests(counts: &[usize]) -> Vec<Digest> {
        let digest = |(sequence, count): (i64, &usize)| Digest {
            unit: UnitCode("district-chaoyang".to_owned()),
            sequence,
            rung: Rung::Urged,
            gathered_at: DateTime::UNIX_EPOCH,
            ticket_count: *count,
        };
        (1..).zip(counts).map(digest).collect()
    }

    #[test]
    fn a_page_holds_so_many_tickets_and_at_least_one_digest() {
        const MAX: usize = TICKETS_MAX;
        for (counts, expected) in [
            (&[][..], 0),
            (&[60], 1),
            (&[MAX + 1], 1),
            (&[MAX + 1, 1], 1),
            (&[MAX - 1, 1, 1], 2),
            (&[0, MAX, 0, 1], 3),
        ] {
            assert_eq!(fitting(&digests(counts)), expected, "{counts:?}");
        }
    }

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
        let asked = |unit: &str, after_sequence| pb::ListDigestsRequest {
            unit: unit.to_owned(),
            after_sequence,
            ..pb::ListDigestsRequest::default()
        };
        for (scope, unit, after, is_sound) in [
            (&Scope::All, "", 0, true),
            (&Scope::All, "", 7, false),
            (&Scope::All, "dept-tax", 7, true),
            (&own, "", 7, true),
            (&own, "dept-tax", 7, true),
        ] {
            assert_eq!(filter_of(&asked(unit, after), scope).is_ok(), is_sound, "{scope:?} {unit:?} {after}");
        }
    }
}
