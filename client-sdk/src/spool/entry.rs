//! An entry: a command with its request id, as bytes.

use hotline_proto::v1;
use prost::Message as _;
use uuid::Uuid;

use crate::convert::FromProto as _;
use crate::error::{Error, ErrorKind};
use crate::model::Source;

/// The longest request that the hotline takes, in bytes.
const REQUEST_BYTES_MAX: usize = 256 * 1024;

/// The first byte of every entry but a `CreateTicket`, whose own bytes never begin with it; the kind follows.
const MARK: u8 = 0;
const REPORT: u8 = 1;
const ATTACH: u8 = 2;

/// A command that waits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) request_id: Uuid,
    /// The call.
    pub(super) source: Source,
    pub(super) message: Message,
}

/// The message of the contract, which has the request id and the call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Message {
    Create(v1::CreateTicketRequest),
    Report(v1::ReportCallRequest),
    Attach(v1::AttachRecordingRequest),
}

impl Entry {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        match &self.message {
            Message::Create(request) => request.encode_to_vec(),
            Message::Report(request) => [vec![MARK, REPORT], request.encode_to_vec()].concat(),
            Message::Attach(request) => [vec![MARK, ATTACH], request.encode_to_vec()].concat(),
        }
    }

    /// Refuses a command that the hotline would refuse by its size, while its caller can still shorten it.
    pub(super) fn check_size(&self) -> Result<(), Error> {
        let bytes = match &self.message {
            Message::Create(request) => request.encoded_len(),
            Message::Report(request) => request.encoded_len(),
            Message::Attach(request) => request.encoded_len(),
        };
        if bytes <= REQUEST_BYTES_MAX {
            return Ok(());
        }
        let message = format!("the command has {bytes} bytes; the hotline takes at most {REQUEST_BYTES_MAX}");
        Err(Error::local(ErrorKind::Spool, message))
    }

    /// Reads the message; `None` if it is none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (request_id, source, message) = match bytes {
            [MARK, REPORT, rest @ ..] => {
                let request = v1::ReportCallRequest::decode(rest).ok()?;
                (request.request_id.clone(), source_of(request.key.as_ref()?), Message::Report(request))
            }
            [MARK, ATTACH, rest @ ..] => {
                let request = v1::AttachRecordingRequest::decode(rest).ok()?;
                (request.request_id.clone(), source_of(request.key.as_ref()?), Message::Attach(request))
            }
            _ => {
                let request = v1::CreateTicketRequest::decode(bytes).ok()?;
                let source = Source::from_proto(request.source.clone()?, "source").ok()?;
                (request.request_id.clone(), source, Message::Create(request))
            }
        };
        Some(Self { request_id: request_id.parse().ok()?, source, message })
    }
}

/// A call as events of the spool name it.
pub(super) fn source_of(key: &v1::CallKey) -> Source {
    let id = if key.end_to_end_id.is_empty() { &key.reference } else { &key.end_to_end_id };
    Source::new(key.system.as_str(), id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_entry_survives_its_bytes() {
        let (request_id, key) =
            (Uuid::from_u128(7), v1::CallKey { reference: "4711".into(), ..Default::default() });
        let (id, call) = (request_id.to_string(), Some(key.clone()));
        let source = Some(v1::Source { system: String::new(), reference: "4711".into() });
        let create = v1::CreateTicketRequest { request_id: id.clone(), source, ..Default::default() };
        let report =
            v1::ReportCallRequest { request_id: id.clone(), key: call.clone(), ..Default::default() };
        let attach = v1::AttachRecordingRequest { request_id: id, key: call, ..Default::default() };
        for message in [Message::Create(create), Message::Report(report), Message::Attach(attach)] {
            let entry = Entry { request_id, source: source_of(&key), message };
            assert_eq!(Entry::from_bytes(&entry.to_bytes()), Some(entry));
        }
        assert_eq!(Entry::from_bytes(&[MARK, 9, 1]), None, "a kind of a newer version");
    }
}
