//! Telephone numbers as callers, agents and switches write them, in one normal form.
//!
//! | what | normal form |
//! |---|---|
//! | mobile of the mainland | `13800138000`, `13800138000-12` with an extension |
//! | landline with its area code | `010-12345678`, `0755-26771234-123` with an extension |
//! | 400 and 800 numbers | `4008101234`, `4008101234-5` |
//! | service numbers, with an area code or without | `12345`, `010-96156` |
//! | Hong Kong, Macau, Taiwan and every other country | `+85291234567`, `+85221234567x12` with an extension |
//! | landline without its area code, internal extension | `82345678`, `8001` |
//!
//! Ranges are those of libphonenumber's metadata. A number of a known form in an unknown range has a normal form and is
//! marked: operators get new ranges before the metadata has them.

mod plan;
mod withheld;
mod written;

pub use plan::PhoneKind;

use super::fold::fold;
use super::given::is_cut_off;
use super::unverified::UnverifiedReason;
use plan::Planned;
use written::Written;

/// The fewest characters of a text that is no telephone number, for it to be looked up: less names too many callers.
pub const PHONE_KEY_CHARS_MIN: usize = 3;

/// How a telephone number was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneReading {
    /// What kind of number it is; `None` if it could not be read.
    pub kind: Option<PhoneKind>,
    /// Its normal form.
    pub normal: Option<String>,
    /// The number without its extension in normal form, if it has one.
    pub main: Option<String>,
    /// Why it is not verified; `None` if it is.
    pub reason: Option<UnverifiedReason>,
}

impl PhoneReading {
    /// Reads a number as it was given. Pure, and linear in the text.
    #[must_use]
    pub fn of(given: &str) -> Self {
        if is_cut_off(given) {
            return Self::unread(None, UnverifiedReason::TooLong);
        }
        let text = fold(given).to_lowercase();
        match withheld::dialled(&text) {
            None => Self::unread(Some(PhoneKind::Withheld), UnverifiedReason::Withheld),
            Some(dialled) => {
                Self::read(&dialled).unwrap_or(Self::unread(None, UnverifiedReason::FormUnknown))
            }
        }
    }

    const fn unread(kind: Option<PhoneKind>, reason: UnverifiedReason) -> Self {
        Self { kind, normal: None, main: None, reason: Some(reason) }
    }

    fn read(text: &str) -> Option<Self> {
        let written = Written::of(text)?;
        if let Some(planned) = plan::read(written.has_plus, &written.joined()) {
            return Some(Self::of_planned(planned, &written, written.has_more));
        }
        // Several numbers in one field: the first that can be read stands for all of them.
        let mut parts = written.parts().enumerate();
        let first = parts.find_map(|(place, part)| plan::read(written.has_plus && place == 0, &part))?;
        Some(Self::of_planned(first, &written, true))
    }

    fn of_planned(planned: Planned, written: &Written, has_more: bool) -> Self {
        let extension = planned.extension.as_ref().or(written.extension.as_ref());
        let has_more = has_more || (planned.extension.is_some() && written.extension.is_some());
        let reason = planned.reason.or(has_more.then_some(UnverifiedReason::PartlyRead));
        let kind = Some(planned.kind);
        match extension {
            Some(extension) => {
                let mark = if planned.has_hyphened_extensions() { '-' } else { 'x' };
                let normal = Some(format!("{}{mark}{extension}", planned.number));
                Self { kind, normal, main: Some(planned.number), reason }
            }
            None => Self { kind, normal: Some(planned.number), main: None, reason },
        }
    }

    /// Whether the number has a known form and lies in a known range.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.reason.is_none()
    }

    /// What a number that was given is looked up by: its normal form, or the text without separators if it has none;
    /// and its main number. A withheld number is looked up by nothing, because it is nobody's.
    #[must_use]
    pub fn keys(&self, given: &str) -> [Option<String>; 2] {
        let whole = match (&self.normal, self.kind) {
            (Some(normal), _) => Some(normal.clone()),
            (None, Some(PhoneKind::Withheld)) => None,
            (None, _) => squeezed(given),
        };
        [whole, self.main.clone()]
    }

    /// The keys that a text is looked for by: as a number, and as it is written. Empty if it names nobody's number.
    #[must_use]
    pub fn sought(text: &str) -> Vec<String> {
        let reading = Self::of(text);
        let [whole, _] = reading.keys(text);
        let mut keys: Vec<String> = whole.into_iter().collect();
        if let Some(written) = squeezed(text).filter(|written| !keys.is_empty() && !keys.contains(written)) {
            keys.push(written);
        }
        keys
    }
}

/// A text without separators, if enough of it is left to look for.
fn squeezed(text: &str) -> Option<String> {
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, '+' | '@');
    let text: String = fold(text).to_lowercase().chars().filter(is_kept).collect();
    (text.chars().count() >= PHONE_KEY_CHARS_MIN).then_some(text)
}

#[cfg(test)]
mod tests;
