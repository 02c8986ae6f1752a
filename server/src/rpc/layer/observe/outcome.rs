//! How a call ended, as its status says: in the headers of the response or in its trailers.

use std::sync::OnceLock;

use http::HeaderMap;
use tonic::{Code, Status};

use crate::rpc::status;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rpc::layer) struct Ended {
    /// The status code.
    pub(in crate::rpc::layer) code: Code,
    /// The name of the contract's reason; none without an error.
    pub(in crate::rpc::layer) reason: Option<&'static str>,
}

impl Ended {
    /// The end of a call whose status has no reason, or cannot be read.
    pub(super) const fn with(code: Code) -> Self {
        Self { code, reason: None }
    }
}

/// The status that a layer inside has seen. Outside of gRPC-Web the trailers are part of the body, and cannot be read.
#[derive(Debug, Default)]
pub(in crate::rpc::layer) struct CallOutcome(OnceLock<Ended>);

impl CallOutcome {
    /// Notes how the call ended. The first one counts.
    pub(in crate::rpc::layer) fn note(&self, ended: Ended) {
        let _ = self.0.set(ended);
    }

    /// How the call ended, if a layer inside has seen it.
    pub(super) fn get(&self) -> Option<Ended> {
        self.0.get().copied()
    }

    /// How the call ended, if these headers or trailers have a status.
    pub(super) fn read(&self, headers: &HeaderMap) -> Option<Ended> {
        let code = Code::from_bytes(headers.get(Status::GRPC_STATUS)?.as_bytes());
        if code == Code::Ok {
            return Some(Ended::with(code));
        }
        // The details are decoded only if no layer inside has done so.
        let seen = self.get().filter(|seen| seen.code == code);
        seen.or_else(|| {
            let reason = Status::from_header_map(headers).and_then(|status| status::reason_row(&status));
            Some(Ended { code, reason: reason.map(|row| row.name) })
        })
    }
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1::ErrorReason;

    use super::*;
    use crate::platform::Fault;

    #[test]
    fn the_status_and_its_reason_are_read_from_headers() {
        let outcome = CallOutcome::default();
        assert_eq!(outcome.read(&HeaderMap::new()), None);
        let mut headers = HeaderMap::new();
        let refusal = status::of(Fault::new(ErrorReason::Overloaded));
        refusal.add_header(&mut headers).expect("it can be written");
        let refused = Ended { code: Code::ResourceExhausted, reason: Some("OVERLOADED") };
        assert_eq!(outcome.read(&headers), Some(refused));
        // A layer outside may replace the status that a layer inside has seen.
        outcome.note(Ended { code: Code::NotFound, reason: Some("TICKET_NOT_FOUND") });
        assert_eq!(outcome.read(&headers), Some(refused));
        let mut headers = HeaderMap::new();
        Status::ok("").add_header(&mut headers).expect("it can be written");
        assert_eq!(outcome.read(&headers), Some(Ended::with(Code::Ok)));
    }
}
