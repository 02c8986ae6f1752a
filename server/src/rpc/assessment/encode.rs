//! Schemes, exclusions and publications as messages of the contract. A unit does not read who of the staff acted.

use hotline_proto::v1 as pb;

use super::decode::line_of;
use crate::assessment::exclusion::{Decision, Exclusion};
use crate::assessment::publication::Publication;
use crate::assessment::scheme_record::SchemeRecord;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::scalars::{count, optional_time, time};

/// A scheme.
pub(super) fn scheme(record: &SchemeRecord) -> pb::Scheme {
    let history = &record.history;
    let (tried, approved) = (history.tried.as_ref(), history.approved.as_ref());
    pb::Scheme {
        number: count(record.number),
        from_month: record.from_month.to_string(),
        state: record.state.number(),
        name: record.scheme.name.clone(),
        document: record.text.clone(),
        reason: history.proposed.note.clone(),
        proposer: history.proposed.by.clone(),
        propose_time: Some(time(history.proposed.at)),
        dry_run_month: tried.map(|tried| tried.month.to_string()).unwrap_or_default(),
        dry_run_time: optional_time(tried.map(|tried| tried.at)),
        approver: approved.map(|step| step.by.clone()).unwrap_or_default(),
        approve_time: optional_time(approved.map(|step| step.at)),
        etag: record.etag(),
    }
}

/// A scheme as a unit reads it.
pub(super) fn scheme_for_unit(record: &SchemeRecord) -> pb::Scheme {
    pb::Scheme { proposer: String::new(), approver: String::new(), ..scheme(record) }
}

/// A request to leave a case out. What staff wrote about a confidential ticket is for staff.
pub(super) fn exclusion(one: &Exclusion, is_unit: bool) -> pb::Exclusion {
    let shown = |by: &str, is_own: bool| if is_unit && !is_own { String::new() } else { by.to_owned() };
    let is_hidden = is_unit && one.is_confidential;
    let text = |text: &str, is_own: bool| if is_hidden && !is_own { String::new() } else { text.to_owned() };
    let decision = |decision: &Decision| pb::ExclusionDecision {
        accepted: decision.is_accepted,
        note: text(&decision.step.note, false),
        principal: shown(&decision.step.by, false),
        time: Some(time(decision.step.at)),
    };
    pb::Exclusion {
        number: count(one.number),
        line: line_of(one.ticket, one.cycle),
        unit: one.unit.0.clone(),
        month: one.month.to_string(),
        state: one.state.number(),
        objection: one.is_objection,
        reason: text(&one.history.filed.note, one.is_objection),
        evidence: text(&one.history.evidence, one.is_objection),
        requester: shown(&one.history.filed.by, one.is_objection),
        request_time: Some(time(one.history.filed.at)),
        decisions: one.history.decisions.iter().map(decision).collect(),
        etag: one.etag(),
    }
}

/// A publication.
pub(super) fn publication(one: &Publication, is_unit: bool) -> pb::Publication {
    let history = &one.history;
    let shown = |by: &str| if is_unit { String::new() } else { by.to_owned() };
    pb::Publication {
        month: one.month.to_string(),
        number: count(one.number),
        state: one.state.number(),
        reason: history.proposed.note.clone(),
        scheme_number: count(history.scheme_number),
        calendar_version: history.calendar_version.clone(),
        sha256: history.sha256.clone(),
        proposer: shown(&history.proposed.by),
        propose_time: Some(time(history.proposed.at)),
        approver: history.approved.as_ref().map(|step| shown(&step.by)).unwrap_or_default(),
        approve_time: optional_time(history.approved.as_ref().map(|step| step.at)),
        etag: one.etag(),
    }
}
