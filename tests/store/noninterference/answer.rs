//! An answer as its client sees it, without the parts that differ legitimately: random ids, and what the reader may
//! know.

use std::collections::BTreeMap;

use hotline_proto::v1 as pb;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) code: Code,
    pub(super) message: String,
    /// The details of a refusal, one on each line.
    details: Vec<String>,
    /// The encoded size of the details.
    details_bytes: usize,
    headers: Vec<String>,
    pub(super) body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, message, details, details_bytes, headers, body } = self;
        let body = String::from_utf8_lossy(body);
        write!(f, "{code:?} {message} {details:?} ({details_bytes} bytes) {headers:?} {body:?}")
    }
}

fn headers(metadata: &tonic::metadata::MetadataMap) -> Vec<String> {
    let plain = metadata.clone().into_headers();
    let mut lines: Vec<_> = plain
        .iter()
        .filter(|(name, _)| name.as_str() != "grpc-status-details-bin")
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    lines.sort();
    lines
}

impl Answer {
    pub(super) fn of(outcome: Result<tonic::Response<Vec<u8>>, Status>) -> Self {
        match outcome {
            Ok(response) => Self {
                code: Code::Ok,
                message: String::new(),
                details: Vec::new(),
                details_bytes: 0,
                headers: headers(response.metadata()),
                body: response.into_inner(),
            },
            Err(status) => Self {
                code: status.code(),
                message: status.message().to_owned(),
                details: details(&status),
                details_bytes: status.details().len(),
                headers: headers(status.metadata()),
                body: Vec::new(),
            },
        }
    }

    pub(super) fn is_ok(&self) -> bool {
        self.code == Code::Ok
    }

    pub(super) fn read<M: prost::Message + Default>(&self) -> M {
        M::decode(self.body.as_slice()).expect("an answer can be read")
    }

    fn with<M: prost::Message + Default>(&self, change: impl FnOnce(&mut M)) -> Self {
        let mut message: M = self.read();
        change(&mut message);
        Self { body: message.encode_to_vec(), ..self.clone() }
    }

    /// The answer to an intake or an update of the caller without what is said about its own request.
    pub(super) fn without_warnings(&self, method: &str) -> Self {
        match method {
            "CreateTicket" if self.is_ok() => {
                self.with(|one: &mut pb::CreateTicketResponse| one.warnings.clear())
            }
            "UpdateCaller" if self.is_ok() => {
                self.with(|one: &mut pb::UpdateCallerResponse| one.warnings.clear())
            }
            _ => self.clone(),
        }
    }

    /// The part of the answer that must be the same in both systems.
    pub(super) fn comparable(&self, method: &str, may_know_caller: bool) -> Self {
        if !self.is_ok() {
            return self.clone();
        }
        match method {
            "GetTicket" if may_know_caller => self.with(|one: &mut pb::GetTicketResponse| one.caller = None),
            // An admitted caller is shown who called, on record.
            "RevealIdentity" => self.with(|one: &mut pb::RevealIdentityResponse| one.caller = None),
            // Accesses at one instant are in the order of random ids.
            "ListIdentityAccesses" => self.with(|one: &mut pb::ListIdentityAccessesResponse| {
                one.accesses.sort_by_key(prost::Message::encode_to_vec);
                one.next_page_token = String::from(if one.next_page_token.is_empty() { "" } else { "more" });
            }),
            "ListAuditRecords" => self.with(|one: &mut pb::ListAuditRecordsResponse| {
                for record in &mut one.records {
                    record.details = without_uuids(&record.details);
                }
            }),
            _ => self.clone(),
        }
    }
}

/// The metadata of a refusal; maps are encoded in any order.
fn details(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let info = details.error_info().map(|info| {
        let metadata: BTreeMap<_, _> = info.metadata.iter().collect();
        format!("{} {} {metadata:?}", info.reason, info.domain)
    });
    let others = [
        details.bad_request().map(|one| format!("{one:?}")),
        details.precondition_failure().map(|one| format!("{one:?}")),
        details.resource_info().map(|one| format!("{one:?}")),
        details.retry_info().map(|one| format!("{one:?}")),
        details.localized_message().map(|one| format!("{one:?}")),
    ];
    info.into_iter().chain(others.into_iter().flatten()).collect()
}

/// A text with every UUID in it replaced.
fn without_uuids(text: &str) -> String {
    let is_of_uuid = |letter: char| letter.is_ascii_hexdigit() || letter == '-';
    text.split('"')
        .map(|part| if part.len() == 36 && part.chars().all(is_of_uuid) { "uuid" } else { part })
        .collect::<Vec<_>>()
        .join("\"")
}
