//! Reveals: who called is shown for a purpose and on record. A report needs a second person, and a search never finds a
//! confidential caller.

use chrono::TimeDelta;
use hotline_client::{
    AccessOccasion, ApproveReveal, Category, ClassifyTicket, ClientKind, Complexity, Contact, CreateClient,
    CreateTicket, Enterprise, ErrorReason, IdentityAccess, ListAuditRecords, ListIdentityAccesses,
    ListTickets, MergeTicket, RevealIdentity, RevealPurpose, RevokeClient, Role, Ticket, Uuid,
};

use super::test_env::{LEAD, TestEnv, appeal, complaint, refused};

on_every_store!(env:
    revealing_a_confidential_caller_needs_a_purpose_and_is_recorded,
    revealing_a_report_needs_two_people,
    every_disclosure_is_recorded,
    a_lookup_finds_callers_but_no_confidential_ones,
    disclosures_are_listed_by_caller,
    a_repeat_discloses_nothing_about_the_caller,
    a_former_report_still_needs_two_people,
    an_approval_names_a_principal_who_may_reveal,
    notes_of_a_reveal_are_screened_for_personal_data,
);

const PHONE: &str = "13955556666";
const CODE: &str = "91110105MA00HTNE0R";

fn named(request: CreateTicket) -> CreateTicket {
    request
        .enterprise(Enterprise { name: "示例商贸".into(), social_credit_code: Some(CODE.into()) })
        .contact(Contact { name: "示例女士".into(), phone: PHONE.into() })
}

/// The accesses that match, the newest first.
async fn reads(env: &TestEnv, which: ListIdentityAccesses) -> Vec<IdentityAccess> {
    let listed = env.client("supervisor").audit().list_identity_accesses(which).take_up_to(1_000).await;
    listed.expect("a supervisor reads the list")
}

async fn reads_of(env: &TestEnv, number: &str) -> Vec<IdentityAccess> {
    reads(env, ListIdentityAccesses::default().ticket_number(number)).await
}

fn to_call_back(number: &str) -> RevealIdentity {
    RevealIdentity::new(number, RevealPurpose::Contact, "回访，核对联系方式")
}

async fn revealing_a_confidential_caller_needs_a_purpose_and_is_recorded(env: &TestEnv) {
    let confidential = named(appeal()).confidential(true);
    let number = env.take_in(confidential).await.number;
    let view = env.agent().get_ticket_with_caller(&number).await.expect("it is there");
    assert_eq!((view.caller, view.caller_withheld), (None, true));
    assert_eq!(reads_of(env, &number).await, [], "no access is recorded yet");

    let reveal = to_call_back(&number).request_id(Uuid::from_u128(4711));
    let revealed = env.agent().reveal_identity(reveal.clone()).await.expect("the agent may reveal it");
    let caller = revealed.caller.clone().expect("the ticket has a caller");
    assert_eq!(caller.contact.map(|contact| contact.phone).as_deref(), Some(PHONE));
    let repeat = env.agent().reveal_identity(reveal.clone()).await.expect("a repeat is answered");
    assert_eq!(repeat, revealed);
    let changed = reveal.note("another request");
    refused(env.agent().reveal_identity(changed).await, ErrorReason::RequestIdReused);
    let recorded = reads_of(env, &number).await;
    assert_eq!(recorded.len(), 2, "a repeat is recorded too: {recorded:?}");
    for access in recorded {
        assert_eq!((access.principal.as_str(), access.unit), ("dev-agent", None));
        assert_eq!((access.occasion, access.purpose), (AccessOccasion::Reveal, Some(RevealPurpose::Contact)));
        assert_eq!(access.note.as_deref(), Some("回访，核对联系方式"));
        assert_eq!((access.access_time, access.approved_by), (env.now().await, None));
    }

    let without_note = to_call_back(&number).note(" ");
    let error = refused(env.agent().reveal_identity(without_note).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "note");
    for role in ["unit", "dispatcher", "analyst", "administrator"] {
        let tickets = env.client(role).tickets();
        refused(tickets.reveal_identity(to_call_back(&number)).await, ErrorReason::RoleNotAllowed);
    }
    let without_caller = env.take_in(appeal().contact(None).enterprise(None)).await.number;
    let revealed = env.agent().reveal_identity(to_call_back(&without_caller)).await.expect("it is answered");
    assert_eq!(revealed.caller, None);
    assert_eq!(reads_of(env, &without_caller).await, [], "a ticket without a caller records no access");
}

async fn revealing_a_report_needs_two_people(env: &TestEnv) {
    let number = env.take_in(named(complaint())).await.number;
    let reveal_once = async || env.agent().reveal_identity(to_call_back(&number)).await;
    let approve = async |principal: &str, purpose| {
        let approve = ApproveReveal::new(&number, principal, purpose, "同意联系举报人");
        env.supervisor().approve_reveal(approve).await
    };
    refused(reveal_once().await, ErrorReason::SecondPersonNeeded);
    let self_approval =
        refused(approve("dev-supervisor", RevealPurpose::Contact).await, ErrorReason::InvalidFields);
    assert_eq!(self_approval.field_violations()[0].field, "principal");
    approve("dev-agent", RevealPurpose::LegalDuty).await.expect("the approval is accepted");
    refused(reveal_once().await, ErrorReason::SecondPersonNeeded);
    let unknown_principal = approve("dev-supervisor-2", RevealPurpose::Contact).await;
    refused(unknown_principal, ErrorReason::InvalidFields);
    let approval = approve("dev-agent", RevealPurpose::Contact).await.expect("the approval is accepted");
    assert_eq!(approval.expire_time, env.now().await + TimeDelta::minutes(30));
    let reveal = to_call_back(&number).request_id(Uuid::from_u128(4712));
    let revealed = env.agent().reveal_identity(reveal.clone()).await.expect("the reveal is approved");
    assert!(revealed.caller.is_some());
    assert_eq!(env.agent().reveal_identity(reveal.clone()).await.expect("a repeat is answered"), revealed);
    refused(reveal_once().await, ErrorReason::SecondPersonNeeded);
    let recorded = reads_of(env, &number).await;
    assert_eq!(recorded.len(), 2);
    assert!(
        recorded.iter().all(|access| access.approved_by.as_deref() == Some("dev-supervisor")),
        "{recorded:?}"
    );

    // An approval that is not used in time expires. A repeat of the reveal is refused then, too.
    approve("dev-agent", RevealPurpose::Contact).await.expect("the approval is accepted");
    env.advance(TimeDelta::minutes(30)).await;
    refused(reveal_once().await, ErrorReason::SecondPersonNeeded);
    refused(env.agent().reveal_identity(reveal).await, ErrorReason::SecondPersonNeeded);
    assert_eq!(reads_of(env, &number).await.len(), 2, "a refused reveal records no access");
}

async fn every_disclosure_is_recorded(env: &TestEnv) {
    let number = env.take_in(named(appeal())).await.number;
    env.dispatch(&number, LEAD).await;
    for client in [env.agent(), env.unit(LEAD)] {
        assert!(client.get_ticket_with_caller(&number).await.expect("it is theirs").caller.is_some());
        client.get_ticket(&number).await.expect("it is theirs");
    }
    let analyst = env.client("analyst").tickets().get_ticket_with_caller(&number).await.expect("it is there");
    assert_eq!((analyst.caller, analyst.caller_withheld), (None, true));

    let mut recorded = reads_of(env, &number).await;
    recorded.sort_by(|one, other| one.principal.cmp(&other.principal));
    let recorded: Vec<_> =
        recorded.iter().map(|access| (access.principal.as_str(), access.unit.as_deref())).collect();
    assert_eq!(recorded, [("dev-agent", None), ("dev-unit-district-chaoyang", Some(LEAD))]);

    let by_principal = |principal: &str| ListIdentityAccesses::default().principal(principal);
    assert_eq!(reads(env, by_principal("dev-agent")).await.len(), 1);
    assert_eq!(reads(env, by_principal("somebody else")).await, []);
    let from_time = |start_time| ListIdentityAccesses::default().start_time(start_time);
    assert_eq!(reads(env, from_time(env.now().await)).await.len(), 2);
    assert_eq!(reads(env, from_time(env.now().await + TimeDelta::seconds(1))).await, []);

    for _ in 0..7 {
        env.agent().get_ticket_with_caller(&number).await.expect("it is there");
    }
    let by_two = ListIdentityAccesses::default().page_size(2);
    assert_eq!(reads(env, by_two).await, reads(env, ListIdentityAccesses::default()).await, "page by page");
    let access_list = env.client("agent").audit().list_identity_accesses(ListIdentityAccesses::default());
    let mut access_list = access_list;
    refused(access_list.try_next().await, ErrorReason::RoleNotAllowed);
}

async fn a_lookup_finds_callers_but_no_confidential_ones(env: &TestEnv) {
    let older = env.take_in(named(appeal())).await.number;
    let newer = env.take_in(named(appeal())).await.number;
    let confidential = env.take_in(named(appeal()).confidential(true)).await.number;
    let report = env.take_in(named(complaint())).await.number;
    env.take_in(appeal()).await;
    env.dispatch(&older, LEAD).await;
    let by_phone = |phone: &str| ListTickets::default().contact_phone(phone);
    let by_code = ListTickets::default().social_credit_code(CODE);
    let numbers =
        |tickets: Vec<Ticket>| -> Vec<_> { tickets.into_iter().map(|ticket| ticket.number).collect() };
    for lookup in [by_phone(PHONE), by_phone("+86 139-5555-6666"), by_code.clone()] {
        let tickets = env.agent().list_tickets(lookup).take_up_to(10).await.expect("an agent looks up");
        assert_eq!(numbers(tickets), [newer.clone(), older.clone()], "the newest first");
    }
    let unknown_phone = env.supervisor().list_tickets(by_phone("13900000000")).take_up_to(10).await;
    assert_eq!(unknown_phone.expect("a supervisor looks up"), []);
    for (number, expected) in [(&older, 3), (&newer, 3), (&confidential, 0), (&report, 0)] {
        let recorded = reads_of(env, number).await;
        assert_eq!(recorded.len(), expected, "{recorded:?}");
        assert!(recorded.iter().all(|access| access.occasion == AccessOccasion::LookUp));
    }
    for role in ["dispatcher", "unit", "analyst"] {
        let mut tickets = env.client(role).tickets().list_tickets(by_code.clone());
        refused(tickets.try_next().await, ErrorReason::PartNotAllowed);
    }
}

async fn disclosures_are_listed_by_caller(env: &TestEnv) {
    let first_appeal = env.take_in(named(appeal())).await.number;
    let second_appeal = env.take_in(named(appeal())).await.number;
    let report = env.take_in(named(complaint())).await.number;
    let without_caller = env.take_in(appeal()).await.number;
    for number in [&first_appeal, &second_appeal, &without_caller] {
        env.agent().get_ticket_with_caller(number).await.expect("it is there");
    }
    let by_phone = ListIdentityAccesses::default().contact_phone("139 5555 6666");
    let by_code = ListIdentityAccesses::default().social_credit_code(CODE);
    let are_of_both_appeals = |reads: &[IdentityAccess], occasion| {
        let mut numbers: Vec<_> = reads
            .iter()
            .filter(|access| access.occasion == occasion)
            .map(|access| access.ticket_number.clone())
            .collect();
        numbers.sort();
        numbers == [first_appeal.clone(), second_appeal.clone()]
    };
    let recorded = reads(env, by_phone.clone()).await;
    assert!(recorded.len() == 2 && are_of_both_appeals(&recorded, AccessOccasion::Ticket), "{recorded:?}");
    // The query by caller is itself recorded as an access.
    let recorded = reads(env, by_code.clone()).await;
    assert!(recorded.len() == 4 && are_of_both_appeals(&recorded, AccessOccasion::LookUp), "{recorded:?}");
    assert_eq!(reads_of(env, &report).await, [], "a query by caller finds no report");
    let mut by_administrator = env.client("administrator").audit().list_identity_accesses(by_phone);
    refused(by_administrator.try_next().await, ErrorReason::PartNotAllowed);
}

/// The same id is the same request. The answer never shows whether it names the same caller, not even to the first
/// caller.
async fn a_repeat_discloses_nothing_about_the_caller(env: &TestEnv) {
    let request_id = Some(Uuid::from_u128(4713));
    let request = named(appeal()).request_id(request_id);
    let created = env.take_in(request.clone()).await;
    let contact = Some(Contact { name: "示例女士".into(), phone: "13955556667".into() });
    for repeat in [
        request.clone(),
        request.clone().contact(contact),
        request.clone().contact(None),
        request.clone().enterprise(None),
    ] {
        assert_eq!(env.take_in(repeat).await, created);
    }
    let repeat = request.subject("另一件事");
    refused(env.agent().create_ticket(repeat).await, ErrorReason::RequestIdReused);
    let view = env.agent().get_ticket_with_caller(&created.number).await.expect("it is there");
    let phone = view.caller.and_then(|caller| caller.contact).map(|contact| contact.phone);
    assert_eq!(phone.as_deref(), Some(PHONE), "a repeat changes nothing");
}

/// A new classification does not avoid the second person: what the ticket ever was counts.
async fn a_former_report_still_needs_two_people(env: &TestEnv) {
    let classify_as_appeal =
        |number: &str| ClassifyTicket::new(number, Category::Appeal, Complexity::General);
    let reclassified_report = env.take_in(named(complaint())).await.number;
    env.agent()
        .classify_ticket(classify_as_appeal(&reclassified_report))
        .await
        .expect("the ticket is classified");

    let confidential = || named(appeal()).confidential(true);
    let became_report = env.take_in(confidential()).await.number;
    let classify_as_report =
        ClassifyTicket::new(&became_report, Category::ComplaintReport, Complexity::General);
    env.agent().classify_ticket(classify_as_report).await.expect("the ticket is classified");
    env.agent().classify_ticket(classify_as_appeal(&became_report)).await.expect("and back");

    let merged_report = env.take_in(named(complaint())).await.number;
    let merge_target = env.take_in(confidential()).await.number;
    env.agent().merge_ticket(MergeTicket::new(&merged_report, &merge_target)).await.expect("it is a repeat");
    let merged_into_report = env.take_in(confidential()).await.number;
    let target_report = env.take_in(named(complaint())).await.number;
    env.agent()
        .merge_ticket(MergeTicket::new(&merged_into_report, &target_report))
        .await
        .expect("it is a repeat");

    for number in [
        &reclassified_report,
        &became_report,
        &merged_report,
        &merge_target,
        &merged_into_report,
        &target_report,
    ] {
        let outcome = env.agent().reveal_identity(to_call_back(number)).await;
        refused(outcome, ErrorReason::SecondPersonNeeded);
        assert_eq!(reads_of(env, number).await, [], "a refused reveal records no access");
        let approve = ApproveReveal::new(number, "dev-agent", RevealPurpose::Contact, "同意联系举报人");
        env.supervisor().approve_reveal(approve).await.expect("the approval is accepted");
        let revealed =
            env.agent().reveal_identity(to_call_back(number)).await.expect("the reveal is approved");
        assert!(revealed.caller.is_some());
    }
    let never_a_report = env.take_in(confidential()).await.number;
    env.agent()
        .reveal_identity(to_call_back(&never_a_report))
        .await
        .expect("one person may reveal the caller of a ticket that never was a report");
}

async fn an_approval_names_a_principal_who_may_reveal(env: &TestEnv) {
    let number = env.take_in(named(complaint())).await.number;
    let approve = async |principal: &str| {
        let approve = ApproveReveal::new(&number, principal, RevealPurpose::Contact, "同意联系举报人");
        env.supervisor().approve_reveal(approve).await
    };
    let administrator = env.client("administrator").admin();
    let create_agent = CreateClient::new("li.wei", ClientKind::Staff, &[Role::Agent], "入职");
    administrator.create_client(create_agent).await.expect("it is made");
    approve("li.wei").await.expect("li.wei is an agent in the database");
    approve("dev-agent").await.expect("dev-agent is an agent in the credentials file");
    administrator.revoke_client(RevokeClient::new("li.wei", "离职")).await.expect("it is revoked");
    for principal in [" dev-agent", "dev-agent ", "Dev-Agent", "dev-supervisor-2", "dev-dispatcher", "li.wei"]
    {
        let error = refused(approve(principal).await, ErrorReason::InvalidFields);
        assert_eq!(error.field_violations()[0].field, "principal", "{principal:?}");
    }
}

/// The notes of an approval and of a reveal are screened like every note on a ticket. A right guess at the caller
/// is recorded, and further guesses are refused after a few of them.
async fn notes_of_a_reveal_are_screened_for_personal_data(env: &TestEnv) {
    let number = env.take_in(named(complaint())).await.number;
    let approve = async |note: &str| {
        let approve = ApproveReveal::new(&number, "dev-agent", RevealPurpose::Contact, note);
        env.supervisor().approve_reveal(approve).await
    };
    for note in ["致电13955556666", "联系13800138000", CODE, "同意联系示例女士", "同意示例商贸"]
    {
        let error = refused(approve(note).await, ErrorReason::InvalidFields);
        assert_eq!(error.field_violations()[0].field, "note", "{note}");
    }
    approve("同意联系举报人").await.expect("a note that names nobody");
    let reveal = |note: &str| RevealIdentity::new(&number, RevealPurpose::Contact, note);
    for note in ["致电13955556666", "联系13800138000", "联系示例女士"] {
        let error = refused(env.agent().reveal_identity(reveal(note)).await, ErrorReason::InvalidFields);
        assert_eq!(error.field_violations()[0].field, "note", "{note}");
    }
    assert_eq!(reads_of(env, &number).await, [], "a refused reveal records no access");
    env.agent().reveal_identity(reveal("联系举报人")).await.expect("the approval was not used up");

    let text_refusals = ListAuditRecords::default().method("TextRefused");
    let audit = env.client("administrator").audit();
    let records =
        audit.list_audit_records(text_refusals).take_up_to(100).await.expect("an administrator reads them");
    let mut principals: Vec<_> = records.iter().map(|record| record.principal.as_str()).collect();
    principals.sort_unstable();
    assert_eq!(
        principals,
        ["dev-agent", "dev-supervisor", "dev-supervisor"],
        "a refused form is not recorded as a guess"
    );
    assert!(records.iter().all(|record| !record.details.contains("示例")), "{records:?}");
    for _ in 0..3 {
        refused(approve("同意联系示例女士").await, ErrorReason::InvalidFields);
    }
    for note in ["同意联系示例女士", "同意联系司马女士"] {
        refused(approve(note).await, ErrorReason::TextTriesExhausted);
    }
    env.advance(TimeDelta::hours(25)).await;
    approve("同意联系举报人").await.expect("after a day");
}
