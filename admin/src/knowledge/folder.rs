//! A folder of article files.

use std::fs;
use std::path::Path;

use hotline_client::ArticleContent;

use super::article_file;
use crate::failure::Failure;

/// A file that people read in the folder, and that is no article.
const READ_ME: &str = "README";

/// Reads every `.md` file of a folder but `README.md`, in the order of their names. All wrong files are named together.
pub(super) fn read(folder: &Path) -> Result<Vec<(String, ArticleContent)>, Failure> {
    let listed = fs::read_dir(folder).map_err(|error| Failure::about(folder.display(), error))?;
    let mut paths = Vec::new();
    for entry in listed {
        let path = entry.map_err(|error| Failure::about(folder.display(), error))?.path();
        if path.extension().is_some_and(|end| end == "md") {
            paths.push(path);
        }
    }
    paths.sort();
    let (mut articles, mut wrong) = (Vec::new(), Vec::new());
    for path in paths {
        let Some(code) = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| *stem != READ_ME)
        else {
            continue;
        };
        let text = fs::read_to_string(&path).map_err(|error| error.to_string());
        match text.and_then(|text| article_file::parse(&text)) {
            Ok(content) => articles.push((code.to_owned(), content)),
            Err(cause) => wrong.push(format!("{}: {}", path.display(), cause.trim_end())),
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::new(wrong.join("\n       ")));
    }
    if articles.is_empty() {
        return Err(Failure::about(folder.display(), "there are no articles in this folder"));
    }
    Ok(articles)
}
