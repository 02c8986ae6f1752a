//! The supervision ladder: each rung fires once in a cycle, at or after its own instant, automatically or by hand.

use chrono::TimeDelta;
use hotline_client::{
    Category, ClassifyTicket, Complexity, DeadlineCause, ErrorReason, EscalateTicket, Escalation,
    EventDetail, Rung, TicketEvent,
};

use super::test_env::{LEAD, OPENING, TestEnv, appeal, at, refused};
use crate::support::server::{Options, Store};

on_every_store!(env:
    each_rung_fires_once_after_its_instant,
    what_is_complete_at_the_limit_is_on_time,
    a_new_classification_counts_again_from_the_intake,
    a_supervisor_goes_ahead_of_the_ladder,
    the_clock_only_goes_forward,
);
on_every_store!(store: after_an_outage_the_highest_rung_fires_once);

const TICK: TimeDelta = TimeDelta::microseconds(1);

async fn each_rung_fires_once_after_its_instant(env: &TestEnv) {
    let ticket = env.appeal_in_handling().await;
    let (number, limit) = (ticket.number.as_str(), ticket.cycle.due_time);
    assert_eq!(limit, at(OPENING) + TimeDelta::days(7));
    let rungs = [
        (0, Rung::None, Rung::Urged),
        (24, Rung::Urged, Rung::Supervised),
        (48, Rung::Supervised, Rung::Manual),
    ];
    for (hours, before, after) in rungs {
        let due = limit + TimeDelta::hours(hours);
        assert_eq!(env.advance_to(due).await, 0, "what is due at the instant itself waits");
        assert_eq!(env.rung(number).await, before);
        assert_eq!(env.advance_to(due + TICK).await, 1);
        assert_eq!(env.rung(number).await, after);
        let last = env.events(number).await.pop().expect("it has events");
        assert_eq!((last.event_time, last.actor.as_deref()), (due, Some("system")));
        let EventDetail::RungFired(fired) = last.detail else { panic!("no rung fired: {last:?}") };
        assert_eq!((fired.cycle, fired.rung, fired.due_time), (1, after, Some(due)));
        assert_eq!(fired.unit.as_deref(), Some(LEAD));
    }
    assert_eq!(env.advance(TimeDelta::days(400)).await, 0, "nothing is above it");
}

async fn what_is_complete_at_the_limit_is_on_time(env: &TestEnv) {
    let ticket = env.appeal_in_handling().await;
    let waiting = env.take_in(appeal()).await.number;
    env.advance_to(ticket.cycle.due_time).await;
    let done = env.complete(&ticket.number, LEAD).await;
    assert_eq!(done.cycle.completed_on_time(), Some(true));
    assert_eq!(env.advance(TimeDelta::days(10)).await, 3, "the one that waits at the desk climbs alone");
    let actual = env.event_names(&ticket.number).await;
    assert!(!actual.contains(&"RungFired"), "{actual:?}");
    let events = env.events(&waiting).await;
    let nobody = |event: &TicketEvent| match &event.detail {
        EventDetail::RungFired(fired) => Some(fired.unit.is_none()),
        _ => None,
    };
    assert_eq!(events.iter().filter_map(nobody).collect::<Vec<_>>(), [true; 3]);
}

async fn a_new_classification_counts_again_from_the_intake(env: &TestEnv) {
    let ticket = env.appeal_in_handling().await;
    let number = ticket.number.as_str();
    env.advance(TimeDelta::days(3)).await;
    let classify = |complexity| ClassifyTicket::new(number, Category::Appeal, complexity);
    let longer = env.agent().classify_ticket(classify(Complexity::Complex)).await;
    assert_eq!(longer.expect("it is classified").cycle.due_time, at(OPENING) + TimeDelta::days(15));
    assert_eq!(env.advance(TimeDelta::days(8)).await, 0, "the old limit is gone");
    let shorter = env.dispatcher().classify_ticket(classify(Complexity::General)).await;
    assert_eq!(shorter.expect("it is classified").cycle.due_time, ticket.cycle.due_time);

    // Four days past its present limit: two rungs have passed without a tick.
    assert_eq!(env.advance(TICK).await, 1);
    let actual = env.event_names(number).await;
    assert!(actual.ends_with(&["RungPassed", "RungPassed", "RungFired"]), "{actual:?}");
    assert_eq!(env.rung(number).await, Rung::Manual);
    let why = env.unit(LEAD).explain_deadline(number).await.expect("it is explained");
    let changes: Vec<_> = why.changes.iter().map(|change| (change.cause, change.due_time)).collect();
    let (week, fortnight) = (at(OPENING) + TimeDelta::days(7), at(OPENING) + TimeDelta::days(15));
    let classified = DeadlineCause::Classification;
    assert_eq!(changes, [(DeadlineCause::Intake, week), (classified, fortnight), (classified, week)]);
    assert_eq!(why.seconds_left, -TimeDelta::days(4).num_seconds());
}

async fn a_supervisor_goes_ahead_of_the_ladder(env: &TestEnv) {
    let ticket = env.appeal_in_handling().await;
    let (number, limit) = (ticket.number.as_str(), ticket.cycle.due_time);
    let by_hand = |what| EscalateTicket::new(number, what, "企业多次来电。");
    let record = env.supervisor().escalate_ticket(by_hand(Escalation::RecordManual)).await;
    refused(record, ErrorReason::NotInManualSupervision);
    let urged = env.supervisor().escalate_ticket(by_hand(Escalation::Urge)).await.expect("it is urged");
    assert_eq!(urged.cycle.rung, Some(Rung::Urged));
    let twice = env.supervisor().escalate_ticket(by_hand(Escalation::Urge)).await;
    refused(twice, ErrorReason::RungAlreadyReached);
    refused(
        env.dispatcher().escalate_ticket(by_hand(Escalation::Supervise)).await,
        ErrorReason::RoleNotAllowed,
    );

    assert_eq!(env.advance_to(limit + TimeDelta::hours(24)).await, 0, "it was urged already");
    assert_eq!(env.advance(TICK).await, 1);
    assert_eq!(env.rung(number).await, Rung::Supervised);
    env.supervisor().escalate_ticket(by_hand(Escalation::Manual)).await.expect("staff take it up");
    env.supervisor().escalate_ticket(by_hand(Escalation::RecordManual)).await.expect("and say what they did");
    assert_eq!(env.advance(TimeDelta::days(10)).await, 0, "nothing is above it");

    let events = env.events(number).await;
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

async fn the_clock_only_goes_forward(env: &TestEnv) {
    let administrator = env.client("administrator").simulation();
    let back = administrator.advance_to(at(OPENING) - TICK).await;
    assert_eq!(at(&refused(back, ErrorReason::ClockGoesForward).metadata()["now"]), at(OPENING));
    assert_eq!(env.advance_to(at(OPENING)).await, 0);
    let agent = env.client("agent").simulation();
    refused(agent.advance_to(at(OPENING) + TICK).await, ErrorReason::RoleNotAllowed);
    assert_eq!(env.now().await, at(OPENING));
}

async fn after_an_outage_the_highest_rung_fires_once(store: Store) {
    let mut env = TestEnv::open(store);
    let ticket = env.appeal_in_handling().await;
    let back = ticket.cycle.due_time + TimeDelta::hours(30);
    env.server.restart_with(Options::default().simulated_clock(&back.to_rfc3339()));
    assert_eq!(env.advance_to(back + TICK).await, 1);
    let events = env.events(&ticket.number).await;
    let [.., passed, fired] = events.as_slice() else { panic!("too few events: {events:?}") };
    assert!(matches!(&passed.detail, EventDetail::RungPassed(one) if one.rung == Rung::Urged), "{passed:?}");
    assert!(
        matches!(&fired.detail, EventDetail::RungFired(one) if one.rung == Rung::Supervised),
        "{fired:?}"
    );
    assert_eq!((passed.event_time, fired.event_time), (back, back), "nothing is back-dated");
    assert_eq!(
        env.advance_to(ticket.cycle.due_time + TimeDelta::hours(49)).await,
        1,
        "then the ladder goes on"
    );
    assert_eq!(env.rung(&ticket.number).await, Rung::Manual);
}
