//! Templates of texts, which administrators keep.

use hotline_client::{PutTextTemplate, Role::Administrator, TextTemplate, TextTemplateKind};

use crate::console::form::{Field, labels, topics, units};
use crate::console::verb::{Done, Loaded, Setting, Subject, Verb};
use crate::console::zone;

/// The longest text, in characters.
const TEXT_CHARS_MAX: usize = 2000;

pub(super) const VERBS: &[Verb] = &[Verb {
    key: "put-text-template",
    zh: "编辑常用语",
    en: "Edit a text template",
    roles: &[Administrator],
    states: &[],
    subject: Subject::TextTemplate,
    fields,
    run: |client, input| {
        Box::pin(async move {
            let values = input.values;
            let kind = values.choice("template.kind").unwrap_or(TextTemplateKind::Unrecognised(0));
            let code = values.get("template.code").unwrap_or(input.subject);
            let template = TextTemplate {
                name_en: values.get("template.name_en"),
                text_en: values.get("template.text_en"),
                topic: values.get("template.topic"),
                unit: values.get("template.unit"),
                start_time: values.time("template.start_time"),
                end_time: values.time("template.end_time"),
                etag: input.etag,
                ..TextTemplate::new(code, kind, values.text("template.name"), values.text("template.text"))
            };
            let command = PutTextTemplate::new(template).request_id(input.request_id);
            client.directory().put_text_template(command).await?;
            Ok(Done::Page("/text-templates".to_owned()))
        })
    },
}];

fn fields(at: &Setting<'_>) -> Vec<Field> {
    let known = match at.loaded {
        Loaded::TextTemplate(template) => Some(template.as_ref()),
        _ => None,
    };
    let mut fields = Vec::new();
    if known.is_none() {
        let code = Field::line("template.code", at.t("编码", "Code")).required().max(64);
        fields.push(code.hint(at.t("2 至 64 个小写字母、数字或连字符", "2 to 64 characters of [a-z0-9-]")));
    }
    let text = |name: &str, label: &str| Field::long(name, label).max(TEXT_CHARS_MAX);
    let unit_label = at.t("所属单位（不选为热线，所有人可见）", "Unit; without one everybody sees it");
    fields.extend([
        Field::select("template.kind", at.t("用途", "For"), labels!(TextTemplateKind, at.lang))
            .required()
            .value_or_none(known.map(|template| template.kind.to_string())),
        Field::line("template.name", at.t("名称", "Name"))
            .required()
            .max(100)
            .value_or_none(known.map(|template| template.name.clone())),
        Field::line("template.name_en", at.t("英文名称", "English name"))
            .max(200)
            .value_or_none(known.and_then(|template| template.name_en.clone())),
        text("template.text", at.t("内容", "Text"))
            .required()
            .value_or_none(known.map(|template| template.text.clone())),
        text("template.text_en", at.t("英文内容", "English text"))
            .value_or_none(known.and_then(|template| template.text_en.clone())),
        Field::select(
            "template.topic",
            at.t("事项（不选为全部）", "Topic; without one for all"),
            topics(at.names, at.lang),
        )
        .value_or_none(known.and_then(|template| template.topic.clone())),
        Field::select("template.unit", unit_label, units(at.names, at.lang))
            .value_or_none(known.and_then(|template| template.unit.clone())),
        Field::time("template.start_time", at.t("启用时间（不填为现在）", "From; now, if it is empty"))
            .value_or_none(known.and_then(|template| template.start_time).map(zone::input)),
        Field::time("template.end_time", at.t("停用时间", "Until"))
            .value_or_none(known.and_then(|template| template.end_time).map(zone::input)),
    ]);
    fields
}
