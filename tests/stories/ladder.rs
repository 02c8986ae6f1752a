//! The supervision ladder: each rung fires once in a cycle, at its own instant and after it, by itself or by hand.

use chrono::TimeDelta;
use hotline_client::{
    Category, ClassifyTicket, Complexity, DeadlineCause, ErrorReason, EscalateTicket, Escalation,
    EventDetail, Rung, TicketEvent,
};

use super::test_env::{City, LEAD, OPENING, appeal, at, refused};
use crate::support::server::{Options, Store};

on_every_store!(city:
    each_rung_fires_once_after_its_instant,
    what_is_complete_at_the_limit_is_on_time,
    a_new_classification_counts_again_from_the_intake,
    a_supervisor_goes_ahead_of_the_ladder,
    the_clock_only_goes_forward,
);
on_every_store!(store: after_an_outage_the_highest_rung_fires_once);

const TICK: TimeDelta = TimeDelta::microseconds(1);

async fn each_rung_fires_once_after_its_instant(city: &City) {
    let ticket = city.appeal_in_handling().await;
    let (number, limit) = (ticket.number.as_str(), ticket.cycle.due_time);
    assert_eq!(limit, at(OPENING) + TimeDelta::days(7));
    let rungs = [
        (0, Rung::None, Rung::Urged),
        (24, Rung::Urged, Rung::Supervised),
        (48, Rung::Supervised, Rung::Manual),
    ];
    for (hours, before, after) in rungs {
        let due = limit + TimeDelta::hours(hours);
        assert_eq!(city.advance_to(due).await, 0, "what is due at the instant itself waits");
        assert_eq!(city.rung(number).await, before);
        assert_eq!(city.advance_to(due + TICK).await, 1);
        assert_eq!(city.rung(number).await, after);
        let last = city.events(number).await.pop().expect("it has events");
        assert_eq!((last.event_time, last.actor.as_deref()), (due, Some("system")));
        let EventDetail::RungFired(fired) = last.detail else { panic!("no rung fired: {last:?}") };
        assert_eq!((fired.cycle, fired.rung, fired.due_time), (1, after, Some(due)));
        assert_eq!(fired.unit.as_deref(), Some(LEAD));
    }
    assert_eq!(city.advance(TimeDelta::days(400)).await, 0, "nothing is above it");
}

async fn what_is_complete_at_the_limit_is_on_time(city: &City) {
    let ticket = city.appeal_in_handling().await;
    let waiting = city.take_in(appeal()).await.number;
    city.advance_to(ticket.cycle.due_time).await;
    let done = city.hand_in(&ticket.number, LEAD).await;
    assert_eq!(done.cycle.completed_on_time(), Some(true));
    assert_eq!(city.advance(TimeDelta::days(10)).await, 3, "the one that waits at the desk climbs alone");
    let told = city.story_of(&ticket.number).await;
    assert!(!told.contains(&"RungFired"), "{told:?}");
    let events = city.events(&waiting).await;
    let nobody = |event: &TicketEvent| match &event.detail {
        EventDetail::RungFired(fired) => Some(fired.unit.is_none()),
        _ => None,
    };
    assert_eq!(events.iter().filter_map(nobody).collect::<Vec<_>>(), [true; 3]);
}

async fn a_new_classification_counts_again_from_the_intake(city: &City) {
    let ticket = city.appeal_in_handling().await;
    let number = ticket.number.as_str();
    city.advance(TimeDelta::days(3)).await;
    let classify = |complexity| ClassifyTicket::new(number, Category::Appeal, complexity);
    let longer = city.agent().classify_ticket(classify(Complexity::Complex)).await;
    assert_eq!(longer.expect("it is classified").cycle.due_time, at(OPENING) + TimeDelta::days(15));
    assert_eq!(city.advance(TimeDelta::days(8)).await, 0, "the old limit is gone");
    let shorter = city.dispatcher().classify_ticket(classify(Complexity::General)).await;
    assert_eq!(shorter.expect("it is classified").cycle.due_time, ticket.cycle.due_time);

    // Four days past the limit it has by now: two rungs were overtaken before anybody looked.
    assert_eq!(city.advance(TICK).await, 1);
    let told = city.story_of(number).await;
    assert!(told.ends_with(&["RungPassed", "RungPassed", "RungFired"]), "{told:?}");
    assert_eq!(city.rung(number).await, Rung::Manual);
    let why = city.unit(LEAD).explain_deadline(number).await.expect("it is explained");
    let changes: Vec<_> = why.changes.iter().map(|change| (change.cause, change.due_time)).collect();
    let (week, fortnight) = (at(OPENING) + TimeDelta::days(7), at(OPENING) + TimeDelta::days(15));
    let classified = DeadlineCause::Classification;
    assert_eq!(changes, [(DeadlineCause::Intake, week), (classified, fortnight), (classified, week)]);
    assert_eq!(why.seconds_left, -TimeDelta::days(4).num_seconds());
}

async fn a_supervisor_goes_ahead_of_the_ladder(city: &City) {
    let ticket = city.appeal_in_handling().await;
    let (number, limit) = (ticket.number.as_str(), ticket.cycle.due_time);
    let by_hand = |what| EscalateTicket::new(number, what, "企业多次来电。");
    let record = city.supervisor().escalate_ticket(by_hand(Escalation::RecordManual)).await;
    refused(record, ErrorReason::NotInManualSupervision);
    let urged = city.supervisor().escalate_ticket(by_hand(Escalation::Urge)).await.expect("it is urged");
    assert_eq!(urged.cycle.rung, Some(Rung::Urged));
    let twice = city.supervisor().escalate_ticket(by_hand(Escalation::Urge)).await;
    refused(twice, ErrorReason::RungAlreadyReached);
    refused(
        city.dispatcher().escalate_ticket(by_hand(Escalation::Supervise)).await,
        ErrorReason::RoleNotAllowed,
    );

    assert_eq!(city.advance_to(limit + TimeDelta::hours(24)).await, 0, "it was urged already");
    assert_eq!(city.advance(TICK).await, 1);
    assert_eq!(city.rung(number).await, Rung::Supervised);
    city.supervisor().escalate_ticket(by_hand(Escalation::Manual)).await.expect("staff take it up");
    city.supervisor()
        .escalate_ticket(by_hand(Escalation::RecordManual))
        .await
        .expect("and say what they did");
    assert_eq!(city.advance(TimeDelta::days(10)).await, 0, "nothing is above it");

    let events = city.events(number).await;
    let fired: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.detail {
            EventDetail::RungFired(fired) => {
                Some((fired.rung, fired.due_time.is_some(), fired.note.is_some()))
            }
            _ => None,
        })
        .collect();
    let (hand, itself) = ((false, true), (true, false));
    let expected = [(Rung::Urged, hand), (Rung::Supervised, itself), (Rung::Manual, hand)];
    assert_eq!(fired, expected.map(|(rung, (due, note))| (rung, due, note)));
    assert_eq!(events.last().map(|event| event.detail.name()), Some("SupervisionRecorded"));
}

async fn the_clock_only_goes_forward(city: &City) {
    let administrator = city.client("administrator").simulation();
    let back = administrator.advance_to(at(OPENING) - TICK).await;
    assert_eq!(at(&refused(back, ErrorReason::ClockGoesForward).metadata()["now"]), at(OPENING));
    assert_eq!(city.advance_to(at(OPENING)).await, 0);
    let agent = city.client("agent").simulation();
    refused(agent.advance_to(at(OPENING) + TICK).await, ErrorReason::RoleNotAllowed);
    assert_eq!(city.now().await, at(OPENING));
}

async fn after_an_outage_the_highest_rung_fires_once(store: Store) {
    let mut city = City::open(store);
    let ticket = city.appeal_in_handling().await;
    let back = ticket.cycle.due_time + TimeDelta::hours(30);
    city.server.restart_with(Options::default().simulated_clock(&back.to_rfc3339()));
    assert_eq!(city.advance_to(back + TICK).await, 1);
    let events = city.events(&ticket.number).await;
    let [.., passed, fired] = events.as_slice() else { panic!("too few events: {events:?}") };
    assert!(matches!(&passed.detail, EventDetail::RungPassed(one) if one.rung == Rung::Urged), "{passed:?}");
    assert!(
        matches!(&fired.detail, EventDetail::RungFired(one) if one.rung == Rung::Supervised),
        "{fired:?}"
    );
    assert_eq!((passed.event_time, fired.event_time), (back, back), "nothing is back-dated");
    assert_eq!(
        city.advance_to(ticket.cycle.due_time + TimeDelta::hours(49)).await,
        1,
        "then the ladder goes on"
    );
    assert_eq!(city.rung(&ticket.number).await, Rung::Manual);
}
