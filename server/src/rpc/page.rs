//! Pages: sizes, and tokens that belong to one method and one filter. A token says only where a page begins. The scope
//! of its bearer is applied again for every page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hotline_proto::v1::ErrorReason;
use prost::Message;
use sha2::{Digest as _, Sha256};

use crate::platform::Fault;

/// The size of a page if the caller sets none.
const SIZE_DEFAULT: u64 = 50;
/// The largest page size; larger values are reduced to it.
const SIZE_MAX: u64 = 200;
/// The largest answer, in bytes. A page of long texts ends early, because a client accepts 4 MiB.
const BYTES_MAX: usize = 3 * 1024 * 1024;
/// The longest token that is read, in bytes.
const TOKEN_BYTES_MAX: usize = 1024;
/// Bytes of the filter's digest in a token.
const DIGEST_BYTES: usize = 12;

/// A requested page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// Maximum number of rows.
    pub(super) size: u64,
    /// The cursor after which it begins, as its method wrote it.
    pub(super) after: Option<String>,
    digest: [u8; DIGEST_BYTES],
}

impl Page {
    /// Reads a page's size and token; `filter` is the method and the rest of the request.
    pub(super) fn read(size: i32, token: &str, method: &str, filter: &[u8]) -> Result<Self, Fault> {
        let wrong_size = || Fault::new(ErrorReason::InvalidFields).at("page_size", "is not negative");
        let size = match u64::try_from(size).map_err(|_| wrong_size())? {
            0 => SIZE_DEFAULT,
            size => size.min(SIZE_MAX),
        };
        let whole = Sha256::new().chain_update(method).chain_update([0]).chain_update(filter).finalize();
        let mut digest = [0; DIGEST_BYTES];
        digest.copy_from_slice(&whole[..DIGEST_BYTES]);
        let after = if token.is_empty() { None } else { Some(cursor_of(token, &digest)?) };
        Ok(Self { size, after, digest })
    }

    /// The number of rows to read: one more than the page, which shows whether there is a next page.
    pub(super) const fn fetch_limit(&self) -> u64 {
        self.size + 1
    }

    /// The page with fewer rows, for rows that are long lists themselves; at least one.
    pub(super) fn shortened_to(self, rows: usize) -> Self {
        Self { size: self.size.min((rows as u64).max(1)), ..self }
    }

    /// Encodes as many rows as the page holds; returns them with the token of the next page, which is empty on the last
    /// one.
    pub(super) fn encode<T, M: Message>(
        &self,
        rows: &[T],
        cursor: impl Fn(&T) -> String,
        encode: impl Fn(&T) -> M,
    ) -> (Vec<M>, String) {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let (mut encoded, mut bytes, mut last) = (Vec::new(), 0, None);
        for row in rows.iter().take(size) {
            let one = encode(row);
            bytes += one.encoded_len();
            if last.is_some() && bytes > BYTES_MAX {
                break;
            }
            encoded.push(one);
            last = Some(row);
        }
        let is_end = encoded.len() == rows.len();
        let token = last.filter(|_| !is_end).map(|last| self.token(&cursor(last)));
        (encoded, token.unwrap_or_default())
    }

    /// The token of the page after a cursor.
    pub(super) fn token(&self, cursor: &str) -> String {
        URL_SAFE_NO_PAD.encode([&self.digest, cursor.as_bytes()].concat())
    }

    /// The cursor that the page begins after, in `N` parts; a token with another count is invalid.
    pub(super) fn cursor<const N: usize>(&self) -> Result<Option<[String; N]>, Fault> {
        let Some(after) = &self.after else { return Ok(None) };
        let parts: Vec<String> = after.split('\n').map(str::to_owned).collect();
        parts.try_into().map(Some).map_err(|_| invalid())
    }
}

fn cursor_of(token: &str, digest: &[u8]) -> Result<String, Fault> {
    let bytes = (token.len() <= TOKEN_BYTES_MAX).then(|| URL_SAFE_NO_PAD.decode(token).ok()).flatten();
    let bytes = bytes.ok_or_else(invalid)?;
    let (first, cursor) = bytes.split_at_checked(DIGEST_BYTES).ok_or_else(invalid)?;
    if first != digest {
        return Err(invalid());
    }
    // A token is not signed, and PostgreSQL accepts no text with a null character.
    String::from_utf8(cursor.to_vec()).ok().filter(|cursor| !cursor.contains('\0')).ok_or_else(invalid)
}

/// The refusal of a page token that does not belong to this request.
pub(super) fn invalid() -> Fault {
    Fault::new(ErrorReason::PageTokenInvalid).at("page_token", "was not given for this request")
}

/// A number in a page's cursor.
pub(super) fn parse<T: std::str::FromStr>(part: &str) -> Result<T, Fault> {
    part.parse().map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_belongs_to_its_method_and_filter() {
        let first = Page::read(2, "", "ListUnits", b"all").expect("a first page");
        let (shown, token) = first.encode(&[1, 2, 3], ToString::to_string, |row| *row);
        assert_eq!(shown, [1, 2]);
        let second = Page::read(2, &token, "ListUnits", b"all").expect("its own token");
        assert_eq!(second.cursor::<1>(), Ok(Some(["2".to_owned()])));
        assert_eq!(second.cursor::<2>(), Err(invalid()));
        assert_eq!(second.encode(&[3], ToString::to_string, |row| *row), (vec![3], String::new()));
        for (token, method, filter) in [
            (token.as_str(), "ListTopics", &b"all"[..]),
            (token.as_str(), "ListUnits", b"some"),
            ("!", "ListUnits", b"all"),
            ("AAAA", "ListUnits", b"all"),
            ("中文", "ListUnits", b"all"),
        ] {
            assert_eq!(Page::read(2, token, method, filter).map(|page| page.size), Err(invalid()), "{token}");
        }
    }

    #[test]
    fn a_page_of_long_texts_ends_early_and_goes_on() {
        let page = Page::read(10, "", "m", b"").expect("a first page");
        let long = |bytes: usize| "x".repeat(bytes);
        for (rows, expected) in [
            (vec![long(BYTES_MAX / 2), long(BYTES_MAX / 3), long(BYTES_MAX / 3)], 2),
            (vec![long(BYTES_MAX + 1), long(1)], 1),
            (vec![long(BYTES_MAX + 1)], 1),
        ] {
            let (shown, token) = page.encode(&rows, |row| row.len().to_string(), Clone::clone);
            assert_eq!((shown.len(), token.is_empty()), (expected, expected == rows.len()));
        }
    }

    #[test]
    fn a_shortened_page_ends_early_and_goes_on() {
        let page = |rows| Page::read(10, "", "m", b"").expect("a first page").shortened_to(rows);
        let encode = |rows, of: &[i32]| {
            let (shown, token) = page(rows).encode(of, ToString::to_string, |row| *row);
            (shown.len(), token.is_empty())
        };
        assert_eq!(encode(2, &[1, 2, 3]), (2, false));
        assert_eq!(encode(3, &[1, 2, 3]), (3, true));
        assert_eq!(encode(0, &[]), (0, true));
        assert_eq!(page(99).size, 10, "it does not grow");
    }

    #[test]
    fn a_page_is_never_larger_than_the_limit() {
        for (asked, size) in [(0, SIZE_DEFAULT), (1, 1), (200, 200), (201, SIZE_MAX), (i32::MAX, SIZE_MAX)] {
            assert_eq!(Page::read(asked, "", "m", b"").map(|page| page.size), Ok(size));
        }
        assert!(Page::read(-1, "", "m", b"").is_err());
    }
}
