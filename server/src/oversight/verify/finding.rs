//! What a verification finds, and where. A finding names tickets, subjects and numbers, never what a cell holds.

use std::fmt;

/// The place of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingPlace {
    /// A ticket's row, or all of its events.
    Ticket(i64),
    /// Events of a ticket, from one sequence to another.
    Events(i64, i32, i32),
    /// An access to the identity of a ticket's caller, by its subject under the checkpoints.
    Access(i64, String),
    /// All records of a subject.
    Subject(String),
    /// Records of a subject, from one sequence to another.
    Records(String, i32, i32),
    /// A checkpoint.
    Checkpoint(i64),
    /// The entry of a restored backup.
    Restore(i64),
    /// A table of the database.
    Table(String),
    /// The database itself.
    Database,
}

/// The kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// The stored content differs from what was hashed.
    Altered,
    /// It is missing.
    Missing,
    /// It can't be read, or does not follow from the entry before it.
    Inconsistent,
    /// The ticket's row does not have the last event's hash.
    HeadAltered,
    /// A column of the ticket's row differs from the fold of its events.
    RowAltered(&'static str),
    /// The chain was longer.
    Truncated,
    /// A checkpoint covers another hash of it.
    CheckpointMismatch,
    /// No checkpoint covers its end, and it is not pending.
    CheckpointMissing,
    /// The hash of a checkpoint is not that of its cells.
    CheckpointAltered,
    /// A checkpoint does not follow the one before it.
    CheckpointOutOfOrder,
    /// The heads under a checkpoint are not those that it was made from.
    HeadsAltered,
    /// A signature is not one of its key.
    SignatureWrong,
    /// A checkpoint is signed with a key that is not accepted.
    KeyUnknown,
    /// The exported copy differs, or can't be read.
    ExportMismatch,
    /// It has no exported copy, although later checkpoints were exported.
    NotExported,
    /// It is empty, although other data shows that it had rows.
    Empty,
    /// The database's own check finds damage.
    Malformed,
    /// Its id differs from the one in the folder.
    AnotherDatabase,
    /// The file at its path was replaced while it was read.
    Replaced,
}

impl FindingKind {
    /// The text for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Altered => "is not what was hashed",
            Self::Missing => "is missing",
            Self::Inconsistent => "can't follow what stands before it",
            Self::HeadAltered => "the row does not have the hash of the last event",
            Self::RowAltered(_) => "the row is not what the events make of it",
            Self::Truncated => "was longer",
            Self::CheckpointMismatch => "has another hash under a checkpoint",
            Self::CheckpointMissing => "ends under no checkpoint and is not pending",
            Self::CheckpointAltered => "is not what was hashed and signed",
            Self::CheckpointOutOfOrder => "does not follow the checkpoint before it",
            Self::HeadsAltered => "its heads are not those it was made over",
            Self::SignatureWrong => "has a wrong signature",
            Self::KeyUnknown => "is signed with a key that is not accepted",
            Self::ExportMismatch => "the exported copy is another one",
            Self::NotExported => "has no exported copy, though later checkpoints were exported",
            Self::Empty => "is empty, though other tables say that it was not",
            Self::Malformed => "is damaged: the database's own integrity check fails",
            Self::AnotherDatabase => "is not the one whose id lies in this folder",
            Self::Replaced => "was replaced by another file while it was verified",
        }
    }
}

/// A fault, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The place.
    pub place: FindingPlace,
    /// The kind.
    pub kind: FindingKind,
}

impl Finding {
    /// A finding.
    #[must_use]
    pub const fn new(place: FindingPlace, kind: FindingKind) -> Self {
        Self { place, kind }
    }
}

impl fmt::Display for FindingPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ticket(number) => write!(f, "ticket {number}"),
            Self::Events(number, from, to) if from == to => write!(f, "ticket {number}, event {from}"),
            Self::Events(number, from, to) => write!(f, "ticket {number}, events {from} to {to}"),
            Self::Access(number, access) => write!(f, "ticket {number}, {access}"),
            Self::Subject(subject) => write!(f, "subject {subject}"),
            Self::Records(subject, from, to) if from == to => write!(f, "subject {subject}, record {from}"),
            Self::Records(subject, from, to) => write!(f, "subject {subject}, records {from} to {to}"),
            Self::Checkpoint(number) => write!(f, "checkpoint {number}"),
            Self::Restore(number) => write!(f, "restore {number}"),
            Self::Table(name) => write!(f, "table {name}"),
            Self::Database => f.write_str("the database"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.kind.words())?;
        if let FindingKind::RowAltered(column) = self.kind {
            write!(f, " ({column})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_and_what() {
        let subject = || "unit/dept-tax".to_owned();
        for (place, words) in [
            (FindingPlace::Ticket(7), "ticket 7"),
            (FindingPlace::Events(7, 2, 2), "ticket 7, event 2"),
            (FindingPlace::Events(7, 2, 4), "ticket 7, events 2 to 4"),
            (FindingPlace::Access(7, "identity_access/1".to_owned()), "ticket 7, identity_access/1"),
            (FindingPlace::Subject(subject()), "subject unit/dept-tax"),
            (FindingPlace::Records(subject(), 3, 3), "subject unit/dept-tax, record 3"),
            (FindingPlace::Records(subject(), 3, 5), "subject unit/dept-tax, records 3 to 5"),
            (FindingPlace::Checkpoint(9), "checkpoint 9"),
        ] {
            assert_eq!(Finding::new(place, FindingKind::Missing).to_string(), format!("{words}: is missing"));
        }
        let row = Finding::new(FindingPlace::Ticket(7), FindingKind::RowAltered("state"));
        assert_eq!(row.to_string(), "ticket 7: the row is not what the events make of it (state)");
    }
}
