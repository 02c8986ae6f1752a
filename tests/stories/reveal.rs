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
    a_confidential_caller_is_revealed_for_a_purpose_and_on_record,
    a_report_takes_two,
    every_disclosure_is_recorded,
    a_caller_is_looked_up_and_a_confidential_one_is_not,
    disclosures_are_listed_by_caller,
    a_repeat_discloses_nothing_about_the_caller,
    what_ever_was_a_report_takes_two,
    a_reveal_is_approved_for_somebody_who_can_make_it,
    notes_of_a_reveal_are_looked_through,
);

const PHONE: &str = "13955556666";
const CODE: &str = "91110105MA00HTNE0R";

fn named(request: CreateTicket) -> CreateTicket {
    CreateTicket {
        enterprise: Some(Enterprise { name: "示例商贸".into(), social_credit_code: Some(CODE.into()) }),
        contact: Some(Contact { name: "示例女士".into(), phone: PHONE.into() }),
        ..request
    }
}

/// The accesses that match, the newest first.
async fn reads(env: &TestEnv, which: ListIdentityAccesses) -> Vec<IdentityAccess> {
    let listed = env.client("supervisor").audit().list_identity_accesses(which).take_up_to(1_000).await;
    listed.expect("a supervisor reads the list")
}

async fn reads_of(env: &TestEnv, number: &str) -> Vec<IdentityAccess> {
    reads(env, ListIdentityAccesses { ticket_number: Some(number.into()), ..Default::default() }).await
}

fn to_call_back(number: &str) -> RevealIdentity {
    RevealIdentity::new(number, RevealPurpose::Contact, "回访，核对联系方式")
}

async fn a_confidential_caller_is_revealed_for_a_purpose_and_on_record(env: &TestEnv) {
    let confidential = CreateTicket { confidential: Some(true), ..named(appeal()) };
    let number = env.take_in(confidential).await.number;
    let view = env.agent().get_ticket(&number).await.expect("it is there");
    assert_eq!((view.caller, view.caller_withheld), (None, true));
    assert_eq!(reads_of(env, &number).await, [], "nobody was shown anything");

    let reveal = RevealIdentity { request_id: Some(Uuid::from_u128(4711)), ..to_call_back(&number) };
    let first = env.agent().reveal_identity(reveal.clone()).await.expect("it is revealed");
    let caller = first.caller.clone().expect("somebody was named");
    assert_eq!(caller.contact.map(|contact| contact.phone).as_deref(), Some(PHONE));
    let again = env.agent().reveal_identity(reveal.clone()).await.expect("a repeat is answered");
    assert_eq!(again, first);
    let other = RevealIdentity { note: "another request".into(), ..reveal };
    refused(env.agent().reveal_identity(other).await, ErrorReason::RequestIdReused);

    let recorded = reads_of(env, &number).await;
    assert_eq!(recorded.len(), 2, "a repeat is a reading too: {recorded:?}");
    for read in recorded {
        assert_eq!((read.principal.as_str(), read.unit), ("dev-agent", None));
        assert_eq!((read.occasion, read.purpose), (AccessOccasion::Reveal, Some(RevealPurpose::Contact)));
        assert_eq!(read.note.as_deref(), Some("回访，核对联系方式"));
        assert_eq!((read.access_time, read.approved_by), (env.now().await, None));
    }

    let aimless = RevealIdentity { note: " ".into(), ..to_call_back(&number) };
    let error = refused(env.agent().reveal_identity(aimless).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "note");
    for other in ["unit", "dispatcher", "analyst", "administrator"] {
        let tickets = env.client(other).tickets();
        refused(tickets.reveal_identity(to_call_back(&number)).await, ErrorReason::RoleNotAllowed);
    }
    let unnamed = env.take_in(CreateTicket { contact: None, enterprise: None, ..appeal() }).await.number;
    let nobody = env.agent().reveal_identity(to_call_back(&unnamed)).await.expect("it is answered");
    assert_eq!(nobody.caller, None);
    assert_eq!(reads_of(env, &unnamed).await, [], "there was nothing to read");
}

async fn a_report_takes_two(env: &TestEnv) {
    let number = env.take_in(named(complaint())).await.number;
    let ask = async || env.agent().reveal_identity(to_call_back(&number)).await;
    let approve = async |principal: &str, purpose| {
        let approve = ApproveReveal::new(&number, principal, purpose, "同意联系举报人");
        env.supervisor().approve_reveal(approve).await
    };
    refused(ask().await, ErrorReason::SecondPersonNeeded);
    let own = refused(approve("dev-supervisor", RevealPurpose::Contact).await, ErrorReason::InvalidFields);
    assert_eq!(own.field_violations()[0].field, "principal");
    approve("dev-agent", RevealPurpose::LegalDuty).await.expect("it is approved");
    refused(ask().await, ErrorReason::SecondPersonNeeded);
    let unknown = approve("dev-supervisor-2", RevealPurpose::Contact).await;
    refused(unknown, ErrorReason::InvalidFields);

    let approved = approve("dev-agent", RevealPurpose::Contact).await.expect("it is approved");
    assert_eq!(approved.expire_time, env.now().await + TimeDelta::minutes(30));
    let reveal = RevealIdentity { request_id: Some(Uuid::from_u128(4712)), ..to_call_back(&number) };
    let first = env.agent().reveal_identity(reveal.clone()).await.expect("two have agreed");
    assert!(first.caller.is_some());
    assert_eq!(env.agent().reveal_identity(reveal.clone()).await.expect("a repeat is answered"), first);
    refused(ask().await, ErrorReason::SecondPersonNeeded);
    let recorded = reads_of(env, &number).await;
    assert_eq!(recorded.len(), 2);
    assert!(
        recorded.iter().all(|read| read.approved_by.as_deref() == Some("dev-supervisor")),
        "{recorded:?}"
    );

    // An approval that is not used in time expires, and so does the repeat of a used one.
    approve("dev-agent", RevealPurpose::Contact).await.expect("it is approved");
    env.advance(TimeDelta::minutes(30)).await;
    refused(ask().await, ErrorReason::SecondPersonNeeded);
    refused(env.agent().reveal_identity(reveal).await, ErrorReason::SecondPersonNeeded);
    assert_eq!(reads_of(env, &number).await.len(), 2, "who is refused reads nothing");
}

async fn every_disclosure_is_recorded(env: &TestEnv) {
    let number = env.take_in(named(appeal())).await.number;
    env.dispatch(&number, LEAD).await;
    for tickets in [env.agent(), env.unit(LEAD)] {
        assert!(tickets.get_ticket(&number).await.expect("it is theirs").caller.is_some());
        tickets.get_ticket_without_caller(&number).await.expect("it is theirs");
    }
    let analyst = env.client("analyst").tickets().get_ticket(&number).await.expect("it is there");
    assert_eq!((analyst.caller, analyst.caller_withheld), (None, true));

    let mut recorded = reads_of(env, &number).await;
    recorded.sort_by(|one, other| one.principal.cmp(&other.principal));
    let recorded: Vec<_> =
        recorded.iter().map(|read| (read.principal.as_str(), read.unit.as_deref())).collect();
    assert_eq!(recorded, [("dev-agent", None), ("dev-unit-district-chaoyang", Some(LEAD))]);

    let by =
        |principal: &str| ListIdentityAccesses { principal: Some(principal.into()), ..Default::default() };
    assert_eq!(reads(env, by("dev-agent")).await.len(), 1);
    assert_eq!(reads(env, by("somebody else")).await, []);
    let from = |start_time| ListIdentityAccesses { start_time: Some(start_time), ..Default::default() };
    assert_eq!(reads(env, from(env.now().await)).await.len(), 2);
    assert_eq!(reads(env, from(env.now().await + TimeDelta::seconds(1))).await, []);

    for _ in 0..7 {
        env.agent().get_ticket(&number).await.expect("it is there");
    }
    let paged = ListIdentityAccesses { page_size: Some(2), ..Default::default() };
    assert_eq!(reads(env, paged).await, reads(env, ListIdentityAccesses::default()).await, "page by page");
    let refused_to = env.client("agent").audit().list_identity_accesses(ListIdentityAccesses::default());
    let mut refused_to = refused_to;
    refused(refused_to.try_next().await, ErrorReason::RoleNotAllowed);
}

async fn a_caller_is_looked_up_and_a_confidential_one_is_not(env: &TestEnv) {
    let open = env.take_in(named(appeal())).await.number;
    let second = env.take_in(named(appeal())).await.number;
    let hidden = env.take_in(CreateTicket { confidential: Some(true), ..named(appeal()) }).await.number;
    let report = env.take_in(named(complaint())).await.number;
    env.take_in(appeal()).await;
    env.dispatch(&open, LEAD).await;
    let by_phone = |phone: &str| ListTickets { contact_phone: Some(phone.into()), ..Default::default() };
    let by_code = ListTickets { social_credit_code: Some(CODE.into()), ..Default::default() };
    let numbers = |tickets: Vec<Ticket>| -> Vec<_> { tickets.into_iter().map(|one| one.number).collect() };
    for which in [by_phone(PHONE), by_phone("+86 139-5555-6666"), by_code.clone()] {
        let found = env.agent().list_tickets(which).take_up_to(10).await.expect("an agent looks up");
        assert_eq!(numbers(found), [second.clone(), open.clone()], "the newest first");
    }
    let nobody = env.supervisor().list_tickets(by_phone("13900000000")).take_up_to(10).await;
    assert_eq!(nobody.expect("a supervisor looks up"), []);
    for (number, expected) in [(&open, 3), (&second, 3), (&hidden, 0), (&report, 0)] {
        let recorded = reads_of(env, number).await;
        assert_eq!(recorded.len(), expected, "{recorded:?}");
        assert!(recorded.iter().all(|read| read.occasion == AccessOccasion::LookUp));
    }
    for other in ["dispatcher", "unit", "analyst"] {
        let mut found = env.client(other).tickets().list_tickets(by_code.clone());
        refused(found.try_next().await, ErrorReason::PartNotAllowed);
    }
}

async fn disclosures_are_listed_by_caller(env: &TestEnv) {
    let first = env.take_in(named(appeal())).await.number;
    let second = env.take_in(named(appeal())).await.number;
    let report = env.take_in(named(complaint())).await.number;
    let other = env.take_in(appeal()).await.number;
    for number in [&first, &second, &other] {
        env.agent().get_ticket(number).await.expect("it is there");
    }
    let by_phone = ListIdentityAccesses { contact_phone: Some("139 5555 6666".into()), ..Default::default() };
    let by_code = ListIdentityAccesses { social_credit_code: Some(CODE.into()), ..Default::default() };
    let of_two = |reads: &[IdentityAccess], occasion| {
        let mut numbers: Vec<_> = reads
            .iter()
            .filter(|read| read.occasion == occasion)
            .map(|read| read.ticket_number.clone())
            .collect();
        numbers.sort();
        numbers == [first.clone(), second.clone()]
    };
    let recorded = reads(env, by_phone.clone()).await;
    assert!(recorded.len() == 2 && of_two(&recorded, AccessOccasion::Ticket), "{recorded:?}");
    // A search for their tickets is itself an access.
    let recorded = reads(env, by_code.clone()).await;
    assert!(recorded.len() == 4 && of_two(&recorded, AccessOccasion::LookUp), "{recorded:?}");
    assert_eq!(reads_of(env, &report).await, [], "a report is not found by who reports");
    let mut listed = env.client("administrator").audit().list_identity_accesses(by_phone);
    refused(listed.try_next().await, ErrorReason::PartNotAllowed);
}

/// The same id is the same request. The answer never shows whether it names the same caller, not even to the first
/// caller.
async fn a_repeat_discloses_nothing_about_the_caller(env: &TestEnv) {
    let request_id = Some(Uuid::from_u128(4713));
    let first = CreateTicket { request_id, ..named(appeal()) };
    let taken = env.take_in(first.clone()).await;
    let contact = Some(Contact { name: "示例女士".into(), phone: "13955556667".into() });
    for other in [
        first.clone(),
        CreateTicket { contact, ..first.clone() },
        CreateTicket { contact: None, ..first.clone() },
        CreateTicket { enterprise: None, ..first.clone() },
    ] {
        assert_eq!(env.take_in(other).await, taken);
    }
    let other = CreateTicket { subject: "另一件事".into(), ..first };
    refused(env.agent().create_ticket(other).await, ErrorReason::RequestIdReused);
    let view = env.agent().get_ticket(&taken.number).await.expect("it is there");
    let phone = view.caller.and_then(|caller| caller.contact).map(|contact| contact.phone);
    assert_eq!(phone.as_deref(), Some(PHONE), "a repeat changes nothing");
}

/// A new classification does not avoid the second person: what the ticket ever was counts.
async fn what_ever_was_a_report_takes_two(env: &TestEnv) {
    let as_appeal = |number: &str| ClassifyTicket::new(number, Category::Appeal, Complexity::General);
    let was_report = env.take_in(named(complaint())).await.number;
    env.agent().classify_ticket(as_appeal(&was_report)).await.expect("it is classified");

    let confidential = || CreateTicket { confidential: Some(true), ..named(appeal()) };
    let became_report = env.take_in(confidential()).await.number;
    let report = ClassifyTicket::new(&became_report, Category::ComplaintReport, Complexity::General);
    env.agent().classify_ticket(report).await.expect("it is classified");
    env.agent().classify_ticket(as_appeal(&became_report)).await.expect("and back");

    let merged_report = env.take_in(named(complaint())).await.number;
    let open = env.take_in(confidential()).await.number;
    env.agent().merge_ticket(MergeTicket::new(&merged_report, &open)).await.expect("it is a repeat");
    let into_report = env.take_in(confidential()).await.number;
    let target = env.take_in(named(complaint())).await.number;
    env.agent().merge_ticket(MergeTicket::new(&into_report, &target)).await.expect("it is a repeat");

    for number in [&was_report, &became_report, &merged_report, &open, &into_report, &target] {
        let outcome = env.agent().reveal_identity(to_call_back(number)).await;
        refused(outcome, ErrorReason::SecondPersonNeeded);
        assert_eq!(reads_of(env, number).await, [], "who is refused reads nothing");
        let approve = ApproveReveal::new(number, "dev-agent", RevealPurpose::Contact, "同意联系举报人");
        env.supervisor().approve_reveal(approve).await.expect("it is approved");
        let revealed = env.agent().reveal_identity(to_call_back(number)).await.expect("two have agreed");
        assert!(revealed.caller.is_some());
    }
    let never = env.take_in(confidential()).await.number;
    env.agent().reveal_identity(to_call_back(&never)).await.expect("one may, of what never was a report");
}

async fn a_reveal_is_approved_for_somebody_who_can_make_it(env: &TestEnv) {
    let number = env.take_in(named(complaint())).await.number;
    let approve = async |principal: &str| {
        let approve = ApproveReveal::new(&number, principal, RevealPurpose::Contact, "同意联系举报人");
        env.supervisor().approve_reveal(approve).await
    };
    let admin = env.client("administrator").admin();
    let create = CreateClient::new("li.wei", ClientKind::Staff, &[Role::Agent], "入职");
    admin.create_client(create).await.expect("it is made");
    approve("li.wei").await.expect("an agent of the database");
    approve("dev-agent").await.expect("an agent of the file");
    admin.revoke_client(RevokeClient::new("li.wei", "离职")).await.expect("it is revoked");
    for nobody in [" dev-agent", "dev-agent ", "Dev-Agent", "dev-supervisor-2", "dev-dispatcher", "li.wei"] {
        let error = refused(approve(nobody).await, ErrorReason::InvalidFields);
        assert_eq!(error.field_violations()[0].field, "principal", "{nobody:?}");
    }
}

/// Notes of an approval or a reveal are screened like every note on a ticket. A right guess about the caller is
/// recorded, and a few of them block further ones.
async fn notes_of_a_reveal_are_looked_through(env: &TestEnv) {
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
    assert_eq!(reads_of(env, &number).await, [], "who is refused reads nothing");
    env.agent().reveal_identity(reveal("联系举报人")).await.expect("the approval was not used up");

    let which = ListAuditRecords { method: Some("TextRefused".into()), ..Default::default() };
    let audit = env.client("administrator").audit();
    let records = audit.list_audit_records(which).take_up_to(100).await.expect("an administrator reads them");
    let mut by: Vec<_> = records.iter().map(|record| record.principal.as_str()).collect();
    by.sort_unstable();
    assert_eq!(by, ["dev-agent", "dev-supervisor", "dev-supervisor"], "a form that is refused is no guess");
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
