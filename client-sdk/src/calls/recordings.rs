//! Recordings of calls: attached by telephony, read by staff for a purpose.

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use uuid::Uuid;

use super::Calls;
use crate::call::Command;
use crate::convert::{IntoProto as _, answers, setters};
use crate::error::Error;
use crate::model::{AttachedRecording, CallKey, Recording, RevealPurpose};

/// Attaches a recording to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttachRecording {
    /// The call.
    pub key: CallKey,
    /// When the exchange made this message. Of two references, the later one stays.
    pub part_time: DateTime<Utc>,
    /// The recording.
    pub recording: Recording,
    /// `None` lets the library choose it. Middleware makes it from the event id of the exchange.
    pub request_id: Option<Uuid>,
}

impl AttachRecording {
    /// A recording of a call.
    #[must_use]
    pub const fn new(key: CallKey, part_time: DateTime<Utc>, recording: Recording) -> Self {
        Self { key, part_time, recording, request_id: None }
    }
}

setters! {
    AttachRecording {
        key: CallKey,
        part_time: DateTime<Utc>,
        recording: Recording,
        request_id: Option<Uuid>,
    }
}

impl Calls {
    /// Attaches a recording, one for each participant; returns the id of the call. It may come before every part of the
    /// call, and later. For telephony.
    ///
    /// # Errors
    /// `CLOCK_AHEAD`, `CALL_TOO_LARGE`, `RECORDING_EXISTS`, `REQUEST_ID_REUSED`.
    pub async fn attach_recording(&self, recording: AttachRecording) -> Result<String, Error> {
        Ok(self.0.command(recording).await?.call_id)
    }

    /// Reads where the recording of a participant is, which is recorded with its purpose. For agents and supervisors.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`, `RECORDING_NOT_FOUND`, `RECORDING_WITHHELD`.
    pub async fn get_recording(
        &self,
        call_id: impl Into<String>,
        participant: impl Into<String>,
        purpose: RevealPurpose,
    ) -> Result<Recording, Error> {
        let request = v1::GetRecordingRequest {
            call_id: call_id.into(),
            participant: participant.into(),
            purpose: purpose.into_proto(),
        };
        self.0.query(request).await
    }
}

impl Command for AttachRecording {
    type Request = v1::AttachRecordingRequest;
    type Changed = AttachedRecording;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::AttachRecordingRequest {
            request_id,
            key: self.key.into_proto(),
            part_time: self.part_time.into_proto(),
            recording: self.recording.into_proto(),
        }
    }
}

answers! {
    Recording: GetRecordingResponse.recording;
}
