//! `ListSeats`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{SeatApi, encode};
use crate::access::Permit;
use crate::desk::seat::list_seats::SeatFilter;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::Page;

impl Handler<SeatApi> for pb::ListSeatsRequest {
    async fn handle(&self, api: &SeatApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let skill = (!self.skill.is_empty()).then(|| fields.skill("skill", &self.skill));
        let filter = fields.finish(SeatFilter { skill, is_signed_in_only: self.signed_in_only })?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = page.cursor::<1>()?.map(|[code]| code);
        let found = api.seats.list_seats(&filter, after.as_deref(), page.fetch_limit()).await?;
        let (seats, next_page_token) = page.encode(&found, |seat| seat.setup.code.clone(), encode::seat);
        Ok(pb::ListSeatsResponse { seats, next_page_token })
    }
}
