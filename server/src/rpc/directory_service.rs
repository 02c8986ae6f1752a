//! `hotline.v1.DirectoryService`.

use std::sync::Arc;

use hotline_proto::v1 as pb;
use hotline_proto::v1::ErrorReason;
use pb::directory_service_server::DirectoryService;
use prost::Message as _;
use serde_json::json;
use tonic::{Request, Response, Status};

use super::fields::{Fields, Lines};
use super::once::once;
use super::page::{self, Page};
use super::ticket_service::key_of;
use super::wire::{Wire as _, time};
use super::{encode, permit_of, rules, status};
use crate::access::Permit;
use crate::audit_log::records;
use crate::closed_loop::ClosedLoop;
use crate::deadline;
use crate::desk::directory::catalogue::{self, CatalogueEntry};
use crate::desk::directory::topics::{self, Topic};
use crate::desk::directory::units::{self, Unit, UnitGroup};
use crate::platform::Fault;
use crate::ticket::{Category, Complexity, Tier, UnitCode};

/// The longest name of a unit in Chinese, in characters.
const NAME_CHARS_MAX: usize = 100;
/// The longest name of a unit in English, in characters.
const NAME_EN_CHARS_MAX: usize = 200;

/// Serves the directory.
#[derive(Debug, Clone)]
pub struct DirectorySwitchboard {
    /// The database, the clock, the policies and the calendar.
    pub closed_loop: ClosedLoop,
}

fn encode_unit(unit: &Unit) -> pb::Unit {
    pb::Unit {
        code: unit.code.0.clone(),
        name: unit.name.clone(),
        name_en: unit.name_en.clone(),
        group: unit.group.number(),
        parent: unit.parent.as_ref().map(|parent| parent.0.clone()).unwrap_or_default(),
        district: unit.district.clone().unwrap_or_default(),
        active: unit.is_active,
        etag: unit.etag(),
    }
}

fn decode_unit(unit: Option<&pb::Unit>, fields: &mut Fields) -> Option<(Unit, Option<String>)> {
    let Some(unit) = unit else {
        fields.wrong("unit", "is required");
        return None;
    };
    let parent = (!unit.parent.is_empty()).then(|| fields.unit("unit.parent", &unit.parent));
    let etag = fields.optional("unit.etag", &unit.etag, 64);
    let read = Unit {
        code: fields.unit("unit.code", &unit.code),
        name: fields.text("unit.name", &unit.name, 1..=NAME_CHARS_MAX, Lines::One),
        name_en: fields.text("unit.name_en", &unit.name_en, 0..=NAME_EN_CHARS_MAX, Lines::One),
        group: fields.choice("unit.group", unit.group, UnitGroup::Department),
        parent,
        district: fields.district("unit.district", &unit.district),
        is_active: unit.active,
        version: 0,
    };
    Some((read, etag))
}

fn encode_topic(topic: &Topic) -> pb::Topic {
    pb::Topic { code: topic.code.clone(), name: topic.name.clone(), name_en: topic.name_en.clone() }
}

fn encode_entry(entry: &CatalogueEntry) -> pb::CatalogueEntry {
    pb::CatalogueEntry {
        topic: entry.topic.clone(),
        district: entry.district.clone().unwrap_or_default(),
        unit: entry.unit.0.clone(),
        start_time: Some(time(entry.effective_from)),
        end_time: entry.effective_until.map(time),
    }
}

fn decode_entry(entry: Option<&pb::CatalogueEntry>, fields: &mut Fields) -> Option<CatalogueEntry> {
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

impl DirectorySwitchboard {
    async fn list_units(
        &self,
        permit: &Permit,
        request: &pb::ListUnitsRequest,
    ) -> Result<pb::ListUnitsResponse, Fault> {
        let mut fields = Fields::default();
        let group = fields.optional_choice("group", request.group);
        fields.page_size(request.page_size);
        let filter = fields.finish(units::Filter { group, is_active_only: request.active_only })?;
        let rest = pb::ListUnitsRequest { page_size: 0, page_token: String::new(), ..*request };
        let page =
            Page::read(request.page_size, &request.page_token, permit.method().path, &rest.encode_to_vec())?;
        let behind = page.key::<1>()?.map(|[code]| code);
        let found =
            units::page(self.closed_loop.store.reader(), filter, behind.as_deref(), page.reach()).await?;
        let (units, next_page_token) = page.show(&found, |unit| unit.code.0.clone(), encode_unit);
        Ok(pb::ListUnitsResponse { units, next_page_token })
    }

    async fn list_topics(
        &self,
        permit: &Permit,
        request: &pb::ListTopicsRequest,
    ) -> Result<pb::ListTopicsResponse, Fault> {
        let page = Page::read(request.page_size, &request.page_token, permit.method().path, b"")?;
        let behind = page.key::<1>()?.map(|[code]| code);
        let found = topics::page(self.closed_loop.store.reader(), behind.as_deref(), page.reach()).await?;
        let (topics, next_page_token) = page.show(&found, |topic| topic.code.clone(), encode_topic);
        Ok(pb::ListTopicsResponse { topics, next_page_token })
    }

    async fn list_entries(
        &self,
        permit: &Permit,
        request: &pb::ListCatalogueEntriesRequest,
    ) -> Result<pb::ListCatalogueEntriesResponse, Fault> {
        let mut fields = Fields::default();
        fields.page_size(request.page_size);
        let topic = fields.topic("topic", &request.topic);
        let effective_at = fields.time("effective_time", request.effective_time.as_ref());
        let filter = fields.finish(catalogue::Filter { topic, effective_at })?;
        let rest =
            pb::ListCatalogueEntriesRequest { page_size: 0, page_token: String::new(), ..request.clone() };
        let page =
            Page::read(request.page_size, &request.page_token, permit.method().path, &rest.encode_to_vec())?;
        let behind = match page.key::<3>()? {
            Some([topic, district, from]) => Some((topic, district, page::parse(&from)?)),
            None => None,
        };
        let found =
            catalogue::page(self.closed_loop.store.reader(), &filter, behind.as_ref(), page.reach()).await?;
        let key = |entry: &CatalogueEntry| {
            let district = entry.district.as_deref().unwrap_or_default();
            format!("{}\n{district}\n{}", entry.topic, entry.effective_from.timestamp_micros())
        };
        let (entries, next_page_token) = page.show(&found, key, encode_entry);
        Ok(pb::ListCatalogueEntriesResponse { entries, next_page_token })
    }

    async fn put_unit(
        &self,
        permit: &Permit,
        request: &pb::PutUnitRequest,
    ) -> Result<pb::PutUnitResponse, Fault> {
        let mut fields = Fields::default();
        let key = key_of(permit, &request.request_id, request, &mut fields);
        let unit = decode_unit(request.unit.as_ref(), &mut fields);
        let (unit, etag) =
            fields.finish(unit)?.ok_or_else(|| Fault::internal("a unit without a violation"))?;
        let asked = Arc::new((self.closed_loop.clone(), permit.clone(), unit, etag));
        once(&self.closed_loop, key, move |work| {
            let asked = Arc::clone(&asked);
            Box::pin(async move {
                let (closed_loop, permit, unit, etag) = &*asked;
                let unit = units::put(work, unit.clone(), etag.as_deref()).await?;
                let details = json!({ "version": unit.version, "is_active": unit.is_active });
                let (actor, method) = (permit.actor(), permit.method().method);
                records::record(work, &actor, method, &format!("unit/{}", unit.code), details).await?;
                // Whoever stands under it may stand under an accused unit now.
                if unit.parent.is_some() && unit.version > 1 {
                    let recalled = closed_loop.recall_conflicts(work, permit).await?;
                    tracing::info!(unit = %unit.code, recalled, "a unit was put elsewhere in the tree");
                }
                Ok(pb::PutUnitResponse { unit: Some(encode_unit(&unit)) })
            })
        })
        .await
    }

    async fn put_entry(
        &self,
        permit: &Permit,
        request: &pb::PutCatalogueEntryRequest,
    ) -> Result<pb::PutCatalogueEntryResponse, Fault> {
        let mut fields = Fields::default();
        let key = key_of(permit, &request.request_id, request, &mut fields);
        let entry = decode_entry(request.entry.as_ref(), &mut fields);
        let entry = fields.finish(entry)?.ok_or_else(|| Fault::internal("an entry without a violation"))?;
        let (actor, method) = (permit.actor(), permit.method().method);
        once(&self.closed_loop, key, move |work| {
            let (entry, actor) = (entry.clone(), actor.clone());
            Box::pin(async move {
                let entry = catalogue::put(work, entry).await?;
                let from = entry.effective_from.timestamp_micros();
                let details = json!({ "district": entry.district, "unit": entry.unit, "from": from });
                records::record(work, &actor, method, &format!("catalogue/{}", entry.topic), details).await?;
                Ok(pb::PutCatalogueEntryResponse { entry: Some(encode_entry(&entry)) })
            })
        })
        .await
    }

    async fn find_unit(&self, code: &str) -> Result<pb::GetUnitResponse, Fault> {
        let mut fields = Fields::default();
        let code: UnitCode = fields.unit("code", code);
        let code = fields.finish(code)?;
        let found = units::find(self.closed_loop.store.reader(), &code).await?;
        let unit = found.ok_or_else(|| Fault::new(ErrorReason::UnitNotFound).with("unit", code.as_str()))?;
        Ok(pb::GetUnitResponse { unit: Some(encode_unit(&unit)) })
    }

    async fn preview(
        &self,
        request: &pb::PreviewDeadlineRequest,
    ) -> Result<pb::PreviewDeadlineResponse, Fault> {
        let mut fields = Fields::default();
        let category = fields.choice("category", request.category, Category::Appeal);
        let complexity = fields.choice("complexity", request.complexity, Complexity::General);
        let intake_at = fields.time("intake_time", request.intake_time.as_ref());
        let policy_version = fields.optional("policy_version", &request.policy_version, 64);
        let calendar_version = fields.optional("calendar_version", &request.calendar_version, 64);
        let tier = fields.finish(Tier::of(category, complexity, request.several_units))?;
        let intake_at = intake_at.unwrap_or_else(|| self.closed_loop.clock.now());
        let (reader, book) = (self.closed_loop.store.reader(), self.closed_loop.ledger.rules());
        let mut under = book.in_force(reader, intake_at).await?;
        if let Some(version) = policy_version {
            under.policy =
                rules::found("policy_version", &version, book.find_policy(reader, &version).await?)?;
        }
        if let Some(version) = calendar_version {
            let found = book.find_calendar(reader, &version).await?;
            under.calendar = rules::found("calendar_version", &version, found)?;
        }
        let explanation = deadline::explain(&under.policy, &under.calendar, tier, intake_at)
            .map_err(|error| Fault::new(ErrorReason::InvalidFields).at("intake_time", error.to_string()))?;
        Ok(pb::PreviewDeadlineResponse { explanation: Some(encode::explanation(&explanation)) })
    }
}

#[tonic::async_trait]
impl DirectoryService for DirectorySwitchboard {
    async fn list_units(
        &self,
        request: Request<pb::ListUnitsRequest>,
    ) -> Result<Response<pb::ListUnitsResponse>, Status> {
        let permit = permit_of(&request)?;
        self.list_units(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn get_unit(
        &self,
        request: Request<pb::GetUnitRequest>,
    ) -> Result<Response<pb::GetUnitResponse>, Status> {
        permit_of(&request)?;
        self.find_unit(&request.get_ref().code).await.map(Response::new).map_err(status::of)
    }

    async fn put_unit(
        &self,
        request: Request<pb::PutUnitRequest>,
    ) -> Result<Response<pb::PutUnitResponse>, Status> {
        let permit = permit_of(&request)?;
        self.put_unit(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn list_catalogue_entries(
        &self,
        request: Request<pb::ListCatalogueEntriesRequest>,
    ) -> Result<Response<pb::ListCatalogueEntriesResponse>, Status> {
        let permit = permit_of(&request)?;
        self.list_entries(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn put_catalogue_entry(
        &self,
        request: Request<pb::PutCatalogueEntryRequest>,
    ) -> Result<Response<pb::PutCatalogueEntryResponse>, Status> {
        let permit = permit_of(&request)?;
        self.put_entry(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn list_topics(
        &self,
        request: Request<pb::ListTopicsRequest>,
    ) -> Result<Response<pb::ListTopicsResponse>, Status> {
        let permit = permit_of(&request)?;
        self.list_topics(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn preview_deadline(
        &self,
        request: Request<pb::PreviewDeadlineRequest>,
    ) -> Result<Response<pb::PreviewDeadlineResponse>, Status> {
        permit_of(&request)?;
        self.preview(request.get_ref()).await.map(Response::new).map_err(status::of)
    }
}
