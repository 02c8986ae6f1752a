//! `ListUnits`, `GetUnit` and `PutUnit`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::DirectoryApi;
use crate::access::Permit;
use crate::desk::directory::put_unit::{PutOutcome, PutUnit};
use crate::desk::directory::units::UnitFilter;
use crate::desk::directory::{Unit, UnitGroup};
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::Page;
use crate::rpc::scalars;

/// The longest name of a unit in Chinese, in characters.
const NAME_CHARS_MAX: usize = 100;
/// The longest name of a unit in English, in characters.
const NAME_EN_CHARS_MAX: usize = 200;

impl Handler<DirectoryApi> for pb::ListUnitsRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let group = fields.optional_choice("group", self.group);
        fields.page_size(self.page_size);
        let filter = fields.finish(UnitFilter { group, is_active_only: self.active_only })?;
        let rest = Self { page_size: 0, page_token: String::new(), ..*self };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = page.cursor::<1>()?.map(|[code]| code);
        let found = api.directory.list_units(filter, after.as_deref(), page.fetch_limit()).await?;
        let (units, next_page_token) = page.encode(&found, |unit| unit.code.0.clone(), encode);
        Ok(pb::ListUnitsResponse { units, next_page_token })
    }
}

impl Handler<DirectoryApi> for pb::GetUnitRequest {
    async fn handle(&self, api: &DirectoryApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let code = fields.unit("code", &self.code);
        let unit = api.directory.get_unit(&fields.finish(code)?).await?;
        Ok(pb::GetUnitResponse { unit: Some(encode(&unit)) })
    }
}

impl Handler<DirectoryApi> for pb::PutUnitRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = decode(self.unit.as_ref(), self.to_desk, &mut fields);
        let command = fields.finish(command)?.ok_or_else(|| Fault::internal("a unit without a violation"))?;
        let answer = |put: &PutOutcome| pb::PutUnitResponse {
            unit: Some(encode(&put.unit)),
            transfer_number: scalars::count(put.transfer.unwrap_or_default()),
        };
        api.directory.put_unit(permit, key, command, answer).await
    }
}

fn encode(unit: &Unit) -> pb::Unit {
    pb::Unit {
        code: unit.code.0.clone(),
        name: unit.name.clone(),
        name_en: unit.name_en.clone(),
        group: unit.group.number(),
        parent: scalars::code(unit.parent.as_ref()),
        district: unit.district.clone().unwrap_or_default(),
        active: unit.is_active,
        etag: unit.etag(),
        successor: scalars::code(unit.successor.as_ref()),
        policy_number: unit.policy_number.clone().unwrap_or_default(),
    }
}

fn decode(unit: Option<&pb::Unit>, to_desk: bool, fields: &mut Fields) -> Option<PutUnit> {
    let Some(unit) = unit else {
        fields.wrong("unit", "is required");
        return None;
    };
    let parent = (!unit.parent.is_empty()).then(|| fields.unit("unit.parent", &unit.parent));
    let etag = fields.optional("unit.etag", &unit.etag, 64);
    let successor = (!unit.successor.is_empty()).then(|| fields.unit("unit.successor", &unit.successor));
    if to_desk && (unit.active || successor.is_some()) {
        fields.wrong("to_desk", "is for a unit that is not active and has no successor");
    }
    let unit = Unit {
        version: 0,
        code: fields.unit("unit.code", &unit.code),
        name: fields.text("unit.name", &unit.name, 1..=NAME_CHARS_MAX, Lines::One),
        name_en: fields.text("unit.name_en", &unit.name_en, 0..=NAME_EN_CHARS_MAX, Lines::One),
        group: fields.choice("unit.group", unit.group, UnitGroup::Department),
        parent,
        district: fields.district("unit.district", &unit.district),
        is_active: unit.active,
        successor,
        policy_number: fields.policy_number("unit.policy_number", &unit.policy_number),
    };
    Some(PutUnit { unit, etag, to_desk })
}
