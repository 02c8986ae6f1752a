//! Why a number or a code is kept without being verified.

/// Why a number or a code is kept without being verified. The contract documents the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the values")]
pub enum UnverifiedReason {
    Withheld,
    TooLong,
    FormUnknown,
    PartlyRead,
    AreaCodeMissing,
    InternalExtension,
    RangeUnknown,
    CharacterWrong,
    RegistrarUnknown,
    CheckCharacterWrong,
    NotCheckable,
}
