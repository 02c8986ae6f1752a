//! Chance that can be told again: xorshift64*, seeded by the test, which says its seed when it fails.

use uuid::Uuid;

/// A die.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// A die for a seed; zero is a seed as good as any.
    pub(super) fn new(seed: u64) -> Self {
        // The generator stands still at zero.
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        // The upper half is the better one, and a remainder of 32 bits fits 32 bits.
        u32::try_from((self.next() >> 32) % u64::from(end)).expect("a remainder is smaller than its divisor")
    }

    /// Whether something happens that happens so many times in a hundred.
    pub(super) fn percent(&mut self, times: u32) -> bool {
        self.below(100) < times
    }

    /// One of these.
    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let place = self.below(u32::try_from(of.len()).expect("a short list"));
        &of[usize::try_from(place).expect("a place in a list")]
    }

    /// A request id.
    pub(super) fn uuid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.next(), self.next())
    }
}
