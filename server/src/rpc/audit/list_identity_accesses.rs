//! `ListIdentityAccesses`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::AuditApi;
use crate::access::Permit;
use crate::desk::reveal::list_identity_accesses::ListIdentityAccesses;
use crate::desk::reveal::look_up::CallerNumbers;
use crate::identity::LookUp;
use crate::identity::access_log::{AccessFilter, IdentityAccess};
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum;
use crate::rpc::fields::{Fields, PRINCIPAL_CHARS_MAX};
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{code, time};

impl Handler<AuditApi> for pb::ListIdentityAccessesRequest {
    async fn handle(&self, api: &AuditApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let has_ticket = !self.ticket_number.is_empty();
        let filter = AccessFilter {
            ticket: has_ticket.then(|| fields.number("ticket_number", &self.ticket_number)),
            principal: fields.optional("principal", &self.principal, PRINCIPAL_CHARS_MAX),
            from: fields.time("start_time", self.start_time.as_ref()),
            before: fields.time("end_time", self.end_time.as_ref()),
            caller: LookUp::default(),
        };
        let code = fields.sought_code("social_credit_code", &self.social_credit_code);
        let phone = fields.sought_phone("contact_phone", &self.contact_phone);
        let filter = fields.finish(filter)?;
        let caller = CallerNumbers::new(permit, code, phone)?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<2>()? {
            Some([at, id]) => Some((page::parse(&at)?, id)),
            None => None,
        };
        let query = ListIdentityAccesses { filter, caller, after, limit: page.fetch_limit() };
        let found = api.identities.list_identity_accesses(permit, query).await?;
        let cursor = |access: &IdentityAccess| format!("{}\n{}", access.at.timestamp_micros(), access.id);
        let (accesses, next_page_token) = page.encode(&found, cursor, encode);
        Ok(pb::ListIdentityAccessesResponse { accesses, next_page_token })
    }
}

fn encode(access: &IdentityAccess) -> pb::IdentityAccess {
    pb::IdentityAccess {
        ticket_number: access.ticket.to_string(),
        access_time: Some(time(access.at)),
        principal: access.reader.principal.clone(),
        unit: code(access.reader.unit.as_ref()),
        occasion: access.reason.occasion.number(),
        purpose: access.reason.purpose.map(ContractEnum::number).unwrap_or_default(),
        note: access.reason.note.clone(),
        approved_by: access.reason.approved_by.clone().unwrap_or_default(),
    }
}
