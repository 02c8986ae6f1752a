//! Check characters of the codes: GB 32100 and GB 11714 (organisations), GS 15 (registrations), GB 11643 (residents).
//!
//! Each answers whether the check character fits, or `None` if a character cannot stand at its place.

use chrono::{Datelike as _, NaiveDate};

/// The 31 characters of GB 32100; the place is the value. I, O, S, V and Z are left out.
pub(super) const CREDIT_CODE_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

fn digit(byte: u8) -> Option<usize> {
    char::from(byte).to_digit(10).and_then(|digit| usize::try_from(digit).ok())
}

/// A unified social credit code of 18 characters: values weighted with 3^i modulo 31.
pub(super) fn credit_code_fits(code: &str) -> Option<bool> {
    let mut weight = 1;
    let mut sum = 0;
    let last = code.len().checked_sub(1)?;
    for (place, c) in code.char_indices() {
        let value = CREDIT_CODE_ALPHABET.find(c)?;
        // The check character stands last and counts once, so that a code that fits sums to zero.
        sum += value * if place == last { 1 } else { weight };
        weight = weight * 3 % 31;
    }
    Some(sum % 31 == 0)
}

/// An organisation code of 9 characters: 8 digits or letters and a check character modulo 11.
pub(super) fn organisation_code_fits(code: &str) -> Option<bool> {
    const WEIGHTS: [usize; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let (body, check) = code.split_at_checked(8)?;
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(usize::from(byte - b'A') + 10),
        _ => digit(byte),
    };
    let sum: Option<usize> =
        body.bytes().zip(WEIGHTS).map(|(byte, weight)| Some(value(byte)? * weight)).sum();
    let expected = match 11 - sum? % 11 {
        10 => "X".to_owned(),
        11 => "0".to_owned(),
        value => value.to_string(),
    };
    Some(check == expected)
}

/// A registration number of 15 digits: ISO 7064, modulo 11, 10.
pub(super) fn registration_number_fits(number: &str) -> Option<bool> {
    let mut rest = 10;
    let bytes = number.as_bytes();
    let (last, body) = bytes.split_last()?;
    for byte in body {
        let sum = (rest + digit(*byte)?) % 10;
        rest = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    Some((11 - rest) % 10 == digit(*last)?)
}

/// A resident identity number of 18 characters: a day of birth, and ISO 7064, modulo 11, 2.
pub(super) fn resident_id_fits(number: &str) -> Option<bool> {
    const WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let (body, check) = number.as_bytes().split_at_checked(17)?;
    let sum: Option<usize> =
        body.iter().zip(WEIGHTS).map(|(byte, weight)| Some(digit(*byte)? * weight)).sum();
    // A code of digits alone would fit by chance.
    let birth = number.get(6..14).and_then(|day| NaiveDate::parse_from_str(day, "%Y%m%d").ok());
    let is_birth = birth.is_some_and(|day| (1850..=2100).contains(&day.year()));
    Some(is_birth && check == [CHECKS[sum? % 11]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_fit() {
        assert_eq!(credit_code_fits("91110000600037341L"), Some(true));
        // GB 11714 gives D2143569X as its example.
        assert_eq!(organisation_code_fits("D2143569X"), Some(true));
        assert_eq!(organisation_code_fits("600037341"), Some(true), "the code inside a credit code");
        // GS 15 gives 110108000000016 as its example.
        assert_eq!(registration_number_fits("110108000000016"), Some(true));
        // GB 11643 gives 11010519491231002X as its example.
        assert_eq!(resident_id_fits("11010519491231002X"), Some(true));
    }

    #[test]
    fn every_single_wrong_digit_is_found() {
        type Fits = fn(&str) -> Option<bool>;
        let table: [(&str, Fits); 4] = [
            ("91110000600037341L", credit_code_fits),
            ("600037341", organisation_code_fits),
            ("110108000000016", registration_number_fits),
            ("11010519491231002X", resident_id_fits),
        ];
        for (right, fits) in table {
            for place in 0..right.len() {
                for wrong in ('0'..='9').filter(|wrong| !right[place..].starts_with(*wrong)) {
                    let text = format!("{}{wrong}{}", &right[..place], &right[place + 1..]);
                    assert_eq!(fits(&text), Some(false), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_stand_there_has_no_check() {
        assert_eq!(credit_code_fits("9111000060003734IL"), None);
        assert_eq!(credit_code_fits(""), None);
        assert_eq!(organisation_code_fits("D21435"), None);
        assert_eq!(organisation_code_fits("D2143京9X"), None);
        assert_eq!(registration_number_fits("1101080000000A6"), None);
        assert_eq!(resident_id_fits("1101051949123100"), None);
        assert_eq!(resident_id_fits("911100006000373412"), Some(false), "nobody is born in the year 60");
    }
}
