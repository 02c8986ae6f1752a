//! The methods of the contract as types: a request knows its path, its answer and its retry class. All of that comes
//! from the contract; nothing is listed here.

use hotline_proto::RpcRequest;
use hotline_proto::v1::RetryClass;

/// A request message of the contract.
pub(crate) trait Rpc: RpcRequest {
    /// The path of the HTTP/2 request.
    const PATH: &'static str;

    /// How a call may be repeated.
    fn retry_class() -> RetryClass {
        Self::METHOD.retry
    }
}

impl<R: RpcRequest> Rpc for R {
    const PATH: &'static str = R::METHOD.path;
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1;

    use super::*;

    #[test]
    fn the_method_of_a_request_is_the_contract_s() {
        assert_eq!(v1::CreateTicketRequest::retry_class(), RetryClass::WithRequestId);
        assert_eq!(v1::GetTicketRequest::retry_class(), RetryClass::Idempotent);
        assert_eq!(v1::PlanTicketRequest::PATH, "/hotline.v1.TicketService/PlanTicket");
        assert_eq!(v1::AdvanceToRequest::PATH, "/hotline.v1.SimulationService/AdvanceTo");
    }
}
