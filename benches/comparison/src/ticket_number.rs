//! Ticket numbers of copies: the day of intake, the sequence of that day, and Damm's check digit.

use chrono::{Datelike as _, Days, NaiveDate};

/// Damm's quasigroup, as the server's `ticket/number.rs` has it.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The number with this sequence on the day that is this many days after the day of a number, or before it.
pub(crate) fn shifted(number: i64, days: i64, sequence: u32) -> i64 {
    let day = number / 10_000_000;
    let part = |value: i64| u32::try_from(value % 100).expect("two digits fit");
    let year = 2000 + i32::try_from(day / 10_000).expect("two digits fit");
    let date = NaiveDate::from_ymd_opt(year, part(day / 100), part(day)).expect("a number begins with a day");
    let distance = Days::new(days.unsigned_abs());
    let date = if days < 0 { date - distance } else { date + distance };
    let day =
        (date.year() - 2000) * 10_000 + i32::try_from(date.month() * 100 + date.day()).expect("it is small");
    let body = i64::from(day) * 1_000_000 + i64::from(sequence);
    let check = format!("{body:012}")
        .bytes()
        .fold(0, |interim, digit| DAMM[usize::from(interim)][usize::from(digit - b'0')]);
    body * 10 + i64::from(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_another_day_has_its_own_check_digit() {
        // A number of the server's own tests.
        assert_eq!(shifted(1_910_120_000_178, 0, 17), 1_910_120_000_178);
        assert_eq!(shifted(1_910_120_000_178, -12, 7), 1_909_300_000_070);
    }
}
