//! Reproducible random numbers: xorshift64*, seeded by the test, which prints its seed when it fails.

use uuid::Uuid;

/// A random number generator.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// A generator with a seed; zero is allowed.
    pub(super) fn new(seed: u64) -> Self {
        // The generator would stay at zero.
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
        // The upper half is more random, and a remainder of 32 bits fits into 32 bits.
        u32::try_from((self.next() >> 32) % u64::from(end)).expect("a remainder is smaller than its divisor")
    }

    /// True with this probability in percent.
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
