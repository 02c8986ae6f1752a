//! Where an export goes, as flags.

use std::path::PathBuf;

use clap::Args;
use hotline_client::Listing;

use super::column::{ExportColumn, Row};
use super::condition::Condition;
use super::format::FileFormat;
use super::pages::{ExportJob, ListedPages};
use super::part_file::PartFile;
use crate::context::{Context, Done};
use crate::failure::Failure;
use crate::progress::Progress;

/// The flags of every export.
#[derive(Debug, Args)]
pub(super) struct Target {
    /// The file. It gets its name when it is whole, and takes the place of an older one.
    #[arg(long = "to-file", value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The format.
    #[arg(long, value_enum, default_value = "csv")]
    pub(super) format: FileFormat,
    /// Begin a CSV with a byte order mark, so that Excel reads its Chinese.
    #[arg(long)]
    bom: bool,
    /// Only records with this value in this column: COLUMN=VALUE or COLUMN=VALUE,VALUE. A number may be `1+`: at least
    /// 1. Repeatable; all must hold.
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<String>,
    /// Go on with an export that was broken off, from FILE.part and FILE.part.json.
    #[arg(long)]
    resume: bool,
}

impl Target {
    fn conditions(&self, columns: &[ExportColumn]) -> Result<Vec<Condition>, Failure> {
        if self.bom && self.format != FileFormat::Csv {
            return Err(Failure::usage("--bom is for CSV alone"));
        }
        self.conditions.iter().map(|text| Condition::parse(text, columns)).collect()
    }

    /// Exports a list, page by page. `total` is the number of records on the progress bar, if it is known.
    pub(super) async fn export<T>(
        &self,
        context: &Context,
        asked: &str,
        columns: &[ExportColumn],
        listing: Listing<T>,
        rows_of: impl Fn(T) -> Vec<Row>,
        total: Option<i64>,
    ) -> Done {
        let conditions = self.conditions(columns)?;
        let request = format!("{asked} {}", self.conditions.join(" ")).trim().to_owned();
        let part = PartFile::open(&self.file, &request, self.resume)?;
        let listing = match part.next_page_token() {
            Some(token) if !token.is_empty() => listing.from_page_token(token),
            _ => listing,
        };
        let total = total.and_then(|total| usize::try_from(total).ok()).unwrap_or_default();
        let mut progress = Progress::new(total, context.quiet || total == 0);
        progress.advance_by(usize::try_from(part.records()).unwrap_or_default(), "records");
        let job = ExportJob {
            file: &self.file,
            format: self.format,
            has_bom: self.bom,
            columns,
            conditions: &conditions,
        };
        let written = job.run(part, &mut ListedPages { listing, rows_of }, &mut progress).await;
        let records = written.map_err(|failure| {
            progress.finish();
            Failure { text: format!("{}; --resume goes on with this export", failure.text), ..failure }
        })?;
        Ok(self.done(context, records))
    }

    /// Exports records that are all there.
    pub(super) fn export_all(&self, context: &Context, columns: &[ExportColumn], rows: Vec<Row>) -> Done {
        let conditions = self.conditions(columns)?;
        if self.resume {
            return Err(Failure::usage("--resume: these records come in one answer"));
        }
        let kept = rows.into_iter().filter(|row| conditions.iter().all(|condition| condition.holds(row)));
        let kept: Vec<_> = kept.map(Ok).collect();
        let records = kept.len() as u64;
        self.format.write(&self.file, columns, self.bom, kept.into_iter())?;
        Ok(self.done(context, records))
    }

    /// Says where the records are; prints nothing.
    fn done(&self, context: &Context, records: u64) -> String {
        context.note(&format!("{records} records in {}", self.file.display()));
        String::new()
    }
}
