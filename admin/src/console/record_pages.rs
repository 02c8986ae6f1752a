//! Records: the audit log, accesses to identities, digests of units, own intakes, and calls.

use hotline_client::{
    CallOutcome, Error, ListAuditRecords, ListCalls, ListDigests, ListIdentityAccesses, Role, Rung,
    VerifyAuditLog,
};

use super::content::{Block, cell, content, filter, linked, next};
use super::form::{Field, labels};
use super::visit::{Answer, Visit};
use super::zone;

/// The items of a page.
const PAGE_SIZE: u32 = 100;
/// The most findings of a verification that are shown.
const FINDINGS_MAX: usize = 100;

/// Who saw which identity.
async fn accesses(visit: &Visit) -> Result<Block, Error> {
    let l = visit.lang;
    let mut which = ListIdentityAccesses::default().page_size(PAGE_SIZE);
    which.ticket_number = visit.query.get("ticket_number");
    which.principal = visit.query.get("principal");
    let found = visit.client.audit().list_identity_accesses(which).next_page().await?;
    let rows = found.map(|page| page.items).unwrap_or_default().into_iter().map(|access| {
        let purpose = access.purpose.map(|purpose| purpose.label(l.sdk()).into_owned()).unwrap_or_default();
        vec![
            cell(zone::full(access.access_time)),
            linked(&access.ticket_number, format!("/tickets/{}", access.ticket_number)),
            cell(access.principal),
            cell(access.occasion.label(l.sdk())),
            cell(purpose),
            cell(access.note.unwrap_or_default()),
            cell(access.approved_by.unwrap_or_default()),
        ]
    });
    let heads = vec![
        l.t("时间", "Time"),
        l.t("工单", "Ticket"),
        l.t("账号", "Principal"),
        l.t("场合", "Occasion"),
        l.t("目的", "Purpose"),
        l.t("说明", "Note"),
        l.t("批准人", "Approved by"),
    ];
    Ok(Block::Table(l.t("身份查看记录", "Accesses to identities").to_owned(), heads, rows.collect()))
}

/// Who did what, page by page.
async fn records(visit: &Visit) -> Result<Vec<Block>, Error> {
    let l = visit.lang;
    let mut which = ListAuditRecords::default().page_size(PAGE_SIZE);
    which.principal = visit.query.get("principal");
    which.method = visit.query.get("method");
    let mut listing = visit.client.audit().list_audit_records(which);
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await?;
    let (records, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let rows = records.into_iter().map(|record| {
        let time = zone::full(record.record_time);
        vec![
            cell(time),
            cell(record.subject),
            cell(record.principal),
            cell(record.method),
            cell(record.details),
        ]
    });
    let heads = vec![
        l.t("时间", "Time"),
        l.t("对象", "Subject"),
        l.t("账号", "Principal"),
        l.t("方法", "Method"),
        l.t("内容", "Details"),
    ];
    let mut blocks = vec![Block::Table(l.t("操作记录", "Records").to_owned(), heads, rows.collect())];
    blocks.extend(next(&visit.query, token.as_deref()));
    Ok(blocks)
}

/// Whether the log was changed.
async fn verification(visit: &Visit) -> Result<Block, Error> {
    let l = visit.lang;
    let mut what = VerifyAuditLog::default();
    what.ticket_number = visit.query.get("ticket_number");
    let findings = visit.client.audit().verify_audit_log(what).take_up_to(FINDINGS_MAX).await?;
    let rows = findings.iter().map(|finding| {
        let fault = finding.fault.label(l.sdk()).into_owned();
        let subject = finding.ticket_number.clone().or(finding.subject.clone());
        vec![cell(fault), cell(subject.unwrap_or_default())]
    });
    let heads = vec![l.t("问题", "Fault"), l.t("对象", "Subject")];
    let title = if findings.is_empty() {
        l.t("校验通过，未发现改动", "Verified: nothing was changed")
    } else {
        l.t("校验发现的问题", "Findings of the verification")
    };
    Ok(Block::Table(title.to_owned(), heads, rows.collect()))
}

/// `GET /audit`: who did what, who saw what, and whether the log was changed.
pub(crate) async fn audit(visit: Visit) -> Answer {
    let l = visit.lang;
    let fields = vec![
        Field::line("ticket_number", l.t("工单编号", "Ticket")),
        Field::line("principal", l.t("账号", "Principal")),
        Field::line("method", l.t("方法", "Method")),
    ];
    let mut blocks = vec![filter(&visit.query, fields)];
    if visit.query.is_checked("verify") {
        blocks.push(verification(&visit).await.map_err(|error| visit.refuse(&error))?);
    }
    blocks.push(accesses(&visit).await.map_err(|error| visit.refuse(&error))?);
    if visit.session.has_any(&[Role::Administrator]) {
        blocks.extend(records(&visit).await.map_err(|error| visit.refuse(&error))?);
    }
    let verify = super::menu::Link {
        href: "/audit?verify=1".to_owned(),
        text: l.t("校验审计链", "Verify the log").to_owned(),
        is_current: false,
    };
    Ok(content(visit.page(l.t("审计", "Audit")), vec![verify], blocks))
}

/// `GET /digests`: what supervision sent to units.
pub(crate) async fn digests(visit: Visit) -> Answer {
    let l = visit.lang;
    let mut which = ListDigests::default().page_size(PAGE_SIZE);
    which.rung = visit.query.choice("rung");
    let mut listing = visit.client.tickets().list_digests(which);
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (digests, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let rows = digests.iter().flat_map(|digest| {
        digest.tickets.iter().map(|ticket| {
            vec![
                cell(zone::full(digest.event_time)),
                cell(visit.names.unit(&digest.unit, l)),
                cell(digest.rung.label(l.sdk())),
                linked(&ticket.ticket_number, format!("/tickets/{}", ticket.ticket_number)),
                cell(ticket.due_time.map(zone::full).unwrap_or_default()),
            ]
        })
    });
    let heads = vec![
        l.t("时间", "Time"),
        l.t("单位", "Unit"),
        l.t("级别", "Rung"),
        l.t("工单", "Ticket"),
        l.t("时限", "Limit"),
    ];
    let fields = vec![Field::select("rung", l.t("级别", "Rung"), labels!(Rung, l))];
    let title = l.t("催办通知", "Digests");
    let mut blocks =
        vec![filter(&visit.query, fields), Block::Table(title.to_owned(), heads, rows.collect())];
    blocks.extend(next(&visit.query, token.as_deref()));
    Ok(content(visit.page(title), Vec::new(), blocks))
}

/// `GET /intakes`: what a unit took in itself.
pub(crate) async fn intakes(visit: Visit) -> Answer {
    let l = visit.lang;
    let mut listing = visit.client.tickets().list_own_intakes();
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (intakes, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let rows = intakes.iter().map(|intake| {
        let state = intake.state.map(|state| state.label(l.sdk()).into_owned());
        let state = state.unwrap_or_else(|| l.t("不显示", "withheld").to_owned());
        vec![cell(&intake.ticket_number), cell(zone::full(intake.intake_time)), cell(state)]
    });
    let heads = vec![l.t("工单", "Ticket"), l.t("受理时间", "Taken in"), l.t("状态", "State")];
    let title = l.t("自收工单", "Own intakes");
    let mut blocks = vec![Block::Table(title.to_owned(), heads, rows.collect())];
    blocks.extend(next(&visit.query, token.as_deref()));
    Ok(content(visit.page(title), Vec::new(), blocks))
}

/// `GET /calls`: calls, without the numbers of the parties.
pub(crate) async fn calls(visit: Visit) -> Answer {
    let l = visit.lang;
    let mut which = ListCalls::default().page_size(PAGE_SIZE);
    which.outcome = visit.query.choice("outcome");
    which.seat = visit.query.get("seat");
    which.without_ticket = visit.query.is_checked("without_ticket");
    let mut listing = visit.client.calls().list_calls(which);
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (calls, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let rows = calls.iter().map(|call| {
        let start = call.details.queues.first().and_then(|queue| queue.join_time).or(call.key.start_time);
        let ticket = match call.ticket_numbers.first() {
            Some(number) => linked(number, format!("/tickets/{number}")),
            None => linked(l.t("建单", "make a ticket"), format!("/act/create-ticket?call={}", call.id)),
        };
        let outcome = call.outcome.map(|outcome| outcome.label(l.sdk()).into_owned()).unwrap_or_default();
        vec![cell(&call.id), cell(start.map(zone::full).unwrap_or_default()), cell(outcome), ticket]
    });
    let heads = vec![l.t("来电", "Call"), l.t("时间", "Time"), l.t("结果", "Outcome"), l.t("工单", "Ticket")];
    let fields = vec![
        Field::select("outcome", l.t("结果", "Outcome"), labels!(CallOutcome, l)),
        Field::line("seat", l.t("席位", "Seat")),
        Field::check("without_ticket", l.t("未建单", "Without a ticket")),
    ];
    let title = l.t("来电", "Calls");
    let mut blocks =
        vec![filter(&visit.query, fields), Block::Table(title.to_owned(), heads, rows.collect())];
    blocks.extend(next(&visit.query, token.as_deref()));
    Ok(content(visit.page(title), Vec::new(), blocks))
}
