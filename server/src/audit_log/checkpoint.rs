//! A checkpoint: the heads of many chains, hashed together over the checkpoint before it, and signed. Pure.

use serde::{Deserialize, Serialize};

use super::signing_key::{PublicKey, SigningKey, is_signed};
use crate::platform::hashing::{HashSuite, Hashing, Link};

/// A head under a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointHead {
    /// The ticket's number, or 0.
    pub ticket_number: i64,
    /// The subject of the audit records, the access to the identity of the ticket's caller, or empty for the ticket
    /// itself.
    pub subject: String,
    /// The sequence of the last event or record.
    pub sequence: i32,
    /// Its link.
    pub link: Link,
}

/// A checkpoint without its heads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// 1 for the first, without gaps.
    pub number: i64,
    /// The hash of the checkpoint before it; [`Link::NONE`] for the first.
    pub previous: Link,
    /// When, in microseconds since 1970.
    pub signed_at: i64,
    /// The number of heads.
    pub head_count: i32,
    /// The hash of the heads.
    pub root: Link,
    /// The key of the signature.
    pub public_key: PublicKey,
    /// The hash of all fields above.
    pub hash: Link,
    /// The signature of the hash.
    pub signature: Vec<u8>,
}

/// The hash of some heads, which are ordered by ticket number and subject.
#[must_use]
pub fn root(suite: HashSuite, heads: &[CheckpointHead]) -> Link {
    let begin =
        Hashing::begin(suite, "hotline heads 1").number(i64::try_from(heads.len()).unwrap_or(i64::MAX));
    let all = heads.iter().fold(begin, |hashing, head| {
        let whose = hashing.number(head.ticket_number).text(&head.subject);
        whose.number(head.sequence.into()).link(&head.link)
    });
    all.end()
}

/// The signed bytes. Their prefix keeps the signature from being valid for anything else.
fn signed(hash: &Link) -> Vec<u8> {
    [b"hotline checkpoint 1".as_slice(), hash.as_bytes()].concat()
}

impl Checkpoint {
    /// Signs heads, which are ordered by ticket number and subject, as the checkpoint after the last one.
    #[must_use]
    pub fn make(
        suite: HashSuite,
        key: &SigningKey,
        last: Option<(i64, Link)>,
        at: i64,
        heads: &[CheckpointHead],
    ) -> Self {
        let (number, previous) = last.map_or((1, Link::NONE), |(number, hash)| (number + 1, hash));
        let mut checkpoint = Self {
            number,
            previous,
            signed_at: at,
            head_count: i32::try_from(heads.len()).unwrap_or(i32::MAX),
            root: root(suite, heads),
            public_key: key.public_key(),
            hash: Link::NONE,
            signature: Vec::new(),
        };
        checkpoint.hash = checkpoint.hashed(suite);
        checkpoint.signature = key.sign(&signed(&checkpoint.hash));
        checkpoint
    }

    fn hashed(&self, suite: HashSuite) -> Link {
        Hashing::begin(suite, "hotline checkpoint 1")
            .number(self.number)
            .link(&self.previous)
            .number(self.signed_at)
            .number(self.head_count.into())
            .link(&self.root)
            .bytes(self.public_key.as_bytes())
            .end()
    }

    /// The hash as computed, by its own suite.
    #[must_use]
    pub fn computed(&self) -> Option<Link> {
        self.hash.suite().map(|suite| self.hashed(suite))
    }

    /// Whether its hash fits its cells.
    #[must_use]
    pub fn is_hashed(&self) -> bool {
        self.computed() == Some(self.hash)
    }

    /// Whether its signature is valid for its hash under its key.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        is_signed(&self.public_key, &signed(&self.hash), &self.signature)
    }

    /// Whether it was made from these heads.
    #[must_use]
    pub fn is_over(&self, heads: &[CheckpointHead]) -> bool {
        let is_root = |suite| root(suite, heads) == self.root;
        i32::try_from(heads.len()) == Ok(self.head_count) && self.root.suite().is_some_and(is_root)
    }
}

/// A line of an exported checkpoint.
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Line {
    Checkpoint {
        checkpoint: i64,
        previous: String,
        signed_at: i64,
        head_count: i32,
        root: String,
        public_key: String,
        hash: String,
        signature: String,
    },
    Ticket {
        ticket: i64,
        sequence: i32,
        hash: String,
    },
    Subject {
        subject: String,
        sequence: i32,
        hash: String,
    },
    Access {
        ticket: i64,
        subject: String,
        sequence: i32,
        hash: String,
    },
}

fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

fn link(text: &str) -> Option<Link> {
    Link::of(&hex::decode(text).ok()?)
}

/// A checkpoint and its heads as lines of JSON, the checkpoint first.
///
/// # Errors
/// Never for a valid checkpoint.
pub fn to_lines(checkpoint: &Checkpoint, heads: &[CheckpointHead]) -> Result<String, serde_json::Error> {
    let first = Line::Checkpoint {
        checkpoint: checkpoint.number,
        previous: hex(checkpoint.previous.as_bytes()),
        signed_at: checkpoint.signed_at,
        head_count: checkpoint.head_count,
        root: hex(checkpoint.root.as_bytes()),
        public_key: hex(checkpoint.public_key.as_bytes()),
        hash: hex(checkpoint.hash.as_bytes()),
        signature: hex(&checkpoint.signature),
    };
    let mut text = serde_json::to_string(&first)?;
    for head in heads {
        let (sequence, hash) = (head.sequence, hex(head.link.as_bytes()));
        let line = match (head.ticket_number, head.subject.as_str()) {
            (0, _) => Line::Subject { subject: head.subject.clone(), sequence, hash },
            (ticket, "") => Line::Ticket { ticket, sequence, hash },
            (ticket, _) => Line::Access { ticket, subject: head.subject.clone(), sequence, hash },
        };
        text.push('\n');
        text.push_str(&serde_json::to_string(&line)?);
    }
    text.push('\n');
    Ok(text)
}

/// The checkpoint and the heads of such lines.
#[must_use]
pub fn of_lines(text: &str) -> Option<(Checkpoint, Vec<CheckpointHead>)> {
    let mut lines = text.lines();
    let first = serde_json::from_str(lines.next()?).ok()?;
    let Line::Checkpoint { checkpoint, previous, signed_at, head_count, root, public_key, hash, signature } =
        first
    else {
        return None;
    };
    let checkpoint = Checkpoint {
        number: checkpoint,
        previous: link(&previous)?,
        signed_at,
        head_count,
        root: link(&root)?,
        public_key: PublicKey::of_hex(&public_key)?,
        hash: link(&hash)?,
        signature: hex::decode(&signature).ok()?,
    };
    let head = |line: &str| {
        let (ticket_number, subject, sequence, hash) = match serde_json::from_str(line).ok()? {
            Line::Ticket { ticket, sequence, hash } => (ticket, String::new(), sequence, hash),
            Line::Subject { subject, sequence, hash } => (0, subject, sequence, hash),
            Line::Access { ticket, subject, sequence, hash } => (ticket, subject, sequence, hash),
            Line::Checkpoint { .. } => return None,
        };
        Some(CheckpointHead { ticket_number, subject, sequence, link: link(&hash)? })
    };
    Some((checkpoint, lines.map(head).collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads() -> Vec<CheckpointHead> {
        let head = |ticket_number, subject: &str| CheckpointHead {
            ticket_number,
            subject: subject.to_owned(),
            sequence: 3,
            link: Hashing::begin(HashSuite::Sm3, "x").number(ticket_number).end(),
        };
        vec![head(0, "unit/dept-tax"), head(1, ""), head(1, "identity_access/1"), head(2, "")]
    }

    #[test]
    fn every_cell_of_a_checkpoint_and_every_head_counts() {
        let key = SigningKey::of_secret([7; 32]);
        let heads = heads();
        for suite in HashSuite::ALL {
            let checkpoint = Checkpoint::make(suite, &key, Some((4, heads[1].link)), 9, &heads);
            assert!(
                checkpoint.is_hashed() && checkpoint.is_signed() && checkpoint.is_over(&heads),
                "{suite:?}"
            );
            let (other, link) = (SigningKey::of_secret([8; 32]), heads[3].link);
            for changed in [
                Checkpoint { number: 6, ..checkpoint.clone() },
                Checkpoint { previous: link, ..checkpoint.clone() },
                Checkpoint { signed_at: 8, ..checkpoint.clone() },
                Checkpoint { head_count: 2, ..checkpoint.clone() },
                Checkpoint { root: link, ..checkpoint.clone() },
                Checkpoint { public_key: other.public_key(), ..checkpoint.clone() },
            ] {
                assert!(!changed.is_hashed(), "{changed:?}");
            }
            assert!(!Checkpoint { hash: link, ..checkpoint.clone() }.is_signed());
            assert!(!Checkpoint { signature: vec![0; 64], ..checkpoint.clone() }.is_signed());
            assert!(!Checkpoint { signature: Vec::new(), ..checkpoint.clone() }.is_signed());
            assert!(!checkpoint.is_over(&heads[1..]));
            let mut moved = heads.clone();
            moved.swap(1, 2);
            assert!(!checkpoint.is_over(&moved));
            moved = heads.clone();
            moved[0].sequence = 2;
            assert!(!checkpoint.is_over(&moved));
        }
    }

    #[test]
    fn what_is_exported_can_be_read_again() {
        let checkpoint =
            Checkpoint::make(HashSuite::Sha256, &SigningKey::of_secret([7; 32]), None, 9, &heads());
        let text = to_lines(&checkpoint, &heads()).expect("a checkpoint is text");
        assert_eq!(text.lines().count(), 5);
        assert_eq!(of_lines(&text), Some((checkpoint, heads())));
        for broken in ["", "{}", &text[1..], &text[..text.len() - 2], &text.replace("ticket", "tacket")] {
            assert_eq!(of_lines(broken), None, "{broken}");
        }
    }
}
