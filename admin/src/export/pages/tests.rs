//! Exports of records that are made up, so that their number costs no calls.

use std::fs;

use super::*;
use crate::export::column::{Cell, Kind};
use crate::failure::Exit;

const COLUMNS: &[ExportColumn] = &[
    ("number", Kind::Text),
    ("received_time", Kind::Time),
    ("topic", Kind::Text),
    ("unit", Kind::Text),
    ("state", Kind::Text),
    ("is_open", Kind::Boolean),
    ("due_time", Kind::Time),
    ("returns", Kind::Integer),
    ("rung", Kind::Text),
];
const PAGE_RECORDS: u64 = 200;
/// Records of the test of memory, unless `HOTLINE_EXPORT_RECORDS` says another number.
const RECORDS: u64 = 40_000;
/// What an export may add to the memory of the process, however many records it has.
const MEMORY_MAX_KIB: u64 = 64 * 1024;

/// Made-up records, whose page tokens are the numbers of their first records.
struct MadeUp {
    next: u64,
    records: u64,
    /// The page with this record fails.
    fails_at: Option<u64>,
}

fn record(number: u64) -> Row {
    let number = i64::try_from(number).unwrap_or_default();
    vec![
        Cell::Text(format!("1910{number:09}")),
        Cell::Integer(1_570_845_600_000_000 + number * 1_000_000),
        Cell::Text(format!("topic.{}", number % 40)),
        Cell::Text(format!("dept-{}", number % 60)),
        Cell::text("HANDLING"),
        Cell::Boolean(number % 3 == 0),
        Cell::Integer(1_571_845_600_000_000 + number * 1_000_000),
        Cell::Integer(number % 4),
        if number % 2 == 0 { Cell::Absent } else { Cell::text("URGED") },
    ]
}

impl PageSource for MadeUp {
    async fn next_page(&mut self) -> Result<Option<PageOfRows>, Failure> {
        let (first, end) = (self.next, self.records.min(self.next + PAGE_RECORDS));
        if first == end {
            return Ok(None);
        }
        if self.fails_at.is_some_and(|at| (first..end).contains(&at)) {
            return Err(Failure { exit: Exit::TryAgain, ..Failure::new("UNAVAILABLE") });
        }
        self.next = end;
        let next_page_token = (end < self.records).then(|| end.to_string());
        Ok(Some(PageOfRows { rows: (first..end).map(record).collect(), next_page_token }))
    }
}

fn quiet() -> Progress {
    Progress::new(1, true)
}

fn job<'a>(file: &'a Path, format: FileFormat, conditions: &'a [Condition]) -> ExportJob<'a> {
    ExportJob { file, format, has_bom: false, columns: COLUMNS, conditions }
}

#[tokio::test]
async fn an_export_that_was_broken_off_goes_on_from_its_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("whole.csv");
    let mut source = MadeUp { next: 0, records: 1_050, fails_at: None };
    let part = PartFile::open(&file, "x", false).expect("a part");
    let records = job(&file, FileFormat::Csv, &[]).run(part, &mut source, &mut quiet()).await;
    assert_eq!(records, Ok(1_050));
    let whole = fs::read_to_string(&file).expect("a file");
    assert_eq!(whole.lines().count(), 1_051);

    let file = folder.path().join("broken.csv");
    let part = PartFile::open(&file, "x", false).expect("a part");
    let mut source = MadeUp { next: 0, records: 1_050, fails_at: Some(700) };
    let broken = job(&file, FileFormat::Csv, &[]).run(part, &mut source, &mut quiet()).await;
    assert_eq!(broken.map_err(|failure| failure.exit), Err(Exit::TryAgain));
    assert!(!file.exists(), "it has no name before it is whole");
    // The end of a page that was cut off is not taken for records.
    let part_path = folder.path().join("broken.csv.part");
    let mut text = fs::read_to_string(&part_path).expect("a part");
    text.push_str("[\"half a rec");
    fs::write(&part_path, text).expect("a part");
    let other = PartFile::open(&file, "y", true).map(|_| ()).map_err(|failure| failure.exit);
    assert_eq!(other, Err(Exit::Usage), "another export does not go on with it");
    let part = PartFile::open(&file, "x", true).expect("a part");
    assert_eq!((part.records(), part.next_page_token()), (600, Some("600")));
    let mut source = MadeUp { next: 600, records: 1_050, fails_at: None };
    let records = job(&file, FileFormat::Csv, &[]).run(part, &mut source, &mut quiet()).await;
    assert_eq!(records, Ok(1_050));
    assert_eq!(fs::read_to_string(&file).expect("a file"), whole);
    assert!(!part_path.exists());
    assert!(PartFile::open(&file, "x", true).is_err(), "nothing is left to resume");
}

#[tokio::test]
async fn conditions_leave_records_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("some.csv");
    let conditions =
        ["rung=urged", "returns=2+"].map(|text| Condition::parse(text, COLUMNS).expect("a condition"));
    let part = PartFile::open(&file, "x", false).expect("a part");
    let mut source = MadeUp { next: 0, records: 400, fails_at: None };
    let records = job(&file, FileFormat::Csv, &conditions).run(part, &mut source, &mut quiet()).await;
    assert_eq!(records, Ok(100));
}

/// A line of the process's status, in KiB.
fn status_kib(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim_matches(|letter: char| !letter.is_ascii_digit()).parse().unwrap_or_default()
}

#[tokio::test]
async fn the_memory_does_not_grow_with_the_records() {
    let given = std::env::var("HOTLINE_EXPORT_RECORDS").ok().and_then(|text| text.parse().ok());
    let records = given.unwrap_or(RECORDS);
    let folder = tempfile::tempdir().expect("a folder");
    for format in [FileFormat::Csv, FileFormat::Xlsx, FileFormat::Parquet] {
        let file = folder.path().join("many");
        // The peak begins anew at what is in use now.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let before = status_kib("VmRSS:");
        let part = PartFile::open(&file, "x", false).expect("a part");
        let mut source = MadeUp { next: 0, records, fails_at: None };
        let written = job(&file, format, &[]).run(part, &mut source, &mut quiet()).await;
        assert_eq!(written, Ok(records));
        let grown = status_kib("VmHWM:").saturating_sub(before);
        let bytes = fs::metadata(&file).expect("a file").len();
        println!("{format:?}: {records} records, {bytes} bytes, {grown} KiB more memory");
        assert!(grown < MEMORY_MAX_KIB, "{format:?}: {grown} KiB");
    }
}
