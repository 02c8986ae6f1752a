//! What a version of an article says, from a request.

use hotline_proto::v1 as pb;

use crate::desk::knowledge::{ArticleContent, LegalSource};
use crate::rpc::fields::{Fields, Lines};

/// The longest title or question, in characters.
const LINE_CHARS_MAX: usize = 200;
/// The longest body, in characters.
const BODY_CHARS_MAX: usize = 20_000;
/// The longest name of a legal document, in characters.
const DOCUMENT_NAME_CHARS_MAX: usize = 200;
/// The longest number of a legal document, in characters.
const DOCUMENT_NUMBER_CHARS_MAX: usize = 100;
/// The longest address of a legal document, in characters.
const LINK_CHARS_MAX: usize = 500;
/// Questions, topics or districts in one list.
const ITEMS_MAX: usize = 20;

/// Reads what a version says; `at` is the field that holds it.
pub(super) fn decode(at: &str, content: Option<&pb::ArticleContent>, fields: &mut Fields) -> ArticleContent {
    let empty = pb::ArticleContent::default();
    if content.is_none() {
        fields.wrong(at, "is required");
    }
    let is_given = content.is_some();
    let content = content.unwrap_or(&empty);
    let required = usize::from(is_given);
    let mut line = |name: &str, value: &str, min: usize, max: usize| {
        fields.text(format!("{at}.{name}"), value, min..=max, Lines::One)
    };
    let title = line("title", &content.title, required, LINE_CHARS_MAX);
    let standard_question = line("standard_question", &content.standard_question, required, LINE_CHARS_MAX);
    let source = source(content.source.as_ref(), at, fields);
    let owner_unit = (!content.owner_unit.is_empty())
        .then(|| fields.unit(format!("{at}.owner_unit"), &content.owner_unit));
    let effective_from = fields.time(&format!("{at}.effective_time"), content.effective_time.as_ref());
    let effective_until = fields.time(&format!("{at}.expiry_time"), content.expiry_time.as_ref());
    if effective_from.zip(effective_until).is_some_and(|(from, until)| until <= from) {
        fields.wrong(format!("{at}.expiry_time"), "is after effective_time");
    }
    ArticleContent {
        title,
        standard_question,
        similar_questions: items(
            &format!("{at}.similar_questions"),
            &content.similar_questions,
            fields,
            question,
        ),
        body: fields.text(format!("{at}.body"), &content.body, required..=BODY_CHARS_MAX, Lines::Many),
        topics: items(&format!("{at}.topics"), &content.topics, fields, topic),
        districts: items(&format!("{at}.districts"), &content.districts, fields, district),
        owner_unit,
        source,
        effective_from,
        effective_until,
        review_at: fields.time(&format!("{at}.review_time"), content.review_time.as_ref()),
    }
}

/// A list of different values.
fn items(
    at: &str,
    values: &[String],
    fields: &mut Fields,
    read: fn(&str, &str, &mut Fields) -> String,
) -> Vec<String> {
    if values.len() > ITEMS_MAX {
        fields.wrong(at, format!("has at most {ITEMS_MAX} items"));
        return Vec::new();
    }
    let mut items: Vec<String> = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        let item = read(&format!("{at}[{place}]"), value, fields);
        if items.contains(&item) {
            fields.wrong(format!("{at}[{place}]"), "is in the list already");
        }
        items.push(item);
    }
    items
}

fn question(at: &str, value: &str, fields: &mut Fields) -> String {
    fields.text(at, value, 1..=LINE_CHARS_MAX, Lines::One)
}

fn topic(at: &str, value: &str, fields: &mut Fields) -> String {
    let topic = fields.topic(at, value);
    if topic.is_none() {
        fields.wrong(at, "is required");
    }
    topic.unwrap_or_default()
}

fn district(at: &str, value: &str, fields: &mut Fields) -> String {
    let district = fields.district(at, value);
    if district.is_none() {
        fields.wrong(at, "is required");
    }
    district.unwrap_or_default()
}

fn source(source: Option<&pb::LegalSource>, at: &str, fields: &mut Fields) -> LegalSource {
    let Some(source) = source else { return LegalSource::default() };
    let mut read = |name: &str, value: &str, max: usize| {
        fields.text(format!("{at}.source.{name}"), value, 0..=max, Lines::One)
    };
    let document_name = read("document_name", &source.document_name, DOCUMENT_NAME_CHARS_MAX);
    let document_number = read("document_number", &source.document_number, DOCUMENT_NUMBER_CHARS_MAX);
    let link = read("link", &source.link, LINK_CHARS_MAX);
    let is_address = link.is_empty()
        || (["https://", "http://"].iter().any(|scheme| link.starts_with(scheme))
            && !link.chars().any(char::is_whitespace));
    if !is_address {
        fields.wrong(format!("{at}.source.link"), "begins with https:// or http://, and holds no space");
    }
    LegalSource { document_name, document_number, link }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(change: impl FnOnce(&mut pb::ArticleContent)) -> Vec<String> {
        let mut content = pb::ArticleContent {
            title: "企业名称申报".to_owned(),
            standard_question: "企业名称怎么申报？".to_owned(),
            body: "通过申报系统办理。".to_owned(),
            ..Default::default()
        };
        change(&mut content);
        let mut fields = Fields::default();
        decode("content", Some(&content), &mut fields);
        let wrong = fields.finish(()).err().map(|fault| fault.violations).unwrap_or_default();
        wrong.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn every_wrong_field_is_named() {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        assert_eq!(violations(|_| {}), Vec::<String>::new());
        let wrong = violations(|content| {
            content.title = String::new();
            content.body = "字".repeat(BODY_CHARS_MAX + 1);
            content.similar_questions = list(&["问", "问"]);
            content.topics = list(&["licence.change", "No Topic"]);
            content.districts = list(&["", "110105"]);
            content.owner_unit = "X".to_owned();
            content.source =
                Some(pb::LegalSource { link: "javascript:alert(1)".to_owned(), ..Default::default() });
            content.effective_time = at(1_800_000_000);
            content.expiry_time = at(1_800_000_000);
        });
        let expected = [
            "title",
            "source.link",
            "owner_unit",
            "expiry_time",
            "similar_questions[1]",
            "body",
            "topics[1]",
            "districts[0]",
        ];
        assert_eq!(wrong, expected.map(|field| format!("content.{field}")));
        let wrong = violations(|content| content.topics = vec!["t".to_owned(); ITEMS_MAX + 1]);
        assert_eq!(wrong, ["content.topics"]);
        let mut fields = Fields::default();
        decode("content", None, &mut fields);
        let missing = fields.finish(()).expect_err("it is required").violations;
        assert_eq!(missing.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["content"]);
    }
}
