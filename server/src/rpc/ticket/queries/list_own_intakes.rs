//! `ListOwnIntakes`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use crate::access::Permit;
use crate::ledger::own_intakes::OwnIntake;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::time;
use crate::rpc::ticket::TicketApi;

impl Handler<TicketApi> for pb::ListOwnIntakesRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        fields.finish(())?;
        let rest = Self { page_size: 0, page_token: String::new() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let before = page.cursor::<1>()?.map(|[number]| page::parse(&number)).transpose()?;
        let found = api.queries.list_own_intakes(permit, before, page.fetch_limit()).await?;
        let cursor = |one: &OwnIntake| one.number.as_i64().to_string();
        let (intakes, next_page_token) = page.encode(&found, cursor, encode);
        Ok(pb::ListOwnIntakesResponse { intakes, next_page_token })
    }
}

fn encode(one: &OwnIntake) -> pb::OwnIntake {
    let source = one.source.as_ref();
    pb::OwnIntake {
        ticket_number: one.number.to_string(),
        intake_time: Some(time(one.received_at)),
        source: source
            .map(|source| pb::Source { system: source.system.clone(), reference: source.reference.clone() }),
        state: one.state.map_or(0, ContractEnum::number),
        state_withheld: one.state.is_none(),
    }
}
