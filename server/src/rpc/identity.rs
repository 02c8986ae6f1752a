//! Who called, on the wire: with a ticket, revealed, and the list of who was shown it.

use std::collections::BTreeSet;
use std::sync::Arc;

use hotline_proto::v1::{self as pb, ErrorReason};
use prost::Message as _;

use super::fields::{Fields, Lines};
use super::page::{self, Page};
use super::ticket_service::{TicketSwitchboard, key_of};
use super::wire::{Wire as _, time};
use super::{encode, once};
use crate::access::permit::method_of;
use crate::access::{Doorkeeper, Permit, view};
use crate::closed_loop::{ClosedLoop, not_found};
use crate::desk::reveal::approve_reveal::ApproveReveal;
use crate::desk::reveal::reveal_identity::RevealIdentity;
use crate::ledger::identity::LookUp;
use crate::ledger::identity::approvals::Approval;
use crate::ledger::identity::reads::{self, Filter, IdentityRead, Occasion, RevealPurpose, Why};
use crate::ledger::{self, identity};
use crate::platform::Fault;
use crate::platform::metrics::TEXTS_REFUSED;
use crate::ticket::{CallerIdentity, Ticket};

/// The longest note, in characters.
const NOTE_CHARS_MAX: usize = 500;
/// The method that an approval is for.
const REVEAL_PATH: &str = "/hotline.v1.TicketService/RevealIdentity";
/// The longest name of a principal, in characters.
const PRINCIPAL_CHARS_MAX: usize = 128;

impl TicketSwitchboard {
    /// A ticket with its caller, as far as the reader may know who that is: the reading is recorded in the transaction
    /// that opens the identity, and the ticket is read in it again, so that it is not one that became confidential
    /// meanwhile.
    pub(super) async fn with_caller(
        &self,
        permit: &Permit,
        ticket: Ticket,
    ) -> Result<(Ticket, CallerIdentity, bool), Fault> {
        let ClosedLoop { store, clock, ledger } = &self.closed_loop;
        // Whether anybody was named is told of every ticket in scope; the second wall hides who, and so the row.
        let is_known = identity::is_known(store.reader(), ticket.number).await?;
        if !is_known || !view::shows_identity(permit, &ticket) {
            return Ok((ticket, CallerIdentity::default(), is_known));
        }
        let asked = Arc::new((permit.clone(), ledger.vault().clone(), ticket.number));
        store
            .work(clock, move |work| {
                let asked = Arc::clone(&asked);
                Box::pin(async move {
                    let (permit, vault, number) = &*asked;
                    let scope = permit.scope();
                    work.set_unit_scope(scope.unit()).await?;
                    let ticket = ledger::read::find(&work.tx, &scope, *number).await?;
                    let ticket = ticket.ok_or_else(|| not_found(*number))?;
                    if !view::shows_identity(permit, &ticket) {
                        return Ok((ticket, CallerIdentity::default(), true));
                    }
                    let why = Why::of(Occasion::Ticket);
                    let caller = reads::show(work, vault, &permit.actor(), *number, why).await?;
                    Ok((ticket, caller, false))
                })
            })
            .await
    }

    pub(super) async fn reveal(
        &self,
        permit: &Permit,
        request: &pb::RevealIdentityRequest,
    ) -> Result<pb::RevealIdentityResponse, Fault> {
        let mut fields = Fields::default();
        let key = key_of(permit, &request.request_id, request, &mut fields);
        let reveal = RevealIdentity {
            number: fields.number("ticket_number", &request.ticket_number),
            purpose: fields.choice("purpose", request.purpose, RevealPurpose::Contact),
            note: fields.text("note", &request.note, 1..=NOTE_CHARS_MAX, Lines::Many),
        };
        let reveal = fields.finish(reveal)?;
        let ClosedLoop { store, clock, ledger } = &self.closed_loop;
        let asked = Arc::new((reveal, ledger.vault().clone(), permit.actor(), key));
        let caller = store
            .work(clock, move |work| {
                let asked = Arc::clone(&asked);
                Box::pin(async move {
                    let (reveal, vault, reader, key) = &*asked;
                    reveal.run(work, vault, reader, key).await
                })
            })
            .await?;
        let caller = counted(caller)?;
        let caller = (!caller.is_empty()).then(|| encode::caller(&caller));
        Ok(pb::RevealIdentityResponse { caller })
    }

    pub(super) async fn approve(
        &self,
        permit: &Permit,
        request: &pb::ApproveRevealRequest,
    ) -> Result<pb::ApproveRevealResponse, Fault> {
        let mut fields = Fields::default();
        let key = key_of(permit, &request.request_id, request, &mut fields);
        let approval = Approval {
            ticket: fields.number("ticket_number", &request.ticket_number),
            principal: fields.text("principal", &request.principal, 1..=PRINCIPAL_CHARS_MAX, Lines::One),
            purpose: fields.choice("purpose", request.purpose, RevealPurpose::Contact),
            approved_by: permit.principal().to_owned(),
            note: fields.text("note", &request.note, 1..=NOTE_CHARS_MAX, Lines::Many),
        };
        if approval.principal == approval.approved_by {
            fields.wrong("principal", "is another one than the approver's");
        }
        let approve = ApproveReveal { approval: fields.finish(approval)? };
        let (vault, doorkeeper) = (self.closed_loop.ledger.vault().clone(), self.doorkeeper.clone());
        let asked = Arc::new((approve, vault, permit.actor(), doorkeeper));
        let approved = once::once_or_refused(&self.closed_loop, key, move |work| {
            let asked = Arc::clone(&asked);
            Box::pin(async move {
                let (approve, vault, actor, doorkeeper) = &*asked;
                // A repeat does not come here: it is answered as before, whoever was revoked meanwhile.
                check_can_reveal(doorkeeper.as_deref(), &approve.approval.principal)?;
                let expires_at = approve.run(work, vault, actor).await?;
                Ok(expires_at.map(|at| pb::ApproveRevealResponse { expire_time: Some(time(at)) }))
            })
        });
        counted(approved.await?)
    }
}

/// Whether there is somebody of this name who may call `RevealIdentity`.
///
/// # Errors
/// `INVALID_FIELDS` where there is nobody.
fn check_can_reveal(doorkeeper: Option<&Doorkeeper>, principal: &str) -> Result<(), Fault> {
    let known = doorkeeper.and_then(|doorkeeper| doorkeeper.principal(principal));
    let may_reveal = known
        .zip(method_of(REVEAL_PATH))
        .is_some_and(|(caller, method)| Permit::grant(caller, method).is_ok());
    let mut fields = Fields::default();
    if !may_reveal {
        fields.wrong(
            "principal",
            "is an agent's or a supervisor's that is not revoked, written exactly as the hotline knows it",
        );
    }
    fields.finish(())
}

/// Counts a text that was refused, after the commit of its record.
fn counted<T>(recorded: Result<T, Fault>) -> Result<T, Fault> {
    recorded.inspect_err(|_| metrics::counter!(TEXTS_REFUSED).increment(1))
}

/// A page of readings.
pub(super) async fn list_reads(
    closed_loop: &ClosedLoop,
    permit: &Permit,
    request: &pb::ListIdentityReadsRequest,
) -> Result<pb::ListIdentityReadsResponse, Fault> {
    let mut fields = Fields::default();
    fields.page_size(request.page_size);
    let ticket = !request.ticket_number.is_empty();
    let filter = Filter {
        ticket: ticket.then(|| fields.number("ticket_number", &request.ticket_number)),
        principal: fields.optional("principal", &request.principal, PRINCIPAL_CHARS_MAX),
        from: fields.time("start_time", request.start_time.as_ref()),
        before: fields.time("end_time", request.end_time.as_ref()),
        caller: LookUp::default(),
    };
    let code = fields.credit_code("social_credit_code", &request.social_credit_code);
    let phone = fields.phone("contact_phone", &request.contact_phone);
    let mut filter = fields.finish(filter)?;
    if (code.is_some() || phone.is_some()) && !view::looks_up(permit) {
        return Err(Fault::new(ErrorReason::PartNotAllowed).with("part", "look-up"));
    }
    filter.caller = LookUp::of(closed_loop.ledger.vault(), code.as_deref(), phone.as_deref()).await?;
    let rest = pb::ListIdentityReadsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page =
        Page::read(request.page_size, &request.page_token, permit.method().path, &rest.encode_to_vec())?;
    let behind = match page.key::<2>()? {
        Some([at, id]) => Some((page::parse(&at)?, id)),
        None => None,
    };
    let found = found(closed_loop, permit, filter, behind, page.reach()).await?;
    let key = |read: &IdentityRead| format!("{}\n{}", read.at.timestamp_micros(), read.id);
    let (reads, next_page_token) = page.show(&found, key, encode_read);
    Ok(pb::ListIdentityReadsResponse { reads, next_page_token })
}

/// The readings that fit. Where they are looked up by who called, that is a reading of each identity that is found.
async fn found(
    closed_loop: &ClosedLoop,
    permit: &Permit,
    filter: Filter,
    behind: Option<(i64, String)>,
    limit: u64,
) -> Result<Vec<IdentityRead>, Fault> {
    if filter.caller.is_empty() {
        return reads::list(closed_loop.store.reader(), &filter, behind, limit).await;
    }
    let asked = Arc::new((permit.actor(), filter, behind));
    closed_loop
        .store
        .work(&closed_loop.clock, move |work| {
            let asked = Arc::clone(&asked);
            Box::pin(async move {
                let (reader, filter, behind) = &*asked;
                let found = reads::list(&work.tx, filter, behind.clone(), limit).await?;
                let tickets: BTreeSet<_> = found.iter().map(|read| read.ticket).collect();
                let tickets: Vec<_> = tickets.into_iter().collect();
                reads::record(work, reader, &tickets, &Why::of(Occasion::LookUp)).await?;
                Ok(found)
            })
        })
        .await
}

fn encode_read(read: &IdentityRead) -> pb::IdentityRead {
    pb::IdentityRead {
        ticket_number: read.ticket.to_string(),
        read_time: Some(time(read.at)),
        principal: read.reader.principal.clone(),
        unit: read.reader.unit.as_ref().map(|unit| unit.0.clone()).unwrap_or_default(),
        occasion: read.why.occasion.number(),
        purpose: read.why.purpose.map(RevealPurpose::number).unwrap_or_default(),
        note: read.why.note.clone(),
        approved_by: read.why.approved_by.clone().unwrap_or_default(),
    }
}
