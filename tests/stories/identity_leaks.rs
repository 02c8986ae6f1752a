//! The canary: one caller, named in every field that can hold an identity, through the whole life of tickets with all
//! kinds of errors. The server is searched at its end, as every server of the suite. This story also reads what units
//! and unauthenticated callers get, and shows that a leak would be found.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, ApproveReveal, CallerReply, Category, Contact, CreateTicket, DispatchTicket, Enterprise,
    Error, ErrorReason, ListIdentityAccesses, ListTickets, RecordContactAttempt, RedactTicket, Resolved,
    RevealIdentity, RevealPurpose, ReworkTicket, Source, SubmitSurvey, Uuid, WithdrawTicket,
};

use super::test_env::{ASSISTING, INFORMED, LEAD, OPENING, TestEnv, appeal, both_halves, complaint, refused};
use crate::support::canary::{CODE, COMPANY, CONTACT, PHONE};
use crate::support::postgres;
use crate::support::server::{Options, Store};

on_every_store!(store: a_ticket_lifecycle_leaks_no_identity, an_injected_leak_is_found);

const MARKS: [&str; 7] =
    [COMPANY, CODE, CONTACT, PHONE, "139 7777 8888", "+8613977778888", "一三九七七七七八八八八"];

fn options() -> Options {
    let options = Options::default().simulated_clock(OPENING).set("log.filter", "\"trace\"");
    options.set("metrics.listen", "\"127.0.0.1:0\"")
}

/// The canary in every field with text of a caller.
fn with_canary_texts(request: CreateTicket) -> CreateTicket {
    request.industry(format!("{COMPANY}的绸缎零售")).subject(format!("{CONTACT}（{PHONE}）的执照")).content(
        format!("{COMPANY}，代码{CODE}，{CONTACT}，+86 139-7777-8888，一三九七七七七八八八八，请回电"),
    )
}

fn assert_silent(what: &str, shown: &str) {
    for mark in MARKS {
        assert!(!shown.contains(mark), "{what} says {mark}: {shown}");
    }
}

/// The answer of the metrics listener.
fn metrics(env: &TestEnv) -> String {
    let line = env.server.wait_for_line("metrics: http://");
    let address = line.trim_start_matches("metrics: http://").trim_end_matches("/metrics");
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("it is asked");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("it answers in UTF-8");
    page
}

async fn a_ticket_lifecycle_leaks_no_identity(store: Store) {
    let mut env = TestEnv::with(store, options());
    let report = env.take_in(with_canary_texts(complaint())).await.number;
    let open_ticket = env.take_in(with_canary_texts(appeal())).await.number;
    let mut refusals = collect_refusals(&env, &report).await;
    run_lifecycle(&env, &report).await;
    handle_open_ticket(&env, &open_ticket).await;
    look_up_and_reveal(&env, &report).await;
    for unit in [LEAD, ASSISTING, INFORMED] {
        assert_silent(unit, &shown_to_unit(&env, unit, &report).await);
    }
    refusals.push(refused(
        env.unit(ASSISTING).get_ticket_with_caller(&open_ticket).await,
        ErrorReason::TicketNotFound,
    ));
    assert_silent("a refusal", &format!("{refusals:?}"));
    assert_silent("a page of metrics", &metrics(&env));

    env.server.kill();
    env.server.restart();
    assert_eq!(env.take_in(with_source("canary-1")).await.subject, "某某（[电话]）的执照", "it serves again");
    env.advance(TimeDelta::days(30)).await;
    if let Some(database) = env.server.database() {
        postgres::shared().expect("PostgreSQL is installed").psql(database, "CHECKPOINT");
    }
    env.server.terminate();
    assert_eq!(env.server.find_marks(&MARKS), Vec::<String>::new());
}

/// A request with one natural key.
fn with_source(reference: &str) -> CreateTicket {
    let source = Some(Source { system: "switch-8".into(), reference: reference.into() });
    with_canary_texts(appeal()).source(source)
}

/// Every refusal of a request with the canary.
async fn collect_refusals(env: &TestEnv, report: &str) -> Vec<Error> {
    let mut refusals = refusals_of_invalid_fields(env).await;
    let agent = env.agent();
    let request_id = Some(Uuid::from_u128(77));
    let request = with_source("canary-1").request_id(request_id);
    env.take_in(request.clone()).await;
    env.take_in(request.clone()).await;
    let content = format!("{}，又及", request.content);
    let with_used_id = request.clone().content(content.clone());
    refusals.push(refused(agent.create_ticket(with_used_id).await, ErrorReason::RequestIdReused));
    let changed = request.request_id(None).content(content).contact(None);
    refusals.push(refused(agent.create_ticket(changed).await, ErrorReason::SourceReused));
    let dispatch = |note: String| DispatchTicket::new(report, LEAD).note(note);
    let dispatcher = env.dispatcher();
    refusals
        .push(refused(dispatcher.dispatch_ticket(dispatch("请办理".into())).await, ErrorReason::TextHeld));
    for mark in [CONTACT, COMPANY, CODE, "139 7777 8888"] {
        // The ticket is held, so the note is refused before it is compared.
        let with_name = dispatch(format!("请联系{mark}"));
        refusals.push(refused(dispatcher.dispatch_ticket(with_name).await, ErrorReason::TextHeld));
    }
    let withdraw = WithdrawTicket::new(report, format!("{CONTACT}撤回"));
    refusals.push(refused(agent.withdraw_ticket(withdraw).await, ErrorReason::InvalidFields));
    refusals.push(refused(env.unit(LEAD).get_ticket_with_caller(PHONE).await, ErrorReason::InvalidFields));
    let page = ListTickets::default().contact_phone(PHONE.repeat(30));
    refusals.push(refused(agent.list_tickets(page).try_next().await, ErrorReason::InvalidFields));
    refusals
}

/// Requests with wrong fields, each with the canary.
async fn refusals_of_invalid_fields(env: &TestEnv) -> Vec<Error> {
    let mut refusals = Vec::new();
    let bad = [
        Contact { name: CONTACT.into(), phone: format!("{PHONE}{PHONE}") },
        Contact { name: format!("{CONTACT}\u{7}"), phone: PHONE.into() },
    ];
    for contact in bad {
        let social_credit_code = Some(CODE.replace("RYR", "RYX"));
        let wrong = with_canary_texts(complaint())
            .contact(contact)
            .enterprise(Enterprise { name: COMPANY.into(), social_credit_code })
            .subject(format!("{CONTACT}\n{PHONE}"))
            .topic(COMPANY)
            .district(PHONE)
            .accused_units([COMPANY]);
        refusals.push(refused(env.agent().create_ticket(wrong).await, ErrorReason::InvalidFields));
    }
    refusals
}

/// The report goes through the whole loop twice.
async fn run_lifecycle(env: &TestEnv, report: &str) {
    env.agent().redact_ticket(RedactTicket::new(report, "余下文字不涉身份")).await.expect("it is confirmed");
    let dispatch = DispatchTicket::new(report, LEAD).assist_units([ASSISTING]).inform_units([INFORMED]);
    env.dispatcher().dispatch_ticket(dispatch).await.expect("the ticket is dispatched");
    env.unit(LEAD).accept_ticket(AcceptTicket::new(report)).await.expect("the lead unit accepts the ticket");
    env.complete(report, LEAD).await;
    env.agent().record_contact_attempt(RecordContactAttempt::new(report)).await.expect("it is recorded");
    let survey = SubmitSurvey::new(report).resolved(Resolved::No);
    env.agent().submit_survey(survey).await.expect("the survey is accepted");
    let rework = ReworkTicket::new(report, "未解决");
    env.agent().rework_ticket(rework).await.expect("a new cycle begins");
}

/// An open ticket, whose lead may know who called.
async fn handle_open_ticket(env: &TestEnv, number: &str) {
    env.dispatch(number, LEAD).await;
    let caller =
        env.unit(LEAD).get_ticket_with_caller(number).await.expect("the unit may read the ticket").caller;
    let phone = caller.and_then(|caller| caller.contact).map(|contact| contact.phone);
    assert_eq!(phone.as_deref(), Some(PHONE));
    env.unit(LEAD).accept_ticket(AcceptTicket::new(number)).await.expect("the lead unit accepts the ticket");
    let mut feedback = both_halves(number, env.now().await);
    let without_personal_data = |reply| CallerReply { content: "已告知".into(), ..reply };
    feedback.caller_reply = feedback.caller_reply.map(without_personal_data);
    env.unit(LEAD).submit_feedback(feedback).await.expect("it is complete");
}

/// Allowed readers see the caller: by a search, with a second person's approval, in the audit.
async fn look_up_and_reveal(env: &TestEnv, report: &str) {
    for filter in
        [ListTickets::default().contact_phone(PHONE), ListTickets::default().social_credit_code(CODE)]
    {
        let found = env.agent().list_tickets(filter).take_up_to(9).await.expect("an agent looks up");
        assert!(!found.is_empty() && found.iter().all(|ticket| ticket.number != report));
    }
    let approve = ApproveReveal::new(report, "dev-agent", RevealPurpose::Contact, "同意");
    env.supervisor().approve_reveal(approve).await.expect("the approval is accepted");
    let reveal = RevealIdentity::new(report, RevealPurpose::Contact, "联系举报人");
    let caller = env.agent().reveal_identity(reveal).await.expect("the reveal is approved").caller;
    let contact = caller.and_then(|caller| caller.contact).expect("the caller is named");
    assert_eq!(contact.name, CONTACT);
    let filter = ListIdentityAccesses::default().contact_phone(PHONE);
    let accesses = env.client("supervisor").audit().list_identity_accesses(filter).take_up_to(99).await;
    assert!(!accesses.expect("a supervisor asks").is_empty());
}

/// Everything that a unit gets about the report, also in lists.
async fn shown_to_unit(env: &TestEnv, unit: &str, report: &str) -> String {
    let unit_client = env.unit(unit);
    let view = unit_client.get_ticket_with_caller(report).await.expect("the unit may read the ticket");
    let events =
        unit_client.list_ticket_events(report).take_up_to(99).await.expect("the unit may read the ticket");
    let deadline = unit_client.explain_deadline(report).await.expect("the unit may read the ticket");
    let category = Some(Category::ComplaintReport);
    let complaints = ListTickets::default().category(category);
    let list = unit_client.list_tickets(complaints).take_up_to(99).await.expect("a unit lists its tickets");
    assert!(view.caller_withheld && view.caller.is_none());
    format!("{view:?}{events:?}{deadline:?}{list:?}")
}

/// Marks where no data of a caller may be: in a column, a statement and a file.
async fn an_injected_leak_is_found(store: Store) {
    let env = TestEnv::with(store, options());
    let marks = ["示例金雀公司", "示例金雀女士"];
    assert_eq!(env.server.find_marks(&marks), Vec::<String>::new());
    let subject = marks[0];
    let number = env.take_in(appeal().subject(subject)).await.number;
    let found = env.server.find_marks(&marks[..1]);
    assert!(!found.is_empty(), "a plain column");
    if store == Store::Postgres {
        for place in ["server.log", "pg_wal"] {
            assert!(found.iter().any(|found| found.contains(place)), "{place}: {found:?}");
        }
    }
    for encoding in [
        "c3:".to_owned() + marks[1],
        marks[1].chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect::<Vec<_>>().concat(),
        marks[1].bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
        // In base64, after another byte.
        "eOekuuS+i+mHkembgOWls+Wjqw==".to_owned(),
    ] {
        let path = env.server.data_dir().join(&number);
        std::fs::write(&path, &encoding).expect("the file can be written");
        assert!(!env.server.find_marks(&marks[1..]).is_empty(), "{encoding}");
        std::fs::remove_file(path).expect("it was there");
        assert_eq!(env.server.find_marks(&marks[1..]), Vec::<String>::new());
    }
}
