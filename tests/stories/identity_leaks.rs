//! The canary: one caller, named in every field that can hold an identity, through a whole life of tickets, with
//! everything that goes wrong on the way. The server is searched at its end, as every server of the suite is; this story
//! reads besides what units and strangers are told, and shows that a leak would be found.

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

on_every_store!(store: a_whole_life_says_nothing_of_who_called, an_injected_leak_is_found);

const MARKS: [&str; 7] =
    [COMPANY, CODE, CONTACT, PHONE, "139 7777 8888", "+8613977778888", "一三九七七七七八八八八"];

fn options() -> Options {
    let options = Options::default().simulated_clock(OPENING).set("log.filter", "\"trace\"");
    options.set("metrics.listen", "\"127.0.0.1:0\"")
}

/// The canary in every field that a caller's words go to.
fn everywhere(request: CreateTicket) -> CreateTicket {
    CreateTicket {
        industry: Some(format!("{COMPANY}的绸缎零售")),
        subject: format!("{CONTACT}（{PHONE}）的执照"),
        content: format!(
            "{COMPANY}，代码{CODE}，{CONTACT}，+86 139-7777-8888，一三九七七七七八八八八，请回电"
        ),
        ..request
    }
}

fn assert_silent(what: &str, shown: &str) {
    for mark in MARKS {
        assert!(!shown.contains(mark), "{what} says {mark}: {shown}");
    }
}

/// What the listener of metrics answers.
fn metrics(env: &TestEnv) -> String {
    let shown = env.server.wait_for_line("metrics: http://");
    let address = shown.trim_start_matches("metrics: http://").trim_end_matches("/metrics");
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("it is asked");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("it answers in UTF-8");
    page
}

async fn a_whole_life_says_nothing_of_who_called(store: Store) {
    let mut env = TestEnv::with(store, options());
    let report = env.take_in(everywhere(complaint())).await.number;
    let open = env.take_in(everywhere(appeal())).await.number;
    let mut refusals = go_wrong(&env, &report).await;
    live(&env, &report).await;
    handle_openly(&env, &open).await;
    look_it_up(&env, &report).await;
    for unit in [LEAD, ASSISTING, INFORMED] {
        assert_silent(unit, &everything_shown(&env, unit, &report).await);
    }
    refusals.push(refused(env.unit(ASSISTING).get_ticket(&open).await, ErrorReason::TicketNotFound));
    assert_silent("a refusal", &format!("{refusals:?}"));
    assert_silent("a page of metrics", &metrics(&env));

    env.server.kill();
    env.server.restart();
    assert_eq!(env.take_in(repeated("canary-1")).await.subject, "某某（[电话]）的执照", "it serves again");
    env.advance(TimeDelta::days(30)).await;
    if let Some(database) = env.server.database() {
        postgres::shared().expect("PostgreSQL is installed").psql(database, "CHECKPOINT");
    }
    env.server.terminate();
    assert_eq!(env.server.find_marks(&MARKS), Vec::<String>::new());
}

/// A request of one natural key.
fn repeated(reference: &str) -> CreateTicket {
    let source = Some(Source { system: "switch-8".into(), reference: reference.into() });
    CreateTicket { source, ..everywhere(appeal()) }
}

/// Every refusal that has seen the canary.
async fn go_wrong(env: &TestEnv, report: &str) -> Vec<Error> {
    let mut refusals = wrong_fields(env).await;
    let agent = env.agent();
    let request_id = Some(Uuid::from_u128(77));
    let first = CreateTicket { request_id, ..repeated("canary-1") };
    env.take_in(first.clone()).await;
    env.take_in(first.clone()).await;
    let content = format!("{}，又及", first.content);
    let reused = CreateTicket { content: content.clone(), ..first.clone() };
    refusals.push(refused(agent.create_ticket(reused).await, ErrorReason::RequestIdReused));
    let other = CreateTicket { request_id: None, content, contact: None, ..first };
    refusals.push(refused(agent.create_ticket(other).await, ErrorReason::SourceReused));
    let dispatch = |note: String| DispatchTicket { note: Some(note), ..DispatchTicket::new(report, LEAD) };
    let dispatcher = env.dispatcher();
    refusals
        .push(refused(dispatcher.dispatch_ticket(dispatch("请办理".into())).await, ErrorReason::TextHeld));
    for words in [CONTACT, COMPANY, CODE, "139 7777 8888"] {
        // The ticket is held: a note that would not be stored is compared with nothing.
        let named = dispatch(format!("请联系{words}"));
        refusals.push(refused(dispatcher.dispatch_ticket(named).await, ErrorReason::TextHeld));
    }
    let withdraw = WithdrawTicket::new(report, format!("{CONTACT}撤回"));
    refusals.push(refused(agent.withdraw_ticket(withdraw).await, ErrorReason::InvalidFields));
    refusals.push(refused(env.unit(LEAD).get_ticket(PHONE).await, ErrorReason::InvalidFields));
    let page = ListTickets { contact_phone: Some(format!("{PHONE}0")), ..Default::default() };
    refusals.push(refused(agent.list_tickets(page).try_next().await, ErrorReason::InvalidFields));
    refusals
}

/// Requests whose fields are wrong, each of them with the canary in it.
async fn wrong_fields(env: &TestEnv) -> Vec<Error> {
    let mut refusals = Vec::new();
    let bad = [
        Contact { name: CONTACT.into(), phone: format!("{PHONE}{PHONE}") },
        Contact { name: format!("{CONTACT}\u{7}"), phone: PHONE.into() },
    ];
    for contact in bad {
        let social_credit_code = Some(CODE.replace("RYR", "RYX"));
        let wrong = CreateTicket {
            contact: Some(contact),
            enterprise: Some(Enterprise { name: COMPANY.into(), social_credit_code }),
            subject: format!("{CONTACT}\n{PHONE}"),
            topic: Some(COMPANY.into()),
            district: Some(PHONE.into()),
            accused_units: vec![COMPANY.into()],
            ..everywhere(complaint())
        };
        refusals.push(refused(env.agent().create_ticket(wrong).await, ErrorReason::InvalidFields));
    }
    refusals
}

/// The report's way through the whole loop, and a second time.
async fn live(env: &TestEnv, report: &str) {
    env.agent().redact_ticket(RedactTicket::new(report, "余下文字不涉身份")).await.expect("it is confirmed");
    let dispatch = DispatchTicket {
        assist_units: vec![ASSISTING.into()],
        inform_units: vec![INFORMED.into()],
        ..DispatchTicket::new(report, LEAD)
    };
    env.dispatcher().dispatch_ticket(dispatch).await.expect("it is dispatched");
    env.unit(LEAD).accept_ticket(AcceptTicket::new(report)).await.expect("the lead signs");
    env.complete(report, LEAD).await;
    env.agent().record_contact_attempt(RecordContactAttempt::new(report)).await.expect("it is recorded");
    let survey = SubmitSurvey { resolved: Some(Resolved::No), ..SubmitSurvey::new(report) };
    env.agent().submit_survey(survey).await.expect("it is surveyed");
    let rework = ReworkTicket::new(report, "未解决");
    env.agent().rework_ticket(rework).await.expect("a new cycle begins");
}

/// An open ticket, whose lead may know who called and says nothing of it.
async fn handle_openly(env: &TestEnv, open: &str) {
    env.dispatch(open, LEAD).await;
    let caller = env.unit(LEAD).get_ticket(open).await.expect("it is theirs").caller;
    let phone = caller.and_then(|caller| caller.contact).map(|contact| contact.phone);
    assert_eq!(phone.as_deref(), Some(PHONE));
    env.unit(LEAD).accept_ticket(AcceptTicket::new(open)).await.expect("the lead signs");
    let mut feedback = both_halves(open, env.now().await);
    let say_nothing = |reply| CallerReply { content: "已告知".into(), ..reply };
    feedback.caller_reply = feedback.caller_reply.map(say_nothing);
    env.unit(LEAD).submit_feedback(feedback).await.expect("it is complete");
}

/// Who may, is shown: by a look-up, by two people's word, by an auditor's question.
async fn look_it_up(env: &TestEnv, report: &str) {
    for which in [
        ListTickets { contact_phone: Some(PHONE.into()), ..Default::default() },
        ListTickets { social_credit_code: Some(CODE.into()), ..Default::default() },
    ] {
        let found = env.agent().list_tickets(which).take_up_to(9).await.expect("an agent looks up");
        assert!(!found.is_empty() && found.iter().all(|ticket| ticket.number != report));
    }
    let approve = ApproveReveal::new(report, "dev-agent", RevealPurpose::Contact, "同意");
    env.supervisor().approve_reveal(approve).await.expect("it is approved");
    let reveal = RevealIdentity::new(report, RevealPurpose::Contact, "联系举报人");
    let caller = env.agent().reveal_identity(reveal).await.expect("two have agreed").caller;
    let contact = caller.and_then(|caller| caller.contact).expect("somebody was named");
    assert_eq!(contact.name, CONTACT);
    let which = ListIdentityAccesses { contact_phone: Some(PHONE.into()), ..Default::default() };
    let reads = env.client("supervisor").audit().list_identity_accesses(which).take_up_to(99).await;
    assert!(!reads.expect("a supervisor asks").is_empty());
}

/// All that a unit is told of the report, and in its list.
async fn everything_shown(env: &TestEnv, unit: &str, report: &str) -> String {
    let tickets = env.unit(unit);
    let one = tickets.get_ticket(report).await.expect("it is theirs");
    let events = tickets.list_ticket_events(report).take_up_to(99).await.expect("it is theirs");
    let deadline = tickets.explain_deadline(report).await.expect("it is theirs");
    let category = Some(Category::ComplaintReport);
    let which = ListTickets { category, ..Default::default() };
    let list = tickets.list_tickets(which).take_up_to(99).await.expect("a unit lists its tickets");
    assert!(one.caller_withheld && one.caller.is_none());
    format!("{one:?}{events:?}{deadline:?}{list:?}")
}

/// Marks that are written where no caller's may be: in a column, a statement and a file.
async fn an_injected_leak_is_found(store: Store) {
    let env = TestEnv::with(store, options());
    let marks = ["示例金雀公司", "示例金雀女士"];
    assert_eq!(env.server.find_marks(&marks), Vec::<String>::new());
    let subject = marks[0].into();
    let number = env.take_in(CreateTicket { subject, ..appeal() }).await.number;
    let found = env.server.find_marks(&marks[..1]);
    assert!(!found.is_empty(), "a plain column");
    if store == Store::Postgres {
        for place in ["server.log", "pg_wal"] {
            assert!(found.iter().any(|found| found.contains(place)), "{place}: {found:?}");
        }
    }
    for form in [
        "c3:".to_owned() + marks[1],
        marks[1].chars().map(|one| format!("\\u{:04x}", u32::from(one))).collect::<Vec<_>>().concat(),
        marks[1].bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
        // In base64, behind one other byte.
        "eOekuuS+i+mHkembgOWls+Wjqw==".to_owned(),
    ] {
        let path = env.server.data_dir().join(&number);
        std::fs::write(&path, &form).expect("the file can be written");
        assert!(!env.server.find_marks(&marks[1..]).is_empty(), "{form}");
        std::fs::remove_file(path).expect("it was there");
        assert_eq!(env.server.find_marks(&marks[1..]), Vec::<String>::new());
    }
}
