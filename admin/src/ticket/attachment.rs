//! Attachments of tickets: adding a file, and reading one.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use hotline_client::{AttachmentDownload, UploadAttachment};

use crate::context::{Context, Done, OnTicket};
use crate::failure::Failure;

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Attach {
    #[command(flatten)]
    on: OnTicket,
    /// The file.
    file: PathBuf,
    /// The media type, if it does not follow from the ending of the file's name.
    #[arg(long, value_name = "TYPE")]
    media_type: Option<String>,
    /// The name that the file gets, if it is another one.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// You have checked that the file does not show who called, so that units see it on a confidential ticket too.
    #[arg(long)]
    without_caller: bool,
}

impl Attach {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let about = |error| Failure::about(self.file.display(), error);
        let mut upload = UploadAttachment::from_file(self.on.ticket, &self.file).map_err(about)?;
        upload.media_type = self.media_type.unwrap_or(upload.media_type);
        upload.file_name = self.name.unwrap_or(upload.file_name);
        let upload = upload.without_caller(self.without_caller).etag(self.on.etag);
        let upload = upload.request_id(self.on.request.id);
        context.record(&context.client().await?.tickets().upload_attachment(upload).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Read {
    /// The ticket's number, as printed or with spaces or hyphens.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: String,
    /// The id of the attachment, as `hotline ticket show` prints it.
    #[arg(value_name = "ATTACHMENT")]
    attachment: String,
    /// The file that is written. It must not exist.
    #[arg(short = 'o', long = "to", value_name = "FILE")]
    to: PathBuf,
}

impl Read {
    pub(crate) async fn run(self, context: &Context) -> Done {
        if self.to.exists() {
            return Err(Failure::usage(format!("{} exists already", self.to.display())));
        }
        let tickets = context.client().await?.tickets();
        let download = tickets.get_attachment(self.ticket, self.attachment).await?;
        let attachment = download.attachment().clone();
        let mut part = self.to.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        if let Err(failure) = write(download, &part).await {
            let _ = fs::remove_file(&part);
            return Err(failure);
        }
        fs::rename(&part, &self.to).map_err(|error| Failure::about(self.to.display(), error))?;
        context.record(&attachment)
    }
}

/// Writes all bytes to a file, which is complete only if nothing failed.
async fn write(mut download: AttachmentDownload, path: &Path) -> Result<(), Failure> {
    let about = |error| Failure::about(path.display(), error);
    let mut file = File::create(path).map_err(about)?;
    while let Some(bytes) = download.next().await? {
        file.write_all(&bytes).map_err(about)?;
    }
    file.sync_all().map_err(about)
}
