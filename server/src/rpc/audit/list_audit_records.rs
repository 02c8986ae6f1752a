//! `ListAuditRecords`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::AuditApi;
use crate::access::Permit;
use crate::audit_log::records::{AuditRecord, RecordFilter};
use crate::platform::Fault;
use crate::rpc::fields::{Fields, PRINCIPAL_CHARS_MAX};
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{code, count, time};

/// The longest subject and the longest method, in characters.
const SUBJECT_CHARS_MAX: usize = 200;
const METHOD_CHARS_MAX: usize = 64;

impl Handler<AuditApi> for pb::ListAuditRecordsRequest {
    async fn handle(&self, api: &AuditApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let filter = RecordFilter {
            subject: fields.optional("subject", &self.subject, SUBJECT_CHARS_MAX),
            principal: fields.optional("principal", &self.principal, PRINCIPAL_CHARS_MAX),
            method: fields.optional("method", &self.method, METHOD_CHARS_MAX),
            from: fields.time("start_time", self.start_time.as_ref()),
            before: fields.time("end_time", self.end_time.as_ref()),
        };
        let filter = fields.finish(filter)?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<3>()? {
            Some([at, subject, sequence]) => Some((page::parse(&at)?, subject, page::parse(&sequence)?)),
            None => None,
        };
        let found = api.audit.list_audit_records(&filter, after, page.fetch_limit()).await?;
        let cursor =
            |one: &AuditRecord| format!("{}\n{}\n{}", one.at.timestamp_micros(), one.subject, one.sequence);
        let (records, next_page_token) = page.encode(&found, cursor, encode);
        Ok(pb::ListAuditRecordsResponse { records, next_page_token })
    }
}

fn encode(record: &AuditRecord) -> pb::AuditRecord {
    pb::AuditRecord {
        subject: record.subject.clone(),
        sequence: count(record.sequence),
        record_time: Some(time(record.at)),
        principal: record.actor.principal.clone(),
        unit: code(record.actor.unit.as_ref()),
        method: record.method.clone(),
        details: record.details.clone(),
    }
}
