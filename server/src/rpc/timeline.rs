//! The audit of the timeline on the wire: records, and what a verification finds.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::audit_service::AuditSwitchboard;
use super::encode::count;
use super::fields::Fields;
use super::page::{self, Page};
use super::wire::time;
use crate::access::Permit;
use crate::audit_log::records::{self, AuditRecord, Filter};
use crate::oversight::verify::{self, Finding, FindingKind, FindingPlace, Verified};
use crate::platform::Fault;
use crate::ticket::TicketNumber;

/// The longest subject, principal and method, in characters.
const SUBJECT_CHARS_MAX: usize = 200;
const PRINCIPAL_CHARS_MAX: usize = 128;
const METHOD_CHARS_MAX: usize = 64;
/// Findings in one answer: who needs all of them asks the program.
const FINDINGS_MAX: usize = 1_000;

impl AuditSwitchboard {
    pub(super) async fn list_records(
        &self,
        permit: &Permit,
        request: &pb::ListAuditRecordsRequest,
    ) -> Result<pb::ListAuditRecordsResponse, Fault> {
        let mut fields = Fields::default();
        fields.page_size(request.page_size);
        let filter = Filter {
            subject: fields.optional("subject", &request.subject, SUBJECT_CHARS_MAX),
            principal: fields.optional("principal", &request.principal, PRINCIPAL_CHARS_MAX),
            method: fields.optional("method", &request.method, METHOD_CHARS_MAX),
            from: fields.time("start_time", request.start_time.as_ref()),
            before: fields.time("end_time", request.end_time.as_ref()),
        };
        let filter = fields.finish(filter)?;
        let rest = pb::ListAuditRecordsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
        let page =
            Page::read(request.page_size, &request.page_token, permit.method().path, &rest.encode_to_vec())?;
        let behind = match page.key::<3>()? {
            Some([at, subject, sequence]) => Some((page::parse(&at)?, subject, page::parse(&sequence)?)),
            None => None,
        };
        let found = records::list(self.closed_loop.store.reader(), &filter, behind, page.reach()).await?;
        let key =
            |one: &AuditRecord| format!("{}\n{}\n{}", one.at.timestamp_micros(), one.subject, one.sequence);
        let (records, next_page_token) = page.show(&found, key, encode_record);
        Ok(pb::ListAuditRecordsResponse { records, next_page_token })
    }

    pub(super) async fn verify(
        &self,
        permit: &Permit,
        request: &pb::VerifyTimelineRequest,
    ) -> Result<pb::VerifyTimelineResponse, Fault> {
        let mut fields = Fields::default();
        fields.page_size(request.page_size);
        let one = !request.ticket_number.is_empty();
        let one = one.then(|| fields.number("ticket_number", &request.ticket_number));
        let one = fields.finish(one)?;
        let filter = request.ticket_number.as_bytes();
        let page = Page::read(request.page_size, &request.page_token, permit.method().path, filter)?;
        let store = &self.closed_loop.store;
        if let Some(number) = one {
            let number = number.as_i64();
            let verified = verify::tickets(store, number - 1, number).await?;
            return Ok(encode(&verified, String::new()));
        }
        let (verified, next) = match page.key::<2>()? {
            None => self.verify_tickets(i64::MIN, page.size).await?,
            Some([part, behind]) => match part.as_str() {
                "tickets" => self.verify_tickets(page::parse(&behind)?, page.size).await?,
                "subjects" => {
                    let (verified, next) = verify::subjects(store, &behind, page.size).await?;
                    (verified, Some(next.map_or(("checkpoints", "0".to_owned()), |next| ("subjects", next))))
                }
                "checkpoints" => {
                    let from = page::parse(&behind)?;
                    let (verified, next) =
                        verify::checkpoints(store, &self.accepted, from, page.size).await?;
                    (verified, next.map(|next| ("checkpoints", next.to_string())))
                }
                _ => return Err(page::invalid()),
            },
        };
        let next = next.map(|(part, behind)| page.token(&format!("{part}\n{behind}")));
        Ok(encode(&verified, next.unwrap_or_default()))
    }

    async fn verify_tickets(
        &self,
        behind: i64,
        size: u64,
    ) -> Result<(Verified, Option<(&'static str, String)>), Fault> {
        let store = &self.closed_loop.store;
        let end = verify::end_of_part(store.reader(), behind, size).await?;
        let verified = verify::tickets(store, behind, end.unwrap_or(i64::MAX)).await?;
        let next = end.map_or(("subjects", String::new()), |end| ("tickets", end.to_string()));
        Ok((verified, Some(next)))
    }
}

fn encode_record(record: &AuditRecord) -> pb::AuditRecord {
    pb::AuditRecord {
        subject: record.subject.clone(),
        sequence: count(record.sequence),
        record_time: Some(time(record.at)),
        principal: record.actor.principal.clone(),
        unit: record.actor.unit.as_ref().map(|unit| unit.0.clone()).unwrap_or_default(),
        method: record.method.clone(),
        details: record.details.clone(),
    }
}

fn encode(verified: &Verified, next_page_token: String) -> pb::VerifyTimelineResponse {
    pb::VerifyTimelineResponse {
        findings: verified.findings.iter().take(FINDINGS_MAX).map(encode_finding).collect(),
        chains: i32::try_from(verified.chains).unwrap_or(i32::MAX),
        links: i32::try_from(verified.links).unwrap_or(i32::MAX),
        next_page_token,
    }
}

fn encode_finding(finding: &Finding) -> pb::TimelineFinding {
    // A number that is none was put there by somebody, and is shown as it stands.
    let ticket = |number: i64| {
        TicketNumber::from_i64(number).map_or_else(|_| number.to_string(), |one| one.to_string())
    };
    let mut shown = pb::TimelineFinding { fault: fault_of(finding.kind).into(), ..Default::default() };
    match &finding.place {
        FindingPlace::Ticket(number) => shown.ticket_number = ticket(*number),
        FindingPlace::Events(number, from, to) => {
            shown.ticket_number = ticket(*number);
            (shown.first_sequence, shown.last_sequence) = (*from, *to);
        }
        FindingPlace::Access(number, access) => {
            shown.ticket_number = ticket(*number);
            shown.subject.clone_from(access);
        }
        FindingPlace::Subject(subject) => shown.subject.clone_from(subject),
        FindingPlace::Records(subject, from, to) => {
            shown.subject.clone_from(subject);
            (shown.first_sequence, shown.last_sequence) = (*from, *to);
        }
        FindingPlace::Checkpoint(number) => shown.seal_number = *number,
        FindingPlace::Restore(number) => shown.subject = format!("restore/{number}"),
        FindingPlace::Table(name) => shown.subject = format!("table/{name}"),
        FindingPlace::Database => "database".clone_into(&mut shown.subject),
    }
    if let FindingKind::RowAltered(column) = finding.kind {
        column.clone_into(&mut shown.column);
    }
    shown
}

const fn fault_of(kind: FindingKind) -> pb::TimelineFault {
    match kind {
        // A table or the whole database is looked at by the program alone; here they only complete the list.
        FindingKind::Altered
        | FindingKind::Malformed
        | FindingKind::AnotherDatabase
        | FindingKind::Replaced => pb::TimelineFault::Altered,
        FindingKind::Missing | FindingKind::Empty => pb::TimelineFault::Missing,
        FindingKind::Unfit => pb::TimelineFault::Unfit,
        FindingKind::HeadAltered => pb::TimelineFault::HeadAltered,
        FindingKind::RowAltered(_) => pb::TimelineFault::RowAltered,
        FindingKind::CutOff => pb::TimelineFault::CutOff,
        FindingKind::CheckpointMismatch => pb::TimelineFault::SealedOtherwise,
        FindingKind::NotCheckpointed => pb::TimelineFault::Unsealed,
        FindingKind::CheckpointAltered => pb::TimelineFault::SealAltered,
        FindingKind::CheckpointOutOfOrder => pb::TimelineFault::SealOutOfOrder,
        FindingKind::HeadsAltered => pb::TimelineFault::HeadsAltered,
        FindingKind::SignatureWrong => pb::TimelineFault::SignatureWrong,
        FindingKind::KeyUnknown => pb::TimelineFault::KeyUnknown,
        FindingKind::ExportMismatch | FindingKind::NotExported => pb::TimelineFault::ShippedOtherwise,
    }
}
