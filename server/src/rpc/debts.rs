//! What peers owe for what they did wrong. Each time costs some time, or nothing; what is owed is paid off as time goes
//! by, and debts up to [`WINDOW`] are lent.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The time over which wrongs are counted.
const WINDOW: Duration = Duration::from_mins(1);
/// Peers that are remembered before those are forgotten who have nothing to pay off.
const PEERS_BEFORE_SWEEP: usize = 1024;

/// The debts of all peers.
#[derive(Debug)]
pub(super) struct Debts {
    cost: Duration,
    /// When a peer's debt is paid off.
    free_at: Mutex<HashMap<IpAddr, Instant>>,
}

impl Debts {
    /// Where so many wrongs in a window are forgiven; with 0 all are.
    pub(super) fn of(forgiven: u32) -> Self {
        Self { cost: WINDOW.checked_div(forgiven).unwrap_or_default(), free_at: Mutex::default() }
    }

    /// How long a peer must wait before the next wrong would be lent, if it must.
    pub(super) fn wait(&self, peer: IpAddr, now: Instant) -> Option<Duration> {
        let free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let debt = free_at.get(&peer)?.saturating_duration_since(now);
        debt.checked_sub(WINDOW.saturating_sub(self.cost)).filter(|wait| !wait.is_zero())
    }

    /// Has a peer owe for a wrong.
    pub(super) fn add(&self, peer: IpAddr, now: Instant) {
        if self.cost.is_zero() {
            return;
        }
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if free_at.len() >= PEERS_BEFORE_SWEEP && !free_at.contains_key(&peer) {
            free_at.retain(|_, free_at| *free_at > now);
        }
        let debt_ends = free_at.entry(peer).or_insert(now);
        // Wrongs that were under way together may overdraw; nobody waits for longer than the window.
        *debt_ends = ((*debt_ends).max(now) + self.cost).min(now + WINDOW);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn who_does_wrong_too_often_waits_as_long_as_he_is_told() {
        let (debts, mut now) = (Debts::of(6), Instant::now());
        for _ in 0..6 {
            assert_eq!(debts.wait(PEER, now), None);
            debts.add(PEER, now);
        }
        assert_eq!(debts.wait(PEER, now), Some(Duration::from_secs(10)));
        assert_eq!(debts.wait(OTHER, now), None, "everybody pays for himself");
        now += Duration::from_secs(9);
        assert_eq!(debts.wait(PEER, now), Some(Duration::from_secs(1)));
        now += Duration::from_secs(1);
        assert_eq!(debts.wait(PEER, now), None);
        debts.add(PEER, now);
        assert_eq!(debts.wait(PEER, now), Some(Duration::from_secs(10)));
        now += WINDOW;
        assert_eq!(debts.wait(PEER, now), None, "in the end all is forgiven");
    }

    #[test]
    fn wrongs_that_come_together_cost_no_more_than_the_window() {
        let (debts, now) = (Debts::of(6), Instant::now());
        for _ in 0..1000 {
            debts.add(PEER, now);
        }
        assert_eq!(debts.wait(PEER, now), Some(Duration::from_secs(10)));
    }

    #[test]
    fn where_all_are_forgiven_nobody_waits() {
        let (debts, now) = (Debts::of(0), Instant::now());
        for _ in 0..1000 {
            debts.add(PEER, now);
        }
        assert_eq!(debts.wait(PEER, now), None);
    }

    #[test]
    fn who_has_nothing_to_pay_off_is_forgotten() {
        let (debts, now) = (Debts::of(60), Instant::now());
        for number in 0..PEERS_BEFORE_SWEEP {
            let number = u32::try_from(number).expect("a small number");
            debts.add(IpAddr::V4(Ipv4Addr::from_bits(number)), now);
        }
        debts.add(PEER, now + Duration::from_secs(2));
        assert_eq!(debts.free_at.lock().expect("nobody panicked").len(), 1);
    }
}
