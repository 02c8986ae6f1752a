//! `UploadAttachment` (附件): an agent or a unit adds a file. It changes nothing on the ticket but the list of its
//! attachments.
//!
//! The bytes are stored before the command runs, and removed if it is refused. A repeat is answered from the record of
//! the first request, whether its bytes follow or not.

use futures_util::Stream;
use hotline_proto::v1::ErrorReason;
use sha2::{Digest as _, Sha256};

use super::verb::{check_etag, check_state, not_found};
use super::{Change, ClosedLoop, DecisionContext, FreeText, Verb, request_record};
use crate::access::Permit;
use crate::desk::attachment::{Attachments, Declared};
use crate::identity::attachment_keys::{self, StoredFile};
use crate::ledger;
use crate::platform::Fault;
use crate::platform::metrics::ATTACHMENTS_ADDED;
use crate::ticket::{Attachment, AttachmentState, Command, Event, Ticket};

/// What every id of an attachment begins with.
const ID_PREFIX: &str = "att-";
/// Bytes of the digest in an id.
const ID_BYTES: usize = 16;

/// Whether a text may be the id of an attachment.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let digits = text.strip_prefix(ID_PREFIX).unwrap_or_default();
    digits.len() == 2 * ID_BYTES && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A file to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadAttachment {
    /// What the uploader says about it.
    pub declared: Declared,
    /// The id of its request, from which nobody else can guess the id of the attachment.
    pub request_id: String,
    /// Its file, once its bytes are stored.
    pub file: Option<StoredFile>,
    /// Attachments that a ticket may have.
    pub per_ticket_max: usize,
    /// Whether a program to scan files is configured.
    pub is_scanned: bool,
}

impl UploadAttachment {
    /// The id of the attachment. It follows from the version of the ticket, so that no two are equal, and shows nothing
    /// of it.
    fn id_on(&self, ticket: &Ticket) -> String {
        let digest = Sha256::new()
            .chain_update(ticket.number.as_i64().to_be_bytes())
            .chain_update(ticket.version.to_be_bytes())
            .chain_update(&self.request_id)
            .finalize();
        format!("{ID_PREFIX}{}", hex::encode(&digest[..ID_BYTES]))
    }

    fn check_count(&self, ticket: &Ticket) -> Result<(), Fault> {
        if ticket.attachments.len() < self.per_ticket_max {
            return Ok(());
        }
        let allowed = format!("has {} attachments, which is the most", self.per_ticket_max);
        Err(Fault::new(ErrorReason::AttachmentsExhausted).at("ticket_number", allowed))
    }
}

impl Verb for UploadAttachment {
    const COMMAND: Command = Command::UploadAttachment;

    const ALWAYS_SCREENED: bool = true;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("file_name", &self.declared.file_name)]
    }

    fn attachment(&self) -> Option<&StoredFile> {
        self.file.as_ref()
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let unit = ctx.permit.unit().map(|_| ctx.working_unit(ticket)).transpose()?;
        self.check_count(ticket)?;
        let declared = self.declared.clone();
        Ok(vec![Event::AttachmentAdded(Box::new(Attachment {
            id: self.id_on(ticket),
            unit,
            added_by: ctx.permit.principal().to_owned(),
            file_name: declared.file_name,
            media_type: declared.media_type.name().to_owned(),
            size_bytes: declared.size_bytes,
            sha256: declared.sha256,
            is_without_caller: declared.is_without_caller,
            state: if self.is_scanned { AttachmentState::Scanning } else { AttachmentState::Unscanned },
            added_at: ctx.now,
        }))])
    }
}

impl ClosedLoop {
    /// Receives a file and adds it; answers the attachment, or the first one of the same request id.
    ///
    /// # Errors
    /// Those of [`ClosedLoop::change`]; `ATTACHMENTS_EXHAUSTED`, `ATTACHMENT_MISMATCH`.
    pub async fn upload_attachment(
        &self,
        permit: &Permit,
        attachments: &Attachments,
        change: Change<UploadAttachment>,
        chunks: impl Stream<Item = Result<Vec<u8>, Fault>> + Unpin + Send,
    ) -> Result<Attachment, Fault> {
        if let Some(ticket) = request_record::find(&self.store, &change.key).await? {
            return last_of(&ticket);
        }
        self.check_before_bytes(permit, &change).await?;
        let slot = attachments.slot()?;
        let vault = self.ledger.vault();
        let file = attachments.receive(vault, &change.verb.declared, chunks, &slot).await?;
        let name = file.name.clone();
        let verb = UploadAttachment { file: Some(file), ..change.verb };
        let added = self.change(permit.clone(), Change { verb, ..change }).await;
        match added {
            Ok(ticket) => {
                let added = last_of(&ticket)?;
                let stored = attachment_keys::find(self.store.reader(), &added.id).await;
                if stored.is_ok_and(|stored| stored.is_some_and(|stored| stored.name != name)) {
                    // The same request has added its file meanwhile.
                    attachments.discard(&name).await;
                } else {
                    metrics::counter!(ATTACHMENTS_ADDED).increment(1);
                }
                Ok(added)
            }
            // The row may have been committed. If it was not, the sweeper removes the file.
            Err(fault) if fault.is_failure() => Err(fault),
            Err(refusal) => {
                attachments.discard(&name).await;
                Err(refusal)
            }
        }
    }

    /// Refuses what the command would refuse, before the bytes are sent.
    async fn check_before_bytes(
        &self,
        permit: &Permit,
        change: &Change<UploadAttachment>,
    ) -> Result<(), Fault> {
        let scope = permit.scope();
        let reading = self.store.read_conn(scope.unit()).await?;
        let ticket = ledger::read::find(&reading, &scope, change.number).await?;
        let ticket = ticket.ok_or_else(|| not_found(change.number))?;
        let relation = permit.unit().map(|unit| ticket.relation_of(unit));
        if relation == Some(None) {
            return Err(not_found(change.number));
        }
        check_etag(permit, change.etag.as_deref(), &ticket)?;
        check_state(Command::UploadAttachment, &ticket)?;
        permit.check_relation(relation.flatten())?;
        change.verb.check_count(&ticket)
    }
}

/// The attachment that a request added: the last one of the version in which it left the ticket.
fn last_of(ticket: &Ticket) -> Result<Attachment, Fault> {
    let last = ticket.attachments.last();
    last.cloned().ok_or_else(|| Fault::internal("an upload left a ticket without attachments"))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::desk::attachment::media_type::MediaType;
    use crate::identity::vault::WrappedKey;

    fn upload() -> UploadAttachment {
        let key = WrappedKey { version: 1, wrapped: vec![1] };
        UploadAttachment {
            declared: Declared {
                file_name: "门头照片.png".to_owned(),
                media_type: MediaType::Png,
                size_bytes: 8,
                sha256: "ab".repeat(32),
                is_without_caller: false,
            },
            request_id: "one".to_owned(),
            file: Some(StoredFile { name: "1".to_owned(), key }),
            per_ticket_max: 2,
            is_scanned: true,
        }
    }

    #[test]
    fn agents_and_working_units_add_files_up_to_the_limit() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        for (who, unit) in [(AGENT, None), (LEAD_UNIT, Some(code(LEAD))), (ASSIST_UNIT, Some(code(ASSIST)))] {
            let after = desk.run(who, &upload(), &ticket);
            let added = after.attachments.first().expect("it was added");
            assert_eq!((&added.unit, added.state), (&unit, AttachmentState::Scanning));
            assert!(is_id(&added.id), "{}", added.id);
            assert_eq!(after.state, ticket.state);
        }
        let full = desk.run(AGENT, &upload(), &desk.run(AGENT, &upload(), &ticket));
        let refused = desk.ask(AGENT, &upload(), &full).expect_err("the ticket is full");
        assert_eq!(refused.reason, ErrorReason::AttachmentsExhausted);
        let ids = [0, 1].map(|place: usize| full.attachments[place].id.clone());
        assert_ne!(ids[0], ids[1]);
    }
}
