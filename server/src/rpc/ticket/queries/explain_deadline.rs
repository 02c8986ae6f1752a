//! `ExplainDeadline`.

use hotline_proto::v1 as pb;

use crate::access::Permit;
use crate::closed_loop::queries::explain_deadline::DeadlineChange;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::explanation;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::scalars::time;
use crate::rpc::ticket::TicketApi;

impl Handler<TicketApi> for pb::ExplainDeadlineRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let number = fields.number("ticket_number", &self.ticket_number);
        let explained = api.queries.explain_deadline(permit, fields.finish(number)?).await?;
        Ok(pb::ExplainDeadlineResponse {
            explanation: Some(explanation::encode(&explained.explanation)),
            changes: explained.changes.into_iter().map(change).collect(),
            due_time: Some(time(explained.due_at)),
            now: Some(time(explained.now)),
            seconds_left: (explained.due_at - explained.now).num_seconds(),
        })
    }
}

fn change(change: DeadlineChange) -> pb::DeadlineChange {
    pb::DeadlineChange {
        change_time: Some(time(change.at)),
        cause: change.cause.number(),
        tier: change.tier.number(),
        due_time: Some(time(change.due_at)),
        policy_version: change.policy_version.unwrap_or_default(),
        calendar_version: change.calendar_version.unwrap_or_default(),
    }
}
