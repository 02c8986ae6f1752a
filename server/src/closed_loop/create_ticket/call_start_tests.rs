//! When a call began: by a clock that is ahead, and too long ago.

use chrono::TimeDelta;

use super::super::fixture::*;
use super::*;

fn ask(desk: &Desk, create: &CreateTicket) -> Result<Vec<Event>, Fault> {
    desk.decide(AGENT, "CreateTicket", &[], |ctx| create.decide(ctx))
}

fn call(began_at: &str) -> CreateTicket {
    CreateTicket { channel: Channel::Telephone, call_began_at: Some(at(began_at)), ..appeal() }
}

#[test]
fn a_call_start_that_is_ahead_counts_as_now_and_is_judged_as_now() {
    let last_moment = at("2019-10-14T23:59:58+08:00");
    let events = ask(&Desk::open().at(last_moment), &call("2019-10-15T00:00:01+08:00"));
    let events = events.expect("it began within the hours");
    let [Event::TicketCreated(created)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(created.call_began_at, Some(last_moment));
}

#[test]
fn a_call_may_not_have_begun_longer_ago_than_the_policy_allows() {
    let desk = Desk::open();
    let earliest = desk.now - TimeDelta::hours(i64::from(desk.policy.intake.call_age_max_hours));
    let before = earliest - TimeDelta::microseconds(1);
    for (channel, began_at, expected) in [
        (Channel::Telephone, earliest, None),
        (Channel::Telephone, before, Some(ErrorReason::CallTooOld)),
        (Channel::App, before, Some(ErrorReason::CallTooOld)),
    ] {
        let create = CreateTicket { channel, call_began_at: Some(began_at), ..appeal() };
        let fault = ask(&desk, &create).err();
        assert_eq!(fault.as_ref().map(|fault| fault.reason), expected, "{channel:?} {began_at}");
        if let Some(fault) = fault {
            assert_eq!(fault.metadata["earliest_start_time"], caller_clock::server_time(earliest));
            assert_eq!(fault.metadata["server_time"], caller_clock::server_time(desk.now));
        }
    }
}
