//! An entry: a command with its request id, as bytes.

use hotline_proto::v1;
use prost::Message as _;
use uuid::Uuid;

use crate::convert::FromProto as _;
use crate::error::{Error, ErrorKind};
use crate::model::Source;

/// The longest request that the hotline takes, in bytes.
const REQUEST_BYTES_MAX: usize = 256 * 1024;

/// A command that waits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) request_id: Uuid,
    pub(super) source: Source,
    pub(super) request: v1::CreateTicketRequest,
}

impl Entry {
    /// The message of the contract, which has the request id and the source.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.request.encode_to_vec()
    }

    /// Refuses a command that the hotline would refuse by its size, while its caller can still shorten it.
    pub(super) fn check_size(&self) -> Result<(), Error> {
        let bytes = self.request.encoded_len();
        if bytes <= REQUEST_BYTES_MAX {
            return Ok(());
        }
        let message = format!("the command has {bytes} bytes; the hotline takes at most {REQUEST_BYTES_MAX}");
        Err(Error::local(ErrorKind::Spool, message))
    }

    /// Reads the message; `None` if it is none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let request = v1::CreateTicketRequest::decode(bytes).ok()?;
        let request_id = request.request_id.parse().ok()?;
        let source = Source::from_proto(request.source.clone()?, "source").ok()?;
        Some(Self { request_id, source, request })
    }
}
