//! What a verifier finds, and where. It names tickets, subjects and numbers, never what a cell holds.

use std::fmt;

/// Where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A ticket's row, or its whole timeline.
    Ticket(i64),
    /// Events of a ticket, from one sequence to another.
    Events(i64, i32, i32),
    /// A reading of a ticket's caller, by its subject under the seals.
    Reading(i64, String),
    /// All records of a subject.
    Subject(String),
    /// Records of a subject, from one sequence to another.
    Records(String, i32, i32),
    /// A seal.
    Seal(i64),
    /// An entry that says a backup was restored.
    Restore(i64),
    /// A table of the database.
    Table(String),
    /// The database itself.
    Database,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// What is there is not what was hashed.
    Altered,
    /// It is not there.
    Missing,
    /// It has no hash, and was not there when the first chains began.
    Unhashed,
    /// It can't be read, or can't follow what stands before it.
    Unfit,
    /// The ticket's row does not have the last event's hash.
    HeadAltered,
    /// A column of the ticket's row is not what its events make of it.
    RowAltered(&'static str),
    /// The timeline was longer.
    CutOff,
    /// A seal was made over another hash of it.
    SealedOtherwise,
    /// Its end is under no seal, and does not wait for one.
    Unsealed,
    /// The hash of a seal is not that of its cells.
    SealAltered,
    /// A seal does not follow the one before it.
    SealOutOfOrder,
    /// The heads under a seal are not those that it was made over.
    HeadsAltered,
    /// A signature is not one of its key.
    SignatureWrong,
    /// A seal is signed with a key that is not accepted.
    KeyUnknown,
    /// The copy that was shipped says something else, or can't be read.
    ShippedOtherwise,
    /// It has no shipped copy, though later seals were shipped.
    NotShipped,
    /// It is empty, though others say that something was in it.
    Empty,
    /// The database's own check finds damage.
    Malformed,
    /// Its id is not the one that the folder names.
    AnotherDatabase,
    /// The file at its path was replaced while it was read.
    Replaced,
}

impl Wrong {
    /// The words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Altered => "is not what was hashed",
            Self::Missing => "is missing",
            Self::Unhashed => "has no hash",
            Self::Unfit => "can't follow what stands before it",
            Self::HeadAltered => "the row does not have the hash of the last event",
            Self::RowAltered(_) => "the row is not what the events make of it",
            Self::CutOff => "was longer",
            Self::SealedOtherwise => "was sealed with another hash",
            Self::Unsealed => "ends under no seal and does not wait for one",
            Self::SealAltered => "is not what was hashed and signed",
            Self::SealOutOfOrder => "does not follow the seal before it",
            Self::HeadsAltered => "its heads are not those it was made over",
            Self::SignatureWrong => "has a wrong signature",
            Self::KeyUnknown => "is signed with a key that is not accepted",
            Self::ShippedOtherwise => "the copy that was shipped is another one",
            Self::NotShipped => "has no shipped copy, though later seals were shipped",
            Self::Empty => "is empty, though other tables say that it was not",
            Self::Malformed => "is damaged: the database's own integrity check fails",
            Self::AnotherDatabase => "is not the one whose id lies in this folder",
            Self::Replaced => "was replaced by another file while it was verified",
        }
    }
}

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What.
    pub wrong: Wrong,
}

impl Finding {
    /// A finding.
    #[must_use]
    pub const fn new(place: Place, wrong: Wrong) -> Self {
        Self { place, wrong }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ticket(number) => write!(f, "ticket {number}"),
            Self::Events(number, from, to) if from == to => write!(f, "ticket {number}, event {from}"),
            Self::Events(number, from, to) => write!(f, "ticket {number}, events {from} to {to}"),
            Self::Reading(number, reading) => write!(f, "ticket {number}, {reading}"),
            Self::Subject(subject) => write!(f, "subject {subject}"),
            Self::Records(subject, from, to) if from == to => write!(f, "subject {subject}, record {from}"),
            Self::Records(subject, from, to) => write!(f, "subject {subject}, records {from} to {to}"),
            Self::Seal(number) => write!(f, "seal {number}"),
            Self::Restore(number) => write!(f, "restore {number}"),
            Self::Table(name) => write!(f, "table {name}"),
            Self::Database => f.write_str("the database"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.wrong.words())?;
        if let Wrong::RowAltered(column) = self.wrong {
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
            (Place::Ticket(7), "ticket 7"),
            (Place::Events(7, 2, 2), "ticket 7, event 2"),
            (Place::Events(7, 2, 4), "ticket 7, events 2 to 4"),
            (Place::Reading(7, "identity_read/1".to_owned()), "ticket 7, identity_read/1"),
            (Place::Subject(subject()), "subject unit/dept-tax"),
            (Place::Records(subject(), 3, 3), "subject unit/dept-tax, record 3"),
            (Place::Records(subject(), 3, 5), "subject unit/dept-tax, records 3 to 5"),
            (Place::Seal(9), "seal 9"),
        ] {
            assert_eq!(Finding::new(place, Wrong::Missing).to_string(), format!("{words}: is missing"));
        }
        let row = Finding::new(Place::Ticket(7), Wrong::RowAltered("state"));
        assert_eq!(row.to_string(), "ticket 7: the row is not what the events make of it (state)");
    }
}
