//! The draw of a command: a number that nobody can foresee and that every server agrees on. It is a keyed digest of
//! what is drawn about. It is given to the decision, which stays pure.

use crate::identity::vault::Vault;
use crate::platform::Fault;
use crate::ticket::Ticket;

/// The name of the draw in the digest. No field of the vault has it.
const FIELD: &str = "recheck";

/// A number between 0 and 1, as a share of 2^64; none for a command that draws nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Draw(Option<u64>);

impl Draw {
    /// No draw: nothing is chosen.
    pub const NONE: Self = Self(None);

    /// A draw with this number.
    #[must_use]
    pub const fn of(number: u64) -> Self {
        Self(Some(number))
    }

    /// Draws about the present cycle of a ticket. The key of the vault decides, so only the servers can tell.
    ///
    /// # Errors
    /// If the vault is away.
    pub async fn about(vault: &Vault, ticket: &Ticket) -> Result<Self, Fault> {
        let what = format!("{}/{}", ticket.number, ticket.cycle.number);
        let digest = vault.index(vault.keys().active(), FIELD, &what).await?;
        let first = digest.first_chunk().copied().map(u64::from_be_bytes);
        first.map(Self::of).ok_or_else(|| Fault::internal("a keyed digest is too short"))
    }

    /// Whether the draw lies within a share of all draws, in percent.
    #[must_use]
    pub fn is_within(self, percent: u32) -> bool {
        self.0.is_some_and(|number| (u128::from(number) * 100) >> 64 < u128::from(percent))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;

    #[test]
    fn a_share_of_the_draws_is_within() {
        for (number, percent, expected) in [
            (0, 0, false),
            (0, 1, true),
            (u64::MAX, 99, false),
            (u64::MAX, 100, true),
            (u64::MAX / 100 * 2 - 1, 2, true),
            (u64::MAX / 100 * 2 + 100, 2, false),
        ] {
            assert_eq!(Draw::of(number).is_within(percent), expected, "{number} within {percent} %");
        }
        assert!(!Draw::NONE.is_within(100));
    }

    #[tokio::test]
    async fn the_key_decides_and_each_cycle_is_drawn_by_itself() {
        let (vault, other) =
            (Vault::in_memory().expect("randomness"), Vault::in_memory().expect("randomness"));
        let first = Desk::open().completed();
        let mut second = first.clone();
        second.cycle.number = 2;
        let draw = Draw::about(&vault, &first).await.expect("a draw");
        assert_eq!(Draw::about(&vault, &first).await, Ok(draw));
        assert_ne!(Draw::about(&vault, &second).await, Ok(draw));
        assert_ne!(Draw::about(&other, &first).await, Ok(draw));
    }
}
