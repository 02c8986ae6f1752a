//! Exact fractions: every rate, weight and score until it is printed.
//!
//! Texts are decimals (`0.5`, `12`) or fractions (`1/3`). Both have a limit on their digits, so a scheme cannot make
//! numbers of any size. Printing rounds half up, as bulletins do: 17.665 is printed as 17.67, while the nearest double
//! lies below it and would be printed as 17.66.

use std::fmt;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};
use serde::{Deserialize, Serialize};

use super::bug::{self, Bug};

/// Digits of each of the two numbers in a text.
const DIGITS_MAX: usize = 9;
/// Decimals that are tried before a fraction is printed as `n/d`.
const DECIMALS_MAX: u32 = 9;

/// An exact number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fraction(BigRational);

/// A text that is no number of a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FractionFault;

impl fmt::Display for FractionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a number is a decimal like 0.5 or a fraction like 1/3, of at most {DIGITS_MAX} digits a part"
        )
    }
}

impl std::error::Error for FractionFault {}

impl Fraction {
    /// Zero.
    #[must_use]
    pub fn zero() -> Self {
        Self(BigRational::zero())
    }

    /// A whole number.
    #[must_use]
    pub fn whole(number: u64) -> Self {
        Self(BigRational::from_integer(BigInt::from(number)))
    }

    /// A quotient; `None` if the divisor is zero.
    #[must_use]
    pub fn quotient(number: u64, divisor: u64) -> Option<Self> {
        Self::whole(number).divided_by(divisor)
    }

    /// This divided by a whole number; `None` if that is zero.
    #[must_use]
    pub fn divided_by(&self, divisor: u64) -> Option<Self> {
        (divisor != 0).then(|| Self(&self.0 / BigInt::from(divisor)))
    }

    /// This divided by another fraction, which is not zero.
    pub(super) fn over(&self, divisor: &Self) -> Self {
        Self(&self.0 / &divisor.0)
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// The square root, cut after some decimals; that of a negative number is zero.
    pub(super) fn square_root(&self, decimals: u32) -> Self {
        let scale = BigInt::from(10).pow(decimals);
        if !self.0.is_positive() {
            return Self::zero();
        }
        let scaled = (&self.0 * (&scale * &scale)).to_integer();
        Self(BigRational::new(scaled.sqrt(), scale))
    }

    /// Rounded to some decimals, half away from zero.
    #[must_use]
    pub fn rounded(&self, decimals: u32) -> Self {
        let scale = BigInt::from(10).pow(decimals);
        if bug::is_injected(Bug::FloatRounding) {
            let text = format!("{:.*}", decimals as usize, self.0.to_f64().unwrap_or_default());
            return Self::read(&text, usize::MAX).unwrap_or_else(|_| self.clone());
        }
        // `round` is half away from zero, which is half up for what is not negative.
        Self(BigRational::new((&self.0 * &scale).round().to_integer(), scale))
    }

    /// The text with exactly some decimals, rounded.
    #[must_use]
    pub fn to_decimal(&self, decimals: u32) -> String {
        let scale = BigInt::from(10).pow(decimals);
        let scaled = (self.rounded(decimals).0 * &scale).to_integer();
        let sign = if scaled.is_negative() { "-" } else { "" };
        let (whole, rest) = (scaled.abs() / &scale, scaled.abs() % &scale);
        if decimals == 0 {
            return format!("{sign}{whole}");
        }
        format!("{sign}{whole}.{:0>width$}", rest.to_string(), width = decimals as usize)
    }

    fn read(text: &str, digits_max: usize) -> Result<Self, FractionFault> {
        let digits = |part: &str| {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            (is_number && part.len() <= digits_max).then(|| part.parse::<BigInt>().ok()).flatten()
        };
        if let Some((number, divisor)) = text.split_once('/') {
            let (Some(number), Some(divisor)) = (digits(number), digits(divisor)) else {
                return Err(FractionFault);
            };
            return if divisor.is_zero() {
                Err(FractionFault)
            } else {
                Ok(Self(BigRational::new(number, divisor)))
            };
        }
        let (whole, decimals) = text.split_once('.').map_or((text, "0"), |parts| parts);
        let (Some(whole), Some(rest)) = (digits(whole), digits(decimals)) else { return Err(FractionFault) };
        let scale = u32::try_from(decimals.len()).map_err(|_| FractionFault)?;
        let scale = BigInt::from(10).pow(scale);
        Ok(Self(BigRational::new(whole * &scale + rest, scale)))
    }
}

impl FromStr for Fraction {
    type Err = FractionFault;

    fn from_str(text: &str) -> Result<Self, FractionFault> {
        Self::read(text, DIGITS_MAX)
    }
}

impl TryFrom<String> for Fraction {
    type Error = FractionFault;

    fn try_from(text: String) -> Result<Self, FractionFault> {
        text.parse()
    }
}

impl From<Fraction> for String {
    fn from(fraction: Fraction) -> Self {
        fraction.to_string()
    }
}

/// The shortest decimal that is exact, or else `n/d`.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = (0..=DECIMALS_MAX).find(|decimals| {
            let scale = BigInt::from(10).pow(*decimals);
            (&self.0 * scale).is_integer()
        });
        match exact {
            Some(decimals) => f.write_str(&self.to_decimal(decimals)),
            None => write!(f, "{}/{}", self.0.numer(), self.0.denom()),
        }
    }
}

impl Add for &Fraction {
    type Output = Fraction;

    fn add(self, other: Self) -> Fraction {
        Fraction(&self.0 + &other.0)
    }
}

impl Sub for &Fraction {
    type Output = Fraction;

    fn sub(self, other: Self) -> Fraction {
        Fraction(&self.0 - &other.0)
    }
}

impl Mul for &Fraction {
    type Output = Fraction;

    fn mul(self, other: Self) -> Fraction {
        Fraction(&self.0 * &other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Fraction {
        text.parse().expect("it is a number")
    }

    #[test]
    fn halves_are_rounded_up_and_doubles_would_not_be() {
        for (text, decimals, printed) in [
            ("17.665", 2, "17.67"),
            ("17.664999999", 2, "17.66"),
            ("0.5", 0, "1"),
            ("2.5", 0, "3"),
            ("1.005", 2, "1.01"),
            ("9.995", 2, "10.00"),
            ("1/3", 4, "0.3333"),
            ("2/3", 4, "0.6667"),
            ("12", 2, "12.00"),
            ("0.04", 1, "0.0"),
        ] {
            assert_eq!(of(text).to_decimal(decimals), printed, "{text}");
        }
        assert_eq!(bug::with(Bug::FloatRounding, || of("17.665").to_decimal(2)), "17.66");
    }

    #[test]
    fn a_negative_difference_is_rounded_like_a_positive_one() {
        let difference = &of("1") - &of("1.125");
        assert_eq!(difference.to_decimal(2), "-0.13");
        assert_eq!((&of("0") - &of("0.001")).to_decimal(2), "0.00");
    }

    #[test]
    fn texts_are_bounded_numbers() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "1/0",
            "1/",
            "/2",
            "-1",
            "+1",
            "1e3",
            "0x1",
            "１",
            " 1",
            "1 000",
            "1/2/3",
            "1234567890",
            "0.1234567890",
            "1/1234567890",
        ] {
            assert_eq!(text.parse::<Fraction>(), Err(FractionFault), "{text:?}");
        }
        for (text, printed) in
            [("1/3", "1/3"), ("2/6", "1/3"), ("1/2", "0.5"), ("0.50", "0.5"), ("98", "98"), ("0/5", "0")]
        {
            assert_eq!(of(text).to_string(), printed);
            assert_eq!(of(printed), of(text), "its text can be read again");
        }
    }

    #[test]
    fn a_square_root_is_cut_after_its_decimals() {
        assert_eq!(of("2").square_root(6), of("1.414213"));
        assert_eq!(of("1/4").square_root(3), of("0.5"));
        assert_eq!((&of("0") - &of("1")).square_root(3), Fraction::zero());
    }
}
