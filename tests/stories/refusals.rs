//! Refusals for other reasons than fields: the wrong state, the wrong unit, a stale etag, a reused id or reference, a
//! call outside the hours, a message that is too large, an unknown caller. Nothing is written.

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, Category, Channel, ClassifyTicket, Code, Complexity, Contact, CreateTicket, DispatchTicket,
    Enterprise, ErrorReason, ListAuditRecords, ListUnits, Source, SubmitFeedback, Ticket, Uuid,
};
use hotline_proto::v1 as pb;

use super::test_env::{LEAD, NEXT, OPENING, TestEnv, appeal, at, both_halves, complaint, refused, report};

on_every_store!(env:
    what_a_ticket_is_not_ready_for_changes_nothing,
    a_call_is_judged_by_when_it_began,
    a_reused_reference_names_the_fields_that_differ,
    a_source_of_somebody_else_is_always_refused_alike,
    a_message_that_is_too_large_is_refused,
    nobody_without_a_token_or_a_role_comes_in,
);

async fn snapshot(env: &TestEnv, numbers: &[&str]) -> (Vec<Ticket>, Vec<usize>) {
    let mut events = Vec::new();
    for number in numbers {
        events.push(env.events(number).await.len());
    }
    (env.all_tickets().await, events)
}

async fn what_a_ticket_is_not_ready_for_changes_nothing(env: &TestEnv) {
    let sent = env.take_in(appeal()).await.number;
    let ticket = env.dispatch(&sent, LEAD).await;
    let foreign = env.take_in(appeal()).await.number;
    env.dispatch(&foreign, NEXT).await;
    let before = snapshot(env, &[&sent, &foreign]).await;
    let lead = env.unit(LEAD);

    let early = both_halves(&sent, env.now().await);
    let error = refused(lead.submit_feedback(early).await, ErrorReason::WrongState);
    assert_eq!(
        (error.metadata()["state"].as_str(), error.metadata()["allowed_states"].as_str()),
        ("DISPATCHED", "HANDLING")
    );
    let theirs = SubmitFeedback { hotline_report: Some(report()), ..SubmitFeedback::new(&foreign) };
    refused(lead.submit_feedback(theirs).await, ErrorReason::TicketNotFound);
    refused(lead.accept_ticket(AcceptTicket::new(&foreign)).await, ErrorReason::TicketNotFound);
    let stale = AcceptTicket { etag: Some("1".into()), ..AcceptTicket::new(&sent) };
    let error = refused(lead.accept_ticket(stale).await, ErrorReason::EtagStale);
    assert_eq!(error.metadata()["ticket_number"], sent);
    assert_eq!(snapshot(env, &[&sent, &foreign]).await, before, "nothing was written");

    let id = Some(Uuid::new_v4());
    let staffs = AcceptTicket { etag: Some(ticket.etag), ..AcceptTicket::new(&sent) };
    refused(lead.accept_ticket(staffs).await, ErrorReason::EtagStale);
    let read = lead.get_ticket(&sent).await.expect("it is its own").ticket.etag;
    let fresh = AcceptTicket { etag: Some(read), request_id: id, ..AcceptTicket::new(&sent) };
    lead.accept_ticket(fresh).await.expect("the present etag fits");
    let before = snapshot(env, &[&sent, &foreign]).await;
    let other = AcceptTicket { request_id: id, ..AcceptTicket::new(&sent) };
    refused(lead.accept_ticket(other).await, ErrorReason::RequestIdReused);
    let other =
        SubmitFeedback { request_id: id, hotline_report: Some(report()), ..SubmitFeedback::new(&sent) };
    refused(lead.submit_feedback(other).await, ErrorReason::RequestIdReused);
    assert_eq!(snapshot(env, &[&sent, &foreign]).await, before, "nothing was written");
}

fn call(began: &str) -> CreateTicket {
    CreateTicket {
        channel: Channel::Telephone,
        source: Some(Source { system: "switch-3".into(), reference: format!("call-{began}") }),
        call_start_time: Some(at(began)),
        ..appeal()
    }
}

async fn a_call_is_judged_by_when_it_began(env: &TestEnv) {
    env.advance_to(at("2019-10-13T00:10:00+08:00")).await;
    let telephony = env.client("telephony").tickets();
    let night = telephony.create_ticket(call("2019-10-12T23:58:00+08:00")).await.expect("it began in time");
    assert!(night.number.starts_with("191013"), "{}", night.number);
    assert_eq!(night.intake_time, env.now().await, "the limit counts from the intake");

    env.advance_to(at("2019-10-13T06:30:00+08:00")).await;
    for closed in ["00:00:00", "03:00:00", "05:59:00", "05:59:59"] {
        let outcome = telephony.create_ticket(call(&format!("2019-10-13T{closed}+08:00"))).await;
        refused(outcome, ErrorReason::OutsideHours);
    }
    assert_eq!(env.all_tickets().await.len(), 1, "nothing was written");
    for open in ["2019-10-13T06:00:00+08:00", "2019-10-12T23:59:59+08:00"] {
        telephony.create_ticket(call(open)).await.expect("it began in time");
    }
    let web = CreateTicket { channel: Channel::Web, ..call("2019-10-13T03:00:00+08:00") };
    env.agent().create_ticket(web).await.expect("the web has no hours");
}

async fn a_reused_reference_names_the_fields_that_differ(env: &TestEnv) {
    let first = CreateTicket {
        enterprise: Some(Enterprise { name: "北京示例".into(), social_credit_code: None }),
        contact: Some(Contact { name: "王女士".into(), phone: "13800000000".into() }),
        ..call(OPENING)
    };
    let telephony = env.client("telephony").tickets();
    let taken = telephony.create_ticket(first.clone()).await.expect("it is taken in");
    let formatted = Contact { name: "王女士".into(), phone: "138 0000 0000".into() };
    let same = CreateTicket { contact: Some(formatted), ..first.clone() };
    assert_eq!(telephony.create_ticket(same).await.expect("it is the same call"), taken);

    let earlier = Some(at(OPENING) - TimeDelta::seconds(1));
    // No data about the caller is compared: a right guess gets the same answer as a wrong one.
    for contact in [None, Some(Contact { name: "李女士".into(), phone: "13900000000".into() })] {
        let other = CreateTicket { contact, enterprise: None, ..first.clone() };
        assert_eq!(telephony.create_ticket(other).await.expect("it is the same call"), taken);
    }
    let table: [(CreateTicket, &str); 4] = [
        (CreateTicket { category: Category::Consultation, ..first.clone() }, "category"),
        (
            CreateTicket { confidential: Some(true), call_start_time: earlier, ..first.clone() },
            "call_start_time,confidential",
        ),
        (
            CreateTicket { subject: "另一件事".into(), content: "另一件事".into(), ..first.clone() },
            "subject,content",
        ),
        (
            CreateTicket {
                district: Some("110105".into()),
                topic: Some("utility.power".into()),
                complexity: Complexity::Complex,
                several_units: true,
                industry: Some("D44".into()),
                ..first
            },
            "complexity,several_units,topic,district,industry",
        ),
    ];
    for (other, fields) in table {
        let error = refused(telephony.create_ticket(other).await, ErrorReason::SourceReused);
        assert_eq!(error.metadata()["differing_fields"], fields);
        assert_eq!(error.metadata()["ticket_number"], taken.number);
    }
    assert_eq!(env.all_tickets().await.len(), 1, "nothing was written");
    assert_eq!(env.event_names(&taken.number).await, ["TicketCreated"]);
}

/// Another principal than the maker always gets the same answer, for right and wrong guesses, and each is recorded.
async fn a_source_of_somebody_else_is_always_refused_alike(env: &TestEnv) {
    let first = CreateTicket {
        contact: Some(Contact { name: "王女士".into(), phone: "13800000000".into() }),
        accused_units: vec![LEAD.into()],
        ..CreateTicket { category: Category::ComplaintReport, ..call(OPENING) }
    };
    let telephony = env.client("telephony").tickets();
    let taken = telephony.create_ticket(first.clone()).await.expect("it is taken in");
    let mut actual = Vec::new();
    for guess in [
        first.clone(),
        CreateTicket { contact: None, ..first.clone() },
        CreateTicket {
            contact: Some(Contact { name: "李女士".into(), phone: "13800000000".into() }),
            ..first.clone()
        },
        CreateTicket { accused_units: vec![NEXT.into()], ..first.clone() },
        CreateTicket { subject: "另一件事".into(), ..first.clone() },
    ] {
        let error = refused(env.agent().create_ticket(guess).await, ErrorReason::SourceReused);
        assert!(error.metadata().is_empty(), "{error:?}");
        actual.push((error.code(), error.to_string(), error.field_violations().len()));
    }
    assert!(actual.windows(2).all(|pair| pair[0] == pair[1]), "{actual:?}");

    let other = CreateTicket { subject: "另一件事".into(), ..first.clone() };
    refused(telephony.create_ticket(other).await, ErrorReason::SourceReused);
    let which = ListAuditRecords { method: Some("SourceRefused".into()), ..Default::default() };
    let records = env.client("administrator").audit().list_audit_records(which).take_up_to(100).await;
    let mut by: Vec<_> = records
        .expect("an administrator reads the records")
        .into_iter()
        .map(|record| {
            assert_eq!(record.subject, format!("ticket/{}", taken.number));
            assert!(!record.details.contains("13800000000") && !record.details.contains("女士"));
            (record.principal, record.details.contains("\"is_by_maker\":true"))
        })
        .collect();
    by.sort();
    let mut expected = vec![("dev-agent".to_owned(), false); 5];
    expected.push(("dev-telephony".to_owned(), true));
    assert_eq!(by, expected);
    assert_eq!(telephony.create_ticket(first).await.expect("an honest retry is answered"), taken);
    assert_eq!(env.all_tickets().await.len(), 1, "nothing was written");
}

async fn a_message_that_is_too_large_is_refused(env: &TestEnv) {
    // Larger than all limits of fields together, so that only the size is wrong.
    let large = CreateTicket { content: "照".repeat(100_000), ..appeal() };
    let error = env.agent().create_ticket(large).await.expect_err("it is too large");
    assert_eq!(error.code(), Code::ResourceExhausted, "{error:?}");
    assert_eq!(error.reason(), Some(ErrorReason::MessageTooLarge), "{error:?}");
    assert_eq!(error.attempts(), 1, "a repeat would be as large");
    assert_eq!(env.all_tickets().await, [], "nothing was written");
    env.take_in(appeal()).await;
}

async fn nobody_without_a_token_or_a_role_comes_in(env: &TestEnv) {
    let mut raw = env.raw();
    let question = || pb::ListTicketsRequest::default();
    for request in [tonic::Request::new(question()), super::test_env::with_token("made-up", question())] {
        let status = raw.list_tickets(request).await.expect_err("nobody knows the caller");
        assert_eq!(status.code(), tonic::Code::Unauthenticated);
    }
    refused(env.client("telephony").tickets().get_ticket("1910120000005").await, ErrorReason::RoleNotAllowed);
    refused(
        env.unit(LEAD).dispatch_ticket(DispatchTicket::new("1910120000005", LEAD)).await,
        ErrorReason::RoleNotAllowed,
    );
    let classify = ClassifyTicket::new("1910120000005", Category::Appeal, Complexity::General);
    refused(env.supervisor().classify_ticket(classify).await, ErrorReason::RoleNotAllowed);
    refused(env.client("analyst").tickets().create_ticket(complaint()).await, ErrorReason::RoleNotAllowed);
    let units = env.client("telephony").directory().list_units(ListUnits::default()).try_next().await;
    refused(units, ErrorReason::RoleNotAllowed);
    assert_eq!(env.all_tickets().await, [], "nothing was written");
}
