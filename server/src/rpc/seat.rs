//! `hotline.v1.SeatService`.

mod agent;
pub(super) mod encode;
mod exchange;
mod list_seats;
mod transfer_call;
mod watch_seats;

use hotline_proto::v1::seat_service_server::SeatService;

use super::handler::serve;
use crate::desk::seat::Seats;

/// Serves seats.
#[derive(Debug, Clone)]
pub struct SeatApi {
    /// The seats.
    pub seats: Seats,
}

hotline_proto::seat_service_methods!(serve for SeatApi);
