//! `ReleaseFollowUps`: its request as a command.

use hotline_proto::v1 as pb;

use super::{AssessmentApi, follow_ups};
use crate::access::Permit;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::ticket::TicketNumber;

impl Handler<AssessmentApi> for pb::ReleaseFollowUpsRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        if !(1..=follow_ups::COUNT_MAX).contains(&self.ticket_numbers.len()) {
            fields.wrong("ticket_numbers", format!("has 1 to {} items", follow_ups::COUNT_MAX));
        }
        let named = self.ticket_numbers.iter().take(follow_ups::COUNT_MAX).enumerate();
        let numbers: Vec<_> =
            named.map(|(place, number)| fields.number(&format!("ticket_numbers[{place}]"), number)).collect();
        let answer = |released: &[TicketNumber]| pb::ReleaseFollowUpsResponse {
            ticket_numbers: released.iter().map(ToString::to_string).collect(),
        };
        api.assessment.release_follow_ups(permit, key, fields.finish(numbers)?, answer).await
    }
}
