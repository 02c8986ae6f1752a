//! The Wilson interval of a rate: how far the true rate may lie from the counted one, by chance alone.
//!
//! It is printed beside each rate, because 4 of 5 and 800 of 1,000 are both 80 %. The square root is cut after a fixed
//! number of decimals, so that every machine prints the same digits.

use super::Fraction;

/// The quantile of a confidence of 95 %, in millionths.
const Z_MILLIONTHS: u64 = 1_959_964;
/// Decimals of the square root: more than are ever printed.
const ROOT_DECIMALS: u32 = 15;

/// An interval of rates in percent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// Its lower end.
    pub low: Fraction,
    /// Its upper end.
    pub high: Fraction,
}

/// The interval of a share of some cases; `None` without cases.
#[must_use]
pub fn wilson(share: &Fraction, cases: u64) -> Option<Interval> {
    let one = Fraction::whole(1);
    let z = Fraction::quotient(Z_MILLIONTHS, 1_000_000)?;
    let square = &z * &z;
    let divisor = &one + &square.divided_by(cases)?;
    let center = share + &square.divided_by(cases.checked_mul(2)?)?;
    let variance = (share * &(&one - share)).divided_by(cases)?;
    let spread = &variance + &square.divided_by(4)?.divided_by(cases)?.divided_by(cases)?;
    let half = &z * &spread.square_root(ROOT_DECIMALS);
    let hundred = Fraction::whole(100);
    let low = (&center - &half).over(&divisor).max(Fraction::zero());
    let high = (&center + &half).over(&divisor).min(one);
    Some(Interval { low: &low * &hundred, high: &high * &hundred })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_intervals_are_reproduced() {
        // The same formula, computed by another program with 60 digits.
        for (counted, cases, low, high) in [
            (4, 5, "37.5535", "96.3776"),
            (800, 1_000, "77.4081", "82.3623"),
            (0, 10, "0.0000", "27.7533"),
            (10, 10, "72.2467", "100.0000"),
            (1, 1, "20.6549", "100.0000"),
        ] {
            let share = Fraction::quotient(counted, cases).expect("there are cases");
            let interval = wilson(&share, cases).expect("there are cases");
            assert_eq!((interval.low.to_decimal(4), interval.high.to_decimal(4)), (low.into(), high.into()));
        }
        assert_eq!(wilson(&Fraction::zero(), 0), None);
    }
}
