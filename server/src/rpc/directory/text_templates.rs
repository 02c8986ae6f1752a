//! `PutTextTemplate` and `ListTextTemplates`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::DirectoryApi;
use crate::access::Permit;
use crate::desk::text_template::list_text_templates::TextTemplateFilter;
use crate::desk::text_template::put_text_template::PutTextTemplate;
use crate::desk::text_template::{TextTemplate, TextTemplateKind};
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::Page;
use crate::rpc::scalars::{optional_time, time};

/// The longest name in Chinese, in characters.
const NAME_CHARS_MAX: usize = 100;
/// The longest name in English, in characters.
const NAME_EN_CHARS_MAX: usize = 200;
/// The longest text, in characters. Each of the fields that it is for holds as many.
const TEXT_CHARS_MAX: usize = 2_000;
/// The longest etag, in characters.
const ETAG_CHARS_MAX: usize = 64;

impl Handler<DirectoryApi> for pb::PutTextTemplateRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let put = decode(self.template.as_ref(), &mut fields);
        let put = fields.finish(put)?.ok_or_else(|| Fault::internal("a template without a violation"))?;
        let answer =
            |template: &TextTemplate| pb::PutTextTemplateResponse { template: Some(encode(template)) };
        api.text_templates.put_text_template(permit, key, put, answer).await
    }
}

fn decode(template: Option<&pb::TextTemplate>, fields: &mut Fields) -> Option<PutTextTemplate> {
    let Some(template) = template else {
        fields.wrong("template", "is required");
        return None;
    };
    let effective_from = fields.time("template.start_time", template.start_time.as_ref());
    let effective_until = fields.time("template.end_time", template.end_time.as_ref());
    if effective_from.zip(effective_until).is_some_and(|(from, until)| until <= from) {
        fields.wrong("template.end_time", "is later than start_time");
    }
    let unit = &template.unit;
    Some(PutTextTemplate {
        code: fields.skill("template.code", &template.code),
        kind: fields.choice("template.kind", template.kind, TextTemplateKind::Answer),
        name: fields.text("template.name", &template.name, 1..=NAME_CHARS_MAX, Lines::One),
        name_en: fields.text("template.name_en", &template.name_en, 0..=NAME_EN_CHARS_MAX, Lines::One),
        text: fields.text("template.text", &template.text, 1..=TEXT_CHARS_MAX, Lines::Many),
        text_en: fields.text("template.text_en", &template.text_en, 0..=TEXT_CHARS_MAX, Lines::Many),
        topic: fields.topic("template.topic", &template.topic),
        unit: (!unit.is_empty()).then(|| fields.unit("template.unit", unit)),
        effective_from,
        effective_until,
        etag: fields.optional("template.etag", &template.etag, ETAG_CHARS_MAX),
    })
}

fn encode(template: &TextTemplate) -> pb::TextTemplate {
    pb::TextTemplate {
        code: template.code.clone(),
        kind: template.kind.number(),
        name: template.name.clone(),
        name_en: template.name_en.clone(),
        text: template.text.clone(),
        text_en: template.text_en.clone(),
        topic: template.topic.clone().unwrap_or_default(),
        unit: template.unit.as_ref().map(|unit| unit.0.clone()).unwrap_or_default(),
        start_time: Some(time(template.effective_from)),
        end_time: optional_time(template.effective_until),
        revision: i32::try_from(template.revision).unwrap_or(i32::MAX),
        put_time: Some(time(template.put_at)),
        etag: template.etag(),
    }
}

impl Handler<DirectoryApi> for pb::ListTextTemplatesRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let filter = TextTemplateFilter {
            kind: fields.optional_choice("kind", self.kind),
            topic: fields.topic("topic", &self.topic),
            effective_at: fields.time("effective_time", self.effective_time.as_ref()),
            is_hotline_only: self.hotline_only,
        };
        let filter = fields.finish(filter)?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = page.cursor::<1>()?.map(|[code]| code);
        let limit = page.fetch_limit();
        let found = api.text_templates.list_text_templates(permit, &filter, after.as_deref(), limit).await?;
        let (templates, next_page_token) = page.encode(&found, |template| template.code.clone(), encode);
        Ok(pb::ListTextTemplatesResponse { templates, next_page_token })
    }
}
