//! The rule of the queue: calls are served in the order in which they arrived, and each goes to the seat that has been
//! ready longest among those that have its skill. Pure.

use crate::ticket::Instant;

/// A call that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingCall<'a> {
    /// Its place in the order of all calls that arrived.
    pub arrival: i64,
    /// The skill that it needs.
    pub skill: &'a str,
}

/// A seat that is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadySeat<'a> {
    /// Since when.
    pub ready_since: Instant,
    /// Its name, which decides between seats that became ready at the same instant.
    pub name: &'a str,
    /// The skills that it has.
    pub skills: &'a [&'a str],
}

/// The next call and its seat, by their places in the lists; `None` if no seat has the skill of any call. A call whose
/// skill no ready seat has lets later calls go first.
#[must_use]
pub fn next_pair(calls: &[WaitingCall<'_>], seats: &[ReadySeat<'_>]) -> Option<(usize, usize)> {
    let mut order: Vec<_> = calls.iter().enumerate().collect();
    order.sort_by_key(|(_, call)| call.arrival);
    order.into_iter().find_map(|(call_place, call)| {
        let fitting = seats.iter().enumerate().filter(|(_, seat)| seat.skills.contains(&call.skill));
        let seat = fitting.min_by_key(|(_, seat)| (seat.ready_since, seat.name));
        seat.map(|(seat_place, _)| (call_place, seat_place))
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn call(arrival: i64, skill: &str) -> WaitingCall<'_> {
        WaitingCall { arrival, skill }
    }

    fn seat<'a>(seconds: i64, name: &'a str, skills: &'a [&'a str]) -> ReadySeat<'a> {
        ReadySeat { ready_since: at(seconds), name, skills }
    }

    #[test]
    fn the_first_call_gets_the_longest_ready_seat() {
        let calls = [call(5, "tax"), call(4, "tax"), call(3, "tax")];
        let seats = [seat(3, "b", &["tax"]), seat(2, "c", &["tax"]), seat(2, "a", &["tax", "english"])];
        assert_eq!(next_pair(&calls, &seats), Some((2, 2)));
        assert_eq!(next_pair(&calls, &[]), None);
        assert_eq!(next_pair(&[], &seats), None);
    }

    #[test]
    fn a_call_without_a_fitting_seat_holds_nobody_up() {
        let calls = [call(1, "english"), call(2, "tax")];
        assert_eq!(next_pair(&calls, &[seat(0, "a", &["tax"])]), Some((1, 0)));
        assert_eq!(next_pair(&calls[..1], &[seat(0, "a", &["tax"])]), None);
    }
}
