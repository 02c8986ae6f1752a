//! The records of an export that is under way: `FILE.part` has one record a line, and `FILE.part.json` says how much of
//! it counts and which page comes next.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::column::Row;
use super::format::beside;
use crate::failure::Failure;

/// What is known of the part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    /// What was asked, so that another export does not go on with this one.
    request: String,
    /// The bytes of the part that count.
    bytes: u64,
    /// The records in them.
    records: u64,
    /// The token of the next page; none if all pages are there.
    next_page_token: Option<String>,
}

/// The part.
#[derive(Debug)]
pub(super) struct PartFile {
    path: PathBuf,
    state_path: PathBuf,
    state: State,
    writer: BufWriter<File>,
}

fn about(path: &Path) -> impl Fn(std::io::Error) -> Failure {
    move |error| Failure::about(path.display(), error)
}

impl PartFile {
    /// A new part, or the one that is there.
    pub(super) fn open(target: &Path, request: &str, is_resumed: bool) -> Result<Self, Failure> {
        let (path, state_path) = (beside(target, ".part"), beside(target, ".part.json"));
        let fresh =
            State { request: request.to_owned(), bytes: 0, records: 0, next_page_token: Some(String::new()) };
        let state = if is_resumed { read_state(&state_path, request)? } else { fresh };
        let mut options = OpenOptions::new();
        options.write(true).create(!is_resumed).truncate(!is_resumed);
        let mut file = options.open(&path).map_err(about(&path))?;
        if file.metadata().map_err(about(&path))?.len() < state.bytes {
            let text = "it is shorter than its state says; begin again without --resume";
            return Err(Failure::about(path.display(), text));
        }
        // A page that was written in part counts for nothing.
        file.set_len(state.bytes).map_err(about(&path))?;
        file.seek(SeekFrom::End(0)).map_err(about(&path))?;
        let part = Self { path, state_path, state, writer: BufWriter::new(file) };
        part.write_state()?;
        Ok(part)
    }

    pub(super) const fn records(&self) -> u64 {
        self.state.records
    }

    /// The page that comes next; none if all are there.
    pub(super) fn next_page_token(&self) -> Option<&str> {
        self.state.next_page_token.as_deref()
    }

    /// Adds a page, and the token of the page after it.
    pub(super) fn add(&mut self, rows: &[Row], next_page_token: Option<String>) -> Result<(), Failure> {
        for row in rows {
            let mut line = serde_json::to_vec(row).map_err(|error| Failure::about("JSON", error))?;
            line.push(b'\n');
            self.writer.write_all(&line).map_err(about(&self.path))?;
            self.state.bytes += line.len() as u64;
            self.state.records += 1;
        }
        self.writer.flush().map_err(about(&self.path))?;
        self.state.next_page_token = next_page_token;
        self.write_state()
    }

    fn write_state(&self) -> Result<(), Failure> {
        let text = serde_json::to_vec(&self.state).map_err(|error| Failure::about("JSON", error))?;
        let new = beside(&self.state_path, ".new");
        fs::write(&new, text).map_err(about(&new))?;
        fs::rename(&new, &self.state_path).map_err(about(&self.state_path))
    }

    /// The records, one after the other.
    pub(super) fn rows(&self) -> Result<impl Iterator<Item = Result<Row, Failure>> + use<>, Failure> {
        let path = self.path.clone();
        let file = File::open(&path).map_err(about(&path))?;
        Ok(BufReader::new(file).lines().map(move |line| {
            let line = line.map_err(about(&path))?;
            serde_json::from_str(&line).map_err(|error| Failure::about(path.display(), error))
        }))
    }

    /// Removes it, once the export is whole.
    pub(super) fn remove(self) -> Result<(), Failure> {
        drop(self.writer);
        fs::remove_file(&self.path).map_err(about(&self.path))?;
        fs::remove_file(&self.state_path).map_err(about(&self.state_path))
    }
}

fn read_state(path: &Path, request: &str) -> Result<State, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::about(path.display(), format!("{error}; there is no export to resume")))?;
    let state: State = serde_json::from_str(&text).map_err(|error| Failure::about(path.display(), error))?;
    if state.request != request {
        let text = format!("it is of another export ({}); begin again without --resume", state.request);
        return Err(Failure::usage(format!("{}: {text}", path.display())));
    }
    Ok(state)
}
