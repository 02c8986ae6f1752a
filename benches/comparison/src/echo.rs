//! A server that sends the same response to every request: the most that tonic, loopback and the client allow.

use std::fs;
use std::path::Path;

use hotline_proto::v1::{GetTicketRequest, GetTicketResponse};
use prost::Message as _;
use tonic::Status;

use super::api;

/// `GetTicket`.
#[derive(Debug, Clone)]
struct Echo(GetTicketResponse);

/// Serves the response in a file.
///
/// # Errors
/// If the file can't be read, or nobody can listen.
pub(crate) async fn serve(reply: &Path) -> Result<(), String> {
    api::serve(Echo(read(reply)?)).await
}

/// The response in a file.
///
/// # Errors
/// If it can't be read.
pub(crate) fn read(reply: &Path) -> Result<GetTicketResponse, String> {
    let bytes = fs::read(reply).map_err(|error| format!("{}: {error}", reply.display()))?;
    GetTicketResponse::decode(bytes.as_slice()).map_err(|error| format!("{}: {error}", reply.display()))
}

impl api::Method for Echo {
    type Request = GetTicketRequest;
    type Response = GetTicketResponse;

    async fn answer(&self, _: GetTicketRequest) -> Result<GetTicketResponse, Status> {
        Ok(self.0.clone())
    }
}
