//! The forms of telephone numbers: which digits, in groups of which lengths, are one.

/// Digits of a mobile telephone of the mainland.
pub(super) const MOBILE_DIGITS: usize = 11;
/// Groups that people write a number in; or each digit by itself.
const GROUPS_MAX: usize = 5;
/// Groups of a foreign number that is dialled with 00.
const FOREIGN_GROUPS_MAX: usize = 7;
/// What is dialled before a number of the mainland: the country, or a carrier.
const HOME_PREFIXES: &[&str] = &["0086", "86", "17951", "17911", "12593"];

/// Country codes with the lengths of their national numbers, as far as callers of a city hotline have them.
const COUNTRIES: [(&str, std::ops::RangeInclusive<usize>); 22] = [
    ("852", 8..=8),
    ("853", 8..=8),
    ("886", 8..=9),
    ("1", 10..=10),
    ("7", 10..=10),
    ("33", 9..=9),
    ("34", 9..=9),
    ("39", 8..=11),
    ("41", 9..=9),
    ("44", 9..=10),
    ("46", 7..=9),
    ("49", 7..=11),
    ("60", 8..=10),
    ("61", 9..=9),
    ("62", 8..=11),
    ("63", 9..=10),
    ("65", 8..=8),
    ("66", 8..=9),
    ("81", 9..=10),
    ("82", 8..=10),
    ("84", 9..=10),
    ("91", 10..=10),
];
/// Digits of any other number after a plus (E.164).
const FOREIGN_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Digits in the groups that they are written in.
pub(super) struct Grouped<'a> {
    pub(super) digits: &'a str,
    pub(super) lengths: &'a [usize],
    /// Whether something parts them that also parts numbers in lists.
    pub(super) is_odd: bool,
}

impl Grouped<'_> {
    fn has_single_digits(&self) -> bool {
        self.lengths.len() > 1 && self.lengths.iter().all(|length| *length == 1)
    }

    /// Whether the digits from a place on are parted at these places only, counted from there.
    fn is_cut_at(&self, from: usize, places: &[usize]) -> bool {
        let mut end = 0;
        self.lengths[..self.lengths.len() - 1].iter().all(|length| {
            end += length;
            end <= from || places.contains(&(end - from))
        })
    }

    /// Whether the digits of a mobile number from a place on are parted as people part them.
    fn is_cut_like_mobile(&self, from: usize) -> bool {
        /// Groups of which some may be written as one.
        const LONG: [&[usize]; 3] = [&[3, 7], &[4, 7], &[4, 8]];
        /// Short groups, all of which are parted.
        const SHORT: [&[usize]; 4] = [&[1, 4, 7], &[3, 6, 9], &[3, 5, 7, 9], &[2, 4, 6, 8]];
        let is_each_cut =
            |places: &&[usize]| self.lengths.len() > places.len() && self.is_cut_at(from, places);
        self.has_single_digits()
            || LONG.iter().any(|places| self.is_cut_at(from, places))
            || SHORT.iter().any(is_each_cut)
            // Usual separators may stand anywhere, but not between the parts of a date.
            || !self.is_odd && self.lengths.len() <= GROUPS_MAX && self.lengths.iter().all(|length| *length >= 2)
    }
}

pub(super) fn is_mobile(digits: &str) -> bool {
    digits.len() == MOBILE_DIGITS && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

/// The length of the area code that a landline's digits begin with, if they are one.
pub(super) fn area(digits: &str) -> Option<usize> {
    let (area, locals) = match digits.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', ..] => (3, 8..=8),
        [b'0', b'3'..=b'9', ..] => (4, 7..=8),
        _ => return None,
    };
    let local = digits.get(area..)?;
    (locals.contains(&local.len()) && matches!(local.as_bytes()[0], b'2'..=b'9')).then_some(area)
}

/// Whether digits are a telephone number of the mainland.
pub(super) fn is_mainland(number: &Grouped<'_>) -> bool {
    let prefix = HOME_PREFIXES.iter().find(|prefix| is_home(number, prefix)).map_or(0, |prefix| prefix.len());
    is_home_number(number, prefix) || (prefix > 0 && is_home_number(number, 0)) || is_toll_free(number)
}

fn is_home(number: &Grouped<'_>, prefix: &str) -> bool {
    number.digits.len() > MOBILE_DIGITS - 2 && number.digits.starts_with(prefix)
}

fn is_home_number(number: &Grouped<'_>, prefix: usize) -> bool {
    if number.lengths.len() > GROUPS_MAX + usize::from(prefix > 0) && !number.has_single_digits() {
        return false;
    }
    let home = &number.digits[prefix..];
    let (mobile, zero) = home.strip_prefix('0').map_or((home, 0), |mobile| (mobile, 1));
    if is_mobile(mobile) || is_mobile(home) {
        return number.is_cut_like_mobile(prefix + zero);
    }
    let with_zero = format!("0{home}");
    let area = area(home).or_else(|| area(&with_zero).filter(|_| prefix > 0).map(|area| area - 1));
    area.is_some_and(|area| {
        let whole = number.lengths.len() == 1 || number.has_single_digits();
        // +86 (0)10 …
        let zero = usize::from(prefix > 0 && home.starts_with('0'));
        let cuts: &[usize] = &[zero, area, area + 3, area + 4];
        // If it is parted at all, it is parted behind the area code.
        whole || number.is_cut_at(prefix, cuts) && (prefix > 0 || number.lengths[0] == area)
    })
}

/// 400 and 800 numbers. Companies have them, and they lead to who has one.
fn is_toll_free(number: &Grouped<'_>) -> bool {
    let digits = number.digits;
    digits.len() == 10
        && (digits.starts_with("400") || digits.starts_with("800"))
        // A round amount is none.
        && !digits.ends_with("0000")
        && (number.has_single_digits()
            || number.lengths.len() <= GROUPS_MAX
                && number.lengths[0] >= 3
                && [&[3, 6][..], &[3, 7], &[4, 7], &[4, 6], &[4, 8], &[3, 6, 8]]
                    .iter()
                    .any(|places| number.is_cut_at(0, places)))
}

/// The national number of digits that begin with the code of a country.
pub(super) fn national(digits: &str) -> Option<&str> {
    let codes = COUNTRIES.iter().map(|(code, _)| digits.strip_prefix(code));
    codes.flatten().next().filter(|_| is_international(digits)).map(|rest| rest.trim_start_matches('0'))
}

/// Whether digits that follow a plus are a number of any country.
pub(super) fn is_international(digits: &str) -> bool {
    if let Some((code, lengths)) = COUNTRIES.iter().find(|(code, _)| digits.starts_with(code)) {
        return lengths.contains(&(digits.len() - code.len()))
            || (digits[code.len()..].starts_with('0') && lengths.contains(&(digits.len() - code.len() - 1)));
    }
    FOREIGN_DIGITS.contains(&digits.len()) && !digits.starts_with('0') && !digits.starts_with("86")
}

/// Whether digits without a plus are a foreign number: after 00, or after the code of a place that is dialled daily if
/// that is a group of its own.
pub(super) fn is_foreign(number: &Grouped<'_>) -> bool {
    let of_known_country =
        |digits: &str| COUNTRIES.iter().any(|(code, _)| digits.starts_with(code)) && is_international(digits);
    // 0033 1 42 68 53 00
    let groups_max = if number.digits.starts_with("00") { FOREIGN_GROUPS_MAX } else { GROUPS_MAX };
    if number.lengths.len() > groups_max && !number.has_single_digits() {
        return false;
    }
    if let Some(digits) = number.digits.strip_prefix("00") {
        return of_known_country(digits);
    }
    let is_near = matches!(number.digits.get(..3), Some("852" | "853" | "886"));
    let local = number.digits.get(3..).unwrap_or_default();
    is_near
        && number.lengths.len() > 1
        && (number.lengths[0] == 3 || number.has_single_digits())
        && matches!(local.as_bytes().first(), Some(b'2'..=b'9'))
        && of_known_country(number.digits)
}

/// Whether digits in these groups are a mobile telephone of Taiwan or a landline of its capital, as they are written
/// there.
pub(super) fn is_of_taiwan(number: &Grouped<'_>) -> bool {
    let digits = number.digits;
    digits.len() == 10
        && (digits.starts_with("09") && number.lengths == [4, 3, 3]
            || digits.starts_with("02") && matches!(number.lengths, [2, 8] | [2, 4, 4]))
}
