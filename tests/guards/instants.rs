//! Every instant of every request is listed here: it is of what has happened, and then a story sends it ahead of the
//! server's clock; or an exchange reports it; or it may lie ahead.

use std::collections::{BTreeMap, BTreeSet};

use hotline_proto::{FILE_DESCRIPTOR_SET, METHODS};
use prost::Message as _;
use prost_types::DescriptorProto;
use prost_types::field_descriptor_proto::Type;

use super::free_texts::messages;
use crate::stories::clock_skew::HAPPENED;

/// Instants that may lie ahead: bounds of lists, what comes into force or ends, promised dates, and the simulated
/// clock.
const MAY_LIE_AHEAD: &[&str] = &[
    "AdvanceToRequest.time",
    // Output only.
    "AdviseDispatchRequest.advice.advise_time",
    "AssignInsideRequest.inner_due_time",
    "CarryOverTicketRequest.ask.promised_time",
    "DraftArticleRequest.content.effective_time",
    "DraftArticleRequest.content.expiry_time",
    "DraftArticleRequest.content.review_time",
    "ForecastSeatsRequest.end_time",
    "ForecastSeatsRequest.start_time",
    "GetCalendarRequest.effective_time",
    "GetPolicyRequest.effective_time",
    "GetServiceLevelRequest.end_time",
    "GetServiceLevelRequest.start_time",
    "GetSuggestionQualityRequest.end_time",
    "GetSuggestionQualityRequest.start_time",
    "ImportArticlesRequest.articles.content.effective_time",
    "ImportArticlesRequest.articles.content.expiry_time",
    "ImportArticlesRequest.articles.content.review_time",
    "IssueCredentialRequest.expire_time",
    "ListAffectedAnswersRequest.answer_start_time",
    "ListArticlesRequest.expiring_before_time",
    "ListArticlesRequest.unused_since_time",
    "ListAuditRecordsRequest.end_time",
    "ListAuditRecordsRequest.start_time",
    "ListCatalogueEntriesRequest.effective_time",
    "ListCallsRequest.filter.end_time",
    "ListCallsRequest.filter.start_time",
    "ListIdentityAccessesRequest.end_time",
    "ListIdentityAccessesRequest.start_time",
    "ListTextTemplatesRequest.effective_time",
    "ListTicketsRequest.filter.due_end_time",
    "ListTicketsRequest.filter.intake_end_time",
    "ListTicketsRequest.filter.intake_start_time",
    "ListTicketsRequest.filter.update_end_time",
    "ListTicketsRequest.filter.update_start_time",
    "PreviewDeadlineRequest.intake_time",
    "ProposeCalendarRequest.effective_time",
    "ProposePolicyRequest.effective_time",
    "PutCatalogueEntryRequest.entry.end_time",
    "PutCatalogueEntryRequest.entry.start_time",
    // Output only.
    "PutSeatRequest.seat.status_time",
    // Output only.
    "PutTemplateRequest.template.put_time",
    "PutTextTemplateRequest.template.end_time",
    // Output only.
    "PutTextTemplateRequest.template.put_time",
    "PutTextTemplateRequest.template.start_time",
    "PutTopicRequest.topic.end_time",
    "PutTopicRequest.topic.start_time",
    "SearchTicketsRequest.filter.intake_end_time",
    "SearchTicketsRequest.filter.intake_start_time",
    "SetAbsenceRequest.end_time",
    "SetAbsenceRequest.start_time",
];

/// Instants of what has happened that an exchange reports. One that lies ahead is refused like the others, but one of
/// some seconds ahead is kept as it came: the same part must be the same whenever it arrives. The story is
/// `calls::instants_of_a_part_are_refused_if_they_lie_ahead`.
const REPORTED: &[&str] = &[
    "AttachRecordingRequest.key.start_time",
    "AttachRecordingRequest.part_time",
    "AttachRecordingRequest.recording.start_time",
    "ReportCallRequest.details.end.time",
    "ReportCallRequest.details.holds.end_time",
    "ReportCallRequest.details.holds.start_time",
    "ReportCallRequest.details.legs.end_time",
    "ReportCallRequest.details.legs.start_time",
    "ReportCallRequest.details.menu_steps.press_time",
    "ReportCallRequest.details.offers.offer_time",
    "ReportCallRequest.details.offers.result_time",
    "ReportCallRequest.details.queues.join_time",
    "ReportCallRequest.details.queues.leave_time",
    "ReportCallRequest.details.ratings.press_time",
    "ReportCallRequest.key.start_time",
    "ReportCallRequest.part_time",
];

const TIMESTAMP: &str = ".google.protobuf.Timestamp";

/// The instants of a message, with those of the messages in it.
fn instants(
    messages: &BTreeMap<String, &DescriptorProto>,
    name: &str,
    path: &str,
    found: &mut BTreeSet<String>,
) {
    for field in &messages[name].field {
        if field.r#type() != Type::Message {
            continue;
        }
        let path = format!("{path}.{}", field.name());
        if field.type_name() == TIMESTAMP {
            found.insert(path);
        } else if messages.contains_key(field.type_name()) {
            instants(messages, field.type_name(), &path, found);
        }
    }
}

#[test]
fn every_instant_of_every_request_is_of_what_has_happened_or_may_lie_ahead() {
    let set = prost_types::FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("the contract");
    let messages = messages(&set);
    let mut found = BTreeSet::new();
    for row in METHODS {
        let name = format!("{}Request", row.method);
        instants(&messages, &format!(".hotline.v1.{name}"), &name, &mut found);
    }
    let happened = HAPPENED.iter().map(|one| format!("{}.{}", one.request, one.field));
    let others = MAY_LIE_AHEAD.iter().chain(REPORTED).map(|one| (*one).to_owned());
    let listed: BTreeSet<_> = happened.chain(others).collect();
    // A reply and a record of the server's own stand in the messages that units send, as output only.
    found.retain(|path| !path.ends_with(".record_time"));
    assert_eq!(found, listed, "the instants of the contract, and those that are listed");
}
