//! Why a command failed, as it is printed, and with which exit code it ends.

use std::fmt;

use hotline_client::{Code, Error, ErrorKind};

/// The kind of a failure. Its number is the exit code of the program; the numbers never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Something on this machine, for example a file, or a fault of the server.
    Failed = 1,
    /// The command line is wrong, or a confirmation is missing.
    Usage = 2,
    /// The server refuses the value of a flag.
    Fields = 3,
    /// It does not exist, or the caller may not see it.
    NotFound = 4,
    /// The credential is not known, or its role may not do this.
    NotAllowed = 5,
    /// The present state does not allow it.
    State = 6,
    /// Somebody else changed it meanwhile.
    Stale = 7,
    /// The server can't answer now. The same command may succeed later.
    TryAgain = 8,
    /// The answer was lost. The change may have been made.
    UnknownOutcome = 9,
    /// `hotline doctor` found a fault.
    Faults = 10,
}

impl Exit {
    /// Every exit code but success, with its meaning, for the pages about the program.
    pub(crate) const MEANINGS: &[(Self, &str)] = &[
        (Self::Failed, "something on this machine failed, for example a file, or the server has a fault"),
        (Self::Usage, "the command line is wrong, or a confirmation is missing (--yes)"),
        (Self::Fields, "the server refuses the value of a flag; the message names the flag"),
        (Self::NotFound, "it does not exist, or the caller may not see it"),
        (Self::NotAllowed, "the credential is not known, or its role may not do this"),
        (Self::State, "the present state does not allow it"),
        (Self::Stale, "somebody else changed it meanwhile; read it again"),
        (Self::TryAgain, "the server can't answer now; the same command may succeed later"),
        (
            Self::UnknownOutcome,
            "the answer was lost; repeat the command with the --request-id of the message",
        ),
        (Self::Faults, "hotline doctor found a fault"),
    ];

    fn of(error: &Error) -> Self {
        if error.is_unknown_outcome() {
            return Self::UnknownOutcome;
        }
        match error.kind() {
            ErrorKind::NotConnected | ErrorKind::AnswerLost => return Self::TryAgain,
            ErrorKind::Configuration | ErrorKind::Token | ErrorKind::Tls | ErrorKind::Malformed => {
                return Self::Failed;
            }
            _ => {}
        }
        match error.code() {
            Code::InvalidArgument | Code::OutOfRange => Self::Fields,
            Code::NotFound => Self::NotFound,
            Code::PermissionDenied | Code::Unauthenticated => Self::NotAllowed,
            Code::FailedPrecondition | Code::AlreadyExists => Self::State,
            Code::Aborted => Self::Stale,
            Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted => Self::TryAgain,
            _ => Self::Failed,
        }
    }
}

/// The text of an error, without the word "error".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What failed.
    pub(crate) text: String,
    /// How the program ends.
    pub(crate) exit: Exit,
    /// The fields that the server refuses, by their paths in the contract, with what is wrong.
    pub(crate) fields: Vec<(String, String)>,
    /// What goes to the standard output all the same.
    pub(crate) output: String,
}

impl Failure {
    /// A failure on this machine.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), exit: Exit::Failed, fields: Vec::new(), output: String::new() }
    }

    /// A command line that is wrong.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(text) }
    }

    /// A failure about something, for example a file.
    pub(crate) fn about(subject: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self::new(format!("{subject}: {cause}"))
    }

    /// A refusal of the server with another text.
    pub(crate) fn of(error: &Error, text: impl Into<String>) -> Self {
        Self { exit: Exit::of(error), ..Self::new(text) }
    }

    /// What is printed. `flag` gives the flag of a field.
    pub(crate) fn message(&self, flag: impl Fn(&str) -> Option<String>) -> String {
        let mut lines = vec![self.text.clone()];
        lines.extend(self.fields.iter().map(|(field, what)| {
            let name = flag(field).unwrap_or_else(|| field.clone());
            format!("{name}: {what}")
        }));
        lines.join("\n       ")
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let mut text = match error.reason_name() {
            Some(reason) => {
                let localized = error.localized_message().filter(|message| !message.locale.starts_with("en"));
                let message = localized.map_or(error.message(), |message| &message.message);
                format!("{reason}: {message}")
            }
            None => error.to_string(),
        };
        if let Some(id) = error.request_id().filter(|_| error.is_unknown_outcome()) {
            text.push_str("; the change may have been made: repeat the command with --request-id ");
            text.push_str(&id.to_string());
        }
        let fields = error.field_violations().iter();
        let fields = fields.map(|one| (one.field.clone(), one.description.clone())).collect();
        Self { exit: Exit::of(&error), fields, ..Self::new(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_is_named_at_its_flag() {
        let fields =
            vec![("contact.phone".to_owned(), "is required".to_owned()), ("x".to_owned(), "?".to_owned())];
        let failure = Failure { fields, ..Failure::new("INVALID_FIELDS: wrong") };
        let message =
            failure.message(|field| (field == "contact.phone").then(|| "--contact-phone".to_owned()));
        assert_eq!(message, "INVALID_FIELDS: wrong\n       --contact-phone: is required\n       x: ?");
    }

    #[test]
    fn every_exit_code_has_one_meaning() {
        let codes: Vec<_> = Exit::MEANINGS.iter().map(|(exit, _)| *exit as u8).collect();
        assert_eq!(codes, (1..=10).collect::<Vec<_>>());
    }
}
