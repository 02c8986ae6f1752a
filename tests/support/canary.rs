//! Canaries: the callers of the suites have names, numbers and codes that occur nowhere else. When a server ends, its
//! output and its files are searched for them. On PostgreSQL these are the tables, the write-ahead log and the
//! cluster's own log, which has every statement with its parameters.
//!
//! It uses `grep`, because a cluster's files are large and a debug build is slow.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

use super::temp_dir::TempDir;

/// The caller of every request in the stories that does not name another.
pub(crate) const COMPANY: &str = "京兆金丝雀绸缎商行";
pub(crate) const CODE: &str = "91110105MA0CANARYR";
pub(crate) const CONTACT: &str = "司空金丝雀";
pub(crate) const PHONE: &str = "13977778888";

/// Texts that must never be found, in any form that a program might write.
const MARKS: [&str; 16] = [
    COMPANY,
    CODE,
    CONTACT,
    PHONE,
    "139 7777 8888",
    "139-7777-8888",
    "一三九七七七七八八八八",
    "金丝雀示例商贸",
    "金丝雀女士",
    "京保密示例商贸",
    "欧阳静瑶",
    "匿迹示例商贸",
    "匿迹女士",
    "13922223333",
    "13911112222",
    "13955556666",
];

/// The places to search.
#[derive(Debug)]
pub(crate) struct SearchedOutput<'a> {
    /// The files and folders.
    pub(crate) places: Vec<PathBuf>,
    /// Only files that were written since are searched.
    pub(crate) since: SystemTime,
    /// The output of a process.
    pub(crate) said: &'a str,
    /// A file that is searched from a byte on.
    pub(crate) tail: Option<(PathBuf, u64)>,
}

/// Fails if anything that a server left holds a mark.
pub(crate) fn assert_silent(remains: &SearchedOutput<'_>) {
    let found = found(remains, shared_forms());
    assert!(found.is_empty(), "who called stands in the clear:\n{}", found.join("\n"));
}

/// The places with one of these marks. For a test that writes one.
pub(crate) fn find(remains: &SearchedOutput<'_>, marks: &[&str]) -> Vec<String> {
    let folder = TempDir::new("forms");
    found(remains, &write_forms(folder.path(), marks))
}

fn shared_forms() -> &'static Path {
    static FORMS: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    &FORMS
        .get_or_init(|| {
            let folder = TempDir::new("forms");
            let file = write_forms(folder.path(), &MARKS);
            (folder, file)
        })
        .1
}

/// A file with every form of these marks, a line each.
fn write_forms(folder: &Path, marks: &[&str]) -> PathBuf {
    let path = folder.join("marks");
    let mut file = File::create(&path).expect("the file can be made");
    for form in marks.iter().flat_map(|mark| forms(mark)) {
        writeln!(file, "{form}").expect("the file can be written");
    }
    path
}

/// A mark as it is, and as programs escape it.
fn forms(mark: &str) -> Vec<String> {
    let bytes = mark.as_bytes();
    let hex = escaped(bytes.iter().copied(), |byte| format!("{byte:02x}"));
    let mut forms = vec![mark.to_owned(), hex.to_uppercase(), hex];
    // Every other character is escaped as itself.
    if !mark.is_ascii() {
        forms.push(escaped(mark.encode_utf16(), |unit| format!("\\u{unit:04x}")));
        forms.push(escaped(mark.encode_utf16(), |unit| format!("\\u{unit:04X}")));
        forms.push(escaped(mark.chars(), |one| format!("\\u{{{:x}}}", u32::from(one))));
        forms.push(escaped(bytes.iter().copied(), |byte| format!("%{byte:02X}")));
        forms.push(escaped(bytes.iter().copied(), |byte| format!("\\{byte:03o}")));
        forms.push(escaped(bytes.iter().copied(), |byte| format!("\\x{byte:02x}")));
    }
    forms.extend((0..3).map(|shift| base64(bytes, shift)));
    forms
}

fn escaped<T>(parts: impl Iterator<Item = T>, escape: impl FnMut(T) -> String) -> String {
    parts.map(escape).collect::<Vec<_>>().concat()
}

/// Base64 of a text that begins this many bytes after a boundary, without the characters that it shares with its
/// neighbours.
fn base64(bytes: &[u8], shift: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let skipped = (3 - shift) % 3;
    bytes[skipped..]
        .chunks_exact(3)
        .flat_map(|three| {
            let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
            [18, 12, 6, 0].map(|place| char::from(ALPHABET[(bits >> place) as usize & 63]))
        })
        .collect()
}

fn found(remains: &SearchedOutput<'_>, forms: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for place in &remains.places {
        collect(place, remains.since, &mut files);
    }
    let mut found = Vec::new();
    for some in files.chunks(1_000) {
        let found_in = grep(forms, &["-l"], some, Stdio::null());
        found.extend(found_in.lines().map(str::to_owned));
    }
    let folder = TempDir::new("said");
    let said = folder.path().join("said");
    fs::write(&said, remains.said).expect("the file can be written");
    let hit = grep(forms, &["-m", "3"], &[said], Stdio::null());
    found.extend(hit.lines().map(|line| format!("said: {line}")));
    if let Some((path, from)) = &remains.tail {
        let mut file = File::open(path).expect("the log is there");
        file.seek(SeekFrom::Start(*from)).expect("the log can be read");
        let hit = grep(forms, &["-m", "3"], &[], Stdio::from(file));
        found.extend(hit.lines().map(|line| format!("{}: {line}", path.display())));
    }
    found
}

fn grep(forms: &Path, how: &[&str], files: &[PathBuf], input: Stdio) -> String {
    let output = Command::new("grep")
        .env("LC_ALL", "C")
        .args(["--text", "--fixed-strings", "--no-messages", "--no-filename", "-f"])
        .arg(forms)
        .args(how)
        .arg("--")
        .args(files)
        .stdin(input)
        .output()
        .expect("grep can be run");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The files of a place that were written since an instant, without key files, because keys are what no other file may
/// hold.
fn collect(place: &Path, since: SystemTime, files: &mut Vec<PathBuf>) {
    // A file that vanishes meanwhile holds nothing.
    let Ok(about) = fs::metadata(place) else { return };
    if about.is_dir() {
        for entry in fs::read_dir(place).into_iter().flatten().flatten() {
            collect(&entry.path(), since, files);
        }
    } else if about.modified().is_ok_and(|modified| modified >= since) {
        files.push(place.to_owned());
    }
}
