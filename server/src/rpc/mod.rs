//! The switchboard: contract in, permit, verb, contract out. It decides nothing about tickets.
//!
//! A call passes, from outside in: the [`transport`]'s limits, the bounds on what waits to be sent ([`send_limit`]), the check
//! that it is gRPC ([`protocol`]), the layer that completes whatever is refused ([`refusals`]), the [`call`] layer (the
//! caller's deadline, shedding, the language of refusals), the count of failed [`guesses`], the [`entrance`] (who is
//! speaking, may they), the caller's share by [`rate`], then its method, which decodes every field, runs one verb and encodes
//! the outcome.

pub mod admin_service;
pub mod audit_service;
mod clients;
mod decode;
mod digests;
pub mod directory_service;
mod encode;
mod events;
mod fields;
mod identity;
pub mod large_pages;
pub mod layer;
mod mask;
mod once;
mod page;
mod proposing;
mod reading;
pub mod request_id;
mod rules;
pub mod simulation_service;
pub mod status;
pub mod ticket_service;
mod timeline;
mod wire;

use tonic::{Request, Status};

use crate::access::Permit;
use crate::platform::Fault;

/// The permit that the entrance granted to this call.
///
/// # Errors
/// A fault of ours where a method is served without the entrance in front of it.
fn permit_of<T>(request: &Request<T>) -> Result<Permit, Status> {
    let granted = request.extensions().get::<Permit>().cloned();
    granted.ok_or_else(|| status::of(Fault::internal("a method was called without a permit")))
}
