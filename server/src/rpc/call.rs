//! `hotline.v1.CallService`.

mod attach_recording;
mod call_backs;
mod decode;
mod encode;
mod forecast_seats;
mod get_call;
mod get_call_context;
mod get_recording;
mod get_service_level;
mod list_calls;
mod report_call;

use hotline_proto::v1::call_service_server::CallService;

use super::handler::serve;
use crate::desk::call::Calls;
use crate::desk::seat::Seats;

/// Serves calls.
#[derive(Debug, Clone)]
pub struct CallApi {
    /// The calls.
    pub calls: Calls,
    /// The companies that are to be called back.
    pub seats: Seats,
}

hotline_proto::call_service_methods!(serve for CallApi);
