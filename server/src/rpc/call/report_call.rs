//! `ReportCall`: its request as a part of a call. The instant of the part dates each of its values.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{CallApi, decode};
use crate::access::Permit;
use crate::platform::Fault;
use crate::platform::idempotency::{RequestKey, fingerprint};
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::ticket::CallId;

impl Handler<CallApi> for pb::ReportCallRequest {
    async fn handle(&self, api: &CallApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::at(api.calls.clock.now());
        let request_id = fields.request_id(&self.request_id);
        let part = decode::part(self, &mut fields);
        let fingerprint = fingerprint_of(permit, self);
        let key = RequestKey { principal: permit.principal().to_owned(), request_id, fingerprint };
        let part = fields.finish(part)?;
        let answer = |id: &CallId| pb::ReportCallResponse { call_id: id.to_string() };
        api.calls.report_call(permit, key, part, answer).await
    }
}

/// The fingerprint that identifies repeats. It has none of the parties' numbers: eleven digits can be guessed from a
/// digest, and an answer that compared them would tell a right guess.
fn fingerprint_of(permit: &Permit, request: &pb::ReportCallRequest) -> String {
    let mut comparable = pb::ReportCallRequest { request_id: String::new(), ..request.clone() };
    if let Some(details) = &mut comparable.details {
        details.calling_number.clear();
        details.redirecting_number.clear();
        for leg in &mut details.legs {
            leg.from_number.clear();
            leg.to_number.clear();
        }
    }
    fingerprint(permit.method().path, None, &comparable.encode_to_vec())
}

#[cfg(test)]
mod tests {
    use hotline_proto::METHODS;
    use hotline_proto::v1::Role;

    use super::*;
    use crate::access::Caller;

    #[test]
    fn no_guess_at_a_number_changes_the_fingerprint() {
        let caller =
            Caller { principal: "switch".to_owned(), roles: vec![Role::Telephony], ..Caller::default() };
        let row = METHODS.iter().find(|row| row.method == "ReportCall").expect("a method");
        let permit = Permit::grant(caller, row).expect("telephony reports");
        let report = |number: &str, trunk: &str| {
            let leg = pb::CallLeg {
                leg: "1".to_owned(),
                from_number: number.to_owned(),
                to_number: number.to_owned(),
                ..Default::default()
            };
            let details = pb::CallDetails {
                calling_number: number.to_owned(),
                redirecting_number: number.to_owned(),
                trunk: trunk.to_owned(),
                legs: vec![leg],
                ..Default::default()
            };
            pb::ReportCallRequest { details: Some(details), ..Default::default() }
        };
        let first = fingerprint_of(&permit, &report("13800138000", "a"));
        assert_eq!(fingerprint_of(&permit, &report("13900139000", "a")), first);
        assert_ne!(fingerprint_of(&permit, &report("13800138000", "b")), first);
    }
}
