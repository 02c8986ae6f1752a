//! The contract of the enterprise hotline in Rust, from `proto/hotline/v1`.
//!
//! It holds the generated types and services, the descriptor set, and two tables that the build reads from the
//! contract's options. These are [`METHODS`] (who may call, how to retry) and [`REASONS`] (what a refusal means). Lists
//! of methods come from the contract too: [`RpcRequest`], [`TicketRequest`], a macro with the methods of each service,
//! and one with the events of a ticket.

/// Generated from package `hotline.v1`, with clients and servers of its services.
#[expect(
    clippy::allow_attributes,
    clippy::default_trait_access,
    clippy::doc_markdown,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::struct_excessive_bools,
    clippy::too_many_lines,
    reason = "generated code"
)]
pub mod v1 {
    tonic::include_proto!("hotline.v1");
}

use v1::{ErrorReason, RetryClass, Role, UnitRelation};

/// The compiled contract with all its imports, as `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hotline.v1.bin"));

/// The domain of every `google.rpc.ErrorInfo` of the hotline.
pub const ERROR_DOMAIN: &str = "hotline";

/// One method of the contract and the rule in its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodRow {
    /// The path of the HTTP/2 request, for example `/hotline.v1.TicketService/GetTicket`.
    pub path: &'static str,
    /// The service's short name.
    pub service: &'static str,
    /// The method's name.
    pub method: &'static str,
    /// The roles that may call.
    pub roles: &'static [Role],
    /// How a call may be repeated.
    pub retry: RetryClass,
    /// The relations to the ticket of the request, one of which a unit needs; empty if no unit may call it on a ticket.
    pub relations: &'static [UnitRelation],
    /// Whether it answers with a stream.
    pub is_stream: bool,
}

/// One reason for refusal and the meaning in its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonRow {
    /// The reason.
    pub reason: ErrorReason,
    /// Its name without the prefix, as in `google.rpc.ErrorInfo.reason`.
    pub name: &'static str,
    /// The name of its gRPC status code.
    pub code: &'static str,
    /// The caller's message in English.
    pub en: &'static str,
    /// The caller's message in Chinese.
    pub zh: &'static str,
    /// An example of when it happens.
    pub example: &'static str,
}

/// A request of the contract, with its method and its answer. Every request implements it.
pub trait RpcRequest: prost::Message + Clone + Default + 'static {
    /// The answer.
    type Response: prost::Message + Default + 'static;
    /// The method.
    const METHOD: &'static MethodRow;

    /// The ticket that the request names, as the caller wrote it; none if the request has no field for one.
    fn named_ticket(&self) -> Option<&str>;

    /// The number of the ticket that an answer holds, if it holds one.
    fn answered_ticket(response: &Self::Response) -> Option<&str>;
}

/// A request that changes one ticket, whose answer is the ticket alone. Every such request with a request id, a ticket
/// number and an etag implements it.
pub trait TicketRequest: RpcRequest {
    /// The caller's request id.
    fn request_id(&self) -> &str;
    /// The number of the ticket.
    fn ticket_number(&self) -> &str;
    /// The etag that the caller has read; empty if it gave none.
    fn etag(&self) -> &str;
    /// The answer with the ticket as the request left it.
    fn response(ticket: v1::Ticket) -> Self::Response;
}

include!(concat!(env!("OUT_DIR"), "/methods.rs"));
include!(concat!(env!("OUT_DIR"), "/reasons.rs"));
include!(concat!(env!("OUT_DIR"), "/requests.rs"));
include!(concat!(env!("OUT_DIR"), "/services.rs"));
include!(concat!(env!("OUT_DIR"), "/events.rs"));
