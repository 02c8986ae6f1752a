//! The reasons for refusals, from the contract.
#![expect(clippy::doc_markdown, reason = "the contract's sentences name fields without backticks")]

use std::fmt;
use std::str::FromStr;

/// A text that is no name of this version of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName(pub(crate) String);

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no name of the contract", self.0)
    }
}

impl std::error::Error for UnknownName {}

/// The enum of reasons, from the contract's list.
macro_rules! error_reason {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// Why the hotline refuses a call. `docs/errors.md` has a page for each of them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorReason {
            $($(#[$doc])* $variant,)+
        }

        impl ErrorReason {
            /// Every reason that this version of the library knows.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name in the contract, for example `CONFLICT_OF_INTEREST`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }

        /// By its name in the contract.
        impl FromStr for ErrorReason {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(UnknownName(name.to_owned())),
                }
            }
        }
    };
}

hotline_proto::error_reasons!(error_reason);

impl ErrorReason {
    /// What it means, in a language.
    #[must_use]
    pub fn label(self, language: crate::Language) -> &'static str {
        let row = hotline_proto::REASONS.iter().find(|row| row.name == self.name());
        row.map_or(self.name(), |row| match language {
            crate::Language::English => row.en,
            _ => row.zh,
        })
    }
}

/// Its name in the contract.
impl fmt::Display for ErrorReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn every_reason_of_the_contract_has_its_name_and_both_texts() {
        assert_eq!(ErrorReason::ALL.len(), hotline_proto::REASONS.len());
        for reason in ErrorReason::ALL {
            assert_eq!(reason.name().parse(), Ok(*reason));
            assert_ne!(reason.label(Language::Chinese), reason.label(Language::English));
        }
        assert!("MOON_IS_FULL".parse::<ErrorReason>().is_err());
    }
}
