//! `GetAttachment`: the bytes of an attachment, for those who see it on the ticket. Before the scan has found it clean,
//! only its uploader reads it, unless the operator has turned the scan off.

use hotline_proto::v1::ErrorReason;

use super::{TicketQueries, find};
use crate::access::{Permit, View};
use crate::desk::attachment::{Attachments, FileReader};
use crate::identity::attachment_keys;
use crate::identity::vault::Vault;
use crate::platform::{Fault, failpoint};
use crate::ticket::{Attachment, AttachmentState, TicketNumber};

/// An attachment to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAttachment {
    /// Its ticket.
    pub number: TicketNumber,
    /// Its id.
    pub id: String,
}

impl TicketQueries {
    /// Opens an attachment.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `ATTACHMENT_NOT_FOUND`, `ATTACHMENT_NOT_READABLE`, `ATTACHMENT_LOST`, `OVERLOADED`.
    pub async fn get_attachment(
        &self,
        permit: &Permit,
        attachments: &Attachments,
        vault: &Vault,
        query: &GetAttachment,
    ) -> Result<(Attachment, FileReader), Fault> {
        let ticket = find(&self.reading(permit).await?, permit, query.number).await?;
        let view = View::of(permit, &ticket);
        let mut shown = ticket.attachments.iter().filter(|one| view.shows_attachment(one));
        let not_found = || Fault::new(ErrorReason::AttachmentNotFound);
        let attachment = shown.find(|one| one.id == query.id).ok_or_else(not_found)?;
        if !is_readable(attachment, permit.principal(), attachments.rule().reads_unscanned) {
            return Err(not_readable(attachment));
        }
        let slot = attachments.slot()?;
        let key = attachment_keys::find(self.store.reader(), &attachment.id).await?;
        let key = key.ok_or_else(|| Fault::internal(format!("{} has no row of a file", attachment.id)))?;
        let reader = attachments.open(vault, &key, attachment.size_bytes, Some(slot)).await?;
        Ok((attachment.clone(), reader))
    }
}

fn is_readable(attachment: &Attachment, principal: &str, reads_unscanned: bool) -> bool {
    let is_own = attachment.added_by == principal;
    match attachment.state {
        AttachmentState::Clean => true,
        AttachmentState::Refused => false,
        _ => is_own || reads_unscanned || failpoint::reads_before_scan(),
    }
}

fn not_readable(attachment: &Attachment) -> Fault {
    let state = match attachment.state {
        AttachmentState::Unscanned => "UNSCANNED",
        AttachmentState::Scanning => "SCANNING",
        AttachmentState::Clean => "CLEAN",
        AttachmentState::Refused => "REFUSED",
    };
    Fault::new(ErrorReason::AttachmentNotReadable).with("state", state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::Instant;

    #[test]
    fn only_the_uploader_reads_a_file_before_it_is_clean() {
        use AttachmentState::{Clean, Refused, Scanning, Unscanned};
        for (state, own, others, others_without_scan) in [
            (Unscanned, true, false, true),
            (Scanning, true, false, true),
            (Clean, true, true, true),
            (Refused, false, false, false),
        ] {
            let attachment = Attachment {
                id: "att-1".to_owned(),
                unit: None,
                added_by: "agent".to_owned(),
                file_name: "a.pdf".to_owned(),
                media_type: "application/pdf".to_owned(),
                size_bytes: 1,
                sha256: String::new(),
                is_without_caller: false,
                state,
                added_at: Instant::UNIX_EPOCH,
            };
            let read = |who, scan_is_off| is_readable(&attachment, who, scan_is_off);
            assert_eq!(
                (read("agent", false), read("unit", false), read("unit", true)),
                (own, others, others_without_scan),
                "{state:?}"
            );
        }
    }
}
