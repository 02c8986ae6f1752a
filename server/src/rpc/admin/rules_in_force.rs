//! `ListRulesInForce`.

use chrono::DateTime;
use hotline_proto::v1 as pb;

use super::AdminApi;
use crate::access::Permit;
use crate::deadline::{RuleInForce, RuleKind};
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{count, time};

impl Handler<AdminApi> for pb::ListRulesInForceRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let kind = fields.choice("kind", self.kind, RuleKind::Policy);
        let kind = fields.finish(kind)?;
        let filter = self.kind.to_string();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, filter.as_bytes())?;
        let before = match page.cursor::<1>()? {
            Some([micros]) => DateTime::from_timestamp_micros(page::parse(&micros)?),
            None => None,
        };
        let found = api.rules.list_rules_in_force(kind, before, page.fetch_limit()).await?;
        let cursor = |rule: &RuleInForce| rule.effective_from.timestamp_micros().to_string();
        let (rules, next_page_token) = page.encode(&found, cursor, encode);
        Ok(pb::ListRulesInForceResponse { rules, next_page_token })
    }
}

fn encode(rule: &RuleInForce) -> pb::RuleInForce {
    pb::RuleInForce {
        kind: rule.kind.number(),
        version: rule.version.clone(),
        effective_time: rule.proposal.map(|_| time(rule.effective_from)),
        proposal_number: rule.proposal.map_or(0, count),
    }
}
