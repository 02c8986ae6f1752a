//! A restore: a signed entry in the chain of checkpoints. It says that a backup replaced the database, and which
//! checkpoints were abandoned because the backup did not hold them. Pure.
//!
//! A checkpoint follows the previous checkpoint, or a restore that follows that checkpoint. Numbers of abandoned
//! checkpoints are never used again: the first checkpoint after a restore has a number after that of the last exported
//! one.

use serde::{Deserialize, Serialize};

use super::signing_key::{PublicKey, SigningKey, is_signed};
use crate::platform::hashing::{HashSuite, Hashing, Link};

/// The end of the chain of checkpoints and restores, as known in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainEnd {
    /// The last number of a checkpoint that was written or abandoned.
    pub through: i64,
    /// The hash of the last checkpoint, or of the restore after it.
    pub link: Link,
}

impl ChainEnd {
    /// Before the first checkpoint.
    pub const NONE: Self = Self { through: 0, link: Link::NONE };

    /// The end after the restores that follow this one, which are in the order of their numbers.
    #[must_use]
    pub fn after(self, restores: &[RestoreEntry]) -> Self {
        restores.iter().fold(self, |end, entry| if entry.follows(&end) { entry.end() } else { end })
    }
}

/// The content of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    /// 1 for the first of a database. Restores from older backups leave gaps.
    pub number: i64,
    /// When, in microseconds since 1970.
    pub restored_at: i64,
    /// The end of the chain in the restored database.
    pub last: ChainEnd,
    /// The end of the chain that was known from the export; the checkpoints in between are abandoned.
    pub abandoned: ChainEnd,
    /// Who restored.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The ticket numbers that are never given out, as JSON: day, from, to.
    pub skipped_numbers: String,
}

/// A restore with its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreEntry {
    /// Its content.
    pub restore: Restore,
    /// The key of the signature.
    pub public_key: PublicKey,
    /// The hash of all fields above.
    pub hash: Link,
    /// The signature of the hash.
    pub signature: Vec<u8>,
}

impl std::ops::Deref for RestoreEntry {
    type Target = Restore;

    fn deref(&self) -> &Restore {
        &self.restore
    }
}

/// The signed bytes. Their prefix keeps the signature from being valid for anything else.
fn signed(hash: &Link) -> Vec<u8> {
    [b"hotline restore 1".as_slice(), hash.as_bytes()].concat()
}

impl RestoreEntry {
    /// Signs a restore.
    #[must_use]
    pub fn make(suite: HashSuite, key: &SigningKey, restore: Restore) -> Self {
        let mut entry =
            Self { restore, public_key: key.public_key(), hash: Link::NONE, signature: Vec::new() };
        entry.hash = entry.hashed(suite);
        entry.signature = key.sign(&signed(&entry.hash));
        entry
    }

    fn hashed(&self, suite: HashSuite) -> Link {
        Hashing::begin(suite, "hotline restore 1")
            .number(self.number)
            .number(self.restored_at)
            .number(self.last.through)
            .link(&self.last.link)
            .number(self.abandoned.through)
            .link(&self.abandoned.link)
            .text(&self.by)
            .text(&self.reason)
            .text(&self.skipped_numbers)
            .bytes(self.public_key.as_bytes())
            .end()
    }

    /// Whether its hash fits its content.
    #[must_use]
    pub fn is_hashed(&self) -> bool {
        self.hash.suite().is_some_and(|suite| self.hashed(suite) == self.hash)
    }

    /// Whether its signature is valid for its hash under its key.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        is_signed(&self.public_key, &signed(&self.hash), &self.signature)
    }

    /// Whether it follows this end of the chain.
    #[must_use]
    pub fn follows(&self, end: &ChainEnd) -> bool {
        self.last == *end && self.abandoned.through >= end.through
    }

    /// The end of the chain after it.
    #[must_use]
    pub fn end(&self) -> ChainEnd {
        ChainEnd { through: self.abandoned.through, link: self.hash }
    }

    /// Whether it abandons a checkpoint.
    #[must_use]
    pub fn abandons(&self, checkpoint: i64) -> bool {
        self.last.through < checkpoint && checkpoint <= self.abandoned.through
    }

    /// Whether it abandons an earlier restore, which the database does not have.
    #[must_use]
    pub fn abandons_restore(&self, other: &Self) -> bool {
        other.number < self.number
            && self.last.through <= other.last.through
            && other.abandoned.through <= self.abandoned.through
    }
}

/// The line of an exported restore.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    restore: i64,
    restored_at: i64,
    last_checkpoint: i64,
    last_hash: String,
    abandoned_checkpoint: i64,
    abandoned_hash: String,
    restored_by: String,
    reason: String,
    skipped_numbers: String,
    public_key: String,
    hash: String,
    signature: String,
}

/// A restore as a line of JSON.
///
/// # Errors
/// Never for a valid restore.
pub fn to_line(entry: &RestoreEntry) -> Result<String, serde_json::Error> {
    let line = Line {
        restore: entry.number,
        restored_at: entry.restored_at,
        last_checkpoint: entry.last.through,
        last_hash: hex::encode(entry.last.link.as_bytes()),
        abandoned_checkpoint: entry.abandoned.through,
        abandoned_hash: hex::encode(entry.abandoned.link.as_bytes()),
        restored_by: entry.by.clone(),
        reason: entry.reason.clone(),
        skipped_numbers: entry.skipped_numbers.clone(),
        public_key: entry.public_key.to_string(),
        hash: hex::encode(entry.hash.as_bytes()),
        signature: hex::encode(&entry.signature),
    };
    Ok(serde_json::to_string(&line)? + "\n")
}

/// The restore of such a line.
#[must_use]
pub fn of_line(text: &str) -> Option<RestoreEntry> {
    let line: Line = serde_json::from_str(text.trim_end()).ok()?;
    let hash_of = |text: &str| Link::of(&hex::decode(text).ok()?);
    let restore = Restore {
        number: line.restore,
        restored_at: line.restored_at,
        last: ChainEnd { through: line.last_checkpoint, link: hash_of(&line.last_hash)? },
        abandoned: ChainEnd { through: line.abandoned_checkpoint, link: hash_of(&line.abandoned_hash)? },
        by: line.restored_by,
        reason: line.reason,
        skipped_numbers: line.skipped_numbers,
    };
    Some(RestoreEntry {
        restore,
        public_key: PublicKey::of_hex(&line.public_key)?,
        hash: hash_of(&line.hash)?,
        signature: hex::decode(&line.signature).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(number: i64) -> Link {
        Hashing::begin(HashSuite::Sha256, "x").number(number).end()
    }

    fn restore(number: i64, last: ChainEnd, through: i64) -> Restore {
        Restore {
            number,
            restored_at: 9,
            last,
            abandoned: ChainEnd { through, link: link(through) },
            by: "ops".to_owned(),
            reason: "disk lost".to_owned(),
            skipped_numbers: "[]".to_owned(),
        }
    }

    fn entry(number: i64, last: ChainEnd, through: i64) -> RestoreEntry {
        RestoreEntry::make(HashSuite::Sm3, &SigningKey::of_secret([7; 32]), restore(number, last, through))
    }

    #[test]
    fn every_cell_of_a_restore_counts() {
        let last = ChainEnd { through: 3, link: link(3) };
        let whole = entry(1, last, 5);
        assert!(whole.is_hashed() && whole.is_signed());
        let plain = restore(1, last, 5);
        for changed in [
            Restore { number: 2, ..plain.clone() },
            Restore { restored_at: 8, ..plain.clone() },
            Restore { last: ChainEnd { through: 2, ..last }, ..plain.clone() },
            Restore { last: ChainEnd { link: link(9), ..last }, ..plain.clone() },
            Restore { abandoned: ChainEnd { through: 6, link: link(5) }, ..plain.clone() },
            Restore { abandoned: ChainEnd { through: 5, link: link(6) }, ..plain.clone() },
            Restore { by: String::new(), ..plain.clone() },
            Restore { reason: String::new(), ..plain.clone() },
            Restore { skipped_numbers: String::new(), ..plain.clone() },
        ] {
            assert!(!RestoreEntry { restore: changed.clone(), ..whole.clone() }.is_hashed(), "{changed:?}");
        }
        let other = SigningKey::of_secret([8; 32]).public_key();
        assert!(!RestoreEntry { public_key: other, ..whole.clone() }.is_hashed());
        assert!(!RestoreEntry { hash: link(1), ..whole.clone() }.is_signed());
        assert!(!RestoreEntry { signature: vec![0; 64], ..whole }.is_signed());
    }

    #[test]
    fn what_is_exported_can_be_read_again() {
        let whole = entry(1, ChainEnd::NONE, 5);
        let line = to_line(&whole).expect("a restore is text");
        assert_eq!(of_line(&line), Some(whole));
        for broken in ["", "{}", &line[1..], &line.replace("reason", "season")] {
            assert_eq!(of_line(broken), None, "{broken}");
        }
    }

    #[test]
    fn restores_follow_each_other() {
        let checkpoint = ChainEnd { through: 3, link: link(3) };
        let first = entry(1, checkpoint, 5);
        let second = entry(2, first.end(), 7);
        let stray = entry(3, checkpoint, 9);
        assert_eq!(checkpoint.after(&[first.clone(), second.clone(), stray.clone()]), second.end());
        assert!(second.abandons(6) && second.abandons(7) && !second.abandons(5) && !second.abandons(8));
        assert!(stray.abandons_restore(&first) && stray.abandons_restore(&second));
        assert!(!first.abandons_restore(&second) && !second.abandons_restore(&first));
    }
}
