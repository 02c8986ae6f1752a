//! The caller is completed and corrected after the intake: by an agent, by the switch that took the call, and by a
//! repeat of the intake that adds what was missing.

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, CallerUpdated, Category, Channel, Contact, CreateTicket, Enterprise, Error, ErrorReason,
    EventDetail, ListAuditRecords, ListIdentityAccesses, ListTickets, RedactTicket, RevealIdentity,
    RevealPurpose, Source, Ticket, TicketView, UnverifiedReason, UpdateCaller, Uuid, WithdrawTicket,
};

use hotline_server::ticket::TicketNumber;

use super::test_env::{LEAD, NEXT, OPENING, TestEnv, appeal, at, refused, unnamed};

on_every_store!(env:
    an_agent_completes_and_corrects_the_caller,
    the_switch_updates_its_own_call_only,
    a_repeat_by_source_adds_what_was_missing,
    a_repeat_by_a_unit_adds_nothing_to_a_complaint,
    a_unit_sees_no_change_of_a_confidential_caller,
    no_update_tells_whether_a_guess_is_right,
    concurrent_repeats_add_the_caller_once,
);

/// Values that are searched for at the end of every server: they stand nowhere in the clear.
const COMPANY: &str = "匿迹示例商贸";
const NAME: &str = "欧阳静瑶";
const PHONE: &str = "13922223333";
/// A name that stands in texts.
const KNOWN_NAME: &str = "司马另例";

async fn view(env: &TestEnv, number: &str) -> TicketView {
    env.agent().get_ticket_with_caller(number).await.expect("an agent sees every ticket")
}

async fn by_phone(env: &TestEnv, phone: &str) -> Vec<String> {
    let which = ListTickets::default().contact_phone(phone);
    let found = env.agent().list_tickets(which).take_up_to(50).await.expect("an agent looks up");
    found.into_iter().map(|ticket| ticket.number).collect()
}

/// What the updates of a ticket say, as agents read them.
async fn updates(env: &TestEnv, number: &str) -> Vec<CallerUpdated> {
    let details = env.events(number).await.into_iter().map(|event| event.detail);
    details
        .filter_map(|detail| match detail {
            EventDetail::CallerUpdated(updated) => Some(updated),
            _ => None,
        })
        .collect()
}

/// A call that the switch took in, with a number alone.
async fn call(env: &TestEnv, reference: &str) -> CreateTicket {
    unnamed(appeal())
        .channel(Channel::Telephone)
        .source(Source { system: "switch-3".into(), reference: reference.into() })
        .call_start_time(env.now().await - TimeDelta::minutes(3))
        .contact(Contact { name: String::new(), phone: PHONE.into() })
}

fn named(number: &str, name: &str) -> UpdateCaller {
    UpdateCaller::new(number).contact_name(name)
}

async fn an_agent_completes_and_corrects_the_caller(env: &TestEnv) {
    let telephony = env.client("telephony").tickets();
    let number = telephony.create_ticket(call(env, "c-1").await).await.expect("a call").number;
    let completed = UpdateCaller::new(&number)
        .enterprise_name(COMPANY)
        .contact_name(NAME)
        .industry("批发")
        .request_id(Uuid::from_u128(1));
    let ticket = env.agent().update_caller(completed.clone()).await.expect("it is completed").ticket;
    assert_eq!(ticket.industry.as_deref(), Some("批发"));
    let repeat = env.agent().update_caller(completed).await.expect("a repeat is answered").ticket;
    assert_eq!(repeat, ticket);
    let caller = view(env, &number).await.caller.expect("somebody was named");
    let contact = caller.contact.expect("a contact");
    assert_eq!((contact.name.as_str(), contact.phone.as_str()), (NAME, PHONE), "the number on record stays");
    assert_eq!(caller.enterprise.map(|company| company.name).as_deref(), Some(COMPANY));
    assert_eq!(by_phone(env, PHONE).await, std::slice::from_ref(&number));

    // A number that was mistyped, and a name that nobody has.
    let corrected = UpdateCaller::new(&number)
        .contact_phone("13911112222 转8")
        .contact_name(String::new())
        .etag(ticket.etag);
    let updated = env.agent().update_caller(corrected.clone()).await.expect("it is corrected");
    assert_eq!(updated.warnings, []);
    refused(env.agent().update_caller(corrected).await, ErrorReason::EtagStale);
    let contact = view(env, &number).await.caller.and_then(|caller| caller.contact).expect("a contact");
    assert_eq!((contact.name.as_str(), contact.phone.as_str()), ("", "13911112222-8"));
    assert_eq!(by_phone(env, PHONE).await, Vec::<String>::new(), "the wrong number finds it no longer");
    assert_eq!(by_phone(env, "139 1111 2222").await, std::slice::from_ref(&number));

    let unread = UpdateCaller::new(&number).contact_phone("晚上打家里");
    let updated = env.agent().update_caller(unread).await.expect("it is kept as it came");
    assert_eq!(updated.warnings[0].reason, UnverifiedReason::FormUnknown);
    let fields: Vec<_> = updates(env, &number).await.into_iter().map(|updated| updated.fields).collect();
    assert_eq!(
        fields,
        [
            vec!["enterprise.name", "contact.name", "industry"],
            vec!["contact.name", "contact.phone"],
            vec!["contact.phone"]
        ]
    );

    refused(env.agent().update_caller(UpdateCaller::new(&number)).await, ErrorReason::InvalidFields);
    for role in ["dispatcher", "unit", "supervisor", "analyst"] {
        let tickets = env.client(role).tickets();
        refused(tickets.update_caller(named(&number, NAME)).await, ErrorReason::RoleNotAllowed);
    }
    // A company that has withdrawn can still be put right.
    let withdraw = WithdrawTicket::new(&number, "企业来电撤回");
    env.agent().withdraw_ticket(withdraw).await.expect("it is withdrawn");
    env.agent().update_caller(named(&number, NAME)).await.expect("in every state");
}

async fn the_switch_updates_its_own_call_only(env: &TestEnv) {
    let telephony = env.client("telephony").tickets();
    let created = telephony.create_ticket(call(env, "c-2").await).await.expect("a call");
    env.dispatch(&created.number, LEAD).await;
    let updated = telephony.update_caller(named(&created.number, NAME)).await.expect("its own call");
    assert_eq!(updated.ticket, created, "it learns nothing of what became of the ticket");
    assert_eq!(updates(env, &created.number).await[0].fields, ["contact.name"]);
    let others = env.take_in(appeal()).await.number;
    let unused = TicketNumber::new(at(OPENING).date_naive(), 9_999).expect("a number").to_string();
    for number in [others, unused] {
        refused(telephony.update_caller(named(&number, NAME)).await, ErrorReason::TicketNotFound);
    }
}

async fn a_repeat_by_source_adds_what_was_missing(env: &TestEnv) {
    let telephony = env.client("telephony").tickets();
    let content = format!("我是{KNOWN_NAME}，变更申请至今没有答复。");
    let first = call(env, "c-3").await.content(content);
    let created = telephony.create_ticket(first.clone()).await.expect("a call");
    let more = first
        .clone()
        .contact(Contact { name: KNOWN_NAME.into(), phone: "13911112222".into() })
        .industry("餐饮");
    for _ in 0..2 {
        let repeat = telephony.create_ticket(more.clone()).await.expect("a repeat is answered");
        assert_eq!(repeat, created, "with the first ticket");
    }
    let seen = view(env, &created.number).await;
    assert_eq!(seen.ticket.industry.as_deref(), Some("餐饮"));
    assert_eq!(seen.ticket.content.as_deref(), Some("我是某某，变更申请至今没有答复。"));
    let caller = seen.caller.expect("somebody was named");
    let original = caller.content.as_deref();
    assert_eq!(original, Some("我是司马另例，变更申请至今没有答复。"), "the original text is kept");
    let contact = caller.contact.expect("a contact");
    assert_eq!((contact.name.as_str(), contact.phone.as_str()), (KNOWN_NAME, PHONE), "the number stays");
    let added: Vec<_> = updates(env, &created.number).await.into_iter().map(|one| one.fields).collect();
    assert_eq!(added, [["contact.name", "industry"]], "once");

    let other = more.clone().subject("另一件事");
    let error = refused(telephony.create_ticket(other).await, ErrorReason::SourceReused);
    assert_eq!(error.metadata()["differing_fields"], "subject");
    // An industry names nobody, so another one than that on record is a conflict.
    let other = more.clone().industry("零售");
    let error = refused(telephony.create_ticket(other).await, ErrorReason::SourceReused);
    assert_eq!(error.metadata()["differing_fields"], "industry");
    let without = {
        let mut without = more.clone();
        without.industry = None;
        without
    };
    assert_eq!(telephony.create_ticket(without).await.expect("it says nothing else"), created);
    // What contradicts the caller is not compared, and what differs besides is named alone.
    let contact = Contact { name: "欧阳示例".into(), phone: "13911112222".into() };
    let other = more.clone().contact(contact.clone()).enterprise(company()).subject("另一件事");
    let error = refused(telephony.create_ticket(other).await, ErrorReason::SourceReused);
    assert_eq!(error.metadata()["differing_fields"], "subject");
    let guess = more.clone().contact(contact);
    assert_eq!(telephony.create_ticket(guess).await.expect("no answer tells a right guess"), created);
    let by_agent = more.enterprise(company());
    refused(env.agent().create_ticket(by_agent).await, ErrorReason::SourceReused);
    let caller = view(env, &created.number).await.caller.expect("somebody was named");
    assert_eq!(caller.enterprise.map(|company| company.name).as_deref(), Some(""), "nobody else adds");
}

fn company() -> Enterprise {
    Enterprise { name: COMPANY.into(), social_credit_code: None }
}

async fn a_repeat_by_a_unit_adds_nothing_to_a_complaint(env: &TestEnv) {
    let at_counter = |category, reference: &str| {
        unnamed(appeal().category(category))
            .channel(Channel::Partner)
            .source(Source { system: "counter".into(), reference: reference.into() })
    };
    for (category, reference, adds) in
        [(Category::Appeal, "1", true), (Category::ComplaintReport, "2", false)]
    {
        let request = at_counter(category, reference);
        let created = env.unit(NEXT).create_ticket(request.clone()).await.expect("its counter takes it in");
        let more = request.enterprise(company());
        assert_eq!(env.unit(NEXT).create_ticket(more).await.expect("a repeat is answered"), created);
        assert_eq!(updates(env, &created.number).await.len(), usize::from(adds), "{category:?}");
    }
}

async fn read_by_unit(env: &TestEnv, number: &str) -> Ticket {
    env.unit(LEAD).get_ticket_with_caller(number).await.expect("the unit has it").ticket
}

async fn a_unit_sees_no_change_of_a_confidential_caller(env: &TestEnv) {
    let content = format!("请联系{KNOWN_NAME}。");
    let hidden = unnamed(appeal()).confidential(true).content(content);
    let number = env.take_in(hidden).await.number;
    env.dispatch(&number, LEAD).await;
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("it is signed for");
    let before = read_by_unit(env, &number).await;
    let staff = env.agent().update_caller(named(&number, KNOWN_NAME)).await.expect("it is completed").ticket;
    assert_eq!((staff.content.as_deref(), staff.held), (Some("请联系某某。"), true));
    let after = read_by_unit(env, &number).await;
    assert_eq!((&after.content, after.held), (&before.content, false));
    let events = env.unit(LEAD).list_ticket_events(&number).take_up_to(50).await.expect("its events");
    let Some(EventDetail::CallerUpdated(seen)) = events.last().map(|event| &event.detail) else {
        panic!("{events:?}")
    };
    assert_eq!((seen.fields.len(), seen.subject_changed, seen.content_changed), (0, false, false));
    let held = ListTickets::default().held(true);
    let held = env.unit(LEAD).list_tickets(held).take_up_to(50).await.expect("a unit lists");
    assert_eq!(held, [], "no unit finds which of its tickets are held");
    let confirm = RedactTicket::new(&number, "已核");
    env.agent().redact_ticket(confirm).await.expect("an agent confirms");
    assert_eq!(read_by_unit(env, &number).await.content.as_deref(), Some("请联系某某。"));
}

/// Everything that a principal gets to see of an update, but the number and the times.
fn said(outcome: Result<Ticket, Error>, number: &str) -> String {
    let ticket = outcome.expect("no value is refused");
    format!("{:?} {:?} {:?}", ticket.etag, ticket.content, ticket.held).replace(number, "-")
}

async fn no_update_tells_whether_a_guess_is_right(env: &TestEnv) {
    let mut answers = Vec::new();
    for guess in [NAME, "另一个人"] {
        let contact = Some(Contact { name: NAME.into(), phone: PHONE.into() });
        let hidden = appeal().contact(contact).confidential(true);
        let number = env.take_in(hidden).await.number;
        let update = named(&number, guess).request_id(Uuid::new_v4());
        let outcome = env.agent().update_caller(update.clone()).await.map(|updated| updated.ticket);
        let answer = said(outcome, &number);
        // The same id with another value is answered with the first answer.
        let other = update.contact_name("第三个人");
        let repeat = env.agent().update_caller(other).await.map(|updated| updated.ticket);
        assert_eq!(said(repeat, &number), answer);
        answers.push((answer, updates(env, &number).await));
        // An industry stands on the ticket, so it is a text of staff: after five such refusals there are no more.
        let industry = UpdateCaller::new(&number).industry(format!("{guess}的店"));
        let refusal = refused(env.agent().update_caller(industry).await, ErrorReason::InvalidFields);
        assert_eq!(refusal.field_violations()[0].description, "透露了来电人信息");
        let records = ListAuditRecords::default().subject(format!("ticket/{number}"));
        let records = env.client("administrator").audit().list_audit_records(records).take_up_to(9).await;
        let records = records.expect("an administrator reads the audit");
        assert_eq!(records.iter().filter(|record| record.method == "TextRefused").count(), 1);
    }
    assert_eq!(answers[0], answers[1]);
}

async fn concurrent_repeats_add_the_caller_once(env: &TestEnv) {
    let telephony = env.client("telephony").tickets();
    let first = call(env, "c-9").await;
    let created = telephony.create_ticket(first.clone()).await.expect("a call");
    let more = first.enterprise(company());
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (telephony, more) = (telephony.clone(), more.clone());
        calls.spawn(async move { telephony.create_ticket(more).await });
    }
    for answered in calls.join_all().await {
        assert_eq!(answered.expect("every repeat is answered"), created);
    }
    assert_eq!(env.event_names(&created.number).await, ["TicketCreated", "CallerUpdated"]);
    let accesses = ListIdentityAccesses::default().ticket_number(created.number.clone());
    let accesses = env.client("supervisor").audit().list_identity_accesses(accesses).take_up_to(9).await;
    assert_eq!(accesses.expect("a supervisor reads the list"), [], "nobody was shown who called");
    let reveal = RevealIdentity::new(&created.number, RevealPurpose::Contact, "回访");
    let caller = env.agent().reveal_identity(reveal).await.expect("it is revealed").caller;
    assert_eq!(caller.and_then(|caller| caller.enterprise), Some(company()));
}
