//! Hashes of chains: a hash suite, an unambiguous encoding of the hashed fields, and the resulting link, whose first
//! byte names its suite.

use sha2::Sha256;
use sha2::digest::{Digest as _, Output};
use sm3::Sm3;

/// Size of a link: one byte for the suite and 32 for the hash.
pub const LINK_BYTES: usize = 33;

/// The hash function of links. A chain may have links of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HashSuite {
    /// SHA-256.
    #[default]
    Sha256,
    /// SM3 (GB/T 32905).
    Sm3,
}

impl HashSuite {
    /// Every suite.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sm3];

    /// The first byte of links with this suite; never changes.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Sha256 => 1,
            Self::Sm3 => 2,
        }
    }

    /// The name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sm3 => "sm3",
        }
    }

    /// The suite with a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name() == name)
    }
}

/// A link of a chain, or the placeholder before its first one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Link([u8; LINK_BYTES]);

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl Link {
    /// The placeholder before the first link of a chain; its first byte says that it is no hash.
    pub const NONE: Self = Self([0; LINK_BYTES]);

    /// The link with these bytes, if their number is right.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes that are stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; LINK_BYTES] {
        &self.0
    }

    /// Its suite, if its first byte names one.
    #[must_use]
    pub fn suite(&self) -> Option<HashSuite> {
        HashSuite::ALL.into_iter().find(|suite| suite.byte() == self.0[0])
    }
}

/// Hashes fields in a fixed order. Numbers have eight bytes, and texts are preceded by their length. So two different
/// lists of fields under one name never have the same bytes.
#[derive(Debug, Clone)]
pub struct Hashing(Inner);

#[derive(Debug, Clone)]
enum Inner {
    Sha256(Sha256),
    Sm3(Sm3),
}

impl Hashing {
    /// Begins a hash. The name says what is hashed, so that a hash cannot be used for something else.
    #[must_use]
    pub fn begin(suite: HashSuite, name: &str) -> Self {
        let inner = match suite {
            HashSuite::Sha256 => Inner::Sha256(Sha256::new()),
            HashSuite::Sm3 => Inner::Sm3(Sm3::new()),
        };
        Self(inner).text(name)
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        match &mut self.0 {
            Inner::Sha256(inner) => inner.update(bytes),
            Inner::Sm3(inner) => inner.update(bytes),
        }
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, number: i64) -> Self {
        self.raw(&number.to_be_bytes())
    }

    /// Adds some bytes.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.raw(&(bytes.len() as u64).to_be_bytes()).raw(bytes)
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    /// Adds an optional text; an empty text differs from none.
    #[must_use]
    pub fn optional(self, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.raw(&[1]).text(text),
            None => self.raw(&[0]),
        }
    }

    /// Adds a link.
    #[must_use]
    pub fn link(self, link: &Link) -> Self {
        self.raw(&link.0)
    }

    /// The link of all fields.
    #[must_use]
    pub fn end(self) -> Link {
        fn link<D: sha2::digest::OutputSizeUser>(suite: HashSuite, hash: &Output<D>) -> Link {
            let mut bytes = [0; LINK_BYTES];
            bytes[0] = suite.byte();
            bytes[1..].copy_from_slice(hash);
            Link(bytes)
        }
        match self.0 {
            Inner::Sha256(inner) => link::<Sha256>(HashSuite::Sha256, &inner.finalize()),
            Inner::Sm3(inner) => link::<Sm3>(HashSuite::Sm3, &inner.finalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suites_are_the_ones_of_the_standards() {
        // FIPS 180-4 and GB/T 32905, of the text "abc".
        for (suite, expected) in [
            (HashSuite::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (HashSuite::Sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        ] {
            let inner = match Hashing::begin(suite, "") {
                Hashing(Inner::Sha256(_)) => Inner::Sha256(Sha256::new()),
                Hashing(Inner::Sm3(_)) => Inner::Sm3(Sm3::new()),
            };
            let link = Hashing(inner).raw(b"abc").end();
            assert_eq!(hex::encode(&link.as_bytes()[1..]), expected, "{suite:?}");
            assert_eq!((link.suite(), HashSuite::of_name(suite.name())), (Some(suite), Some(suite)));
        }
        assert_eq!(Link::NONE.suite(), None);
    }

    #[test]
    fn no_two_lists_of_fields_are_the_same_bytes() {
        let begin = || Hashing::begin(HashSuite::Sha256, "x");
        let links = [
            begin().text("ab").text("c").end(),
            begin().text("a").text("bc").end(),
            begin().text("abc").end(),
            begin().text("abc").text("").end(),
            begin().optional(None).text("abc").end(),
            begin().optional(Some("")).text("abc").end(),
            begin().optional(Some("abc")).end(),
            Hashing::begin(HashSuite::Sha256, "xa").text("bc").end(),
        ];
        for (place, link) in links.iter().enumerate() {
            assert_eq!(links.iter().filter(|other| *other == link).count(), 1, "{place}");
        }
    }
}
