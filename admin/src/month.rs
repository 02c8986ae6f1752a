//! `hotline month`: published months of the assessment, and their corrections.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use hotline_client::{ApprovePublication, CorrectMonth, ProposePublication, PublishedMonth};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::failure::Failure;
use crate::flags::text;
use crate::output::Column;
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[
    ("MONTH", "month"),
    ("NUMBER", "number"),
    ("STATE", "state"),
    ("SCHEME", "scheme_number"),
    ("SHA256", "sha256"),
    ("REASON", "reason"),
];

verbs! {
    /// Lists publications and corrections, the newest month first.
    List = List, calls "ListPublishedMonths";
    /// Prints a published month with its rankings.
    Show = Show, calls "GetPublishedMonth";
    /// Counts a month that is over, and proposes its publication.
    Propose = Propose, calls "ProposePublication";
    /// Counts a published month again, and proposes a correction.
    Correct = Correct, calls "CorrectMonth";
    /// Publishes a proposal of somebody else. For supervisors.
    Approve = Approve, calls "ListPublishedMonths", "ApprovePublication";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.list(COLUMNS, context.client().await?.assessment().list_published_months(), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The month, for example 2019-10.
    month: String,
    /// The number of the publication; the last one by default.
    #[arg(long, default_value_t = 0)]
    number: u32,
    /// Write the documents as they were stored into this new folder: manifest.json, and a file for each group.
    #[arg(long, value_name = "FOLDER")]
    to_folder: Option<PathBuf>,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let assessment = context.client().await?.assessment();
        let month = assessment.get_published_month(self.month, self.number).await?;
        match self.to_folder {
            Some(folder) => write(&month, &folder),
            None => context.record(&month),
        }
    }
}

/// Writes the documents of a month, so that their SHA-256 can be checked. Answers one line for each, as sha256sum
/// prints it.
fn write(month: &PublishedMonth, folder: &Path) -> Done {
    std::fs::create_dir(folder).map_err(|error| Failure::about(folder.display(), error))?;
    let manifest = ("manifest".to_owned(), &month.manifest, &month.publication.sha256);
    let rankings = month
        .rankings
        .iter()
        .map(|ranking| (ranking.group.to_string().to_lowercase(), &ranking.document, &ranking.sha256));
    let mut lines = String::new();
    for (name, document, sha256) in std::iter::once(manifest).chain(rankings) {
        let file = folder.join(name).with_extension("json");
        std::fs::write(&file, document).map_err(|error| Failure::about(file.display(), error))?;
        let _ = writeln!(lines, "{sha256}  {}", file.display());
    }
    Ok(lines)
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Propose {
    /// The month, for example 2019-10.
    month: String,
    /// Why it is published. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    reason: String,
    #[command(flatten)]
    request: RequestId,
}

impl Propose {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = ProposePublication::new(self.month, self.reason).request_id(self.request.id);
        context.record(&context.client().await?.assessment().propose_publication(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Correct {
    /// The month, for example 2019-10.
    month: String,
    /// What is corrected. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    reason: String,
    #[command(flatten)]
    request: RequestId,
}

impl Correct {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = CorrectMonth::new(self.month, self.reason).request_id(self.request.id);
        context.record(&context.client().await?.assessment().correct_month(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// The month, for example 2019-10.
    month: String,
    /// The number of the proposal.
    number: u32,
    #[command(flatten)]
    request: RequestId,
}

impl Approve {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let assessment = context.client().await?.assessment();
        let mut all = assessment.list_published_months();
        while let Some(publication) = all.try_next().await? {
            if (&publication.month, publication.number) == (&self.month, self.number) {
                context.confirm(&format!("the publication of {}", self.month))?;
                let command = ApprovePublication::of(&publication).request_id(self.request.id);
                return context.record(&assessment.approve_publication(command).await?);
            }
        }
        Err(Failure::new(format!("there is no proposal {} of {}", self.number, self.month)))
    }
}
