//! Recordings of calls: where they are. The recordings themselves stay with the exchange.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{AttachRecording, CallKey, Recording, RevealPurpose};
use serde::Deserialize;

use crate::context::{Context, Done, RequestId};
use crate::failure::Failure;
use crate::flags::names;

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The hotline's id of the call.
    call_id: String,
    /// Whose recording.
    participant: String,
    /// Why it is read.
    #[arg(long, value_parser = names!(RevealPurpose))]
    purpose: RevealPurpose,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let calls = context.client().await?.calls();
        context.record(&calls.get_recording(self.call_id, self.participant, self.purpose).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Attach {
    /// A JSON file with `key`, `part_time` and `recording`. `-` is the standard input.
    file: PathBuf,
    #[command(flatten)]
    request: RequestId,
}

/// The file of a recording.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    key: CallKey,
    part_time: DateTime<Utc>,
    recording: Recording,
}

impl Attach {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let about = |error: &dyn std::fmt::Display| Failure::about(self.file.display(), error);
        let text = super::read(&self.file)?;
        let File { key, part_time, recording } =
            serde_json::from_str(&text).map_err(|error| about(&error))?;
        let command = AttachRecording::new(key, part_time, recording).request_id(self.request.id);
        let id = context.client().await?.calls().attach_recording(command).await?;
        context.record(&serde_json::json!({ "call_id": id }))
    }
}
