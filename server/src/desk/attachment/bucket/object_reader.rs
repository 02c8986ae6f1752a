//! Reads the bytes of an object as they come, with a limit on the silence between them.

use std::fmt;
use std::io;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Incoming};
use tokio::time::timeout;

/// The longest silence of the store.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// An object that is being read.
pub struct ObjectReader {
    body: Incoming,
    /// What came and was not read.
    part: Bytes,
}

/// Never shows the bytes.
impl fmt::Debug for ObjectReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectReader").finish_non_exhaustive()
    }
}

impl ObjectReader {
    /// Reads the body of an answer.
    pub(super) fn of(body: Incoming) -> Self {
        Self { body, part: Bytes::new() }
    }

    /// Reads as many bytes as fit.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] if the object is shorter; if the store does not go on.
    pub(crate) async fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        let mut filled = 0;
        while filled < bytes.len() {
            if self.part.is_empty() {
                self.part = self.next_part().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
            }
            let taken = self.part.split_to(self.part.len().min(bytes.len() - filled));
            bytes[filled..filled + taken.len()].copy_from_slice(&taken);
            filled += taken.len();
        }
        Ok(())
    }

    /// All bytes that are left, if they are not more than `max`.
    ///
    /// # Errors
    /// If the object is longer, or the store does not go on.
    pub(super) async fn read_to_end(mut self, max: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(part) = self.next_part().await? {
            bytes.extend_from_slice(&part);
            if bytes.len() > max {
                return Err(io::Error::other(format!("it has more than {max} bytes")));
            }
        }
        Ok(bytes)
    }

    async fn next_part(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            let frame = timeout(SILENCE_MAX, self.body.frame()).await;
            let frame = frame.map_err(|_| io::Error::other("the object store went silent"))?;
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|error| io::Error::other(format!("the object store: {error}")))?;
            // Trailers hold no bytes.
            if let Ok(part) = frame.into_data() {
                return Ok(Some(part));
            }
        }
    }
}
