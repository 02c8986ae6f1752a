//! The CSV file of topics. Its etags are not written: an import is compared with the directory as it is.

use hotline_client::Topic;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::instant;

/// A line of the file. An empty cell is no value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    code: String,
    name: String,
    name_en: Option<String>,
    words: Option<String>,
    from: Option<String>,
    until: Option<String>,
    successor: Option<String>,
}

/// The file of some topics.
pub(super) fn write(topics: &[Topic]) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for topic in topics.iter().cloned() {
        let line = Line {
            code: topic.code,
            name: topic.name,
            name_en: topic.name_en,
            words: topic.words,
            from: topic.start_time.map(instant::text),
            until: topic.end_time.map(instant::text),
            successor: topic.successor,
        };
        writer.serialize(line).map_err(|error| Failure::new(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| Failure::new(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Failure::new(error.to_string()))
}

/// The topics of a file. A wrong line is named with its number.
pub(super) fn read(text: &str) -> Result<Vec<Topic>, String> {
    // Spreadsheets begin a file with a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    let mut topics = Vec::new();
    for line in csv::Reader::from_reader(text.as_bytes()).deserialize() {
        let line: Line = line.map_err(|error| error.to_string())?;
        let instant = |text: Option<String>| text.map(|text| instant::parse(&text)).transpose();
        topics.push(Topic {
            code: line.code,
            name: line.name,
            name_en: line.name_en,
            words: line.words,
            start_time: instant(line.from)?,
            end_time: instant(line.until)?,
            successor: line.successor,
            etag: None,
        });
    }
    Ok(topics)
}

/// The topics that differ from those of the directory, with the etags of these. A topic comes after its successor, so
/// that a topic and its successor can be put by one file.
pub(super) fn changed(given: Vec<Topic>, present: &[Topic]) -> Vec<Topic> {
    let differing = given.into_iter().filter_map(|topic| {
        let Some(before) = present.iter().find(|before| before.code == topic.code) else {
            return Some(topic);
        };
        // A topic that is in force keeps its beginning if the file has none.
        let start_time = topic.start_time.or(before.start_time);
        let topic = Topic { etag: before.etag.clone(), start_time, ..topic };
        (topic != *before).then_some(topic)
    });
    let (mut ended, going_on): (Vec<_>, Vec<_>) = differing.partition(|topic| topic.end_time.is_some());
    let mut all = going_on;
    // The successor of a topic that is put has no end yet.
    ended.sort_by_key(|topic| topic.end_time);
    all.extend(ended);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(code: &str) -> Topic {
        Topic {
            code: code.to_owned(),
            name: "发票, 领用".to_owned(),
            name_en: None,
            words: Some("开票 税票".to_owned()),
            start_time: None,
            end_time: None,
            successor: None,
            etag: None,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let end_time = instant::parse("2027-06-30").expect("a day");
        let retired =
            Topic { end_time: Some(end_time), successor: Some("tax.invoice".to_owned()), ..topic("tax.old") };
        let topics = vec![topic("tax.invoice"), retired];
        let written = write(&topics).expect("a file");
        assert_eq!(written.lines().next(), Some("code,name,name_en,words,from,until,successor"));
        assert_eq!(read(&format!("\u{feff}{written}")), Ok(topics));
        assert!(read(&written.replace("2027-06-30", "soon")).is_err());
        assert!(read("code,title\na,b\n").is_err());
    }

    #[test]
    fn only_what_differs_is_put_and_a_successor_comes_first() {
        let present = [Topic { etag: Some("v1".to_owned()), ..topic("tax.old") }];
        assert_eq!(changed(vec![topic("tax.old")], &present), []);
        let end_time = Some(instant::parse("2027-06-30").expect("a day"));
        let ended = Topic { end_time, successor: Some("tax.new".to_owned()), ..topic("tax.old") };
        let put = changed(vec![ended, topic("tax.new")], &present);
        let codes: Vec<_> = put.iter().map(|topic| (&*topic.code, topic.etag.as_deref())).collect();
        assert_eq!(codes, [("tax.new", None), ("tax.old", Some("v1"))]);
    }
}
