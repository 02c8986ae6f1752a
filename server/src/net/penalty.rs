//! Penalty budget per peer address. Each offence costs `WINDOW / n`; the balance decays in real time; a peer is delayed
//! once its balance exceeds `WINDOW`.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The time over which offences are counted.
const WINDOW: Duration = Duration::from_mins(1);
/// Peers that are remembered before those with an empty balance are removed.
const PEERS_BEFORE_SWEEP: usize = 1024;

/// The balances of all peers. A peer is an address; for guesses about a ticket it is the caller with the ticket.
#[derive(Debug)]
pub(crate) struct PenaltyBudget<Peer = IpAddr> {
    cost: Duration,
    /// When each peer's balance is empty.
    free_at: Mutex<HashMap<Peer, Instant>>,
}

impl<Peer: Eq + Hash> PenaltyBudget<Peer> {
    /// A budget of this many offences in a window; 0 turns it off.
    pub(crate) fn of(allowed: u32) -> Self {
        Self { cost: WINDOW.checked_div(allowed).unwrap_or_default(), free_at: Mutex::default() }
    }

    /// How long until the peer's balance allows one more offence; `None` if it does now.
    pub(crate) fn wait(&self, peer: &Peer, now: Instant) -> Option<Duration> {
        let free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let balance = free_at.get(peer)?.saturating_duration_since(now);
        balance.checked_sub(WINDOW.saturating_sub(self.cost)).filter(|wait| !wait.is_zero())
    }

    /// Charges a peer for an offence.
    pub(crate) fn add(&self, peer: Peer, now: Instant) {
        if self.cost.is_zero() {
            return;
        }
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if free_at.len() >= PEERS_BEFORE_SWEEP && !free_at.contains_key(&peer) {
            free_at.retain(|_, free_at| *free_at > now);
        }
        let free_at_peer = free_at.entry(peer).or_insert(now);
        // Concurrent offences may exceed the budget, but no peer waits longer than the window.
        *free_at_peer = ((*free_at_peer).max(now) + self.cost).min(now + WINDOW);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_peer_above_its_budget_waits_for_the_stated_time() {
        let (budget, mut now) = (PenaltyBudget::of(6), Instant::now());
        for _ in 0..6 {
            assert_eq!(budget.wait(&PEER, now), None);
            budget.add(PEER, now);
        }
        assert_eq!(budget.wait(&PEER, now), Some(Duration::from_secs(10)));
        assert_eq!(budget.wait(&OTHER, now), None, "everybody pays for himself");
        now += Duration::from_secs(9);
        assert_eq!(budget.wait(&PEER, now), Some(Duration::from_secs(1)));
        now += Duration::from_secs(1);
        assert_eq!(budget.wait(&PEER, now), None);
        budget.add(PEER, now);
        assert_eq!(budget.wait(&PEER, now), Some(Duration::from_secs(10)));
        now += WINDOW;
        assert_eq!(budget.wait(&PEER, now), None, "in the end all is allowed");
    }

    #[test]
    fn concurrent_offences_cost_no_more_than_the_window() {
        let (budget, now) = (PenaltyBudget::of(6), Instant::now());
        for _ in 0..1000 {
            budget.add(PEER, now);
        }
        assert_eq!(budget.wait(&PEER, now), Some(Duration::from_secs(10)));
    }

    #[test]
    fn without_a_limit_no_peer_waits() {
        let (budget, now) = (PenaltyBudget::of(0), Instant::now());
        for _ in 0..1000 {
            budget.add(PEER, now);
        }
        assert_eq!(budget.wait(&PEER, now), None);
    }

    #[test]
    fn peers_with_an_empty_balance_are_removed() {
        let (budget, now) = (PenaltyBudget::of(60), Instant::now());
        for number in 0..PEERS_BEFORE_SWEEP {
            let number = u32::try_from(number).expect("a small number");
            budget.add(IpAddr::V4(Ipv4Addr::from_bits(number)), now);
        }
        budget.add(PEER, now + Duration::from_secs(2));
        assert_eq!(budget.free_at.lock().expect("nobody panicked").len(), 1);
    }
}
