//! Tests of the connection limit.

use super::*;

const GRACE: Duration = Duration::from_secs(5);

fn limit(all_max: usize, of_peer_max: usize, at_once: u32) -> ConnectionLimit {
    let at_once = NonZeroU32::new(at_once).expect("not 0");
    let accept_rate = RateLimiter::keyed(Quota::per_hour(NonZeroU32::MIN).allow_burst(at_once));
    ConnectionLimit {
        open: Arc::default(),
        accept_rate,
        offences: Arc::new(PenaltyBudget::of(2)),
        authenticated_peers: Arc::default(),
        all_max,
        of_peer_max,
        first_call_grace: GRACE,
        unread_timeout: GRACE,
    }
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn a_place_is_given_back_and_nothing_of_a_peer_stays() {
    let limit = limit(3, 2, 100);
    let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
    let first = limit.take(one).expect("there is one");
    let second = limit.take(one).expect("there is one");
    assert!(limit.take(one).is_none(), "the peer has all that are his");
    let third = limit.take(other).expect("there is one");
    assert!(limit.take(address("192.0.2.3")).is_none(), "all are taken");
    drop(first);
    let again = limit.take(one).expect("one was given back");
    drop((second, third, again));
    let open = limit.open.lock().expect("nobody panicked");
    assert_eq!((open.all.len(), open.by_peer.len()), (0, 0));
}

#[test]
fn a_peer_that_comes_and_goes_is_kept_out_in_the_end() {
    let limit = limit(10, 10, 3);
    let one = address("192.0.2.1");
    for _ in 0..3 {
        drop(limit.take(one).expect("it may come"));
    }
    assert!(limit.take(one).is_none(), "it has come too often");
    assert!(limit.take(address("192.0.2.2")).is_some(), "others come as they like");
}

#[test]
fn who_is_blamed_too_often_must_wait() {
    let limit = limit(10, 10, 100);
    let one = address("192.0.2.1");
    for _ in 0..2 {
        assert!(!limit.is_delayed(one));
        limit.take(one).expect("there is one").record_offence();
    }
    assert!(limit.is_delayed(one));
    assert!(limit.take(one).is_some(), "it has waited");
    assert!(!limit.is_delayed(address("192.0.2.2")));
}

#[test]
fn a_machine_with_many_addresses_is_one_peer() {
    for (one, other, is_same) in [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ("::ffff:192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.2", false),
        ("::1", "::2", false),
    ] {
        assert_eq!(peer_of(address(one)) == peer_of(address(other)), is_same, "{one} and {other}");
    }
}

/// Whether the connection of a slot was closed.
fn is_ended(slot: &ConnectionSlot) -> bool {
    slot.connection().poll_ended(&std::task::Context::from_waker(std::task::Waker::noop())).is_ready()
}

#[test]
fn a_stranger_gives_way_after_its_grace_and_a_known_connection_never() {
    let limit = limit(5, 3, 100);
    let (attacker, clerk, newcomer) = (address("192.0.2.1"), address("192.0.2.2"), address("192.0.2.3"));
    let working = [0, 1, 2].map(|_| limit.take(clerk).expect("there is one"));
    for slot in &working {
        slot.connection().mark_authenticated();
    }
    let held = [0, 1].map(|_| limit.take(attacker).expect("there is one"));
    assert!(limit.take(newcomer).is_none(), "the others have had no time for a first call");
    let new = limit.take_at(newcomer, Instant::now() + GRACE).expect("a stranger gives way");
    assert_eq!([&held[0], &held[1]].map(is_ended), [true, false], "the oldest gives way");
    assert!(!working.iter().any(is_ended) && !is_ended(&new), "authenticated connections keep their slots");
    drop(held);
    let open = limit.open.lock().expect("nobody panicked");
    assert_eq!(open.all.len(), 4, "a slot that was given up is not given back twice");
}

#[test]
fn a_known_address_does_not_wait_for_the_grace_of_strangers() {
    let limit = limit(2, 2, 100);
    let (attacker, clerk) = (address("192.0.2.1"), address("192.0.2.2"));
    let before = limit.take(clerk).expect("there is one");
    before.connection().mark_authenticated();
    drop(before);
    let held = [0, 1].map(|_| limit.take(attacker).expect("there is one"));
    let first = limit.take(clerk).expect("its address is known");
    let second = limit.take(clerk).expect("its address is known");
    assert!(held.iter().all(is_ended));
    first.connection().mark_authenticated();
    second.connection().mark_authenticated();
    let late = Instant::now() + GRACE;
    assert!(limit.take_at(attacker, late).is_none(), "known connections never give way");
}

#[test]
fn the_peer_with_the_most_connections_gives_way_first() {
    let limit = limit(4, 3, 100);
    let (probe, attacker) = (address("192.0.2.1"), address("192.0.2.2"));
    let probing = limit.take(probe).expect("there is one");
    let held = [0, 1, 2].map(|_| limit.take(attacker).expect("there is one"));
    let again = limit.take_at(attacker, Instant::now() + GRACE).expect("its own oldest gives way");
    assert!(!is_ended(&probing), "one who only asks for health keeps its slot");
    assert!(is_ended(&held[0]));
    drop((held, again));
}

#[test]
fn who_does_not_read_is_ended() {
    let limit = limit(4, 3, 100);
    let (slow, good) = (address("192.0.2.1"), address("192.0.2.2"));
    let (slow, good) = (limit.take(slow).expect("there is one"), limit.take(good).expect("there is one"));
    slow.connection().mark_authenticated();
    let waiting = slow.connection().follow();
    waiting.add(1);
    limit.end_stalled();
    assert!(!is_ended(&slow), "it still has time");
    limit.end_stalled_at(Instant::now() + GRACE);
    assert!(is_ended(&slow) && !is_ended(&good));
}
