//! Reads messages from CSV. A row that can't be replayed is reported with its line and left out; the others are read.

use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, Datelike as _, Utc};
use csv::{ByteRecord, ReaderBuilder};

/// The limits of the contract, in characters.
const SUBJECT_CHARS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 10_000;
/// The years that the simulated clock supports.
const YEARS: Range<i32> = 2000..2100;
const COLUMNS: [&str; 5] = ["subject", "sent_at", "body", "reply", "replied_at"];
/// The key of the column of the unit. No other column has this name.
const UNIT: &str = "\0unit";

/// A message, and its reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// The line of the file on which the record starts, from 1.
    pub(super) line: u64,
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) reply: String,
    pub(super) sent_at: DateTime<Utc>,
    pub(super) replied_at: DateTime<Utc>,
    /// The unit that answered, by its code or name, if a column names it.
    pub(super) unit: Option<String>,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SkippedRow {
    pub(super) line: u64,
    pub(super) why: String,
}

/// Reads a whole file. It fails only if the header lacks a column, because then no row can be read. `unit_column` names
/// the column of the unit.
pub(super) fn read(
    file: &[u8],
    unit_column: Option<&str>,
) -> Result<(Vec<Message>, Vec<SkippedRow>), String> {
    let text = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text);
    let header = reader.byte_headers().map_err(|error| error.to_string())?;
    let columns = columns(header, unit_column)?;
    let mut lines = Lines { text, at: 0, line: 1 };
    let (mut messages, mut skipped) = (Vec::new(), Vec::new());
    for record in reader.byte_records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        match message(&record, &columns, line) {
            Ok(message) => messages.push(message),
            Err(why) => skipped.push(SkippedRow { line, why }),
        }
    }
    Ok((messages, skipped))
}

/// The places of the columns. That of the unit is called [`UNIT`] here.
fn columns(header: &ByteRecord, unit_column: Option<&str>) -> Result<HashMap<&'static str, usize>, String> {
    let find = |(key, name): (&'static str, &str)| {
        let found = header.iter().position(|column| column.trim_ascii() == name.as_bytes());
        found.map(|index| (key, index)).ok_or_else(|| format!("the header has no column {name}"))
    };
    let always = COLUMNS.into_iter().map(|name| (name, name));
    always.chain(unit_column.map(|name| (UNIT, name))).map(find).collect()
}

/// Counts lines up to a record. The reader's own count is off by one after CRLF and blank lines.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, start: u64) -> u64 {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        while let Some(byte) = self.text.get(self.at).filter(|byte| self.at < start || is_break(byte)) {
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
        self.line
    }
}

fn message(record: &ByteRecord, columns: &HashMap<&str, usize>, line: u64) -> Result<Message, String> {
    let field = |name: &str| {
        let bytes = columns.get(name).and_then(|index| record.get(*index)).ok_or(format!("no {name}"))?;
        std::str::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8"))
    };
    let text = |name: &str, chars_max: usize, keep: fn(char) -> bool| {
        let text = clean(field(name)?, chars_max, keep);
        if text.is_empty() { Err(format!("{name} is empty")) } else { Ok(text) }
    };
    let time = |name: &str| {
        let parsed = DateTime::parse_from_rfc3339(field(name)?.trim());
        let time = parsed.map_err(|_| format!("{name} is not an RFC 3339 time"))?.to_utc();
        if YEARS.contains(&time.year()) { Ok(time) } else { Err(format!("{name} is out of range")) }
    };
    let (sent_at, replied_at) = (time("sent_at")?, time("replied_at")?);
    if replied_at < sent_at {
        return Err("replied_at lies before sent_at".into());
    }
    let layout = |char| matches!(char, '\n' | '\t');
    let unit = if columns.contains_key(UNIT) { field(UNIT)?.trim() } else { "" };
    Ok(Message {
        line,
        subject: text("subject", SUBJECT_CHARS_MAX, |_| false)?,
        body: text("body", TEXT_CHARS_MAX, layout)?,
        reply: text("reply", TEXT_CHARS_MAX, layout)?,
        sent_at,
        replied_at,
        unit: (!unit.is_empty()).then(|| unit.to_owned()),
    })
}

/// Cleans a text: control characters become spaces unless they are kept, and the text is truncated.
fn clean(text: &str, chars_max: usize, keep: fn(char) -> bool) -> String {
    let spaced = |char: char| if char.is_control() && !keep(char) { ' ' } else { char };
    let cut: String = text.trim().chars().map(spaced).take(chars_max).collect();
    cut.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "id,sender,subject,sent_at,body,reply,replied_at";
    const GOOD: &str =
        "1,a,Licence,2019-10-12T10:00:00+08:00,Where is it?,On its way.,2019-10-13T10:00:00+08:00";

    fn lines(text: &str) -> (Vec<u64>, Vec<(u64, String)>) {
        let (messages, skipped) = read(text.as_bytes(), None).unwrap();
        let skipped = skipped.into_iter().map(|row| (row.line, row.why)).collect();
        (messages.into_iter().map(|message| message.line).collect(), skipped)
    }

    #[test]
    fn a_message_is_read_by_the_names_of_its_columns() {
        let text = "\u{feff}replied_at,reply,body,sent_at,subject\n\
                    2019-10-13T10:00:00+08:00,Yes.,\"Two\nlines\",2019-10-12T10:00:00+08:00,A\u{7}B\n";
        let (messages, skipped) = read(text.as_bytes(), None).unwrap();
        assert!(skipped.is_empty(), "{skipped:?}");
        assert_eq!((messages[0].subject.as_str(), messages[0].body.as_str()), ("A B", "Two\nlines"));
        assert_eq!(messages[0].sent_at.to_rfc3339(), "2019-10-12T02:00:00+00:00");
    }

    #[test]
    fn lines_are_those_of_the_file_whatever_ends_them() {
        let quoted = GOOD.replace("Where is it?", "\"Where\nis\nit?\"");
        for end in ["\n", "\r\n"] {
            let text = [HEADER, &quoted, "", GOOD, "5,short", GOOD].join(end);
            let (good, skipped) = lines(&text);
            assert_eq!(good, [2, 6, 8], "{end:?}");
            assert_eq!(skipped[0].0, 7, "{end:?}");
        }
    }

    #[test]
    fn a_row_that_can_t_be_replayed_says_why() {
        let broken = |from: &str, to: &str| lines(&format!("{HEADER}\n{}\n{GOOD}", GOOD.replace(from, to)));
        let cases = [
            ("2019-10-13T10:00:00+08:00", "yesterday", "replied_at is not an RFC 3339 time"),
            ("2019-10-13T10", "2019-10-11T10", "replied_at lies before sent_at"),
            ("2019-10-12T10", "1999-10-12T10", "sent_at is out of range"),
            ("Licence", " \t ", "subject is empty"),
            ("On its way.", "", "reply is empty"),
            (",2019-10-13T10:00:00+08:00", "", "no replied_at"),
        ];
        for (from, to, why) in cases {
            assert_eq!(broken(from, to), (vec![3], vec![(2, why.to_owned())]));
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_cost_one_row_only() {
        let mut file = format!("{HEADER}\n").into_bytes();
        file.extend(GOOD.bytes().map(|byte| if byte == b'?' { 0xFF } else { byte }));
        file.extend(format!("\n{GOOD}\n").bytes());
        let (messages, skipped) = read(&file, None).unwrap();
        assert_eq!((messages.len(), skipped[0].why.as_str()), (1, "body is not UTF-8"));
    }

    #[test]
    fn a_header_without_a_column_is_refused() {
        assert_eq!(read(b"id,subject\n1,x\n", None), Err("the header has no column sent_at".into()));
        assert!(read(b"", None).is_err());
    }

    #[test]
    fn a_column_may_name_the_unit() {
        let text = format!("{HEADER},office\n{GOOD},dept-tax\n{GOOD},\n");
        let (messages, _) = read(text.as_bytes(), Some("office")).unwrap();
        let units: Vec<_> = messages.iter().map(|message| message.unit.as_deref()).collect();
        assert_eq!(units, [Some("dept-tax"), None]);
        assert_eq!(read(text.as_bytes(), Some("unit")), Err("the header has no column unit".to_owned()));
    }

    #[test]
    fn a_long_text_is_cut_by_characters() {
        let long = GOOD.replace("Licence", &"照".repeat(201));
        let (messages, _) = read(format!("{HEADER}\n{long}").as_bytes(), None).unwrap();
        assert_eq!(messages[0].subject.chars().count(), SUBJECT_CHARS_MAX);
    }
}
