//! Shares and rates. Each names its denominator, and a rate has its interval.

use serde::Serialize;

/// The 97.5th percentile of the normal distribution: the interval has 95 %.
const Z: f64 = 1.959_964;

/// A count as a number that can be divided. Counts above four thousand million do not occur.
pub(crate) fn float(count: i64) -> f64 {
    f64::from(u32::try_from(count.max(0)).unwrap_or(u32::MAX))
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Share {
    /// The part.
    pub(crate) count: i64,
    /// The denominator.
    pub(crate) of: i64,
    /// None if the denominator is 0.
    pub(crate) percent: Option<f64>,
}

impl Share {
    pub(crate) fn new(count: i64, of: i64) -> Self {
        let percent = (of > 0).then(|| tenths(float(count) / float(of)));
        Self { count, of, percent }
    }
}

/// How often something was so among the cases that say it, with the 95 % Wilson interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Rate {
    /// It was so.
    pub(crate) count: i64,
    /// The denominator.
    pub(crate) of: i64,
    /// None if the denominator is 0.
    pub(crate) percent: Option<f64>,
    /// The lower end of the interval.
    pub(crate) low: Option<f64>,
    /// The upper end.
    pub(crate) high: Option<f64>,
}

impl Rate {
    pub(crate) fn new(count: i64, of: i64) -> Self {
        let ends = (of > 0).then(|| wilson(float(count), float(of)));
        let percent = Share::new(count, of).percent;
        let (low, high) = ends.map(|(low, high)| (tenths(low), tenths(high))).unzip();
        Self { count, of, percent, low, high }
    }
}

/// The Wilson interval of a rate. It stays within 0 and 1, also for few cases.
fn wilson(count: f64, of: f64) -> (f64, f64) {
    let rate = count / of;
    let spread = Z * ((rate * (1.0 - rate) + Z * Z / (4.0 * of)) / of).sqrt();
    let (middle, scale) = (rate + Z * Z / (2.0 * of), 1.0 + Z * Z / of);
    (((middle - spread) / scale).max(0.0), ((middle + spread) / scale).min(1.0))
}

/// Percent with one decimal.
fn tenths(part: f64) -> f64 {
    (part * 1_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_its_denominator() {
        // Tangshan, November 2024: over the classified requests, not over all that were received.
        assert_eq!(Share::new(124_599, 195_532).percent, Some(63.7));
        assert_eq!(Share::new(124_599, 284_406).percent, Some(43.8));
        assert_eq!(Share::new(0, 0).percent, None);
    }

    #[test]
    fn the_interval_is_wide_for_few_cases() {
        let few = Rate::new(4, 5);
        assert_eq!((few.percent, few.low, few.high), (Some(80.0), Some(37.6), Some(96.4)));
        let many = Rate::new(400, 500);
        assert_eq!((many.percent, many.low, many.high), (Some(80.0), Some(76.3), Some(83.3)));
        let all = Rate::new(3, 3);
        assert_eq!((all.low, all.high), (Some(43.9), Some(100.0)));
        assert_eq!(Rate::new(0, 0).low, None);
    }
}
