//! `ListCatalogueEntries` and `PutCatalogueEntry`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::DirectoryApi;
use crate::access::Permit;
use crate::desk::directory::catalogue::{CatalogueEntry, CatalogueFilter};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{optional_time, time};

impl Handler<DirectoryApi> for pb::ListCatalogueEntriesRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let topic = fields.topic("topic", &self.topic);
        let effective_at = fields.time("effective_time", self.effective_time.as_ref());
        let filter = fields.finish(CatalogueFilter { topic, effective_at })?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<3>()? {
            Some([topic, district, from]) => Some((topic, district, page::parse(&from)?)),
            None => None,
        };
        let limit = page.fetch_limit();
        let found = api.directory.list_catalogue_entries(&filter, after.as_ref(), limit).await?;
        let cursor = |entry: &CatalogueEntry| {
            let district = entry.district.as_deref().unwrap_or_default();
            format!("{}\n{district}\n{}", entry.topic, entry.effective_from.timestamp_micros())
        };
        let (entries, next_page_token) = page.encode(&found, cursor, encode);
        Ok(pb::ListCatalogueEntriesResponse { entries, next_page_token })
    }
}

impl Handler<DirectoryApi> for pb::PutCatalogueEntryRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let entry = decode(self.entry.as_ref(), &mut fields);
        let entry = fields.finish(entry)?.ok_or_else(|| Fault::internal("an entry without a violation"))?;
        let answer = |entry: &CatalogueEntry| pb::PutCatalogueEntryResponse { entry: Some(encode(entry)) };
        api.directory.put_catalogue_entry(permit, key, entry, answer).await
    }
}

fn encode(entry: &CatalogueEntry) -> pb::CatalogueEntry {
    pb::CatalogueEntry {
        topic: entry.topic.clone(),
        district: entry.district.clone().unwrap_or_default(),
        unit: entry.unit.0.clone(),
        start_time: Some(time(entry.effective_from)),
        end_time: optional_time(entry.effective_until),
    }
}

fn decode(entry: Option<&pb::CatalogueEntry>, fields: &mut Fields) -> Option<CatalogueEntry> {
    let Some(entry) = entry else {
        fields.wrong("entry", "is required");
        return None;
    };
    if entry.topic.is_empty() {
        fields.wrong("entry.topic", "is required");
    }
    Some(CatalogueEntry {
        topic: fields.topic("entry.topic", &entry.topic).unwrap_or_default(),
        district: fields.district("entry.district", &entry.district),
        unit: fields.unit("entry.unit", &entry.unit),
        effective_from: fields.required_time("entry.start_time", entry.start_time.as_ref()),
        effective_until: None,
    })
}
