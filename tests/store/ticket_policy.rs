//! Policies: a ticket keeps the policy of its intake, however often the operator changes it.

use chrono::TimeDelta;
use hotline_server::deadline::{Calendar, Policy, explain};
use hotline_server::ticket::{Rung, Tier};

use super::fixture::{Database, Hotline, as_complex, default_policy, opening, staff};
use super::{both, consistency};

both! { a_ticket_keeps_the_policy_of_its_intake }

/// Shorter limits and an earlier ladder than the shipped ones.
fn short_limits_policy() -> Policy {
    let mut policy = default_policy();
    policy.deadline.general.days = 2;
    policy.deadline.complex.days = 4;
    policy.ladder.urge_after_hours = 1;
    policy.ladder.supervise_after_hours = 2;
    policy.ladder.manual_after_hours = 3;
    policy
}

async fn a_ticket_keeps_the_policy_of_its_intake(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (clock, shipped) = (hotline.clock.clone(), default_policy().version());
    let [kept, reclassified] =
        <[_; 2]>::try_from(hotline.create_appeals(2).await).expect("two").map(|ticket| ticket.number);
    drop(hotline);

    let hotline = Hotline::open_with(database.open().await, clock.clone(), short_limits_policy()).await;
    let new = hotline.create_appeals(1).await.remove(0);
    assert_eq!(new.cycle.due_at(), opening() + TimeDelta::days(2));
    assert_eq!(new.cycle.deadline.policy_version, short_limits_policy().version());

    let changed =
        hotline.change(staff("ClassifyTicket"), reclassified, as_complex()).await.expect("it is open");
    assert_eq!(changed.cycle.due_at(), opening() + TimeDelta::days(15), "counted under the shipped policy");
    assert_eq!(changed.cycle.deadline.policy_version, shipped);

    // The short ladder: urged after one hour, manual after three.
    let due_at = opening() + TimeDelta::days(2);
    hotline.simulation.advance_to(due_at + TimeDelta::hours(4)).await.expect("forward");
    assert_eq!(hotline.find(new.number).await.cycle.rung, Rung::Manual);
    assert_eq!(hotline.find(kept).await.cycle.rung, Rung::None);
    // The shipped one: urged at the limit, supervised a day later.
    let due_at = opening() + TimeDelta::days(7);
    hotline.simulation.advance_to(due_at + TimeDelta::hours(4)).await.expect("forward");
    let ticket = hotline.find(kept).await;
    assert_eq!((ticket.cycle.rung, ticket.cycle.due_at()), (Rung::Urged, due_at));
    assert_eq!(consistency::check_all(&hotline).await, 3);

    check_explained(&hotline, &shipped, &ticket.cycle.deadline.due_at).await;
}

/// The stored document equals the policy that was in force then.
async fn check_explained(hotline: &Hotline, version: &str, due_at: &chrono::DateTime<chrono::Utc>) {
    let policy = hotline.ledger.rules().policy(hotline.store.reader(), version).await.expect("it is stored");
    assert_eq!(*policy, default_policy());
    let calendar = Calendar::shipped().expect("the calendar is sound");
    let explained = explain(&policy, &calendar, Tier::General, opening()).expect("a deadline");
    assert_eq!(explained.due_at, *due_at);
    let unknown = hotline.ledger.rules().policy(hotline.store.reader(), "p-000000000000").await;
    unknown.expect_err("no ticket names a policy that is not stored");
}
