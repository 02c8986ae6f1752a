//! A limit that has passed is never made better: not by a merge, nor by a classification. What staff do by hand before
//! the limit does not silence the ladder. A slip that is corrected within minutes leaves no trace on the limit.

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, Category, ClassifyTicket, Complexity, DeadlineCause, ErrorReason, EscalateTicket,
    Escalation, EventDetail, Rung, TicketDeadline,
};

use super::test_env::{LEAD, TestEnv, appeal, refused};

on_every_store!(env:
    a_merge_keeps_the_earlier_limit_and_the_higher_rung,
    no_classification_makes_a_passed_limit_better,
    a_slip_of_the_classification_is_corrected_within_minutes,
    a_rung_that_is_fired_before_the_limit_does_not_silence_the_ladder,
);

/// The least time.
const TICK: TimeDelta = TimeDelta::microseconds(1);

fn causes(explanation: &TicketDeadline) -> Vec<DeadlineCause> {
    explanation.changes.iter().map(|change| change.cause).collect()
}

/// Whether the ticket was completed on time, by its event.
async fn was_on_time(env: &TestEnv, number: &str) -> bool {
    let events = env.events(number).await;
    let completed = events.iter().find_map(|event| match &event.detail {
        EventDetail::TicketCompleted(completed) => Some(completed.on_time),
        _ => None,
    });
    completed.expect("the ticket is completed")
}

/// What the ladder and staff fired: the rung, and whether staff fired it.
async fn fired(env: &TestEnv, number: &str) -> Vec<(Rung, bool)> {
    let events = env.events(number).await;
    let fired = events.iter().filter_map(|event| match &event.detail {
        EventDetail::RungFired(fired) => Some((fired.rung, fired.due_time.is_none())),
        _ => None,
    });
    fired.collect()
}

async fn a_merge_keeps_the_earlier_limit_and_the_higher_rung(env: &TestEnv) {
    let old = env.take_in(appeal()).await;
    env.advance_to(old.cycle.due_time + TimeDelta::hours(24) + TICK).await;
    assert_eq!(env.rung(&old.number).await, Rung::Supervised);
    let new = env.take_in(appeal()).await;
    env.merge(&old.number, &new.number).await;

    let open = env.ticket(&new.number).await;
    assert_eq!((open.cycle.due_time, open.cycle.rung), (old.cycle.due_time, Some(Rung::Supervised)));
    let explained = env.agent().explain_deadline(&new.number).await.expect("it is explained");
    assert_eq!(causes(&explained), [DeadlineCause::Intake, DeadlineCause::Merge]);
    assert_eq!((explained.changes[1].due_time, explained.due_time), (old.cycle.due_time, old.cycle.due_time));
    assert!(explained.seconds_left < 0);
    let listed =
        env.agent().list_tickets(hotline_client::ListTickets::default().rung_at_least(Rung::Supervised));
    let listed = listed.take_up_to(10).await.expect("an agent lists");
    assert_eq!(listed.iter().map(|ticket| &ticket.number).collect::<Vec<_>>().len(), 2);

    // The ladder notifies the unit that gets the open ticket, and its work is late.
    env.dispatch(&new.number, LEAD).await;
    assert_eq!(env.advance(TICK).await, 1);
    assert_eq!(fired(env, &new.number).await, [(Rung::Supervised, false)]);
    let digests = env.unit(LEAD).list_digests(hotline_client::ListDigests::default());
    assert_eq!(digests.take_up_to(10).await.expect("a unit reads its digests").len(), 1);
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&new.number)).await.expect("the lead unit accepts it");
    env.complete(&new.number, LEAD).await;
    assert!(!was_on_time(env, &new.number).await);
}

async fn no_classification_makes_a_passed_limit_better(env: &TestEnv) {
    let ticket = env.appeal_in_handling().await;
    let number = ticket.number.as_str();
    env.advance_to(ticket.cycle.due_time + TimeDelta::hours(30)).await;
    let complex = || ClassifyTicket::new(number, Category::Appeal, Complexity::Complex);
    for staff in [env.agent(), env.dispatcher()] {
        let reason = refused(staff.classify_ticket(complex()).await, ErrorReason::SupervisorNeeded);
        assert!(reason.metadata().contains_key("due_time"));
    }
    let without_note = env.supervisor().classify_ticket(complex()).await;
    let violations = refused(without_note, ErrorReason::InvalidFields).field_violations().to_vec();
    assert_eq!(violations.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["note"]);
    let with_note = complex().note("材料复杂，需多方核实");
    let classified = env.supervisor().classify_ticket(with_note).await.expect("a supervisor may");
    assert_eq!(classified.complexity, Complexity::Complex);
    assert_eq!(classified.cycle.due_time, ticket.cycle.due_time);
    assert_eq!(classified.cycle.rung, Some(Rung::Supervised));

    let explained = env.agent().explain_deadline(number).await.expect("it is explained");
    let late = DeadlineCause::ClassificationAfterLimit;
    assert_eq!(causes(&explained), [DeadlineCause::Intake, late]);
    assert_eq!(explained.changes[1].due_time, ticket.cycle.due_time);
    env.complete(number, LEAD).await;
    assert!(!was_on_time(env, number).await);
}

async fn a_slip_of_the_classification_is_corrected_within_minutes(env: &TestEnv) {
    let number = env.appeal_in_handling().await.number;
    let classify = |complexity| ClassifyTicket::new(&number, Category::Appeal, complexity);
    let right = env.agent().classify_ticket(classify(Complexity::Complex)).await.expect("it is complex");
    env.advance(TimeDelta::days(9)).await;
    let wrong = env.agent().classify_ticket(classify(Complexity::General)).await.expect("it is a slip");
    assert!(wrong.cycle.due_time < env.now().await);
    assert_eq!(env.advance(TimeDelta::minutes(1)).await, 1);
    assert_eq!(env.rung(&number).await, Rung::Manual);

    let corrected = env.agent().classify_ticket(classify(Complexity::Complex)).await.expect("in time");
    assert_eq!(corrected.cycle.due_time, right.cycle.due_time);
    assert_eq!(corrected.cycle.rung, Some(Rung::None));
    let explained = env.agent().explain_deadline(&number).await.expect("it is explained");
    let (counted, put_right) = (DeadlineCause::Classification, DeadlineCause::Correction);
    assert_eq!(causes(&explained), [DeadlineCause::Intake, counted, counted, put_right]);
    // The ladder fires again, at the right limit.
    assert_eq!(env.advance_to(right.cycle.due_time + TICK).await, 1);
    assert_eq!(fired(env, &number).await, [(Rung::Manual, false), (Rung::Urged, false)]);

    let late = env.agent().classify_ticket(classify(Complexity::General)).await;
    refused(late, ErrorReason::SupervisorNeeded);
}

async fn a_rung_that_is_fired_before_the_limit_does_not_silence_the_ladder(env: &TestEnv) {
    let ticket = env.appeal_in_handling().await;
    let number = ticket.number.as_str();
    let by_hand = EscalateTicket::new(number, Escalation::Urge, "企业再次来电");
    env.supervisor().escalate_ticket(by_hand).await.expect("a supervisor urges");
    env.advance_to(ticket.cycle.due_time + TimeDelta::hours(24) + TICK).await;
    let expected = [(Rung::Urged, true), (Rung::Urged, false), (Rung::Supervised, false)];
    assert_eq!(fired(env, number).await, expected);
    let digests = env.unit(LEAD).list_digests(hotline_client::ListDigests::default());
    let digests = digests.take_up_to(10).await.expect("a unit reads its digests");
    let rungs: Vec<_> = digests.iter().map(|digest| digest.rung).collect();
    assert_eq!(rungs, [Rung::Urged, Rung::Urged, Rung::Supervised], "the unit is told of each");
}
