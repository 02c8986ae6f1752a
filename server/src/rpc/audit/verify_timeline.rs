//! `VerifyTimeline`.

use hotline_proto::v1 as pb;

use super::AuditApi;
use crate::access::Permit;
use crate::desk::audit::verify_timeline::VerifyPart;
use crate::ledger::verify::Verified;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};
use crate::ticket::TicketNumber;
use crate::timeline::{Finding, Place, Wrong};

/// Findings in one answer: who needs all of them asks the program.
const FINDINGS_MAX: usize = 1_000;

impl Handler<AuditApi> for pb::VerifyTimelineRequest {
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
        let (verified, next) = api.audit.verify_timeline(part_of(&page)?, page.size).await?;
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
        "seals" => Ok(VerifyPart::Seals(page::parse(&after)?)),
        _ => Err(page::invalid()),
    }
}

fn cursor_of(part: &VerifyPart) -> String {
    match part {
        VerifyPart::Tickets(after) => format!("tickets\n{after}"),
        VerifyPart::Subjects(after) => format!("subjects\n{after}"),
        VerifyPart::Seals(after) => format!("seals\n{after}"),
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
    let mut shown = pb::TimelineFinding { fault: fault_of(finding.wrong).into(), ..Default::default() };
    match &finding.place {
        Place::Ticket(number) => shown.ticket_number = ticket(*number),
        Place::Events(number, from, to) => {
            shown.ticket_number = ticket(*number);
            (shown.first_sequence, shown.last_sequence) = (*from, *to);
        }
        Place::Reading(number, reading) => {
            shown.ticket_number = ticket(*number);
            shown.subject.clone_from(reading);
        }
        Place::Subject(subject) => shown.subject.clone_from(subject),
        Place::Records(subject, from, to) => {
            shown.subject.clone_from(subject);
            (shown.first_sequence, shown.last_sequence) = (*from, *to);
        }
        Place::Seal(number) => shown.seal_number = *number,
        Place::Restore(number) => shown.subject = format!("restore/{number}"),
        Place::Table(name) => shown.subject = format!("table/{name}"),
        Place::Database => "database".clone_into(&mut shown.subject),
    }
    if let Wrong::RowAltered(column) = finding.wrong {
        column.clone_into(&mut shown.column);
    }
    shown
}

const fn fault_of(wrong: Wrong) -> pb::TimelineFault {
    match wrong {
        // A table or the whole database is looked at by the program alone; here they only complete the list.
        Wrong::Altered | Wrong::Malformed | Wrong::AnotherDatabase | Wrong::Replaced => {
            pb::TimelineFault::Altered
        }
        Wrong::Missing | Wrong::Empty => pb::TimelineFault::Missing,
        Wrong::Unhashed => pb::TimelineFault::Unhashed,
        Wrong::Unfit => pb::TimelineFault::Unfit,
        Wrong::HeadAltered => pb::TimelineFault::HeadAltered,
        Wrong::RowAltered(_) => pb::TimelineFault::RowAltered,
        Wrong::CutOff => pb::TimelineFault::CutOff,
        Wrong::SealedOtherwise => pb::TimelineFault::SealedOtherwise,
        Wrong::Unsealed => pb::TimelineFault::Unsealed,
        Wrong::SealAltered => pb::TimelineFault::SealAltered,
        Wrong::SealOutOfOrder => pb::TimelineFault::SealOutOfOrder,
        Wrong::HeadsAltered => pb::TimelineFault::HeadsAltered,
        Wrong::SignatureWrong => pb::TimelineFault::SignatureWrong,
        Wrong::KeyUnknown => pb::TimelineFault::KeyUnknown,
        Wrong::ShippedOtherwise | Wrong::NotShipped => pb::TimelineFault::ShippedOtherwise,
    }
}
