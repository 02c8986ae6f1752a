//! Wrong fields of intakes and reads: a request is refused with exactly the wrong fields, and nothing is written. These
//! requests use the generated client, because the SDK's types can't express most of them.

use chrono::{DateTime, Utc};
use hotline_proto::v1 as pb;
use prost_types::Timestamp;
use tonic::{Code, Response, Status};
use tonic_types::StatusExt as _;

use super::test_env::{ASSISTING, LEAD, TestEnv, at};

on_every_store!(env:
    an_invalid_create_names_every_wrong_field,
    texts_of_the_maximum_length_are_accepted,
    a_channel_that_the_role_may_not_use_is_refused,
    an_invalid_query_names_every_wrong_field,
);

pub(super) fn stamp(instant: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: instant.timestamp(), nanos: 0 }
}

/// A valid request.
pub(super) fn valid_create() -> pb::CreateTicketRequest {
    pb::CreateTicketRequest {
        request_id: hotline_client::Uuid::new_v4().to_string(),
        category: pb::TicketCategory::Appeal.into(),
        complexity: pb::TicketComplexity::General.into(),
        channel: pb::Channel::Web.into(),
        subject: "用电报装迟迟未受理".into(),
        content: "两周前提交的用电报装申请没有答复。".into(),
        enterprise: Some(pb::Enterprise {
            name: "北京示例".into(),
            social_credit_code: "91110105MA00HTNE0R".into(),
        }),
        contact: Some(pb::Contact { name: "王女士".into(), phone: "13800000000".into() }),
        ..pb::CreateTicketRequest::default()
    }
}

/// The code, the reason and the fields of a refusal, in alphabetical order.
fn code_reason_and_fields(status: &Status) -> (Code, String, Vec<String>) {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    let mut fields: Vec<_> = violations.into_iter().map(|violation| violation.field).collect();
    fields.sort();
    (status.code(), reason, fields)
}

pub(super) fn assert_refused<T: std::fmt::Debug>(
    what: &str,
    outcome: Result<Response<T>, Status>,
    reason: &str,
    fields: &[&str],
) {
    let status = outcome.map(|answer| format!("{what} was answered: {answer:?}")).expect_err(what);
    let expected =
        (Code::InvalidArgument, reason.to_owned(), fields.iter().map(|&field| field.to_owned()).collect());
    assert_eq!(code_reason_and_fields(&status), expected, "{what}");
}

pub(super) type Corrupt = fn(&mut pb::CreateTicketRequest);

fn complaint_about(request: &mut pb::CreateTicketRequest, units: &[&str]) {
    request.category = pb::TicketCategory::ComplaintReport.into();
    request.accused_units = units.iter().map(|&unit| unit.to_owned()).collect();
}

/// A change to a valid request, and the fields that are wrong afterwards.
pub(super) const INVALID_INTAKES: &[(&str, Corrupt, &[&str])] = &[
    (
        "nothing at all",
        |request| *request = pb::CreateTicketRequest::default(),
        &["category", "channel", "complexity", "content", "request_id", "subject"],
    ),
    (
        "white space",
        |request| {
            request.subject = " \u{3000}".into();
            request.content = "\n\t".into();
        },
        &["content", "subject"],
    ),
    (
        "what nobody sees",
        |it| {
            it.subject = "\u{200b}\u{202e}".into();
            it.content = "\u{2800}\u{2028}\u{fffd}".into();
        },
        &["content", "subject"],
    ),
    (
        "too long",
        |request| {
            request.subject = "照".repeat(201);
            request.content = "照".repeat(10_001);
            request.industry = "照".repeat(65);
            request.topic = "a".repeat(65);
            request.enterprise.get_or_insert_default().name = "照".repeat(201);
            request.contact.get_or_insert_default().name = "照".repeat(65);
        },
        &["contact.name", "content", "enterprise.name", "industry", "subject", "topic"],
    ),
    (
        "control characters",
        |request| {
            request.subject = "两\n行".into();
            request.content = "响铃\u{7}".into();
            request.industry = "\u{0}".into();
            request.enterprise.get_or_insert_default().name = "软\u{b}换行".into();
            request.contact.get_or_insert_default().name = "制\t表".into();
        },
        &["contact.name", "content", "enterprise.name", "industry", "subject"],
    ),
    (
        "codes",
        |request| {
            request.district = "11010".into();
            request.topic = "Licence!".into();
            request.certificate = Some(pb::Certificate { kind: 99, number: "E12345678".into() });
        },
        &["certificate.kind", "district", "topic"],
    ),
    (
        "unknown numbers",
        |request| {
            request.category = 99;
            request.complexity = -1;
            request.channel = 5;
        },
        &["category", "channel", "complexity"],
    ),
    (
        "an unknown category with accused units",
        |request| {
            complaint_about(request, &[LEAD]);
            request.category = 4;
        },
        &["category"],
    ),
    (
        "a call that has yet to begin, about nothing",
        |request| {
            request.subject = String::new();
            request.call_start_time = Some(stamp(at("2019-10-13T10:00:00+08:00")));
        },
        &["call_start_time", "subject"],
    ),
    ("no UUID", |request| request.request_id = "42".into(), &["request_id"]),
    (
        "the nil UUID",
        |request| request.request_id = "00000000-0000-0000-0000-000000000000".into(),
        &["request_id"],
    ),
    (
        "an empty source",
        |request| request.source = Some(pb::Source::default()),
        &["source.reference", "source.system"],
    ),
    (
        "a source with spaces",
        |request| request.source = Some(pb::Source { system: "a b".into(), reference: "c d".into() }),
        &["source.reference", "source.system"],
    ),
    ("accused units of an appeal", |request| request.accused_units = vec![LEAD.into()], &["accused_units"]),
    (
        "a unit accused twice",
        |request| complaint_about(request, &[LEAD, ASSISTING, LEAD]),
        &["accused_units[2]"],
    ),
    (
        "no unit code",
        |request| complaint_about(request, &[LEAD, "", "Dept Tax"]),
        &["accused_units[1]", "accused_units[2]"],
    ),
    (
        "too many units",
        |request| {
            request.category = 3;
            request.accused_units = (0..11).map(|unit| format!("dept-{unit}")).collect();
        },
        &["accused_units"],
    ),
    (
        "a call without its beginning",
        |request| request.channel = pb::Channel::Telephone.into(),
        &["call_start_time"],
    ),
    (
        "a call of the last century",
        |request| request.call_start_time = Some(Timestamp { seconds: 946_684_799, nanos: 0 }),
        &["call_start_time"],
    ),
    (
        "too many nanoseconds",
        |request| request.call_start_time = Some(Timestamp { seconds: 1_570_845_600, nanos: 1_000_000_000 }),
        &["call_start_time"],
    ),
    (
        "negative nanoseconds",
        |request| request.call_start_time = Some(Timestamp { seconds: 1_570_845_600, nanos: -1 }),
        &["call_start_time"],
    ),
    (
        "a call of tomorrow",
        |request| request.call_start_time = Some(stamp(at("2019-10-13T10:00:00+08:00"))),
        &["call_start_time"],
    ),
];

async fn an_invalid_create_names_every_wrong_field(env: &TestEnv) {
    let mut raw = env.raw();
    for (case, corrupt, fields) in INVALID_INTAKES {
        let mut request = valid_create();
        corrupt(&mut request);
        assert_refused(case, raw.create_ticket(env.by("agent", request)).await, "INVALID_FIELDS", fields);
    }
    let mut with_unknown_units = valid_create();
    complaint_about(&mut with_unknown_units, &["dept-nowhere", LEAD, "dept-neither"]);
    let outcome = raw.create_ticket(env.by("agent", with_unknown_units)).await;
    assert_refused("unknown units", outcome, "UNIT_UNKNOWN", &["accused_units[0]", "accused_units[2]"]);
    assert_eq!(env.all_tickets().await, [], "nothing was written");
    raw.create_ticket(env.by("agent", valid_create())).await.expect("the unchanged request is valid");
}

async fn texts_of_the_maximum_length_are_accepted(env: &TestEnv) {
    let mut request = valid_create();
    request.subject = "照".repeat(200);
    request.content = "照".repeat(10_000);
    request.industry = "照".repeat(64);
    request.topic = "a".repeat(64);
    request.enterprise = Some(pb::Enterprise { name: "商".repeat(200), social_credit_code: String::new() });
    request.contact = Some(pb::Contact { name: "人".repeat(64), phone: String::new() });
    request.source = Some(pb::Source { system: "a".repeat(64), reference: "~".repeat(128) });
    let created = env.raw().create_ticket(env.by("agent", request.clone())).await;
    let number = created
        .expect("texts of the maximum length are accepted")
        .into_inner()
        .ticket
        .expect("an answer has a ticket")
        .number;
    let answer = env
        .raw()
        .get_ticket(env.by("agent", pb::GetTicketRequest { ticket_number: number, ..Default::default() }))
        .await;
    let answer = answer.expect("it is there").into_inner();
    let ticket = answer.ticket.expect("an answer has a ticket");
    assert_eq!((ticket.subject, ticket.content), (request.subject, request.content));
    let caller = answer.caller.expect("a seat may know who called");
    assert_eq!((caller.enterprise, caller.contact), (request.enterprise, request.contact));
}

async fn a_channel_that_the_role_may_not_use_is_refused(env: &TestEnv) {
    let mut raw = env.raw();
    let web_request = || pb::CreateTicketRequest {
        source: Some(pb::Source { system: "s".into(), reference: "1".into() }),
        ..valid_create()
    };
    let outcome = raw.create_ticket(env.by("telephony", web_request())).await;
    assert_refused("telephony from the web", outcome, "INVALID_FIELDS", &["channel"]);
    let without_source = pb::CreateTicketRequest { channel: 0, ..valid_create() };
    let outcome = raw.create_ticket(env.by("telephony", without_source)).await;
    assert_refused("telephony without anything", outcome, "INVALID_FIELDS", &["channel", "source"]);
    let outcome = raw.create_ticket(env.by("unit", web_request())).await;
    assert_refused("a unit from the web", outcome, "INVALID_FIELDS", &["channel"]);
    assert_eq!(env.all_tickets().await, [], "nothing was written");
}

/// A filter of which every field is wrong.
fn wrong_filter() -> pb::TicketFilter {
    pb::TicketFilter {
        states: vec![1, 12],
        category: 9,
        lead_unit: "?".into(),
        district: "北京".into(),
        topic: "A".into(),
        rung_at_least: 6,
        intake_start_time: Some(Timestamp { seconds: i64::MAX, nanos: 0 }),
        intake_end_time: Some(Timestamp { seconds: i64::MIN, nanos: 0 }),
        due_end_time: Some(Timestamp { seconds: 0, nanos: 0 }),
        social_credit_code: "无".into(),
        contact_phone: "anonymous".into(),
        source: Some(pb::Source { system: "switch 3".into(), reference: String::new() }),
        assist_unit: "Dept Tax".into(),
        update_start_time: Some(Timestamp { seconds: 0, nanos: -1 }),
        assigned_to: "x".repeat(129),
        update_end_time: Some(Timestamp { seconds: 0, nanos: -1 }),
        // Yes or no is never wrong.
        ..Default::default()
    }
}

async fn an_invalid_query_names_every_wrong_field(env: &TestEnv) {
    let mut raw = env.raw();
    let filter = wrong_filter();
    let list = pb::ListTicketsRequest { page_size: -1, order: 9, filter: Some(filter), ..Default::default() };
    let fields = [
        "filter.assigned_to",
        "filter.assist_unit",
        "filter.category",
        "filter.contact_phone",
        "filter.district",
        "filter.due_end_time",
        "filter.intake_end_time",
        "filter.intake_start_time",
        "filter.lead_unit",
        "filter.rung_at_least",
        "filter.social_credit_code",
        "filter.source.reference",
        "filter.source.system",
        "filter.states[1]",
        "filter.topic",
        "filter.update_end_time",
        "filter.update_start_time",
        "order",
        "page_size",
    ];
    let outcome = raw.list_tickets(env.by("agent", list)).await;
    assert_refused("an invalid list", outcome, "INVALID_FIELDS", &fields);
    for token in ["!", "AAAA", "中文", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let list = pb::ListTicketsRequest { page_token: token.into(), ..Default::default() };
        let outcome = raw.list_tickets(env.by("agent", list)).await;
        assert_refused(token, outcome, "PAGE_TOKEN_INVALID", &["page_token"]);
    }
    let outcome = raw.get_ticket(env.by("agent", pb::GetTicketRequest::default())).await;
    assert_refused("no number", outcome, "INVALID_FIELDS", &["ticket_number"]);
    let without_number = pb::ExplainDeadlineRequest { ticket_number: "1".into() };
    let outcome = raw.explain_deadline(env.by("agent", without_number)).await;
    assert_refused("no number", outcome, "INVALID_FIELDS", &["ticket_number"]);

    for _ in 0..3 {
        env.take_in(super::test_env::appeal()).await;
    }
    let first = pb::ListTicketsRequest { page_size: 1, ..Default::default() };
    let page = raw.list_tickets(env.by("agent", first.clone())).await.expect("a first page").into_inner();
    let filter = Some(pb::TicketFilter { category: 1, ..Default::default() });
    let other = pb::ListTicketsRequest { page_token: page.next_page_token.clone(), filter, ..first.clone() };
    let outcome = raw.list_tickets(env.by("agent", other)).await;
    assert_refused("another filter's token", outcome, "PAGE_TOKEN_INVALID", &["page_token"]);
    let other = pb::ListTicketsRequest { page_token: page.next_page_token.clone(), order: 2, ..first };
    let outcome = raw.list_tickets(env.by("agent", other)).await;
    assert_refused("another order's token", outcome, "PAGE_TOKEN_INVALID", &["page_token"]);
    let number = page.tickets[0].number.clone();
    let events =
        pb::ListTicketEventsRequest { ticket_number: number, page_token: page.next_page_token, page_size: 0 };
    let outcome = raw.list_ticket_events(env.by("agent", events)).await;
    assert_refused("another method's token", outcome, "PAGE_TOKEN_INVALID", &["page_token"]);
}
