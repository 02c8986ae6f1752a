//! Growth in which small numbers do not win: the difference of two counts in standard deviations. Pure.
//!
//! Counts of independent requests are about Poisson distributed. The variance of their difference is then about their
//! sum, so `(now - before) / sqrt(now + before)` says how unlikely a growth is without a cause.

/// The growth from one count to another; 0 if both are 0.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of tickets are far below 2^52")]
pub fn growth(before: i64, now: i64) -> f64 {
    let both = (before + now) as f64;
    if both > 0.0 { (now - before) as f64 / both.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_do_not_win() {
        // Tripled, but from one: less than half as much again, from a hundred.
        assert!(growth(1, 3) < growth(100, 150));
        assert!(growth(0, 2) < growth(40, 60));
        assert!(growth(0, 9) > growth(0, 2));
        assert!(growth(10, 5) < 0.0);
        assert!(growth(0, 0).abs() < f64::EPSILON);
        assert!((growth(1, 3) - 1.0).abs() < 1e-9);
    }
}
