//! Who called is shown for a purpose and on record: to one who asks, to two for a report, to nobody by a look-up.

use chrono::TimeDelta;
use hotline_client::{
    ApproveReveal, Contact, CreateTicket, Enterprise, ErrorReason, IdentityRead, ListIdentityReads,
    ListTickets, ReadOccasion, RevealIdentity, RevealPurpose, Ticket, Uuid,
};

use super::city::{City, LEAD, appeal, complaint, refused};

on_every_store!(city:
    a_confidential_caller_is_revealed_for_a_purpose_and_on_record,
    a_report_takes_two,
    every_reading_is_recorded,
    a_caller_is_looked_up_and_a_confidential_one_is_not,
    readings_are_listed_by_whose_they_are,
    a_request_id_is_of_one_caller,
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

/// The readings that fit, the newest first.
async fn reads(city: &City, which: ListIdentityReads) -> Vec<IdentityRead> {
    let listed = city.client("supervisor").audit().list_identity_reads(which).take_up_to(1_000).await;
    listed.expect("a supervisor reads the list")
}

async fn reads_of(city: &City, number: &str) -> Vec<IdentityRead> {
    reads(city, ListIdentityReads { ticket_number: Some(number.into()), ..Default::default() }).await
}

fn to_call_back(number: &str) -> RevealIdentity {
    RevealIdentity::new(number, RevealPurpose::Contact, "回访，核对联系方式")
}

async fn a_confidential_caller_is_revealed_for_a_purpose_and_on_record(city: &City) {
    let confidential = CreateTicket { confidential: Some(true), ..named(appeal()) };
    let number = city.take_in(confidential).await.number;
    let view = city.agent().get_ticket(&number).await.expect("it is there");
    assert_eq!((view.caller, view.caller_withheld), (None, true));
    assert_eq!(reads_of(city, &number).await, [], "nobody was shown anything");

    let reveal = RevealIdentity { request_id: Some(Uuid::from_u128(4711)), ..to_call_back(&number) };
    let first = city.agent().reveal_identity(reveal.clone()).await.expect("it is revealed");
    let caller = first.caller.clone().expect("somebody was named");
    assert_eq!(caller.contact.map(|contact| contact.phone).as_deref(), Some(PHONE));
    let again = city.agent().reveal_identity(reveal.clone()).await.expect("a repeat is answered");
    assert_eq!(again, first);
    let other = RevealIdentity { note: "another request".into(), ..reveal };
    refused(city.agent().reveal_identity(other).await, ErrorReason::RequestIdReused);

    let told = reads_of(city, &number).await;
    assert_eq!(told.len(), 2, "a repeat is a reading too: {told:?}");
    for read in told {
        assert_eq!((read.principal.as_str(), read.unit), ("dev-agent", None));
        assert_eq!((read.occasion, read.purpose), (ReadOccasion::Reveal, Some(RevealPurpose::Contact)));
        assert_eq!(read.note.as_deref(), Some("回访，核对联系方式"));
        assert_eq!((read.read_time, read.approved_by), (city.now().await, None));
    }

    let aimless = RevealIdentity { note: " ".into(), ..to_call_back(&number) };
    let error = refused(city.agent().reveal_identity(aimless).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "note");
    for other in ["unit", "dispatcher", "analyst", "administrator"] {
        let tickets = city.client(other).tickets();
        refused(tickets.reveal_identity(to_call_back(&number)).await, ErrorReason::RoleNotAllowed);
    }
    let unnamed = city.take_in(CreateTicket { contact: None, enterprise: None, ..appeal() }).await.number;
    let nobody = city.agent().reveal_identity(to_call_back(&unnamed)).await.expect("it is answered");
    assert_eq!(nobody.caller, None);
    assert_eq!(reads_of(city, &unnamed).await, [], "there was nothing to read");
}

async fn a_report_takes_two(city: &City) {
    let number = city.take_in(named(complaint())).await.number;
    let ask = async || city.agent().reveal_identity(to_call_back(&number)).await;
    let approve = async |principal: &str, purpose| {
        let approve = ApproveReveal::new(&number, principal, purpose, "同意联系举报人");
        city.supervisor().approve_reveal(approve).await
    };
    refused(ask().await, ErrorReason::SecondPersonNeeded);
    let own = refused(approve("dev-supervisor", RevealPurpose::Contact).await, ErrorReason::InvalidFields);
    assert_eq!(own.field_violations()[0].field, "principal");
    approve("dev-agent", RevealPurpose::LegalDuty).await.expect("it is approved");
    refused(ask().await, ErrorReason::SecondPersonNeeded);
    approve("dev-supervisor-2", RevealPurpose::Contact).await.expect("it is approved");
    refused(ask().await, ErrorReason::SecondPersonNeeded);

    let approved = approve("dev-agent", RevealPurpose::Contact).await.expect("it is approved");
    assert_eq!(approved.expire_time, city.now().await + TimeDelta::minutes(30));
    let reveal = RevealIdentity { request_id: Some(Uuid::from_u128(4712)), ..to_call_back(&number) };
    let first = city.agent().reveal_identity(reveal.clone()).await.expect("two have agreed");
    assert!(first.caller.is_some());
    assert_eq!(city.agent().reveal_identity(reveal.clone()).await.expect("a repeat is answered"), first);
    refused(ask().await, ErrorReason::SecondPersonNeeded);
    let told = reads_of(city, &number).await;
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|read| read.approved_by.as_deref() == Some("dev-supervisor")), "{told:?}");

    // What is not used in time is over, and so is the repeat of what was.
    approve("dev-agent", RevealPurpose::Contact).await.expect("it is approved");
    city.advance(TimeDelta::minutes(30)).await;
    refused(ask().await, ErrorReason::SecondPersonNeeded);
    refused(city.agent().reveal_identity(reveal).await, ErrorReason::SecondPersonNeeded);
    assert_eq!(reads_of(city, &number).await.len(), 2, "who is refused reads nothing");
}

async fn every_reading_is_recorded(city: &City) {
    let number = city.take_in(named(appeal())).await.number;
    city.dispatch(&number, LEAD).await;
    for tickets in [city.agent(), city.unit(LEAD)] {
        assert!(tickets.get_ticket(&number).await.expect("it is theirs").caller.is_some());
        tickets.get_ticket_without_caller(&number).await.expect("it is theirs");
    }
    let analyst = city.client("analyst").tickets().get_ticket(&number).await.expect("it is there");
    assert_eq!((analyst.caller, analyst.caller_withheld), (None, true));

    let mut told = reads_of(city, &number).await;
    told.sort_by(|one, other| one.principal.cmp(&other.principal));
    let told: Vec<_> = told.iter().map(|read| (read.principal.as_str(), read.unit.as_deref())).collect();
    assert_eq!(told, [("dev-agent", None), ("dev-unit-district-chaoyang", Some(LEAD))]);

    let by = |principal: &str| ListIdentityReads { principal: Some(principal.into()), ..Default::default() };
    assert_eq!(reads(city, by("dev-agent")).await.len(), 1);
    assert_eq!(reads(city, by("somebody else")).await, []);
    let from = |start_time| ListIdentityReads { start_time: Some(start_time), ..Default::default() };
    assert_eq!(reads(city, from(city.now().await)).await.len(), 2);
    assert_eq!(reads(city, from(city.now().await + TimeDelta::seconds(1))).await, []);

    for _ in 0..7 {
        city.agent().get_ticket(&number).await.expect("it is there");
    }
    let paged = ListIdentityReads { page_size: Some(2), ..Default::default() };
    assert_eq!(reads(city, paged).await, reads(city, ListIdentityReads::default()).await, "page by page");
    let refused_to = city.client("agent").audit().list_identity_reads(ListIdentityReads::default());
    let mut refused_to = refused_to;
    refused(refused_to.try_next().await, ErrorReason::RoleNotAllowed);
}

async fn a_caller_is_looked_up_and_a_confidential_one_is_not(city: &City) {
    let open = city.take_in(named(appeal())).await.number;
    let second = city.take_in(named(appeal())).await.number;
    let hidden = city.take_in(CreateTicket { confidential: Some(true), ..named(appeal()) }).await.number;
    let report = city.take_in(named(complaint())).await.number;
    city.take_in(appeal()).await;
    city.dispatch(&open, LEAD).await;
    let by_phone = |phone: &str| ListTickets { contact_phone: Some(phone.into()), ..Default::default() };
    let by_code = ListTickets { social_credit_code: Some(CODE.into()), ..Default::default() };
    let numbers = |tickets: Vec<Ticket>| -> Vec<_> { tickets.into_iter().map(|one| one.number).collect() };
    for which in [by_phone(PHONE), by_phone("+86 139-5555-6666"), by_code.clone()] {
        let found = city.agent().list_tickets(which).take_up_to(10).await.expect("an agent looks up");
        assert_eq!(numbers(found), [second.clone(), open.clone()], "the newest first");
    }
    let nobody = city.supervisor().list_tickets(by_phone("13900000000")).take_up_to(10).await;
    assert_eq!(nobody.expect("a supervisor looks up"), []);
    for (number, expected) in [(&open, 3), (&second, 3), (&hidden, 0), (&report, 0)] {
        let told = reads_of(city, number).await;
        assert_eq!(told.len(), expected, "{told:?}");
        assert!(told.iter().all(|read| read.occasion == ReadOccasion::LookUp));
    }
    for other in ["dispatcher", "unit", "analyst"] {
        let mut found = city.client(other).tickets().list_tickets(by_code.clone());
        refused(found.try_next().await, ErrorReason::PartNotAllowed);
    }
}

async fn readings_are_listed_by_whose_they_are(city: &City) {
    let first = city.take_in(named(appeal())).await.number;
    let second = city.take_in(named(appeal())).await.number;
    let report = city.take_in(named(complaint())).await.number;
    let other = city.take_in(appeal()).await.number;
    for number in [&first, &second, &other] {
        city.agent().get_ticket(number).await.expect("it is there");
    }
    let by_phone = ListIdentityReads { contact_phone: Some("139 5555 6666".into()), ..Default::default() };
    let by_code = ListIdentityReads { social_credit_code: Some(CODE.into()), ..Default::default() };
    let of_two = |reads: &[IdentityRead], occasion| {
        let mut numbers: Vec<_> = reads
            .iter()
            .filter(|read| read.occasion == occasion)
            .map(|read| read.ticket_number.clone())
            .collect();
        numbers.sort();
        numbers == [first.clone(), second.clone()]
    };
    let told = reads(city, by_phone.clone()).await;
    assert!(told.len() == 2 && of_two(&told, ReadOccasion::Ticket), "{told:?}");
    // To ask whose they are is a reading itself.
    let told = reads(city, by_code.clone()).await;
    assert!(told.len() == 4 && of_two(&told, ReadOccasion::LookUp), "{told:?}");
    assert_eq!(reads_of(city, &report).await, [], "a report is not found by who reports");
    let mut listed = city.client("administrator").audit().list_identity_reads(by_phone);
    refused(listed.try_next().await, ErrorReason::PartNotAllowed);
}

async fn a_request_id_is_of_one_caller(city: &City) {
    let request_id = Some(Uuid::from_u128(4713));
    let first = CreateTicket { request_id, ..named(appeal()) };
    let number = city.take_in(first.clone()).await.number;
    assert_eq!(city.take_in(first.clone()).await.number, number);
    let contact = Some(Contact { name: "示例女士".into(), phone: "13955556667".into() });
    for other in [
        CreateTicket { contact, ..first.clone() },
        CreateTicket { contact: None, ..first.clone() },
        CreateTicket { enterprise: None, ..first.clone() },
        CreateTicket { subject: "另一件事".into(), ..first },
    ] {
        refused(city.agent().create_ticket(other).await, ErrorReason::RequestIdReused);
    }
}
