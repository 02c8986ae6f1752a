//! Numbers and codes that a caller gives: telephone numbers, the codes of a company, other certificates.
//!
//! They are kept as they came, and read into one normal form where they can be. What can't be read, or does not fit its
//! own rules, is marked with a reason and never refused: a call is not lost for the sake of its number. Nothing is
//! looked up in a register. No reason repeats the text that it is about, because a number may belong to somebody who
//! asked not to be named.

mod certificate;
mod check_characters;
pub mod fold;
mod given;
mod phone;
mod unverified;

pub use certificate::{
    CODE_KEY_CHARS_MIN, Certificate, CertificateKind, CodeReading, check_social_credit_code,
};
pub use given::{GIVEN_CHARS_MAX, given};
pub use phone::{PHONE_KEY_CHARS_MIN, PhoneKind, PhoneReading};
pub use unverified::UnverifiedReason;
