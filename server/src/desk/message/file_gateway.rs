//! A gateway for trying: it appends each message to a file, as one line of JSON. It does not remove repeats. The file
//! holds addresses, so only its owner can read it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use super::gateway::{Gateway, GatewayFault, OutgoingMessage};
use crate::ticket::Instant;

/// Appends messages to a file.
#[derive(Debug)]
pub(super) struct FileGateway {
    /// The file.
    pub(super) path: PathBuf,
}

#[async_trait::async_trait]
impl Gateway for FileGateway {
    async fn send(&self, message: &OutgoingMessage, _now: Instant) -> Result<(), GatewayFault> {
        let (path, json) = (self.path.clone(), message.json());
        let appended = tokio::task::spawn_blocking(move || {
            let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
            writeln!(file, "{}", json.as_str())?;
            file.sync_data()
        });
        let appended = appended.await.map_err(|error| GatewayFault::NotNow(error.to_string()))?;
        appended.map_err(|error| GatewayFault::NotNow(error.to_string()))
    }
}
