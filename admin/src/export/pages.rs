//! Fetches the pages of an export and writes its file. At most one page and one group of rows are in memory.

use std::path::Path;

use hotline_client::Listing;

use super::column::{ExportColumn, Row};
use super::condition::Condition;
use super::format::FileFormat;
use super::part_file::PartFile;
use crate::failure::Failure;
use crate::progress::Progress;

/// A page of records, and the token of the next one.
pub(super) struct PageOfRows {
    pub(super) rows: Vec<Row>,
    pub(super) next_page_token: Option<String>,
}

/// Where records come from, page by page.
pub(super) trait PageSource {
    /// The next page; none after the last.
    async fn next_page(&mut self) -> Result<Option<PageOfRows>, Failure>;
}

/// The records of a list of the server.
pub(super) struct ListedPages<T, F> {
    pub(super) listing: Listing<T>,
    pub(super) rows_of: F,
}

impl<T, F: Fn(T) -> Vec<Row>> PageSource for ListedPages<T, F> {
    async fn next_page(&mut self) -> Result<Option<PageOfRows>, Failure> {
        let page = self.listing.next_page().await?;
        Ok(page.map(|page| PageOfRows {
            rows: page.items.into_iter().flat_map(&self.rows_of).collect(),
            next_page_token: page.next_page_token,
        }))
    }
}

/// What is written, and how.
pub(super) struct ExportJob<'a> {
    pub(super) file: &'a Path,
    pub(super) format: FileFormat,
    pub(super) has_bom: bool,
    pub(super) columns: &'a [ExportColumn],
    pub(super) conditions: &'a [Condition],
}

impl ExportJob<'_> {
    /// Fetches what is missing in the part, and writes the file. Answers how many records it has.
    pub(super) async fn run(
        &self,
        mut part: PartFile,
        source: &mut impl PageSource,
        progress: &mut Progress,
    ) -> Result<u64, Failure> {
        while part.next_page_token().is_some() {
            let Some(page) = source.next_page().await? else {
                part.add(&[], None)?;
                break;
            };
            progress.advance_by(page.rows.len(), "records");
            let mut rows = page.rows;
            rows.retain(|row| self.conditions.iter().all(|condition| condition.holds(row)));
            part.add(&rows, page.next_page_token)?;
        }
        progress.finish();
        self.format.write(self.file, self.columns, self.has_bom, part.rows()?)?;
        let records = part.records();
        part.remove()?;
        Ok(records)
    }
}

#[cfg(test)]
mod tests;
