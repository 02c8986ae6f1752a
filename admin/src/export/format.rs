//! The format of an export.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use super::column::{ExportColumn, Row};
use super::{csv_file, parquet_file, xlsx_file};
use crate::failure::Failure;

/// The format of a file of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FileFormat {
    /// Text, for every program. A cell that looks like a formula begins with an apostrophe.
    Csv,
    /// A workbook of Excel.
    Xlsx,
    /// Columns with types, for programs that analyse much.
    Parquet,
}

/// A path with something after its name.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

impl FileFormat {
    /// Writes records. The file has its name only when it is whole.
    pub(super) fn write(
        self,
        path: &Path,
        columns: &[ExportColumn],
        has_bom: bool,
        rows: impl Iterator<Item = Result<Row, Failure>>,
    ) -> Result<(), Failure> {
        let new = beside(path, ".new");
        let open = || File::create(&new).map_err(|error| Failure::about(new.display(), error));
        match self {
            Self::Csv => csv_file::write(BufWriter::new(open()?), columns, has_bom, rows)?,
            Self::Xlsx => xlsx_file::write(&new, columns, rows)?,
            Self::Parquet => parquet_file::write(BufWriter::new(open()?), columns, rows)?,
        }
        fs::rename(&new, path).map_err(|error| Failure::about(path.display(), error))
    }
}
