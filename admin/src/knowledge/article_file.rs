//! A Markdown file of an article: front matter in TOML between two lines `+++`, then the body. The name of the file is
//! the article's code.
//!
//! ```text
//! +++
//! title = "企业名称怎样申报"
//! question = "公司名称怎么起、怎么申报？"
//! topics = ["licence.registration"]
//! effective = 2021-03-01
//!
//! [source]
//! name = "企业名称登记管理规定"
//! number = "国务院令第734号"
//! +++
//!
//! 企业名称由申请人**自主申报**。
//! ```

use chrono::{DateTime, Utc};
use hotline_client::{ArticleContent, LegalSource};
use serde::{Deserialize, Serialize};
use toml::value::Datetime;

use crate::instant;

/// The line before and after the front matter.
const FENCE: &str = "+++";

/// What stands before the body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    question: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    similar_questions: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    topics: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    districts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective: Option<Datetime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<Datetime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review: Option<Datetime>,
    #[serde(default, skip_serializing_if = "Source::is_empty")]
    source: Source,
}

/// The legal text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl Source {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn read_instant(name: &str, value: Option<Datetime>) -> Result<Option<DateTime<Utc>>, String> {
    let read = value.map(|value| instant::parse(&value.to_string()));
    read.transpose().map_err(|error| format!("{name}: {error}"))
}

fn written_instant(value: Option<DateTime<Utc>>) -> Result<Option<Datetime>, String> {
    let written = value.map(|value| instant::text(value).parse());
    written.transpose().map_err(|error| format!("an instant that TOML can't hold: {error}"))
}

/// Reads a file.
pub(crate) fn parse(text: &str) -> Result<ArticleContent, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let rest = text.strip_prefix(FENCE).and_then(|rest| rest.strip_prefix('\n'));
    let rest = rest.ok_or_else(|| format!("the first line is no {FENCE}: there is no front matter"))?;
    let end = format!("\n{FENCE}\n");
    let (front, body) =
        rest.split_once(&end).ok_or_else(|| format!("no line {FENCE} ends the front matter"))?;
    let front: FrontMatter = toml::from_str(front).map_err(|error| error.to_string())?;
    Ok(ArticleContent {
        title: front.title,
        standard_question: front.question,
        similar_questions: front.similar_questions,
        body: body.trim_matches('\n').to_owned(),
        topics: front.topics,
        districts: front.districts,
        owner_unit: front.owner_unit,
        source: LegalSource {
            document_name: front.source.name,
            document_number: front.source.number,
            link: front.source.link,
        },
        effective_time: read_instant("effective", front.effective)?,
        expiry_time: read_instant("expiry", front.expiry)?,
        review_time: read_instant("review", front.review)?,
    })
}

/// Writes a file.
pub(crate) fn write(content: &ArticleContent) -> Result<String, String> {
    let content = content.clone();
    let front = FrontMatter {
        title: content.title,
        question: content.standard_question,
        similar_questions: content.similar_questions,
        topics: content.topics,
        districts: content.districts,
        owner_unit: content.owner_unit,
        effective: written_instant(content.effective_time)?,
        expiry: written_instant(content.expiry_time)?,
        review: written_instant(content.review_time)?,
        source: Source {
            name: content.source.document_name,
            number: content.source.document_number,
            link: content.source.link,
        },
    };
    let front = toml::to_string(&front).map_err(|error| error.to_string())?;
    Ok(format!("{FENCE}\n{front}{FENCE}\n\n{}\n", content.body))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "+++\ntitle = \"名称\"\nquestion = \"怎么申报？\"\ntopics = [\"licence.registration\"]\n\
                        effective = 2021-03-01\nexpiry = 2027-06-30T12:00:00+08:00\n\n[source]\nnumber = \"国务院令第734号\"\n\
                        +++\n\n第一段\n\n+++ 不是结尾\n";

    #[test]
    fn a_file_is_written_as_it_is_read() {
        let content = parse(FILE).expect("it can be read");
        assert_eq!(content.body, "第一段\n\n+++ 不是结尾");
        assert_eq!(content.source.document_number.as_deref(), Some("国务院令第734号"));
        assert_eq!(write(&content).as_deref(), Ok(FILE));
        let windows = format!("\u{feff}{}", FILE.replace('\n', "\r\n"));
        assert_eq!(parse(&windows), Ok(content));
    }

    #[test]
    fn a_wrong_file_is_refused_with_the_cause() {
        for (text, cause) in [
            ("# 标题", "no front matter"),
            ("+++\ntitle = \"a\"\n", "ends the front matter"),
            ("+++\ntitle = \"a\"\n+++\n", "missing field `question`"),
            ("+++\ntitle = \"a\"\nquestion = \"b\"\nowner = \"c\"\n+++\n", "unknown field `owner`"),
            ("+++\ntitle = \"a\"\nquestion = \"b\"\neffective = 07:32:00\n+++\n", "effective: "),
        ] {
            let error = parse(text).expect_err("it is refused");
            assert!(error.contains(cause), "{text:?}: {error}");
        }
    }
}
