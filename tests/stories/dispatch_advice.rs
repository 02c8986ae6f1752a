//! Staff of units on duty see what waits for dispatch in their field, and advise. A dispatcher decides.

use chrono::TimeDelta;
use hotline_client::{
    AdviceVerdict, AdviseDispatch, AwaitingTicket, ErrorReason, EventDetail, PutRoster, Roster,
};

use super::test_env::{ACCUSED, ASSISTING, LEAD, NEXT, TestEnv, UNDER_ACCUSED, appeal, complaint, refused};
use crate::support::canary;

on_every_store!(env:
    units_on_duty_advise_and_are_rated,
    a_unit_on_duty_learns_nothing_of_what_accuses_it,
    rosters_are_put_by_administrators,
);

const TOPIC: &str = "licence.change";

/// The opening day is a Saturday.
fn saturday(unit: &str) -> Roster {
    Roster {
        code: format!("{unit}-day"),
        name: "驻场值班".to_owned(),
        unit: unit.to_owned(),
        topics: vec![TOPIC.to_owned()],
        weekdays: vec![6],
        open_time_of_day: "08:00".to_owned(),
        close_time_of_day: "18:00".to_owned(),
        active: true,
        etag: None,
    }
}

/// Puts a roster of a unit for the opening day.
pub(super) async fn put_roster(env: &TestEnv, unit: &str) -> Roster {
    let put = env.client("administrator").directory().put_roster(PutRoster::new(saturday(unit))).await;
    put.expect("an administrator puts rosters")
}

async fn awaiting(env: &TestEnv, unit: &str) -> Vec<AwaitingTicket> {
    env.unit(unit).list_awaiting_dispatch().take_up_to(100).await.expect("the unit is on duty")
}

fn numbers(tickets: &[AwaitingTicket]) -> Vec<&str> {
    tickets.iter().map(|ticket| ticket.ticket_number.as_str()).collect()
}

fn not_responsible(number: &str) -> AdviseDispatch {
    AdviseDispatch::new(number, AdviceVerdict::NotResponsible).rule("三定方案第四条".to_owned())
}

async fn units_on_duty_advise_and_are_rated(env: &TestEnv) {
    for unit in [LEAD, ASSISTING] {
        put_roster(env, unit).await;
    }
    let number = env.take_in(appeal().topic(TOPIC)).await.number;
    env.take_in(appeal().topic("tax.invoice")).await;
    let seen = awaiting(env, ASSISTING).await;
    assert_eq!(numbers(&seen), [number.as_str()], "of its field alone");
    let shown = format!("{seen:?}");
    assert!([canary::COMPANY, canary::CONTACT, canary::PHONE].iter().all(|mark| !shown.contains(mark)));
    refused(env.unit(NEXT).list_awaiting_dispatch().take_up_to(1).await, ErrorReason::NotOnDuty);
    refused(env.unit(ASSISTING).get_ticket(&number).await, ErrorReason::TicketNotFound);

    let without_rule = AdviseDispatch::new(&number, AdviceVerdict::NotResponsible);
    refused(env.unit(ASSISTING).advise_dispatch(without_rule).await, ErrorReason::InvalidFields);
    let given =
        env.unit(ASSISTING).advise_dispatch(not_responsible(&number)).await.expect("it waits in its field");
    assert_eq!((given.unit.as_str(), given.verdict), (ASSISTING, AdviceVerdict::NotResponsible));
    refused(env.unit(ASSISTING).advise_dispatch(not_responsible(&number)).await, ErrorReason::AdviceGiven);
    let responsible = AdviseDispatch::new(&number, AdviceVerdict::Responsible);
    env.unit(LEAD).advise_dispatch(responsible.clone()).await.expect("it waits in its field");
    refused(env.unit(NEXT).advise_dispatch(responsible).await, ErrorReason::NotOnDuty);

    let units = |ticket: &AwaitingTicket| -> Vec<String> {
        ticket.advice.iter().map(|advice| advice.unit.clone()).collect()
    };
    assert_eq!(units(&awaiting(env, LEAD).await[0]), [LEAD], "a unit reads its own advice");
    let all =
        env.dispatcher().list_awaiting_dispatch().take_up_to(100).await.expect("a dispatcher reads all");
    assert_eq!((all.len(), units(&all[0])), (2, vec![ASSISTING.to_owned(), LEAD.to_owned()]));
    refused(env.agent().list_awaiting_dispatch().take_up_to(1).await, ErrorReason::RoleNotAllowed);

    env.dispatch(&number, LEAD).await;
    assert_eq!(numbers(&awaiting(env, ASSISTING).await), Vec::<&str>::new());
    refused(env.unit(ASSISTING).advise_dispatch(not_responsible(&number)).await, ErrorReason::TicketNotFound);
    let events = env.event_names(&number).await;
    assert_eq!(events, ["TicketCreated", "DispatchAdvised", "DispatchAdvised", "TicketDispatched"]);
    let of_lead =
        env.unit(LEAD).list_ticket_events(&number).take_up_to(100).await.expect("it has the ticket");
    assert!(of_lead.iter().all(|event| !matches!(event.detail, EventDetail::DispatchAdvised(_))));

    let month = env.dispatcher().get_advice_quality("2019-10").await.expect("a dispatcher reads it").units;
    let rated: Vec<_> =
        month.iter().map(|unit| (unit.given_count, unit.followed_count, unit.settled_count)).collect();
    assert_eq!(rated, [(1, 1, 0), (1, 1, 0)], "nothing is completed yet");
    let accept = hotline_client::AcceptTicket::new(&number);
    env.unit(LEAD).accept_ticket(accept).await.expect("it has the ticket");
    env.complete(&number, LEAD).await;
    let month = env.supervisor().get_advice_quality("2019-10").await.expect("a supervisor reads it").units;
    let rated: Vec<_> =
        month.iter().map(|unit| (&*unit.unit, unit.settled_count, unit.right_count)).collect();
    assert_eq!(rated, [(ASSISTING, 1, 1), (LEAD, 1, 1)]);
    let other = env.supervisor().get_advice_quality("2019-11").await.expect("a supervisor reads it");
    assert_eq!(other.units, []);
    refused(env.unit(LEAD).get_advice_quality("2019-10").await, ErrorReason::RoleNotAllowed);
}

async fn a_unit_on_duty_learns_nothing_of_what_accuses_it(env: &TestEnv) {
    for unit in [ASSISTING, ACCUSED, UNDER_ACCUSED] {
        put_roster(env, unit).await;
    }
    let accusing = env.take_in(complaint().topic(TOPIC)).await.number;
    let open = env.take_in(appeal().topic(TOPIC)).await.number;
    assert_eq!(numbers(&awaiting(env, ASSISTING).await), [accusing.as_str(), open.as_str()]);
    for unit in [ACCUSED, UNDER_ACCUSED] {
        assert_eq!(numbers(&awaiting(env, unit).await), [open.as_str()], "{unit}");
        let advised = env.unit(unit).advise_dispatch(not_responsible(&accusing)).await;
        refused(advised, ErrorReason::TicketNotFound);
    }
    env.advance(TimeDelta::hours(8)).await;
    refused(env.unit(ASSISTING).list_awaiting_dispatch().take_up_to(1).await, ErrorReason::NotOnDuty);
    refused(env.unit(ASSISTING).advise_dispatch(not_responsible(&open)).await, ErrorReason::NotOnDuty);
}

async fn rosters_are_put_by_administrators(env: &TestEnv) {
    let directory = env.client("administrator").directory();
    let put = put_roster(env, ASSISTING).await;
    assert!(put.etag.is_some());
    let closed = Roster { active: false, ..put.clone() };
    let changed = directory.put_roster(PutRoster::new(closed.clone())).await.expect("it is the present one");
    assert_ne!(changed.etag, put.etag);
    refused(directory.put_roster(PutRoster::new(closed)).await, ErrorReason::EtagStale);
    refused(env.unit(ASSISTING).list_awaiting_dispatch().take_up_to(1).await, ErrorReason::NotOnDuty);
    let nowhere = saturday("nowhere");
    refused(directory.put_roster(PutRoster::new(nowhere)).await, ErrorReason::UnitUnknown);
    let branch = Roster { topics: vec!["no-such-topic".to_owned()], ..saturday(LEAD) };
    refused(directory.put_roster(PutRoster::new(branch)).await, ErrorReason::InvalidFields);
    let twice = Roster { topics: vec![TOPIC.to_owned(), TOPIC.to_owned()], ..saturday(LEAD) };
    refused(directory.put_roster(PutRoster::new(twice)).await, ErrorReason::InvalidFields);
    put_roster(env, LEAD).await;
    let all = directory.list_rosters().take_up_to(10).await.expect("an administrator lists rosters");
    assert_eq!(all.len(), 2);
    let own = env.client_with_token(env.server.unit_token(LEAD)).directory().list_rosters();
    let own = own.take_up_to(10).await.expect("a unit lists its own");
    assert_eq!(own.iter().map(|one| one.unit.as_str()).collect::<Vec<_>>(), [LEAD]);
    let by_agent = env.client("agent").directory().list_rosters().take_up_to(1).await;
    refused(by_agent, ErrorReason::RoleNotAllowed);
}
