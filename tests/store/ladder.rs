//! The ladder over time: after an outage the highest rung fires and the others are recorded as passed. Every rung fires
//! once a cycle, with or without rework.

use chrono::TimeDelta;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::rework_ticket::ReworkTicket;
use hotline_server::closed_loop::submit_feedback::{Reply, Report, SubmitFeedback};
use hotline_server::closed_loop::submit_survey::SubmitSurvey;
use hotline_server::closed_loop::{Change, ClosedLoop};
use hotline_server::oversight::escalate_ticket::EscalateTicket;
use hotline_server::platform::Clock;
use hotline_server::ticket::{ContactMethod, Event, Resolved, Rung, State, TicketNumber};

use super::fixture::{Database, Hotline, clerk, dispatch, new_key, staff, unit};
use super::{both, consistency};

both! {
    after_an_outage_the_highest_rung_fires_and_the_others_are_passed
    each_rung_fires_once_in_each_cycle
    a_rung_fired_by_hand_after_the_limit_is_not_fired_again
    event_times_never_decrease_when_a_clock_is_set_back
    a_cycle_begun_by_a_slow_clock_has_its_whole_limit
}

/// The rung events in order: cycle, rung, and whether it fired or was passed.
async fn rungs_of(hotline: &Hotline, number: TicketNumber) -> Vec<(u32, Rung, bool)> {
    let events = hotline.events(number).await;
    let rungs = events.iter().filter_map(|recorded| match recorded.event {
        Event::RungFired { cycle, rung, .. } => Some((cycle, rung, true)),
        Event::RungPassed { cycle, rung, .. } => Some((cycle, rung, false)),
        _ => None,
    });
    rungs.collect()
}

async fn after_an_outage_the_highest_rung_fires_and_the_others_are_passed(database: Database) {
    let hotline = Hotline::open(&database).await;
    let ticket = hotline.create_appeals(1).await.remove(0);
    // The runner did not run from before the limit until 100 hours after it.
    hotline.clock.advance_to(ticket.cycle.due_at() + TimeDelta::hours(100));
    assert_eq!(hotline.runner.tick().await.expect("it fires"), (1, None));
    let expected = [(1, Rung::Urged, false), (1, Rung::Supervised, false), (1, Rung::Manual, true)];
    assert_eq!(rungs_of(&hotline, ticket.number).await, expected);
    assert_eq!(hotline.runner.tick().await.expect("nothing is due"), (0, None));
    let events = hotline.events(ticket.number).await;
    assert!(events[1..].iter().all(|recorded| recorded.at == hotline.clock.now()), "back-dated: {events:#?}");
    consistency::check(&hotline, ticket.number).await;
}

/// Handles a ticket to a bad survey, so that it can be reworked.
async fn complete_with_bad_survey(hotline: &Hotline, number: TicketNumber) {
    let district = unit("district-chaoyang");
    if hotline.find(number).await.state == State::Received {
        hotline
            .change(staff("DispatchTicket"), number, dispatch(&district))
            .await
            .expect("it can be dispatched");
        hotline.change(clerk("AcceptTicket", &district), number, AcceptTicket).await.expect("it is theirs");
    }
    let reply = Reply {
        replied_at: hotline.find(number).await.updated_at,
        method: ContactMethod::Telephone,
        official: "李科长".to_owned(),
        content: "done".to_owned(),
    };
    let report = Report { actions: "went".to_owned(), result: "done".to_owned(), evidence: Vec::new() };
    let feedback = SubmitFeedback { caller_reply: Some(reply), hotline_report: Some(report) };
    hotline.change(clerk("SubmitFeedback", &district), number, feedback).await.expect("it is theirs");
    let (responded, satisfied, comment) = (None, None, String::new());
    let survey = SubmitSurvey { responded, resolved: Some(Resolved::No), satisfied, comment };
    hotline.change(staff("SubmitSurvey"), number, survey).await.expect("it is complete");
}

async fn each_rung_fires_once_in_each_cycle(database: Database) {
    let hotline = Hotline::open(&database).await;
    let number = hotline.create_appeals(1).await.remove(0).number;
    // In the first cycle the unit is urged and supervised before it completes the ticket.
    assert_eq!(hotline.advance(TimeDelta::days(8) + TimeDelta::hours(1)).await, 2);
    complete_with_bad_survey(&hotline, number).await;
    // No rung fires for a closed ticket.
    assert_eq!(hotline.advance(TimeDelta::days(30)).await, 0);
    let rework = ReworkTicket { note: "again".to_owned() };
    hotline.change(staff("ReworkTicket"), number, rework).await.expect("the survey is bad");
    consistency::check(&hotline, number).await;
    // The second cycle goes through the whole ladder again.
    assert_eq!(hotline.advance(TimeDelta::days(365)).await, 3);
    let expected = [
        (1, Rung::Urged, true),
        (1, Rung::Supervised, true),
        (2, Rung::Urged, true),
        (2, Rung::Supervised, true),
        (2, Rung::Manual, true),
    ];
    assert_eq!(rungs_of(&hotline, number).await, expected);
    complete_with_bad_survey(&hotline, number).await;
    consistency::check(&hotline, number).await;
}

async fn a_rung_fired_by_hand_after_the_limit_is_not_fired_again(database: Database) {
    let hotline = Hotline::open(&database).await;
    let number = hotline.create_appeals(1).await.remove(0).number;
    let fire = |rung| EscalateTicket::Fire { rung, note: "by hand".to_owned() };
    hotline.change(staff("EscalateTicket"), number, fire(Rung::Urged)).await.expect("nothing has fired");
    consistency::check(&hotline, number).await;
    assert_eq!(hotline.advance(TimeDelta::days(7) + TimeDelta::hours(1)).await, 1, "it was early");
    hotline.change(staff("EscalateTicket"), number, fire(Rung::Supervised)).await.expect("it is urged");
    consistency::check(&hotline, number).await;
    assert_eq!(hotline.advance(TimeDelta::days(365)).await, 1);
    let expected = [
        (1, Rung::Urged, true),
        (1, Rung::Urged, true),
        (1, Rung::Supervised, true),
        (1, Rung::Manual, true),
    ];
    assert_eq!(rungs_of(&hotline, number).await, expected);
    consistency::check(&hotline, number).await;
}

async fn event_times_never_decrease_when_a_clock_is_set_back(database: Database) {
    let hotline = Hotline::open(&database).await;
    let ticket = hotline.create_appeals(1).await.remove(0);
    // An hour before the ticket was taken in, by a wrong clock.
    let clock = Clock::simulated(ticket.received_at - TimeDelta::hours(1));
    let closed_loop = ClosedLoop::new(hotline.store.clone(), clock, hotline.ledger.clone());
    let slow_server = Hotline { closed_loop, ..hotline.clone() };
    let fire = EscalateTicket::Fire { rung: Rung::Urged, note: "by hand".to_owned() };
    let urged =
        slow_server.change(staff("EscalateTicket"), ticket.number, fire).await.expect("nothing has fired");
    assert_eq!(urged.updated_at, ticket.received_at, "at its intake, and not before");
    // An instant from a server that is ahead is not in the future for one that is behind.
    complete_with_bad_survey(&slow_server, ticket.number).await;
    consistency::check(&hotline, ticket.number).await;
    let completed_at = hotline.find(ticket.number).await.cycle.completed_at;
    assert_eq!(completed_at, Some(ticket.received_at));
}

async fn a_cycle_begun_by_a_slow_clock_has_its_whole_limit(database: Database) {
    let hotline = Hotline::open(&database).await;
    let number = hotline.create_appeals(1).await.remove(0).number;
    complete_with_bad_survey(&hotline, number).await;
    let clock = Clock::simulated(hotline.clock.now() - TimeDelta::hours(1));
    let slow_server = ClosedLoop::new(hotline.store.clone(), clock, hotline.ledger.clone());
    let verb = ReworkTicket { note: "again".to_owned() };
    let change = Change { key: new_key(), number, etag: None, verb };
    let reworked = slow_server.change(staff("ReworkTicket"), change).await.expect("the survey is bad");
    assert_eq!(reworked.cycle.began_at, hotline.clock.now(), "at the survey, and not before");
    assert_eq!(reworked.cycle.due_at() - reworked.cycle.began_at, TimeDelta::days(7));
    consistency::check(&hotline, number).await;
}
