//! `hotline knowledge`: the knowledge base as a folder of Markdown files, and its lists.

mod article_file;
mod export;
mod folder;
mod import;
mod instant;
mod list;
mod show;

use clap::Subcommand;

use crate::connection::ConnectionOptions;
use crate::failure::Failure;
use crate::output::Format;

/// The commands of the knowledge base.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Writes a draft for each Markdown file of a folder that differs from the last version of its article.
    Import(import::Import),
    /// Writes the articles that are in force into a folder, one Markdown file each.
    Export(export::Export),
    /// Lists articles.
    List(list::List),
    /// Prints an article.
    Show(show::Show),
}

impl Command {
    /// Runs the command; returns what it prints.
    pub(crate) async fn run(self, connection: &ConnectionOptions, format: Format) -> Result<String, Failure> {
        match self {
            Self::Import(command) => command.run(connection, format).await,
            Self::Export(command) => command.run(connection, format).await,
            Self::List(command) => command.run(connection, format).await,
            Self::Show(command) => command.run(connection, format).await,
        }
    }
}
