//! `VerifyAuditLog`.

use hotline_proto::v1 as pb;

use super::AuditApi;
use crate::access::Permit;
use crate::oversight::audit::verify_audit_log::VerifyPart;
use crate::oversight::verify::PartReport;
use crate::oversight::verify::{Finding, FindingKind, FindingPlace};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};
use crate::ticket::TicketNumber;

/// Findings in one answer; `hotline-server verify` prints more.
const FINDINGS_MAX: usize = 1_000;

impl Handler<AuditApi> for pb::VerifyAuditLogRequest {
    async fn handle(&self, api: &AuditApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let has_ticket = !self.ticket_number.is_empty();
        let ticket = has_ticket.then(|| fields.number("ticket_number", &self.ticket_number));
        let ticket = fields.finish(ticket)?;
        let filter = self.ticket_number.as_bytes();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, filter)?;
        if let Some(number) = ticket {
            return Ok(encode(&api.audit.verify_ticket(number).await?, String::new()));
        }
        let (verified, next) = api.audit.verify_audit_log(part_of(&page)?, page.size).await?;
        let next = next.map(|next| page.token(&cursor_of(&next)));
        Ok(encode(&verified, next.unwrap_or_default()))
    }
}

/// The part that a page begins with.
fn part_of(page: &Page) -> Result<VerifyPart, Fault> {
    let Some([part, after]) = page.cursor::<2>()? else { return Ok(VerifyPart::FIRST) };
    match part.as_str() {
        "tickets" => Ok(VerifyPart::Tickets(page::parse(&after)?)),
        "subjects" => Ok(VerifyPart::Subjects(after)),
        "checkpoints" => Ok(VerifyPart::Checkpoints(page::parse(&after)?)),
        _ => Err(page::invalid()),
    }
}

fn cursor_of(part: &VerifyPart) -> String {
    match part {
        VerifyPart::Tickets(after) => format!("tickets\n{after}"),
        VerifyPart::Subjects(after) => format!("subjects\n{after}"),
        VerifyPart::Checkpoints(after) => format!("checkpoints\n{after}"),
    }
}

fn encode(verified: &PartReport, next_page_token: String) -> pb::VerifyAuditLogResponse {
    pb::VerifyAuditLogResponse {
        findings: verified.findings.iter().take(FINDINGS_MAX).map(encode_finding).collect(),
        chains: i32::try_from(verified.chains).unwrap_or(i32::MAX),
        links: i32::try_from(verified.links).unwrap_or(i32::MAX),
        next_page_token,
    }
}

fn encode_finding(finding: &Finding) -> pb::AuditLogFinding {
    // A stored number that is no ticket number was written by hand, and is shown as it is.
    let ticket = |number: i64| {
        TicketNumber::from_i64(number).map_or_else(|_| number.to_string(), |one| one.to_string())
    };
    let mut shown = pb::AuditLogFinding { fault: fault_of(finding.kind).into(), ..Default::default() };
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
        FindingPlace::Checkpoint(number) => shown.checkpoint_number = *number,
        FindingPlace::Restore(number) => shown.subject = format!("restore/{number}"),
        FindingPlace::Table(name) => shown.subject = format!("table/{name}"),
        FindingPlace::Database => "database".clone_into(&mut shown.subject),
    }
    if let FindingKind::RowAltered(column) = finding.kind {
        column.clone_into(&mut shown.column);
    }
    shown
}

const fn fault_of(kind: FindingKind) -> pb::AuditLogFault {
    match kind {
        // Only `hotline-server verify` checks tables and the whole database. These arms only complete the match.
        FindingKind::Altered
        | FindingKind::Malformed
        | FindingKind::AnotherDatabase
        | FindingKind::Replaced => pb::AuditLogFault::Altered,
        FindingKind::Missing | FindingKind::Empty => pb::AuditLogFault::Missing,
        FindingKind::Inconsistent => pb::AuditLogFault::Inconsistent,
        FindingKind::HeadAltered => pb::AuditLogFault::HeadAltered,
        FindingKind::RowAltered(_) => pb::AuditLogFault::RowAltered,
        FindingKind::Truncated => pb::AuditLogFault::Truncated,
        FindingKind::CheckpointMismatch => pb::AuditLogFault::CheckpointMismatch,
        FindingKind::CheckpointMissing => pb::AuditLogFault::CheckpointMissing,
        FindingKind::CheckpointAltered => pb::AuditLogFault::CheckpointAltered,
        FindingKind::CheckpointOutOfOrder => pb::AuditLogFault::CheckpointOutOfOrder,
        FindingKind::HeadsAltered => pb::AuditLogFault::CheckpointHeadsAltered,
        FindingKind::SignatureWrong => pb::AuditLogFault::SignatureWrong,
        FindingKind::KeyUnknown => pb::AuditLogFault::KeyUnknown,
        FindingKind::ExportMismatch | FindingKind::NotExported => pb::AuditLogFault::ExportMismatch,
    }
}
