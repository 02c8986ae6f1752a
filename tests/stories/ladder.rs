//! The supervision ladder: each rung fires once in a cycle, at or after its own instant, automatically or by hand.

use chrono::TimeDelta;
use hotline_client::{
    Category, ClassifyTicket, Complexity, DeadlineCause, ErrorReason, EscalateTicket, Escalation,
    EventDetail, Rung, TicketEvent,
};

use super::test_env::{LEAD, OPENING, TestEnv, appeal, at, refused};
use crate::support::server::{Options, Store};
use crate::support::wait;

on_every_store!(env:
    each_rung_fires_once_after_its_instant,
    a_ticket_completed_at_its_limit_is_on_time,
    a_reclassification_counts_the_limit_from_the_intake,
    a_supervisor_may_fire_rungs_ahead_of_the_ladder,
    the_simulated_clock_only_advances,
    the_resumed_clock_runs_timers_by_itself,
);
on_every_store!(store: after_an_outage_only_the_highest_due_rung_fires);

/// The largest speed of a resumed clock.
const SPEED_MAX: u32 = 3_600;
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
    for (hours, rung_before, rung_after) in rungs {
        let due = limit + TimeDelta::hours(hours);
        assert_eq!(env.advance_to(due).await, 0, "a rung fires only after its due instant");
        assert_eq!(env.rung(number).await, rung_before);
        assert_eq!(env.advance_to(due + TICK).await, 1);
        assert_eq!(env.rung(number).await, rung_after);
        let last = env.events(number).await.pop().expect("the ticket has events");
        assert_eq!((last.event_time, last.actor.as_deref()), (due, Some("system")));
        let EventDetail::RungFired(fired) = last.detail else { panic!("no rung fired: {last:?}") };
        assert_eq!((fired.cycle, fired.rung, fired.due_time), (1, rung_after, Some(due)));
        assert_eq!(fired.unit.as_deref(), Some(LEAD));
    }
    assert_eq!(env.advance(TimeDelta::days(400)).await, 0, "there is no higher rung");
}

async fn a_ticket_completed_at_its_limit_is_on_time(env: &TestEnv) {
    let ticket = env.appeal_in_handling().await;
    let undispatched = env.take_in(appeal()).await.number;
    env.advance_to(ticket.cycle.due_time).await;
    let completed = env.complete(&ticket.number, LEAD).await;
    assert_eq!(completed.cycle.completed_on_time(), Some(true));
    assert_eq!(env.advance(TimeDelta::days(10)).await, 3, "only the undispatched ticket climbs the ladder");
    let actual = env.event_names(&ticket.number).await;
    assert!(!actual.contains(&"RungFired"), "{actual:?}");
    let events = env.events(&undispatched).await;
    let names_no_unit = |event: &TicketEvent| match &event.detail {
        EventDetail::RungFired(fired) => Some(fired.unit.is_none()),
        _ => None,
    };
    assert_eq!(events.iter().filter_map(names_no_unit).collect::<Vec<_>>(), [true; 3]);
}

async fn a_reclassification_counts_the_limit_from_the_intake(env: &TestEnv) {
    let ticket = env.appeal_in_handling().await;
    let number = ticket.number.as_str();
    env.advance(TimeDelta::days(3)).await;
    let classify = |complexity| ClassifyTicket::new(number, Category::Appeal, complexity);
    let complex = env.agent().classify_ticket(classify(Complexity::Complex)).await;
    assert_eq!(complex.expect("the ticket is classified").cycle.due_time, at(OPENING) + TimeDelta::days(15));
    assert_eq!(env.advance(TimeDelta::days(8)).await, 0, "no rung fires for the old limit");
    let general = env.dispatcher().classify_ticket(classify(Complexity::General)).await;
    assert_eq!(general.expect("the ticket is classified").cycle.due_time, ticket.cycle.due_time);

    // The ticket is four days past its new limit. Two rungs were overtaken before the runner looked.
    assert_eq!(env.advance(TICK).await, 1);
    let actual = env.event_names(number).await;
    assert!(actual.ends_with(&["RungPassed", "RungPassed", "RungFired"]), "{actual:?}");
    assert_eq!(env.rung(number).await, Rung::Manual);
    let explanation = env.unit(LEAD).explain_deadline(number).await.expect("the deadline can be explained");
    let changes: Vec<_> = explanation.changes.iter().map(|change| (change.cause, change.due_time)).collect();
    let (week, fortnight) = (at(OPENING) + TimeDelta::days(7), at(OPENING) + TimeDelta::days(15));
    let classified = DeadlineCause::Classification;
    assert_eq!(changes, [(DeadlineCause::Intake, week), (classified, fortnight), (classified, week)]);
    assert_eq!(explanation.seconds_left, -TimeDelta::days(4).num_seconds());
}

async fn a_supervisor_may_fire_rungs_ahead_of_the_ladder(env: &TestEnv) {
    let ticket = env.appeal_in_handling().await;
    let (number, limit) = (ticket.number.as_str(), ticket.cycle.due_time);
    let by_hand = |what| EscalateTicket::new(number, what, "企业多次来电。");
    let early_record = env.supervisor().escalate_ticket(by_hand(Escalation::RecordManual)).await;
    refused(early_record, ErrorReason::NotInManualSupervision);
    let urged = env.supervisor().escalate_ticket(by_hand(Escalation::Urge)).await.expect("it is urged");
    assert_eq!(urged.cycle.rung, Some(Rung::Urged));
    let second_urge = env.supervisor().escalate_ticket(by_hand(Escalation::Urge)).await;
    refused(second_urge, ErrorReason::RungAlreadyReached);
    refused(
        env.dispatcher().escalate_ticket(by_hand(Escalation::Supervise)).await,
        ErrorReason::RoleNotAllowed,
    );

    assert_eq!(
        env.advance_to(limit + TimeDelta::hours(24)).await,
        1,
        "the ladder urges at the limit all the same"
    );
    assert_eq!(env.advance(TICK).await, 1);
    assert_eq!(env.rung(number).await, Rung::Supervised);
    env.supervisor()
        .escalate_ticket(by_hand(Escalation::Manual))
        .await
        .expect("the supervisor takes the ticket over");
    env.supervisor()
        .escalate_ticket(by_hand(Escalation::RecordManual))
        .await
        .expect("staff record what they did");
    assert_eq!(env.advance(TimeDelta::days(10)).await, 0, "there is no higher rung");

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
    let (by_hand_fields, by_runner_fields) = ((false, true), (true, false));
    let expected = [
        (Rung::Urged, by_hand_fields),
        (Rung::Urged, by_runner_fields),
        (Rung::Supervised, by_runner_fields),
        (Rung::Manual, by_hand_fields),
    ];
    assert_eq!(fired, expected.map(|(rung, (due, note))| (rung, due, note)));
    assert_eq!(events.last().map(|event| event.detail.name()), Some("SupervisionRecorded"));
}

async fn the_simulated_clock_only_advances(env: &TestEnv) {
    let administrator_clock = env.client("administrator").simulation();
    let backwards = administrator_clock.advance_to(at(OPENING) - TICK).await;
    assert_eq!(at(&refused(backwards, ErrorReason::ClockGoesForward).metadata()["now"]), at(OPENING));
    assert_eq!(env.advance_to(at(OPENING)).await, 0);
    let agent_clock = env.client("agent").simulation();
    refused(agent_clock.advance_to(at(OPENING) + TICK).await, ErrorReason::RoleNotAllowed);
    assert_eq!(env.now().await, at(OPENING));
}

async fn the_resumed_clock_runs_timers_by_itself(env: &TestEnv) {
    let ticket = env.appeal_in_handling().await;
    let limit = ticket.cycle.due_time;
    let clock = env.client("administrator").simulation();
    refused(clock.resume_clock(SPEED_MAX + 1).await, ErrorReason::InvalidFields);
    refused(env.client("agent").simulation().resume_clock(1).await, ErrorReason::RoleNotAllowed);
    env.advance_to(limit - TimeDelta::minutes(1)).await;
    assert_eq!(env.now().await, limit - TimeDelta::minutes(1), "the clock stands still");
    let resumed = clock.resume_clock(SPEED_MAX).await.expect("the clock runs");
    assert_eq!(resumed, limit - TimeDelta::minutes(1));
    let rung =
        async || env.client("agent").tickets().get_ticket(&ticket.number).await.map(|one| one.cycle.rung);
    wait::until("the resumed clock fires the rung", async || rung().await.ok() == Some(Some(Rung::Urged)))
        .await;
    let events = env.events(&ticket.number).await;
    assert_eq!(events.last().map(|event| event.event_time), Some(limit), "it fires at its own instant");
    assert!(env.now().await > limit);
}

async fn after_an_outage_only_the_highest_due_rung_fires(store: Store) {
    let mut env = TestEnv::open(store);
    let ticket = env.appeal_in_handling().await;
    let restart_time = ticket.cycle.due_time + TimeDelta::hours(30);
    env.server.restart_with(Options::default().simulated_clock(&restart_time.to_rfc3339()));
    assert_eq!(env.advance_to(restart_time + TICK).await, 1);
    let events = env.events(&ticket.number).await;
    let [.., passed, fired] = events.as_slice() else { panic!("too few events: {events:?}") };
    assert!(
        matches!(&passed.detail, EventDetail::RungPassed(rung_event) if rung_event.rung == Rung::Urged),
        "{passed:?}"
    );
    assert!(
        matches!(&fired.detail, EventDetail::RungFired(rung_event) if rung_event.rung == Rung::Supervised),
        "{fired:?}"
    );
    assert_eq!(
        (passed.event_time, fired.event_time),
        (restart_time, restart_time),
        "events carry the time at which they were written"
    );
    assert_eq!(
        env.advance_to(ticket.cycle.due_time + TimeDelta::hours(49)).await,
        1,
        "the next rung fires at its time"
    );
    assert_eq!(env.rung(&ticket.number).await, Rung::Manual);
}
