//! `hotline knowledge export`: the articles that are in force as Markdown files. An import of the folder changes
//! nothing.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use hotline_client::ListArticles;
use serde::Serialize;

use super::article_file;
use crate::context::{Context, Done};
use crate::failure::Failure;
use crate::output::Table;

/// The flags of the command.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The folder for the files. It is made if it does not exist; files of the same names are replaced.
    folder: PathBuf,
}

/// A file that was written.
#[derive(Debug, Serialize)]
struct ExportedArticle {
    article: String,
    version: u32,
    file: String,
}

impl Export {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let folder = &self.folder;
        fs::create_dir_all(folder).map_err(|error| Failure::about(folder.display(), error))?;
        let knowledge = context.client().await?.knowledge();
        let mut listed = knowledge.list_articles(ListArticles::default());
        let mut exported = Vec::new();
        while let Some(one) = listed.try_next().await? {
            // The list has no bodies.
            let article = knowledge.get_article_version(&one.code, one.version).await?;
            let text = article_file::write(&article.content);
            let text = text.map_err(|cause| Failure::about(&article.code, cause))?;
            let file = format!("{}.md", article.code);
            let path = folder.join(&file);
            fs::write(&path, text).map_err(|error| Failure::about(path.display(), error))?;
            exported.push(ExportedArticle { article: article.code, version: article.version, file });
        }
        context.output.print(&exported, || {
            let rows = exported.iter();
            let rows = rows.map(|one| [one.article.clone(), one.version.to_string(), one.file.clone()]);
            Table::new(["ARTICLE", "VERSION", "FILE"], rows.collect())
        })
    }
}
