//! The numbering plan: which digits are a telephone number, of which kind, and whether its range is known.

use rlibphonenumber::PhoneNumber;

use super::written::EXTENSION_DIGITS_MAX;
use crate::ticket::codes::unverified::UnverifiedReason;

/// The kind of a telephone number. The contract documents the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the values")]
pub enum PhoneKind {
    Mobile,
    Landline,
    National,
    Service,
    Extension,
    HongKong,
    Macau,
    Taiwan,
    Foreign,
    Withheld,
}

/// Country code of the mainland.
const HOME: &str = "86";
/// Prefixes that choose a carrier for a long-distance call; a number follows.
const CARRIERS: [&str; 11] =
    ["12593", "17900", "17901", "17908", "17909", "17910", "17911", "17931", "17951", "17960", "17969"];
/// Country codes that people write without a plus or `00`.
const NEIGHBOURS: [&str; 3] = ["852", "853", "886"];
/// Digits of a landline without its area code.
const LOCAL_DIGITS: std::ops::RangeInclusive<usize> = 7..=8;
/// Digits of an extension of a private exchange.
const INTERNAL_DIGITS: std::ops::RangeInclusive<usize> = 3..=6;

/// A number of the plan, without its extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) kind: PhoneKind,
    /// In normal form.
    pub(super) number: String,
    pub(super) extension: Option<String>,
    /// Why it is not verified.
    pub(super) reason: Option<UnverifiedReason>,
}

impl Planned {
    fn new(kind: PhoneKind, number: impl Into<String>, reason: Option<UnverifiedReason>) -> Self {
        Self { kind, number: number.into(), extension: None, reason }
    }

    /// Whether its extension follows a hyphen in the normal form: there a last group can be nothing else.
    pub(super) const fn has_hyphened_extensions(&self) -> bool {
        matches!(self.kind, PhoneKind::Mobile | PhoneKind::Landline | PhoneKind::National)
            && self.reason_allows_hyphen()
    }

    const fn reason_allows_hyphen(&self) -> bool {
        !matches!(self.reason, Some(UnverifiedReason::AreaCodeMissing))
    }
}

/// Reads digits with the hyphens between them.
pub(super) fn read(has_plus: bool, text: &str) -> Option<Planned> {
    let all = digits(text);
    // A plus before the 0 of an area code is a slip.
    let is_international = all.starts_with("00") || (has_plus && !all.starts_with('0'));
    if !is_international {
        return mainland(text).or_else(|| in_another_writing(text));
    }
    let text = without_zeros(text);
    match without_prefix(text, HOME) {
        Some(national) => home(national),
        None => foreign(&digits(text)),
    }
}

fn digits(text: &str) -> String {
    text.replace('-', "")
}

fn without_zeros(text: &str) -> &str {
    text.trim_start_matches(['0', '-'])
}

/// What stands behind the digits of a prefix, which a hyphen may part.
fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let mut rest = text;
    for digit in prefix.chars() {
        rest = rest.trim_start_matches('-').strip_prefix(digit)?;
    }
    Some(rest.trim_start_matches('-'))
}

/// A mainland number behind its country code: with the 0 of its area code or without.
fn home(national: &str) -> Option<Planned> {
    mainland(national).or_else(|| mainland(&format!("0{national}")))
}

/// A number as it is dialled on the mainland.
fn mainland(text: &str) -> Option<Planned> {
    // The last group is an extension if what stands before it is already a whole number: 0311-1234567-8 has one, and
    // 0311-123-4567 has none.
    if let Some((before, extension)) = text.rsplit_once('-')
        && (1..=EXTENSION_DIGITS_MAX).contains(&extension.len())
        && let Some(planned) = subscriber(&digits(before))
    {
        return Some(Planned { extension: Some(extension.to_owned()), ..planned });
    }
    let digits = digits(text);
    subscriber(&digits).or_else(|| service(&digits))
}

/// A mobile, a landline with its area code, or a 400 or 800 number.
fn subscriber(digits: &str) -> Option<Planned> {
    // A mobile elsewhere was dialled with a 0 before it.
    let mobile = digits.strip_prefix('0').unwrap_or(digits);
    if mobile.len() == 11 && mobile.starts_with('1') && matches!(mobile.as_bytes()[1], b'3'..=b'9') {
        return Some(Planned::new(PhoneKind::Mobile, mobile, unknown_range(mobile)));
    }
    if digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800")) {
        return Some(Planned::new(PhoneKind::National, digits, unknown_range(digits)));
    }
    let (area, local) = parted(digits)?;
    if area == "010" || area.starts_with("02") {
        (local.len() == 8).then_some(())?;
    }
    let is_local = LOCAL_DIGITS.contains(&local.len()) && !local.starts_with('0');
    let reason = unknown_range(&digits[1..]);
    is_local.then(|| Planned::new(PhoneKind::Landline, format!("{area}-{local}"), reason))
}

/// A number's area code and the rest: 010 and 02x have three digits, 03xx to 09xx four.
fn parted(digits: &str) -> Option<(&str, &str)> {
    let area = match digits.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', ..] => 3,
        [b'0', b'3'..=b'9', ..] => 4,
        _ => return None,
    };
    digits.split_at_checked(area)
}

/// A number of a public service, as it is or behind an area code.
fn service(digits: &str) -> Option<Planned> {
    if is_service(digits) {
        return Some(Planned::new(PhoneKind::Service, digits, None));
    }
    let (area, local) = parted(digits)?;
    // 010 110 is dialled by nobody, and would make a service of any short text.
    let is_elsewhere = local.len() >= 5 && is_service(local);
    is_elsewhere.then(|| Planned::new(PhoneKind::Service, format!("{area}-{local}"), None))
}

fn is_service(digits: &str) -> bool {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| digits.starts_with(prefix));
    match digits.len() {
        3 => digits == "999" || begins(&["11", "12"]),
        5 => begins(&["1", "95", "96"]),
        6 => begins(&["95", "96", "116", "118"]),
        7 => begins(&["95", "10000", "10001", "10010", "10086"]),
        8 => begins(&["95", "1010"]),
        _ => false,
    }
}

/// Numbers without the prefix that they need, and numbers that only somebody nearby can dial.
fn in_another_writing(text: &str) -> Option<Planned> {
    let all = digits(text);
    let long = |rest: &&str| digits(rest).len() > *LOCAL_DIGITS.end();
    if let Some(planned) = without_prefix(text.trim_start_matches('0'), HOME).filter(long).and_then(home) {
        return Some(planned);
    }
    let carried = CARRIERS.iter().find_map(|carrier| without_prefix(text, carrier).filter(long));
    if let Some(planned) = carried.and_then(home) {
        return Some(planned);
    }
    let is_neighbour = NEIGHBOURS.iter().any(|code| all.starts_with(code));
    if let Some(planned) = is_neighbour.then(|| foreign(&all)).flatten().filter(|one| one.reason.is_none()) {
        return Some(planned);
    }
    if let Some(planned) = local(text) {
        return Some(planned);
    }
    // An area code without its 0.
    let with_zero = mainland(&format!("0{text}")).filter(|one| one.reason.is_none());
    if let Some(planned) = with_zero.filter(|one| one.kind == PhoneKind::Landline) {
        return Some(planned);
    }
    let is_internal = INTERNAL_DIGITS.contains(&all.len());
    is_internal.then(|| Planned::new(PhoneKind::Extension, all, Some(UnverifiedReason::InternalExtension)))
}

/// A landline without its area code.
fn local(text: &str) -> Option<Planned> {
    let is_local = |digits: &str| {
        LOCAL_DIGITS.contains(&digits.len()) && matches!(digits.as_bytes().first(), Some(b'2'..=b'8'))
    };
    let planned =
        |digits: String| Planned::new(PhoneKind::Landline, digits, Some(UnverifiedReason::AreaCodeMissing));
    let all = digits(text);
    if is_local(&all) {
        return Some(planned(all));
    }
    let (before, extension) = text.rsplit_once('-')?;
    let before = digits(before);
    let has_extension = (1..=EXTENSION_DIGITS_MAX).contains(&extension.len()) && is_local(&before);
    has_extension.then(|| Planned { extension: Some(extension.to_owned()), ..planned(before) })
}

/// A number of another country, from its country code on.
fn foreign(digits: &str) -> Option<Planned> {
    let number = PhoneNumber::parse(format!("+{digits}"), None).ok()?;
    let kind = match number.country_code {
        852 => PhoneKind::HongKong,
        853 => PhoneKind::Macau,
        886 => PhoneKind::Taiwan,
        86 => return None,
        _ => PhoneKind::Foreign,
    };
    let reason = (!number.is_valid()).then_some(UnverifiedReason::RangeUnknown);
    // A trunk prefix is taken off where that makes a number. Of other digits nothing is taken off.
    let text = match reason {
        None => format!("+{}{}", number.country_code, number.get_national_significant_number()),
        Some(_) => format!("+{digits}"),
    };
    // E.164 allows 15 digits; what is shorter than 7 is nobody's whole number.
    (7..=15).contains(&(text.len() - 1)).then(|| Planned::new(kind, text, reason))
}

/// The reason for a mainland number, without a 0 before it, in a range that the metadata does not know.
fn unknown_range(national: &str) -> Option<UnverifiedReason> {
    let number = PhoneNumber::parse(format!("+{HOME}{national}"), None).ok();
    let is_known = number
        .is_some_and(|number| number.is_valid() && number.get_national_significant_number() == national);
    (!is_known).then_some(UnverifiedReason::RangeUnknown)
}
