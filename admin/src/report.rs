//! `hotline report`: a page about a week or a month that a person reads with understanding. For supervisors and
//! analysts.
//!
//! The answers of the server are gathered first ([`figures`]), then made into a page of sections ([`page`]), and the
//! page is written as HTML, Markdown or a workbook. Every figure has the command that lists the tickets behind it.

mod behind;
mod clusters;
mod figures;
mod gathering;
mod groups;
mod html;
mod issues;
mod markdown;
mod markup;
mod page;
mod period;
mod sections;
mod svg;
#[cfg(test)]
mod tests;
mod totals;
mod wording;
mod work;
mod workbook;

use std::path::PathBuf;

use clap::Args;

use crate::context::{Context, Done};
use crate::failure::Failure;
use crate::verbs::verbs;
use period::Period;

verbs! {
    /// Writes the report of a week.
    Weekly = Weekly, calls "AnalyseTickets", "ListTopics", "ListUnits", "WhoAmI";
    /// Writes the report of a month.
    Monthly = Monthly, calls "AnalyseTickets", "FindClusters", "ListPolicyIssues", "ListTopics", "ListUnits", "WhoAmI";
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum PageFormat {
    /// Markdown, with tables.
    Md,
    /// HTML with charts, without scripts.
    Html,
    /// A workbook of the figures, one sheet for each table.
    Xlsx,
}

/// Where a report goes.
#[derive(Debug, Args)]
struct PageTarget {
    /// The form.
    #[arg(long, value_enum, default_value = "html")]
    format: PageFormat,
    /// The file. An older one is replaced.
    #[arg(long = "to-file", value_name = "FILE")]
    file: PathBuf,
}

impl PageTarget {
    async fn write(self, context: &Context, period: Period) -> Done {
        let client = context.client().await?;
        let figures = gathering::gather(&client, period).await?;
        if figures.total.entries_behind > 0 {
            context
                .note(&format!("{} entries of the feed are not counted yet", figures.total.entries_behind));
        }
        let page = sections::page(&figures, context.connection.report_language());
        let about = |error: std::io::Error| Failure::about(self.file.display(), error);
        match self.format {
            PageFormat::Md => std::fs::write(&self.file, markdown::text(&page)).map_err(about)?,
            PageFormat::Html => std::fs::write(&self.file, html::text(&page)).map_err(about)?,
            PageFormat::Xlsx => workbook::write(&page, &self.file)?,
        }
        context.note(&format!("{} is written", self.file.display()));
        Ok(String::new())
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Weekly {
    /// The ISO week, for example 2019-W42.
    #[arg(long, value_parser = period::week)]
    week: Period,
    #[command(flatten)]
    target: PageTarget,
}

impl Weekly {
    pub(crate) async fn run(self, context: &Context) -> Done {
        self.target.write(context, self.week).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Monthly {
    /// The month, for example 2019-10.
    #[arg(long, value_parser = period::month)]
    month: Period,
    #[command(flatten)]
    target: PageTarget,
}

impl Monthly {
    pub(crate) async fn run(self, context: &Context) -> Done {
        self.target.write(context, self.month).await
    }
}
