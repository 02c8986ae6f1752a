//! A clerk of a unit is absent: work that the unit assigns goes to the substitute, until the absence ends.

use std::slice;

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, AssignInside, Directory, ErrorReason, InsideAssignment, ListTickets, SetAbsence,
};

use super::test_env::{LEAD, NEXT, TestEnv, appeal, refused, unnamed};

on_every_store!(env:
    work_goes_to_the_substitute_until_the_absence_ends,
    a_unit_sets_absences_of_its_own_clerks_only,
);

const CLERK: &str = "clerk-wang";
const SUBSTITUTE: &str = "clerk-li";

fn directory(env: &TestEnv, unit: &str) -> Directory {
    env.client_with_token(env.server.unit_token(unit)).directory()
}

/// A ticket that a unit has accepted.
async fn at_unit(env: &TestEnv, unit: &str) -> String {
    let number = env.take_in(unnamed(appeal())).await.number;
    env.dispatch(&number, unit).await;
    env.unit(unit).accept_ticket(AcceptTicket::new(&number)).await.expect("the unit accepts");
    number
}

async fn assigned(env: &TestEnv, unit: &str, number: &str) -> InsideAssignment {
    let assign = AssignInside::new(number).clerk(CLERK.to_owned());
    let ticket = env.unit(unit).assign_inside(assign).await.expect("the unit assigns it");
    ticket.inside_assignments.into_iter().next().expect("an assignment")
}

/// The numbers of a clerk's work.
async fn work(env: &TestEnv, unit: &str, clerk: &str) -> Vec<String> {
    let which = ListTickets::default().assigned_to(clerk.to_owned());
    let found = env.unit(unit).list_tickets(which).take_up_to(10).await.expect("a unit lists its work");
    found.into_iter().map(|ticket| ticket.number).collect()
}

/// Sets an absence and ends it.
pub(super) async fn use_every_command(env: &TestEnv) {
    let directory = directory(env, LEAD);
    let until = env.now().await + TimeDelta::days(1);
    let set = SetAbsence::new(CLERK, SUBSTITUTE, until);
    directory.set_absence(set).await.expect("a unit sets it");
    directory.set_absence(SetAbsence::end(CLERK)).await.expect("a unit ends it");
}

async fn work_goes_to_the_substitute_until_the_absence_ends(env: &TestEnv) {
    let (before, during, after) =
        (at_unit(env, LEAD).await, at_unit(env, LEAD).await, at_unit(env, LEAD).await);
    let first = assigned(env, LEAD, &before).await;
    assert_eq!((first.clerk.as_deref(), first.absent_clerk), (Some(CLERK), None));
    let now = env.now().await;
    let set =
        SetAbsence::new(CLERK, SUBSTITUTE, now + TimeDelta::days(3)).start_time(now + TimeDelta::days(1));
    let absence = directory(env, LEAD).set_absence(set).await.expect("a unit sets absences");
    assert_eq!((absence.clerk.as_str(), absence.substitute.as_str()), (CLERK, SUBSTITUTE));
    assert_eq!(work(env, LEAD, SUBSTITUTE).await, Vec::<String>::new(), "it has not begun");
    env.advance(TimeDelta::days(1)).await;

    let one = assigned(env, LEAD, &during).await;
    assert_eq!((one.clerk.as_deref(), one.absent_clerk.as_deref()), (Some(SUBSTITUTE), Some(CLERK)));
    assert_eq!(work(env, LEAD, SUBSTITUTE).await, [during.clone(), before.clone()]);
    assert_eq!(work(env, LEAD, CLERK).await, slice::from_ref(&before));

    env.advance(TimeDelta::days(2)).await;
    let one = assigned(env, LEAD, &after).await;
    assert_eq!((one.clerk.as_deref(), one.absent_clerk), (Some(CLERK), None), "the absence has ended");
    assert_eq!(work(env, LEAD, SUBSTITUTE).await, [during], "it keeps what it got");
    assert_eq!(work(env, LEAD, CLERK).await, [after, before]);
    let listed = directory(env, LEAD).list_absences().take_up_to(9).await.expect("a unit lists its own");
    assert_eq!(listed, []);
}

async fn a_unit_sets_absences_of_its_own_clerks_only(env: &TestEnv) {
    let until = env.now().await + TimeDelta::days(3);
    let set = SetAbsence::new(CLERK, SUBSTITUTE, until);
    let of_lead = directory(env, LEAD).set_absence(set.clone()).await.expect("a unit sets absences");
    // A clerk of the same name in another unit is there.
    let number = at_unit(env, NEXT).await;
    assert_eq!(assigned(env, NEXT, &number).await.clerk.as_deref(), Some(CLERK));
    assert_eq!(work(env, NEXT, SUBSTITUTE).await, Vec::<String>::new());
    let list = async |unit| directory(env, unit).list_absences().take_up_to(9).await.expect("a unit lists");
    assert_eq!((list(LEAD).await, list(NEXT).await), (vec![of_lead], Vec::new()));
    refused(directory(env, NEXT).set_absence(SetAbsence::end(CLERK)).await, ErrorReason::InvalidFields);
    for role in ["agent", "supervisor", "administrator"] {
        let refusal = env.client(role).directory().set_absence(set.clone()).await;
        refused(refusal, ErrorReason::RoleNotAllowed);
    }

    let itself = SetAbsence::new(CLERK, CLERK, until);
    let (early, late) = (until - TimeDelta::days(4), until + TimeDelta::days(400));
    for wrong in [itself, SetAbsence::new(CLERK, SUBSTITUTE, early), SetAbsence::new(CLERK, SUBSTITUTE, late)]
    {
        refused(directory(env, LEAD).set_absence(wrong).await, ErrorReason::InvalidFields);
    }
    let ended = directory(env, LEAD).set_absence(SetAbsence::end(CLERK)).await.expect("a unit ends it");
    assert!(ended.end_time < until);
    assert_eq!(list(LEAD).await, []);
    let number = at_unit(env, LEAD).await;
    assert_eq!(assigned(env, LEAD, &number).await.clerk.as_deref(), Some(CLERK));
}
