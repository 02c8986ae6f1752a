//! `SetAbsence` and `ListAbsences`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::DirectoryApi;
use crate::access::Permit;
use crate::desk::absence::Absence;
use crate::desk::absence::set_absence::SetAbsence;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines, PRINCIPAL_CHARS_MAX};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::Page;
use crate::rpc::scalars::time;

impl Handler<DirectoryApi> for pb::SetAbsenceRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let set = decode(self, &mut fields);
        let set = fields.finish(set)?;
        let answer = |absence: &Absence| pb::SetAbsenceResponse { absence: Some(encode(absence)) };
        api.absences.set_absence(permit, key, set, answer).await
    }
}

fn decode(request: &pb::SetAbsenceRequest, fields: &mut Fields) -> SetAbsence {
    let clerk = fields.text("clerk", &request.clerk, 1..=PRINCIPAL_CHARS_MAX, Lines::One);
    let substitute = fields.optional("substitute", &request.substitute, PRINCIPAL_CHARS_MAX);
    let from = fields.time("start_time", request.start_time.as_ref());
    let until = fields.time("end_time", request.end_time.as_ref());
    let stand_in = match (substitute, until) {
        (Some(substitute), Some(until)) => {
            if substitute == clerk {
                fields.wrong("substitute", "is another clerk");
            }
            Some((substitute, from, until))
        }
        (Some(_), None) => {
            if request.end_time.is_none() {
                fields.wrong("end_time", "is required");
            }
            None
        }
        (None, until) => {
            if until.is_some() || from.is_some() {
                fields.wrong("substitute", "is required with times");
            }
            None
        }
    };
    SetAbsence { clerk, stand_in }
}

fn encode(absence: &Absence) -> pb::Absence {
    pb::Absence {
        clerk: absence.clerk.clone(),
        substitute: absence.substitute.clone(),
        start_time: Some(time(absence.from)),
        end_time: Some(time(absence.until)),
        principal: absence.set_by.clone(),
        set_time: Some(time(absence.set_at)),
    }
}

impl Handler<DirectoryApi> for pb::ListAbsencesRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        fields.finish(())?;
        let rest = Self::default().encode_to_vec();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest)?;
        let after = page.cursor::<1>()?.map(|[clerk]| clerk);
        let found = api.absences.list_absences(permit, after.as_deref(), page.fetch_limit()).await?;
        let (absences, next_page_token) = page.encode(&found, |absence| absence.clerk.clone(), encode);
        Ok(pb::ListAbsencesResponse { absences, next_page_token })
    }
}
