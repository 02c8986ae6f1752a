//! The servers to compare with, as processes: this program, started with another command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hotline_proto::v1::GetTicketRequest;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use prost::Message as _;
use tonic::transport::Endpoint;

use super::product::{Product, wait_until_listening};
use super::support::process::Process;
use super::support::temp_dir::TempDir;

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct RunningPeer {
    _process: Process,
    endpoint: String,
}

impl RunningPeer {
    /// Starts the server of a command.
    ///
    /// # Errors
    /// If it ends instead of listening, with its output.
    pub(crate) fn start(arguments: &[&str], reply: &Path) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.args(arguments).arg("--reply").arg(reply);
        let (process, endpoint) = wait_until_listening(Process::spawn(command))?;
        Ok(Self { _process: process, endpoint })
    }

    /// Its address for clients.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

/// A response of the product in a file, which the other servers return, so that all responses have the same size.
#[derive(Debug)]
pub(crate) struct Reply {
    folder: TempDir,
}

impl Reply {
    /// Asks for a ticket without its caller.
    ///
    /// # Errors
    /// If the product does not answer.
    pub(crate) async fn take(product: &Product, ticket_number: &str) -> Result<Self, String> {
        let endpoint = Endpoint::from_shared(product.endpoint().to_owned());
        let channel = endpoint.map_err(|error| error.to_string())?.connect().await;
        let mut client = TicketServiceClient::new(channel.map_err(|error| error.to_string())?);
        let mut request = tonic::Request::new(GetTicketRequest {
            ticket_number: ticket_number.to_owned(),
            without_caller: true,
            ..GetTicketRequest::default()
        });
        let authorization = format!("Bearer {}", product.role_token("dispatcher"));
        let authorization = authorization.parse().map_err(|_| "the token can't be sent in a header")?;
        request.metadata_mut().insert("authorization", authorization);
        let response = client.get_ticket(request).await.map_err(|error| error.to_string())?;
        let folder = TempDir::new("reply");
        let reply = Self { folder };
        fs::write(reply.path(), response.into_inner().encode_to_vec()).map_err(|error| error.to_string())?;
        Ok(reply)
    }

    /// Its size.
    pub(crate) fn bytes(&self) -> u64 {
        fs::metadata(self.path()).map_or(0, |about| about.len())
    }

    /// The file.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("reply")
    }
}
