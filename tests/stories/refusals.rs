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
    a_refused_command_changes_nothing,
    opening_hours_apply_to_the_start_of_a_call,
    a_reused_reference_names_the_fields_that_differ,
    a_source_of_another_principal_is_always_refused_in_the_same_way,
    a_message_that_is_too_large_is_refused,
    calls_without_a_token_or_a_role_are_refused,
);

async fn snapshot(env: &TestEnv, numbers: &[&str]) -> (Vec<Ticket>, Vec<usize>) {
    let mut events = Vec::new();
    for number in numbers {
        events.push(env.events(number).await.len());
    }
    (env.all_tickets().await, events)
}

async fn a_refused_command_changes_nothing(env: &TestEnv) {
    let own_ticket = env.take_in(appeal()).await.number;
    let dispatched = env.dispatch(&own_ticket, LEAD).await;
    let other_units_ticket = env.take_in(appeal()).await.number;
    env.dispatch(&other_units_ticket, NEXT).await;
    let before = snapshot(env, &[&own_ticket, &other_units_ticket]).await;
    let lead_unit = env.unit(LEAD);

    let feedback = both_halves(&own_ticket, env.now().await);
    let error = refused(lead_unit.submit_feedback(feedback).await, ErrorReason::WrongState);
    assert_eq!(
        (error.metadata()["state"].as_str(), error.metadata()["allowed_states"].as_str()),
        ("DISPATCHED", "HANDLING")
    );
    let feedback_for_other_unit = SubmitFeedback::new(&other_units_ticket).hotline_report(report());
    refused(lead_unit.submit_feedback(feedback_for_other_unit).await, ErrorReason::TicketNotFound);
    refused(
        lead_unit.accept_ticket(AcceptTicket::new(&other_units_ticket)).await,
        ErrorReason::TicketNotFound,
    );
    let with_stale_etag = AcceptTicket::new(&own_ticket).etag("1");
    let error = refused(lead_unit.accept_ticket(with_stale_etag).await, ErrorReason::EtagStale);
    assert_eq!(error.metadata()["ticket_number"], own_ticket);
    assert_eq!(snapshot(env, &[&own_ticket, &other_units_ticket]).await, before, "no row was written");

    let request_id = Some(Uuid::new_v4());
    let with_staff_etag = AcceptTicket::new(&own_ticket).etag(dispatched.etag);
    refused(lead_unit.accept_ticket(with_staff_etag).await, ErrorReason::EtagStale);
    let etag_of_unit =
        lead_unit.get_ticket_with_caller(&own_ticket).await.expect("it is its own").ticket.etag;
    let with_current_etag = AcceptTicket::new(&own_ticket).etag(etag_of_unit).request_id(request_id);
    lead_unit.accept_ticket(with_current_etag).await.expect("the present etag fits");
    let before = snapshot(env, &[&own_ticket, &other_units_ticket]).await;
    let changed = AcceptTicket::new(&own_ticket).request_id(request_id);
    refused(lead_unit.accept_ticket(changed).await, ErrorReason::RequestIdReused);
    let changed = SubmitFeedback::new(&own_ticket).request_id(request_id).hotline_report(report());
    refused(lead_unit.submit_feedback(changed).await, ErrorReason::RequestIdReused);
    assert_eq!(snapshot(env, &[&own_ticket, &other_units_ticket]).await, before, "no row was written");
}

fn telephone_request(began: &str) -> CreateTicket {
    appeal()
        .channel(Channel::Telephone)
        .source(Source { system: "switch-3".into(), reference: format!("call-{began}") })
        .call_start_time(at(began))
}

async fn opening_hours_apply_to_the_start_of_a_call(env: &TestEnv) {
    env.advance_to(at("2019-10-13T00:10:00+08:00")).await;
    let telephony = env.client("telephony").tickets();
    let late_call = telephony
        .create_ticket(telephone_request("2019-10-12T23:58:00+08:00"))
        .await
        .expect("the call began within the opening hours");
    assert!(late_call.number.starts_with("191013"), "{}", late_call.number);
    assert_eq!(late_call.intake_time, env.now().await, "the limit counts from the intake");

    env.advance_to(at("2019-10-13T06:30:00+08:00")).await;
    for closed_time in ["00:00:00", "03:00:00", "05:59:00", "05:59:59"] {
        let outcome =
            telephony.create_ticket(telephone_request(&format!("2019-10-13T{closed_time}+08:00"))).await;
        refused(outcome, ErrorReason::OutsideHours);
    }
    assert_eq!(env.all_tickets().await.len(), 1, "no row was written");
    for open_time in ["2019-10-13T06:00:00+08:00", "2019-10-12T23:59:59+08:00"] {
        telephony
            .create_ticket(telephone_request(open_time))
            .await
            .expect("the call began within the opening hours");
    }
    let web_request = telephone_request("2019-10-13T03:00:00+08:00").channel(Channel::Web);
    env.agent().create_ticket(web_request).await.expect("the web has no hours");
}

async fn a_reused_reference_names_the_fields_that_differ(env: &TestEnv) {
    let request = telephone_request(OPENING)
        .enterprise(Enterprise { name: "北京示例".into(), social_credit_code: None })
        .contact(Contact { name: "王女士".into(), phone: "13800000000".into() });
    let telephony = env.client("telephony").tickets();
    let created = telephony.create_ticket(request.clone()).await.expect("the ticket is created");
    let same_contact = Contact { name: "王女士".into(), phone: "138 0000 0000".into() };
    let repeat = request.clone().contact(same_contact);
    assert_eq!(telephony.create_ticket(repeat).await.expect("it is the same call"), created);

    // A start nearby is that of the same call, and is not compared.
    let earlier_start = Some(at(OPENING) - TimeDelta::seconds(1));
    // The caller is not compared, so that a right guess is answered like a wrong one.
    for contact in [None, Some(Contact { name: "李女士".into(), phone: "13900000000".into() })] {
        let changed = request.clone().contact(contact).enterprise(None);
        assert_eq!(telephony.create_ticket(changed).await.expect("it is the same call"), created);
    }
    let changed_requests: [(CreateTicket, &str); 4] = [
        (request.clone().category(Category::Consultation), "category"),
        (request.clone().confidential(true).call_start_time(earlier_start), "confidential"),
        (request.clone().subject("另一件事").content("另一件事"), "subject,content"),
        (
            request
                .district("110105")
                .topic("utility.power")
                .complexity(Complexity::Complex)
                .several_units(true)
                .industry("D44"),
            "complexity,several_units,topic,district",
        ),
    ];
    for (changed, fields) in changed_requests {
        let error = refused(telephony.create_ticket(changed).await, ErrorReason::SourceReused);
        assert_eq!(error.metadata()["differing_fields"], fields);
        assert_eq!(error.metadata()["ticket_number"], created.number);
    }
    assert_eq!(env.all_tickets().await.len(), 1, "no row was written");
    assert_eq!(env.event_names(&created.number).await, ["TicketCreated"]);
}

/// Another principal than the creator gets the same refusal for a right and a wrong guess. Each guess is recorded.
async fn a_source_of_another_principal_is_always_refused_in_the_same_way(env: &TestEnv) {
    let request = telephone_request(OPENING)
        .category(Category::ComplaintReport)
        .contact(Contact { name: "王女士".into(), phone: "13800000000".into() })
        .accused_units([LEAD]);
    let telephony = env.client("telephony").tickets();
    let created = telephony.create_ticket(request.clone()).await.expect("the ticket is created");
    let mut refusals = Vec::new();
    for guess in [
        request.clone(),
        request.clone().contact(None),
        request.clone().contact(Contact { name: "李女士".into(), phone: "13800000000".into() }),
        request.clone().accused_units([NEXT]),
        request.clone().subject("另一件事"),
    ] {
        let error = refused(env.agent().create_ticket(guess).await, ErrorReason::SourceReused);
        assert!(error.metadata().is_empty(), "{error:?}");
        refusals.push((error.code(), error.to_string(), error.field_violations().len()));
    }
    assert!(refusals.windows(2).all(|pair| pair[0] == pair[1]), "{refusals:?}");

    let changed = request.clone().subject("另一件事");
    refused(telephony.create_ticket(changed).await, ErrorReason::SourceReused);
    let source_refusals = ListAuditRecords::default().method("SourceRefused");
    let records =
        env.client("administrator").audit().list_audit_records(source_refusals).take_up_to(100).await;
    let mut principals: Vec<_> = records
        .expect("an administrator reads the records")
        .into_iter()
        .map(|record| {
            assert_eq!(record.subject, format!("ticket/{}", created.number));
            assert!(!record.details.contains("13800000000") && !record.details.contains("女士"));
            (record.principal, record.details.contains("\"is_by_maker\":true"))
        })
        .collect();
    principals.sort();
    let mut expected = vec![("dev-agent".to_owned(), false); 5];
    expected.push(("dev-telephony".to_owned(), true));
    assert_eq!(principals, expected);
    assert_eq!(telephony.create_ticket(request).await.expect("a repeat by the creator is answered"), created);
    assert_eq!(env.all_tickets().await.len(), 1, "no row was written");
}

async fn a_message_that_is_too_large_is_refused(env: &TestEnv) {
    // Larger than all limits of fields together, so that only the size is wrong.
    let large = appeal().content("照".repeat(100_000));
    let error = env.agent().create_ticket(large).await.expect_err("it is too large");
    assert_eq!(error.code(), Code::ResourceExhausted, "{error:?}");
    assert_eq!(error.reason(), Some(ErrorReason::MessageTooLarge), "{error:?}");
    assert_eq!(error.attempts(), 1, "a repeat would be as large");
    assert_eq!(env.all_tickets().await, [], "no row was written");
    env.take_in(appeal()).await;
}

async fn calls_without_a_token_or_a_role_are_refused(env: &TestEnv) {
    let mut raw = env.raw();
    let list_request = || pb::ListTicketsRequest::default();
    for request in
        [tonic::Request::new(list_request()), super::test_env::with_token("made-up", list_request())]
    {
        let status = raw.list_tickets(request).await.expect_err("the token is unknown");
        assert_eq!(status.code(), tonic::Code::Unauthenticated);
    }
    refused(
        env.client("telephony").tickets().get_ticket_with_caller("1910120000005").await,
        ErrorReason::RoleNotAllowed,
    );
    refused(
        env.unit(LEAD).dispatch_ticket(DispatchTicket::new("1910120000005", LEAD)).await,
        ErrorReason::RoleNotAllowed,
    );
    let classify = ClassifyTicket::new("1910120000005", Category::Appeal, Complexity::General);
    refused(env.unit(LEAD).classify_ticket(classify).await, ErrorReason::RoleNotAllowed);
    refused(env.client("analyst").tickets().create_ticket(complaint()).await, ErrorReason::RoleNotAllowed);
    let units = env.client("telephony").directory().list_units(ListUnits::default()).try_next().await;
    refused(units, ErrorReason::RoleNotAllowed);
    assert_eq!(env.all_tickets().await, [], "no row was written");
}
