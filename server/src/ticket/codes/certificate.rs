//! The codes of companies and other certificates, in one normal form: capitals and digits without separators.

use super::check_characters::{
    CREDIT_CODE_ALPHABET, credit_code_fits, organisation_code_fits, registration_number_fits,
    resident_id_fits,
};
use super::fold::fold;
use super::given::is_cut_off;
use super::unverified::UnverifiedReason;

/// The fewest characters of a code for it to be looked up: less names too many callers.
pub const CODE_KEY_CHARS_MIN: usize = 3;

/// Characters of a unified social credit code and of a resident identity number.
const CREDIT_CODE_CHARS: usize = 18;
/// Digits of a registration number, and of one from before 2007.
const REGISTRATION_DIGITS: usize = 15;
const OLD_REGISTRATION_DIGITS: usize = 13;
/// Characters of an organisation code.
const ORGANISATION_CODE_CHARS: usize = 9;
/// Characters of a taxpayer's number that is made of a resident identity number.
const PERSONAL_TAX_CHARS: usize = 20;
/// Where a credit code has digits alone: six of the place of registration.
const PLACE: std::ops::Range<usize> = 2..8;

/// The registrars of GB 32100 with the classes of organisations that each registers.
const REGISTRARS: [(char, &str); 12] = [
    ('1', "1239"),
    ('2', "19"),
    ('3', "123459"),
    ('4', "19"),
    ('5', "1239"),
    ('6', "129"),
    ('7', "129"),
    ('8', "19"),
    ('9', "1239"),
    ('A', "19"),
    ('N', "1239"),
    ('Y', "1"),
];

/// What people write before a code.
const LABELS: [&str; 12] = [
    "统一社会信用代码",
    "社会信用代码",
    "信用代码",
    "组织机构代码",
    "纳税人识别号",
    "营业执照号码",
    "营业执照",
    "注册号",
    "证件号码",
    "税号",
    "代码",
    "USCC",
];
/// What is written where there is no code.
const NONE: [&str; 12] =
    ["无", "暂无", "没有", "不详", "未知", "不清楚", "不知道", "保密", "NONE", "NULL", "N/A", "UNKNOWN"];

/// The kind of a certificate. The contract documents the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the contract documents the values")]
pub enum CertificateKind {
    SocialCreditCode,
    RegistrationNumber,
    OrganisationCode,
    TaxNumber,
    ResidentId,
    ForeignRegistration,
    TravelDocument,
    #[default]
    Other,
}

/// A certificate that a caller names, with its number as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// What the caller says that it is; `None` if its form tells.
    pub kind: Option<CertificateKind>,
    /// Its number, as [`super::given`] keeps it.
    pub number: String,
}

/// How a code was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeReading {
    /// What kind of code it is; `None` if no form fits.
    pub kind: Option<CertificateKind>,
    /// Its normal form.
    pub normal: Option<String>,
    /// Why it is not verified; `None` if it is.
    pub reason: Option<UnverifiedReason>,
}

impl Certificate {
    /// Reads the number as what the caller says that it is.
    #[must_use]
    pub fn reading(&self) -> CodeReading {
        use CertificateKind::{ForeignRegistration, Other, TaxNumber, TravelDocument};
        let read = CodeReading::of(&self.number);
        let Some(kind) = self.kind else { return read };
        if read.kind == Some(kind)
            || matches!(read.reason, Some(UnverifiedReason::Withheld | UnverifiedReason::TooLong))
        {
            return read;
        }
        let has_own_form = matches!(kind, ForeignRegistration | TravelDocument | TaxNumber | Other);
        let reason =
            if has_own_form { UnverifiedReason::NotCheckable } else { UnverifiedReason::FormUnknown };
        CodeReading { kind: Some(kind), normal: squeezed(&self.number), reason: Some(reason) }
    }
}

impl CodeReading {
    /// Reads a code as it was given, as whatever its form tells. Pure, and linear in the text.
    #[must_use]
    pub fn of(given: &str) -> Self {
        use CertificateKind::{OrganisationCode, RegistrationNumber, ResidentId, TaxNumber};
        if is_cut_off(given) {
            return Self { kind: None, normal: None, reason: Some(UnverifiedReason::TooLong) };
        }
        let upper = fold(given).to_uppercase();
        if NONE.contains(&upper.as_str()) {
            return Self { kind: None, normal: None, reason: Some(UnverifiedReason::Withheld) };
        }
        let unknown = Self { kind: None, normal: None, reason: Some(UnverifiedReason::FormUnknown) };
        let Some(code) = bare(&upper).filter(|code| code.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        else {
            return unknown;
        };
        let is_digits = code.bytes().all(|byte| byte.is_ascii_digit());
        match code.len() {
            CREDIT_CODE_CHARS => credit_code(&code),
            REGISTRATION_DIGITS if is_digits && registration_number_fits(&code) == Some(true) => {
                Self::checked(RegistrationNumber, code, Some(true))
            }
            // Six digits of a place and an organisation code.
            REGISTRATION_DIGITS if organisation_code_fits(&code[6..]) == Some(true) => {
                Self::checked(TaxNumber, code, Some(true))
            }
            REGISTRATION_DIGITS if is_digits => Self::checked(RegistrationNumber, code, Some(false)),
            OLD_REGISTRATION_DIGITS if is_digits => Self::checked(RegistrationNumber, code, None),
            PERSONAL_TAX_CHARS if resident_id_fits(&code[..CREDIT_CODE_CHARS]) == Some(true) => {
                Self::checked(TaxNumber, code, None)
            }
            ORGANISATION_CODE_CHARS => match organisation_code_fits(&code) {
                Some(fits) => Self::checked(OrganisationCode, code, Some(fits)),
                None => unknown,
            },
            _ => match resident_id_fits(&code) {
                Some(true) => Self::checked(ResidentId, code, Some(true)),
                _ => unknown,
            },
        }
    }

    fn checked(kind: CertificateKind, code: String, fits: Option<bool>) -> Self {
        let reason = match fits {
            Some(true) => None,
            Some(false) => Some(UnverifiedReason::CheckCharacterWrong),
            None => Some(UnverifiedReason::NotCheckable),
        };
        Self { kind: Some(kind), normal: Some(code), reason }
    }

    /// Whether the code has a known form and its check character fits.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.reason.is_none()
    }

    /// What a code that was given is looked up by: its normal form, or the text without separators if it has none.
    /// Where the caller has none, it is looked up by nothing.
    #[must_use]
    pub fn key(&self, given: &str) -> Option<String> {
        match (&self.normal, self.reason) {
            (Some(normal), _) => Some(normal.clone()),
            (None, Some(UnverifiedReason::Withheld)) => None,
            (None, _) => squeezed(given),
        }
    }

    /// The keys that a text is looked for by. Empty if it names nobody's code.
    #[must_use]
    pub fn sought(text: &str) -> Vec<String> {
        let mut keys: Vec<String> = Self::of(text).key(text).into_iter().collect();
        if let Some(written) = squeezed(text).filter(|written| !keys.is_empty() && !keys.contains(written)) {
            keys.push(written);
        }
        keys
    }
}

/// Checks a unified social credit code (统一社会信用代码, GB 32100) by every rule that it has, and returns its normal form.
///
/// # Errors
/// Why it is not one, or not verified.
pub fn check_social_credit_code(text: &str) -> Result<String, UnverifiedReason> {
    let read = CodeReading::of(text);
    match (read.kind, read.normal, read.reason) {
        (Some(CertificateKind::SocialCreditCode), Some(code), None) => Ok(code),
        (_, _, reason) => Err(reason.unwrap_or(UnverifiedReason::FormUnknown)),
    }
}

/// Eighteen capitals and digits: a credit code, or a resident identity number that stands in its place.
fn credit_code(code: &str) -> CodeReading {
    use UnverifiedReason::{CharacterWrong, CheckCharacterWrong, RegistrarUnknown};
    // Neither alphabet has an I or an O, so that they are not mistaken for the digits that they are written for here.
    let read = code.replace('I', "1").replace('O', "0");
    let fits = credit_code_fits(&read);
    if fits != Some(true) && resident_id_fits(&read) == Some(true) {
        return CodeReading::checked(CertificateKind::ResidentId, read, Some(true));
    }
    let has_registrar = REGISTRARS.iter().any(|(registrar, classes)| {
        let mut chars = read.chars();
        chars.next() == Some(*registrar) && chars.next().is_some_and(|class| classes.contains(class))
    });
    let is_place = read.get(PLACE).is_some_and(|place| place.bytes().all(|byte| byte.is_ascii_digit()));
    let reason = if read.chars().any(|c| !CREDIT_CODE_ALPHABET.contains(c)) || !is_place {
        Some(CharacterWrong)
    } else if fits != Some(true) {
        Some(CheckCharacterWrong)
    } else {
        (!has_registrar).then_some(RegistrarUnknown)
    };
    CodeReading { kind: Some(CertificateKind::SocialCreditCode), normal: Some(read), reason }
}

/// A text in capitals without its label and its separators.
fn bare(upper: &str) -> Option<String> {
    let text = LABELS.iter().find_map(|label| upper.strip_prefix(label)).unwrap_or(upper);
    let is_separator = |c: char| {
        matches!(c, ' ' | '-' | '.' | '_' | ':' | '(' | ')' | '/' | '\'' | '"' | ',' | '<' | '>' | '\n')
    };
    let text: String = text.chars().filter(|c| !is_separator(*c)).collect();
    (!text.is_empty()).then_some(text)
}

/// The letters and digits of a text in capitals, if enough of them are left to look for.
fn squeezed(text: &str) -> Option<String> {
    let text: String = fold(text).to_uppercase().chars().filter(|c| c.is_alphanumeric()).collect();
    (text.chars().count() >= CODE_KEY_CHARS_MIN).then_some(text)
}

#[cfg(test)]
mod tests;
