//! Attachments: files that are added to a ticket, and read again.

use std::path::Path;
use std::time::Duration;

use hotline_proto::v1;
use ring::digest::{Context, SHA256, digest};
use tokio::time::timeout;
use tonic::Streaming;
use uuid::Uuid;

use super::Tickets;
use crate::call::Command;
use crate::convert::{FromProto as _, IntoProto as _, Malformed, setters};
use crate::error::{Error, ErrorKind};
use crate::model::Attachment;

/// The least deadline of an upload: the largest file takes about 20 seconds at the server's limit for one connection.
const UPLOAD_DEADLINE_MIN: Duration = Duration::from_mins(2);
/// The longest silence of a download.
const SILENCE_MAX: Duration = Duration::from_secs(20);
/// The media types that are guessed from the ending of a file's name.
const ENDINGS: [(&str, &str); 7] = [
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("txt", "text/plain"),
];

/// Adds a file to a ticket. The bytes are kept in memory until the upload has ended, so that it can be sent again.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadAttachment {
    /// The number of the ticket, as printed or with spaces or hyphens.
    pub ticket_number: String,
    /// The name of the file, 1 to 200 characters.
    pub file_name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether you have checked that the file does not show who called. Without it, units do not see an agent's file on
    /// a confidential ticket.
    pub without_caller: bool,
    /// The etag that you have read, so that the upload fails if the ticket has changed since.
    pub etag: Option<String>,
    /// `None` lets the library choose it. Set it to repeat an upload whose answer was lost.
    pub request_id: Option<Uuid>,
}

/// Never prints the bytes.
impl std::fmt::Debug for UploadAttachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadAttachment")
            .field("ticket_number", &self.ticket_number)
            .field("media_type", &self.media_type)
            .field("size_bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl UploadAttachment {
    /// A file in memory.
    pub fn from_bytes(
        ticket_number: impl Into<String>,
        file_name: impl Into<String>,
        media_type: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
    ) -> Self {
        Self {
            ticket_number: ticket_number.into(),
            file_name: file_name.into(),
            media_type: media_type.into(),
            bytes: bytes.into(),
            without_caller: false,
            etag: None,
            request_id: None,
        }
    }

    /// The media type that follows from the ending of a file's name, if the hotline takes such files.
    #[must_use]
    pub fn media_type_of(file_name: &str) -> Option<&'static str> {
        let ending = file_name.rsplit_once('.')?.1.to_ascii_lowercase();
        ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, media_type)| *media_type)
    }

    /// A file on disk, which is read at once. Its media type follows from the ending of its name: pdf, png, jpg, docx,
    /// xlsx or txt. Another ending needs [`UploadAttachment::media_type`].
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn from_file(ticket_number: impl Into<String>, path: impl AsRef<Path>) -> std::io::Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let media_type = Self::media_type_of(&name).unwrap_or_default();
        Ok(Self::from_bytes(ticket_number, name, media_type, bytes))
    }
}

setters! {
    UploadAttachment {
        ticket_number: String,
        file_name: String,
        media_type: String,
        bytes: Vec<u8>,
        without_caller: bool,
        etag: Option<String>,
        request_id: Option<Uuid>,
    }
}

impl Command for UploadAttachment {
    type Request = v1::UploadAttachmentRequest;
    type Changed = Attachment;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::UploadAttachmentRequest {
            request_id,
            ticket_number: self.ticket_number,
            etag: self.etag.into_proto(),
            file_name: self.file_name,
            media_type: self.media_type,
            size_bytes: i64::try_from(self.bytes.len()).unwrap_or(i64::MAX),
            sha256: hexadecimal(digest(&SHA256, &self.bytes).as_ref()),
            without_caller: self.without_caller,
            chunk: self.bytes,
        }
    }
}

/// The bytes of an attachment, as they come. The size and the SHA-256 are checked at the end.
#[derive(Debug)]
#[must_use = "read it to its end"]
pub struct AttachmentDownload {
    attachment: Attachment,
    /// `None` after its end.
    stream: Option<Streaming<v1::GetAttachmentResponse>>,
    endpoints: String,
    hash: Sha256,
    received: i64,
}

/// The hash of what has come.
struct Sha256(Context);

impl std::fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sha256")
    }
}

impl Tickets {
    /// Adds a file to a ticket. It is sent again from the start if the answer is lost, and stands on the ticket once.
    /// For agents, lead and assisting units.
    ///
    /// ```no_run
    /// use hotline_client::{Tickets, UploadAttachment};
    ///
    /// async fn add(tickets: &Tickets) -> Result<(), Box<dyn std::error::Error>> {
    ///     let upload = UploadAttachment::from_file("1910120000012", "photo.png")?;
    ///     println!("{}", tickets.upload_attachment(upload).await?.id);
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// `ATTACHMENTS_EXHAUSTED`, `ATTACHMENT_MISMATCH`, `NOT_INVOLVED`.
    pub async fn upload_attachment(&self, command: UploadAttachment) -> Result<Attachment, Error> {
        let id = command.request_id.unwrap_or_else(Uuid::new_v4);
        let request = command.into_request(id.to_string());
        self.0.with_deadline_of_at_least(UPLOAD_DEADLINE_MIN).upload(request, id).await
    }

    /// Opens an attachment. Whoever sees it on the ticket may read it, once the scan has found it clean. For staff and
    /// units.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `ATTACHMENT_NOT_FOUND`, `ATTACHMENT_NOT_READABLE`, `ATTACHMENT_LOST`.
    pub async fn get_attachment(
        &self,
        ticket_number: impl Into<String>,
        attachment_id: impl Into<String>,
    ) -> Result<AttachmentDownload, Error> {
        let request = v1::GetAttachmentRequest {
            ticket_number: ticket_number.into(),
            attachment_id: attachment_id.into(),
        };
        let stream = self.0.open_stream(request).await?;
        let endpoints: Vec<_> = self.0.transport.endpoints().collect();
        AttachmentDownload::begin(stream, endpoints.join(", ")).await
    }
}

impl AttachmentDownload {
    async fn begin(
        mut stream: Streaming<v1::GetAttachmentResponse>,
        endpoints: String,
    ) -> Result<Self, Error> {
        let first = message(&mut stream, &endpoints).await?.unwrap_or_default();
        let attachment = Attachment::from_proto(
            first.attachment.ok_or_else(|| malformed("GetAttachmentResponse.attachment"))?,
            "GetAttachmentResponse.attachment",
        );
        let attachment = attachment.map_err(Error::from_malformed)?;
        let hash = Sha256(Context::new(&SHA256));
        Ok(Self { attachment, stream: Some(stream), endpoints, hash, received: 0 })
    }

    /// The attachment.
    #[must_use]
    pub const fn attachment(&self) -> &Attachment {
        &self.attachment
    }

    /// The next bytes, at most 64 KiB; `None` at the end. Use what has come only after that: an error means that the
    /// file is not complete, or is another one.
    ///
    /// # Errors
    /// If the stream breaks, or the size or the SHA-256 is not that of the attachment.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let Some(stream) = &mut self.stream else { return Ok(None) };
        if let Some(part) = message(stream, &self.endpoints).await? {
            self.received += i64::try_from(part.chunk.len()).unwrap_or(i64::MAX);
            self.hash.0.update(&part.chunk);
            return Ok(Some(part.chunk));
        }
        self.stream = None;
        let is_whole = self.received == self.attachment.size_bytes
            && hexadecimal(self.hash.0.clone().finish().as_ref()) == self.attachment.sha256;
        if is_whole { Ok(None) } else { Err(malformed("GetAttachmentResponse.chunk")) }
    }

    /// All bytes, in memory.
    ///
    /// # Errors
    /// Those of [`AttachmentDownload::next`].
    pub async fn read(mut self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        while let Some(part) = self.next().await? {
            bytes.extend_from_slice(&part);
        }
        Ok(bytes)
    }
}

fn malformed(at: &'static str) -> Error {
    Error::from_malformed(Malformed(at))
}

async fn message(
    stream: &mut Streaming<v1::GetAttachmentResponse>,
    endpoints: &str,
) -> Result<Option<v1::GetAttachmentResponse>, Error> {
    match timeout(SILENCE_MAX, stream.message()).await {
        Ok(Ok(message)) => Ok(message),
        Ok(Err(status)) => Err(Error::from_status(status, endpoints)),
        Err(_) => Err(Error::passing(ErrorKind::AnswerLost, "the download was silent for too long")),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
        text.extend([digit(byte >> 4), digit(byte & 15)]);
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_says_what_it_is_and_never_prints_its_bytes() {
        let upload = UploadAttachment::from_bytes("1910120000012", "说明.txt", "text/plain", *b"abc");
        assert!(!format!("{upload:?}").contains("97"), "{upload:?}");
        let request = upload.into_request("id".to_owned());
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((request.size_bytes, request.sha256.as_str()), (3, sha256));
    }
}
