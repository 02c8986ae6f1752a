//! Personal data in texts: what is taken out, which tickets are held because of it, and who can still read it.

use hotline_client::{
    AcceptTicket, ApproveReveal, Category, ClassifyTicket, Complexity, CreateTicket, DispatchTicket,
    ErrorReason, EscalateTicket, Escalation, EventDetail, ListTickets, PlanTicket, RedactTicket,
    RevealIdentity, RevealPurpose, Source, TextField, TextMarkKind, Tickets, Uuid,
};

use super::test_env::{INFORMED, LEAD, TestEnv, appeal, complaint, refused};
use crate::support::canary::{COMPANY, CONTACT, PHONE};

on_every_store!(env:
    a_confidential_ticket_is_held_for_an_agent,
    an_open_ticket_is_masked_except_for_readers_of_the_identity,
    a_ticket_that_becomes_confidential_is_held,
    staff_texts_on_a_confidential_ticket_may_not_name_the_caller,
    a_number_is_found_however_it_was_copied,
    ordinary_words_stay_where_nobody_was_named,
    a_unit_cannot_guess_the_caller,
    a_repeat_is_compared_with_the_original_texts,
);

const MASKED: &str = "我是某企业的某某，请打[电话]，或[电话]。";

fn text_with_personal_data() -> String {
    format!("我是{COMPANY}的{CONTACT}，请打１３９ ７７７７ ８８８８，或010-65881234。")
}

fn with_personal_data(request: CreateTicket) -> CreateTicket {
    request.subject(format!("{CONTACT}的执照")).content(text_with_personal_data())
}

async fn held_tickets(env: &TestEnv) -> Vec<String> {
    let which = ListTickets::default().held(true);
    let held_tickets = env.agent().list_tickets(which).take_up_to(99).await.expect("an agent lists them");
    held_tickets.into_iter().map(|ticket| ticket.number).collect()
}

/// Every text of a ticket that a client can read.
async fn text_shown(tickets: &Tickets, number: &str) -> String {
    let events =
        tickets.list_ticket_events(number).take_up_to(99).await.expect("the reader may read the ticket");
    format!(
        "{:?}{events:?}",
        tickets.get_ticket_with_caller(number).await.expect("the reader may read the ticket").ticket
    )
}

async fn a_confidential_ticket_is_held_for_an_agent(env: &TestEnv) {
    use TextMarkKind::{ContactName, EnterpriseName, Phone};
    let ticket = env.take_in(with_personal_data(complaint())).await;
    let number = ticket.number.clone();
    assert_eq!((ticket.held, ticket.subject.as_str()), (true, "某某的执照"));
    assert_eq!(ticket.content.as_deref(), Some(MASKED));
    let marks: Vec<_> = ticket.text_marks.iter().map(|mark| (mark.field, mark.kind, mark.position)).collect();
    let expected = [
        (TextField::Subject, ContactName, 1),
        (TextField::Content, EnterpriseName, 3),
        (TextField::Content, ContactName, 7),
        (TextField::Content, Phone, 12),
        (TextField::Content, Phone, 18),
    ];
    assert_eq!(marks, expected);
    assert_eq!(held_tickets(env).await, std::slice::from_ref(&number));

    let dispatch = || DispatchTicket::new(&number, LEAD);
    let refusal = refused(env.dispatcher().dispatch_ticket(dispatch()).await, ErrorReason::TextHeld);
    let marks = refusal.metadata().get("marks").cloned().unwrap_or_default();
    assert!(marks.starts_with("subject:contact_name:1,content:enterprise_name:3"), "{marks}");

    // A note that would not be stored is not screened.
    let with_contact_name = dispatch().note(format!("请联系{CONTACT}"));
    refused(env.dispatcher().dispatch_ticket(with_contact_name).await, ErrorReason::TextHeld);

    check_refused_redactions(env, &number).await;
    let redact = RedactTicket::new(&number, "合同号不是电话")
        .request_id(Uuid::from_u128(42))
        .content("窗口多次要求补交材料，合同号13812345678。")
        .keeps_numbers(true);
    let redacted = env.agent().redact_ticket(redact.clone()).await.expect("the texts are written anew");
    assert_eq!((redacted.held, redacted.text_marks.len()), (false, 0));
    assert_eq!(env.agent().redact_ticket(redact).await.expect("a repeat is answered"), redacted);
    assert_eq!(held_tickets(env).await, Vec::<String>::new());
    let dispatch_with_informed = dispatch().inform_units([INFORMED]);
    env.dispatcher().dispatch_ticket(dispatch_with_informed).await.expect("the ticket is no longer held");
    assert_eq!(env.event_names(&number).await, ["TicketCreated", "TicketRedacted", "TicketDispatched"]);
    for unit in [LEAD, INFORMED] {
        let text_shown = text_shown(&env.unit(unit), &number).await;
        assert!(
            text_shown.contains("合同号13812345678") && !text_shown.contains("合同号不是电话"),
            "{text_shown}"
        );
        for mark in [COMPANY, CONTACT, "65881234", PHONE] {
            assert!(!text_shown.contains(mark), "{unit} reads {mark}: {text_shown}");
        }
    }
    check_reveal_of_the_original(env, &number).await;
}

/// Texts that name somebody, or hold a number without the confirmation, are refused.
async fn check_refused_redactions(env: &TestEnv, number: &str) {
    for (redact, field) in [
        (RedactTicket::new(number, "已核").content(text_with_personal_data()), "content"),
        (RedactTicket::new(number, "已核").subject("13812345678"), "subject"),
        (RedactTicket::new(number, format!("去掉了{CONTACT}")), "note"),
        (RedactTicket::new(number, "合同号").subject(format!("致电{PHONE}")).keeps_numbers(true), "subject"),
    ] {
        let error = refused(env.agent().redact_ticket(redact).await, ErrorReason::InvalidFields);
        assert!(error.field_violations().iter().all(|violation| violation.field == field), "{error:?}");
    }
}

/// Who called, and the original texts, are revealed with a second person's approval.
async fn check_reveal_of_the_original(env: &TestEnv, number: &str) {
    let approve = ApproveReveal::new(number, "dev-agent", RevealPurpose::Contact, "同意");
    env.supervisor().approve_reveal(approve).await.expect("the approval is accepted");
    let with_contact_name = RevealIdentity::new(number, RevealPurpose::Contact, format!("联系{CONTACT}"));
    refused(env.agent().reveal_identity(with_contact_name).await, ErrorReason::InvalidFields);
    let reveal = RevealIdentity::new(number, RevealPurpose::Contact, "联系举报人");
    let caller = env
        .agent()
        .reveal_identity(reveal)
        .await
        .expect("the reveal is approved")
        .caller
        .expect("the ticket has a caller");
    assert_eq!(
        (caller.subject, caller.content),
        (Some(format!("{CONTACT}的执照")), Some(text_with_personal_data()))
    );
}

async fn an_open_ticket_is_masked_except_for_readers_of_the_identity(env: &TestEnv) {
    let ticket = env.take_in(with_personal_data(appeal())).await;
    assert_eq!((ticket.held, ticket.content.as_deref()), (false, Some(MASKED)));
    let dispatch = DispatchTicket::new(&ticket.number, LEAD).inform_units([INFORMED]);
    env.dispatcher().dispatch_ticket(dispatch).await.expect("an open ticket is not held");
    for client in [env.agent(), env.unit(LEAD)] {
        let view =
            client.get_ticket_with_caller(&ticket.number).await.expect("the reader may read the ticket");
        assert_eq!(view.ticket.content.as_deref(), Some(MASKED));
        assert_eq!(view.caller.and_then(|caller| caller.content), Some(text_with_personal_data()));
    }
    let view_of_inform_unit = env
        .unit(INFORMED)
        .get_ticket_with_caller(&ticket.number)
        .await
        .expect("the reader may read the ticket");
    assert_eq!(
        (view_of_inform_unit.caller, view_of_inform_unit.ticket.content.as_deref()),
        (None, Some(MASKED))
    );
    assert_eq!(view_of_inform_unit.ticket.text_marks, [], "text marks are shown to staff only");
}

async fn a_ticket_that_becomes_confidential_is_held(env: &TestEnv) {
    let number = env.take_in(with_personal_data(appeal())).await.number;
    let classify = ClassifyTicket::new(&number, Category::ComplaintReport, Complexity::General);
    assert!(env.agent().classify_ticket(classify).await.expect("the ticket is classified").held);
    refused(
        env.dispatcher().dispatch_ticket(DispatchTicket::new(&number, LEAD)).await,
        ErrorReason::TextHeld,
    );
    let confirmed = env.agent().redact_ticket(RedactTicket::new(&number, "余下文字不涉身份")).await;
    assert_eq!(confirmed.expect("an agent confirms").content.as_deref(), Some(MASKED));
    let events = env.events(&number).await;
    let Some(EventDetail::TicketRedacted(redacted)) = events.last().map(|event| event.detail.clone()) else {
        panic!("{events:?}")
    };
    assert_eq!((redacted.subject_changed, redacted.content_changed), (false, false));
    env.dispatch(&number, LEAD).await;
}

async fn staff_texts_on_a_confidential_ticket_may_not_name_the_caller(env: &TestEnv) {
    let confidential = env.take_in(complaint()).await.number;
    let open_ticket = env.take_in(appeal()).await.number;
    for text in ["请致电13812345678".to_owned(), format!("{CONTACT}反映"), format!("{COMPANY}反映")] {
        let dispatch = |confidential: &str| DispatchTicket::new(confidential, LEAD).note(text.clone());
        let error = refused(
            env.dispatcher().dispatch_ticket(dispatch(&confidential)).await,
            ErrorReason::InvalidFields,
        );
        assert_eq!(error.field_violations()[0].field, "note");
        assert!(!format!("{error:?}").contains(&text), "a refusal does not repeat it: {error:?}");
        let urge = EscalateTicket::new(&confidential, Escalation::Urge, text.clone());
        refused(env.supervisor().escalate_ticket(urge).await, ErrorReason::InvalidFields);
        let plan = PlanTicket::new(&confidential, text.clone(), LEAD);
        refused(env.client("coordinator").tickets().plan_ticket(plan).await, ErrorReason::WrongState);
    }
    // Stored texts are screened on open tickets too, because a ticket may become confidential later.
    for text in [format!("{CONTACT}反映"), "请致电13812345678".to_owned()] {
        let redact = RedactTicket::new(&open_ticket, "已核").content(text);
        let error = refused(env.agent().redact_ticket(redact).await, ErrorReason::InvalidFields);
        assert_eq!(error.field_violations()[0].field, "content");
    }
    let dispatch = DispatchTicket::new(&open_ticket, LEAD).note("请致电13812345678");
    env.dispatcher().dispatch_ticket(dispatch).await.expect("the caller of an open ticket may be named");
    env.dispatch(&confidential, LEAD).await;
}

/// Numbers and accounts as web pages, word processors and telephones of other places write them. The caller's own
/// among them.
const COPIED: [&str; 16] = [
    "139‑8765‑4321",
    "139\u{a0}8765\u{a0}4321",
    "139\u{2009}8765\u{2009}4321",
    "139−8765−4321",
    "139\u{ad}8765\u{ad}4321",
    "139\u{200e}87654321",
    "139\n8765\n4321",
    "139、8765、4321",
    "139・8765・4321",
    "139*8765*4321",
    "+852 9123 4567",
    "00852-91234567",
    "400-810-1234",
    "电话8234-5678",
    "wx：lanque_2019",
    "钉钉号lanque2019",
];

async fn a_number_is_found_however_it_was_copied(env: &TestEnv) {
    let own = PHONE.split_at(3);
    let own = [format!("{}\u{2011}{}", own.0, own.1), format!("{}\u{ad}{}", own.0, own.1)];
    let number = env.take_in(complaint()).await.number;
    for text in COPIED.iter().map(|text| (*text).to_owned()).chain(own) {
        let content = format!("窗口一直没有答复，请联系{text}。");
        let ticket = env.take_in(complaint().content(content)).await;
        assert!(ticket.held, "{text:?} holds the ticket");
        let held = env.dispatcher().dispatch_ticket(DispatchTicket::new(&ticket.number, LEAD)).await;
        refused(held, ErrorReason::TextHeld);
        let urge = EscalateTicket::new(&number, Escalation::Urge, format!("已核实。\n联系{text}"));
        let error = refused(env.supervisor().escalate_ticket(urge).await, ErrorReason::InvalidFields);
        let said = &error.field_violations()[0].description;
        assert!(said.contains("第 2 行第 "), "{said}");
    }
}

async fn ordinary_words_stay_where_nobody_was_named(env: &TestEnv) {
    for (contact, company) in [("匿名", "有限公司"), ("先生", "个体户"), ("经理", "公司")] {
        let content = "希望匿名处理。张先生说，该公司经理与有限公司的股东不是同一人，个体户也一样。";
        let enterprise = hotline_client::Enterprise { name: company.into(), social_credit_code: None };
        let caller = hotline_client::Contact { name: contact.into(), phone: String::new() };
        let request = complaint().content(content).enterprise(enterprise).contact(caller);
        let ticket = env.take_in(request).await;
        assert_eq!((ticket.held, ticket.content.as_deref()), (false, Some(content)), "{contact}, {company}");
    }
}

/// A refusal would confirm the unit's right guess, so texts of a unit are not compared.
async fn a_unit_cannot_guess_the_caller(env: &TestEnv) {
    let number = env.take_in(of_somebody(complaint())).await.number;
    env.dispatch(&number, LEAD).await;
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead unit accepts the ticket");
    let mut feedback = super::test_env::both_halves(&number, env.now().await);
    let guess = "是猜测示例商贸的人吗".to_owned();
    feedback.caller_reply =
        feedback.caller_reply.map(|reply| hotline_client::CallerReply { content: guess, ..reply });
    env.unit(LEAD)
        .submit_feedback(feedback)
        .await
        .expect("the feedback is accepted whether the guess is right or wrong");
}

/// A caller that is no canary, because this story lets a unit guess the name.
fn of_somebody(request: CreateTicket) -> CreateTicket {
    let name = "猜测示例商贸".into();
    request.enterprise(hotline_client::Enterprise { name, social_credit_code: None }).contact(None)
}

async fn a_repeat_is_compared_with_the_original_texts(env: &TestEnv) {
    let request_id = Some(Uuid::from_u128(43));
    let source = Some(Source { system: "switch-7".into(), reference: "held-1".into() });
    let request = with_personal_data(complaint()).request_id(request_id).source(source);
    let number = env.take_in(request.clone()).await.number;
    assert_eq!(env.take_in(request.clone()).await.number, number, "the same id");
    let with_source_only = request.clone().request_id(None);
    assert_eq!(env.take_in(with_source_only.clone()).await.number, number, "the same source");
    // The masked parts identify the caller and are not compared.
    let other_text = text_with_personal_data().replace("65881234", "65881235");
    for repeat in [&request, &with_source_only] {
        let repeat = repeat.clone().content(other_text.clone());
        assert_eq!(env.take_in(repeat).await.number, number);
    }
    let other_text = format!("{other_text}另一件事");
    let outcome = env.agent().create_ticket(request.content(other_text.clone())).await;
    refused(outcome, ErrorReason::RequestIdReused);
    let outcome = env.agent().create_ticket(with_source_only.content(other_text)).await;
    let error = refused(outcome, ErrorReason::SourceReused);
    assert_eq!(error.metadata().get("differing_fields").map(String::as_str), Some("content"));
}
