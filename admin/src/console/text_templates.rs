//! Templates of texts: the page of those that are kept, and the choice of one at the end of a form.
//!
//! The choice works without JavaScript: the form is posted with what was typed and comes back with the text, and
//! nothing is sent to the hotline.

use hotline_client::{Error, HotlineClient, ListTextTemplates, TextTemplate, TextTemplateKind};

use super::app::named;
use super::content::{Block, action, cell, content, filter, linked, next};
use super::form::{Field, Form, Kind, TemplateChoice, TemplateGroup, labels};
use super::knowledge_pages::offered;
use super::language::Lang;
use super::ticket_page::notice;
use super::visit::{Answer, Visit};
use super::zone;

/// The items of a page.
const PAGE_SIZE: u32 = 50;
const READ_AT_ONCE: u32 = 200;
/// The most templates that a field offers.
const OFFERED_MAX: usize = 100;
/// The characters of a text in the list.
const START_CHARS_MAX: usize = 60;

/// A template by its code.
pub(crate) async fn find(client: &HotlineClient, code: &str) -> Result<Option<TextTemplate>, Error> {
    let which = ListTextTemplates::default().page_size(READ_AT_ONCE);
    let mut all = client.directory().list_text_templates(which);
    while let Some(one) = all.try_next().await? {
        if one.code == code {
            return Ok(Some(one));
        }
    }
    Ok(None)
}

/// The choices of a kind for a field.
fn choices(field: &str, templates: Vec<TextTemplate>, lang: Lang) -> Vec<TemplateChoice> {
    let choice = |template: TextTemplate| TemplateChoice {
        value: format!("{field}:{}", template.code),
        label: named(&template.name, template.name_en.as_deref(), lang).to_owned(),
        text: named(&template.text, template.text_en.as_deref(), lang).to_owned(),
    };
    templates.into_iter().map(choice).collect()
}

/// Adds to a form the templates for its texts that are in force: those of the hotline, and of the visitor's unit. A
/// form is whole without them.
pub(crate) async fn offer(visit: &Visit, form: &mut Form, topic: Option<&str>) {
    let mut read: Vec<(TextTemplateKind, Vec<TextTemplate>)> = Vec::new();
    for field in form.fields.iter().filter(|field| field.kind == Kind::Long) {
        let Some(kind) = field.template else { continue };
        if !read.iter().any(|(other, _)| *other == kind) {
            let mut which = ListTextTemplates::default()
                .kind(kind)
                .effective_time(visit.now)
                .hotline_only(visit.session.unit.is_none())
                .page_size(READ_AT_ONCE);
            which.topic = topic.map(str::to_owned);
            let found = visit.client.directory().list_text_templates(which).take_up_to(OFFERED_MAX).await;
            read.push((kind, found.unwrap_or_default()));
        }
        let of_kind = read.iter().find(|(other, _)| *other == kind);
        let templates = of_kind.map(|(_, templates)| templates.clone()).unwrap_or_default();
        if !templates.is_empty() {
            let choices = choices(&field.name, templates, visit.lang);
            form.templates.push(TemplateGroup { label: field.label.clone(), choices });
        }
    }
}

/// `GET /text-templates`: the templates that the visitor may see.
pub(crate) async fn list(visit: Visit) -> Answer {
    let l = visit.lang;
    let is_administrator = visit.session.has_any(&[hotline_client::Role::Administrator]);
    let mut which = ListTextTemplates::default().page_size(PAGE_SIZE);
    which.kind = visit.query.choice("kind");
    let mut listing = visit.client.directory().list_text_templates(which);
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (templates, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let rows = templates.iter().map(|template| {
        let name = named(&template.name, template.name_en.as_deref(), l);
        let link = action("put-text-template", &template.code, "").href;
        let text = named(&template.text, template.text_en.as_deref(), l);
        let mut start: String = text.chars().take(START_CHARS_MAX).collect();
        if text.chars().count() > START_CHARS_MAX {
            start.push('…');
        }
        let topic = template.topic.as_deref().map(|topic| visit.names.topic(topic, l));
        let unit = template.unit.as_deref().map(|unit| visit.names.unit(unit, l));
        vec![
            if is_administrator { linked(name, link) } else { cell(name) },
            cell(template.kind.label(l.sdk())),
            cell(topic.unwrap_or(l.t("全部", "all"))),
            cell(unit.unwrap_or(l.t("热线", "the hotline"))),
            cell(template.start_time.map(zone::full).unwrap_or_default()),
            cell(template.end_time.map(zone::full).unwrap_or_default()),
            cell(template.revision.to_string()),
            cell(start),
        ]
    });
    let heads = vec![
        l.t("名称", "Name"),
        l.t("用途", "For"),
        l.t("事项", "Topic"),
        l.t("所属", "Of"),
        l.t("开始", "From"),
        l.t("结束", "Until"),
        l.t("修订", "Revision"),
        l.t("内容", "Text"),
    ];
    let fields = vec![Field::select("kind", l.t("用途", "For"), labels!(TextTemplateKind, l))];
    let title = l.t("常用语", "Text templates");
    let mut blocks =
        vec![filter(&visit.query, fields), Block::Table(title.to_owned(), heads, rows.collect())];
    blocks.extend(next(&visit.query, token.as_deref()));
    let mut page = visit.page(title);
    page.notice = notice(&visit);
    Ok(content(page, offered(&visit, &["put-text-template"], ""), blocks))
}
