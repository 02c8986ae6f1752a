//! Every text field of every request is listed here with its treatment. Each screened field is tried: on a confidential
//! ticket it is refused if it holds the caller's own name.

mod after_completion;
mod around;
mod assessment_fields;
mod fields;
mod seat_fields;

use std::collections::{BTreeMap, BTreeSet};

use hotline_client::{
    AcceptTicket, CarryOverStep, CarryOverTicket, Category, ClassifyTicket, Complexity, DispatchTicket,
    ReturnReason, ReturnTicket, SubmitSurvey,
};
use hotline_proto::v1 as pb;
use hotline_proto::{FILE_DESCRIPTOR_SET, METHODS};
use prost::Message as _;
use prost_types::DescriptorProto;
use prost_types::field_descriptor_proto::Type;
use tonic::transport::Endpoint;
use tonic_types::StatusExt as _;

use self::fields::{COMMON, Treatment};
use super::raw_call::call;
use crate::stories::test_env::{LEAD, OPENING, TestEnv, appeal};
use crate::support::canary::CONTACT;
use crate::support::server::{Options, Store};

/// Every listed request with its text fields.
fn all_fields() -> impl Iterator<Item = &'static (&'static str, &'static [(&'static str, Treatment)])> {
    fields::FIELDS.iter().chain(assessment_fields::FIELDS).chain(seat_fields::FIELDS)
}

/// The text fields of a message, with those of the messages in it.
fn texts(
    messages: &BTreeMap<String, &DescriptorProto>,
    name: &str,
    path: &str,
    found: &mut BTreeSet<String>,
) {
    for field in &messages[name].field {
        let path = if path.is_empty() { field.name().to_owned() } else { format!("{path}.{}", field.name()) };
        match field.r#type() {
            Type::String => {
                found.insert(path);
            }
            Type::Message => texts(messages, field.type_name(), &path, found),
            _ => {}
        }
    }
}

/// Messages by their full names.
pub(super) fn messages(set: &prost_types::FileDescriptorSet) -> BTreeMap<String, &DescriptorProto> {
    let of_file = |file: &prost_types::FileDescriptorProto| format!(".{}", file.package());
    set.file
        .iter()
        .flat_map(|file| {
            file.message_type.iter().map(move |one| (format!("{}.{}", of_file(file), one.name()), one))
        })
        .collect()
}

#[test]
fn every_text_of_every_request_is_listed() {
    let set = prost_types::FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("the contract");
    let messages = messages(&set);
    for row in METHODS {
        let name = format!("{}Request", row.method);
        let mut found = BTreeSet::new();
        texts(&messages, &format!(".hotline.v1.{name}"), "", &mut found);
        found.retain(|path| !COMMON.contains(&path.as_str()));
        let listed =
            all_fields().find(|(one, _)| *one == name).map(|(_, fields)| *fields).unwrap_or_default();
        let listed: BTreeSet<_> = listed.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(found, listed, "the text fields of {name}, and those that are listed here");
    }
}

type Build = fn(String, String, String) -> Vec<u8>;

/// The method and the text, the role that writes it, the state of the ticket, and the request.
type WrittenText = (&'static str, &'static str, &'static str, &'static str, Build);

/// For each screened text: the role that writes it, the state of the ticket, and the request.
const WRITTEN: &[WrittenText] = &[
    ("AnswerTicket", "content", "agent", "consultation", |request_id, ticket_number, content| {
        let article = "licence".to_owned();
        let articles = vec![pb::ArticleCitation { article, version: 1, ..Default::default() }];
        pb::AnswerTicketRequest { request_id, ticket_number, content, articles, ..Default::default() }
            .encode_to_vec()
    }),
    ("AnswerTicket", "articles", "agent", "consultation", |request_id, ticket_number, article| {
        let articles = vec![pb::ArticleCitation { article, version: 1, ..Default::default() }];
        let content = "见条款".to_owned();
        pb::AnswerTicketRequest { request_id, ticket_number, content, articles, ..Default::default() }
            .encode_to_vec()
    }),
    (
        "AnswerTicket",
        "unanswered_question",
        "agent",
        "consultation",
        |request_id, ticket_number, question| {
            let (content, unanswered_question) = ("见条款".to_owned(), question);
            pb::AnswerTicketRequest {
                request_id,
                ticket_number,
                content,
                unanswered_question,
                ..Default::default()
            }
            .encode_to_vec()
        },
    ),
    ("DeclineTicket", "turn_to", "agent", "received", |request_id, ticket_number, turn_to| {
        pb::DeclineTicketRequest { request_id, ticket_number, reason: 1, turn_to, ..Default::default() }
            .encode_to_vec()
    }),
    ("DeclineTicket", "note", "agent", "received", |request_id, ticket_number, note| {
        let turn_to = "人民法院".to_owned();
        pb::DeclineTicketRequest { request_id, ticket_number, reason: 1, turn_to, note, ..Default::default() }
            .encode_to_vec()
    }),
    ("PlanTicket", "text", "coordinator", "planning", |request_id, ticket_number, text| {
        let lead_unit = LEAD.to_owned();
        pb::PlanTicketRequest { request_id, ticket_number, text, lead_unit, ..Default::default() }
            .encode_to_vec()
    }),
    ("DispatchTicket", "note", "dispatcher", "received", |request_id, ticket_number, note| {
        let lead_unit = LEAD.to_owned();
        pb::DispatchTicketRequest { request_id, ticket_number, note, lead_unit, ..Default::default() }
            .encode_to_vec()
    }),
    ("DispatchTicket", "reason", "dispatcher", "received", |request_id, ticket_number, reason| {
        let lead_unit = LEAD.to_owned();
        pb::DispatchTicketRequest { request_id, ticket_number, reason, lead_unit, ..Default::default() }
            .encode_to_vec()
    }),
    ("RuleOnReturn", "note", "dispatcher", "returned", |request_id, ticket_number, note| {
        pb::RuleOnReturnRequest { request_id, ticket_number, ruling: 1, note, ..Default::default() }
            .encode_to_vec()
    }),
    (
        "CarryOverTicket",
        "decision.note",
        "dispatcher",
        "asked to carry over",
        |request_id, ticket_number, note| {
            let decision = pb::CarryOverDecision { granted: true, note };
            let step = Some(pb::carry_over_ticket_request::Step::Decision(decision));
            pb::CarryOverTicketRequest { request_id, ticket_number, step, ..Default::default() }
                .encode_to_vec()
        },
    ),
    ("EscalateTicket", "note", "supervisor", "received", |request_id, ticket_number, note| {
        pb::EscalateTicketRequest { request_id, ticket_number, escalation: 1, note, ..Default::default() }
            .encode_to_vec()
    }),
    ("RecordContactAttempt", "note", "agent", "completed", |request_id, ticket_number, note| {
        pb::RecordContactAttemptRequest { request_id, ticket_number, note, ..Default::default() }
            .encode_to_vec()
    }),
    ("SubmitSurvey", "comment", "agent", "completed", |request_id, ticket_number, comment| {
        let resolved = 1;
        pb::SubmitSurveyRequest { request_id, ticket_number, resolved, comment, ..Default::default() }
            .encode_to_vec()
    }),
    ("ReworkTicket", "note", "supervisor", "closed", |request_id, ticket_number, note| {
        pb::ReworkTicketRequest { request_id, ticket_number, note, ..Default::default() }.encode_to_vec()
    }),
    ("WithdrawTicket", "note", "agent", "received", |request_id, ticket_number, note| {
        pb::WithdrawTicketRequest { request_id, ticket_number, note, ..Default::default() }.encode_to_vec()
    }),
    ("ClassifyTicket", "note", "agent", "received", |request_id, ticket_number, note| {
        let (category, complexity) = (2, 2);
        pb::ClassifyTicketRequest {
            request_id,
            ticket_number,
            category,
            complexity,
            note,
            ..Default::default()
        }
        .encode_to_vec()
    }),
    ("UnmergeTicket", "note", "agent", "merged", |request_id, numbers, note| {
        let (ticket_number, from_ticket_number) = both(&numbers);
        pb::UnmergeTicketRequest { request_id, ticket_number, from_ticket_number, note, ..Default::default() }
            .encode_to_vec()
    }),
    ("ReinstateTicket", "note", "agent", "withdrawn", |request_id, ticket_number, note| {
        pb::ReinstateTicketRequest { request_id, ticket_number, note, ..Default::default() }.encode_to_vec()
    }),
    ("ReopenTicket", "note", "agent", "closed", |request_id, ticket_number, note| {
        let purpose = 2;
        pb::ReopenTicketRequest { request_id, ticket_number, purpose, note, ..Default::default() }
            .encode_to_vec()
    }),
    ("RecordRepeatCall", "note", "agent", "completed for two", |request_id, numbers, note| {
        let (ticket_number, repeat_ticket_number) = both(&numbers);
        pb::RecordRepeatCallRequest {
            request_id,
            ticket_number,
            repeat_ticket_number,
            note,
            ..Default::default()
        }
        .encode_to_vec()
    }),
    ("RedactTicket", "subject", "agent", "received", |request_id, ticket_number, subject| {
        let note = "已核".to_owned();
        pb::RedactTicketRequest { request_id, ticket_number, subject, note, ..Default::default() }
            .encode_to_vec()
    }),
    ("RedactTicket", "content", "agent", "received", |request_id, ticket_number, content| {
        let (note, keeps_numbers) = ("已核".to_owned(), true);
        pb::RedactTicketRequest {
            request_id,
            ticket_number,
            content,
            note,
            keeps_numbers,
            ..Default::default()
        }
        .encode_to_vec()
    }),
    ("RedactTicket", "note", "agent", "received", |request_id, ticket_number, note| {
        pb::RedactTicketRequest { request_id, ticket_number, note, ..Default::default() }.encode_to_vec()
    }),
    ("UpdateCaller", "industry", "agent", "received", |request_id, ticket_number, industry| {
        pb::UpdateCallerRequest { request_id, ticket_number, industry, ..Default::default() }.encode_to_vec()
    }),
];

/// The two numbers of a ticket that is merged, or stands for another one.
fn both(numbers: &str) -> (String, String) {
    let (number, other) = numbers.split_once(' ').expect("two numbers");
    (number.to_owned(), other.to_owned())
}

/// A confidential ticket in that state; for a merged one, and one that stands for another, both numbers.
async fn ticket(env: &TestEnv, place: &str) -> String {
    let category = if place == "consultation" { Category::Consultation } else { Category::Appeal };
    let number = env.take_in(appeal().category(category).confidential(true)).await.number;
    match place {
        "received" | "consultation" => return number,
        "planning" => {
            let overlapping = ClassifyTicket::new(&number, Category::Appeal, Complexity::General)
                .responsibility(hotline_client::Responsibility::Overlapping);
            env.agent().classify_ticket(overlapping).await.expect("the ticket is classified");
            return number;
        }
        "withdrawn" => {
            let withdraw = hotline_client::WithdrawTicket::new(&number, "已自行解决");
            env.agent().withdraw_ticket(withdraw).await.expect("the ticket is withdrawn");
            return number;
        }
        "merged" => {
            let open = env.take_in(appeal()).await.number;
            env.merge(&number, &open).await;
            return format!("{number} {open}");
        }
        _ => {}
    }
    env.dispatcher()
        .dispatch_ticket(DispatchTicket::new(&number, LEAD))
        .await
        .expect("the ticket is dispatched");
    if place == "returned" {
        let back = ReturnTicket::new(&number, ReturnReason::Incomplete, "受理规范第五条");
        env.unit(LEAD).return_ticket(back).await.expect("it is returned");
        return number;
    }
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("it is signed for");
    if place == "help requested" {
        around::request_help(env, &number).await;
        return number;
    }
    if place == "asked to carry over" {
        let now = env.now().await;
        let step = CarryOverStep::Ask {
            next_steps: "等待批复".into(),
            promised_time: now + chrono::TimeDelta::days(60),
            inform_time: now,
        };
        let ask = CarryOverTicket::new(&number, step);
        env.unit(LEAD).carry_over_ticket(ask).await.expect("it is asked for");
        return number;
    }
    let repeat = env.take_in(appeal()).await.number;
    if place == "completed for two" {
        env.merge(&repeat, &number).await;
    }
    env.complete(&number, LEAD).await;
    if place == "completed for two" {
        return format!("{number} {repeat}");
    }
    if place == "closed" {
        let survey = SubmitSurvey::new(&number)
            .resolved(hotline_client::Resolved::No)
            .satisfied(hotline_client::Satisfied::Dissatisfied);
        env.agent().submit_survey(survey).await.expect("the survey is taken");
    }
    number
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_text_of_staff_is_screened() {
    let listed: BTreeSet<_> = all_fields()
        .flat_map(|(request, fields)| fields.iter().map(move |(path, treatment)| (request, path, treatment)))
        .filter(|(.., treatment)| **treatment == Treatment::Screened)
        .map(|(request, path, _)| format!("{request}.{}", path.trim_end_matches(".article")))
        .collect();
    let written = WRITTEN.iter().chain(after_completion::WRITTEN);
    let written = written
        .chain(around::WRITTEN)
        .map(|(method, field, ..)| format!("{method}Request.{field}"))
        .collect();
    assert_eq!(listed, written, "what is said to be looked through, and what is tried here");

    // Every survey is chosen for a second call.
    let options = Options::default().simulated_clock(OPENING).set("policy.follow_up.recheck_percent", "100");
    let env = TestEnv::with(Store::Sqlite, options);
    let endpoint = Endpoint::from_shared(env.server.endpoint()).expect("an endpoint");
    let channel = endpoint.connect().await.expect("the server listens");
    let written = WRITTEN.iter().chain(after_completion::WRITTEN).chain(around::WRITTEN);
    for (place, (method, field, role, stands, build)) in (1_u128..).zip(written) {
        let number = match after_completion::place(&env, stands).await {
            Some(number) => number,
            None => ticket(&env, stands).await,
        };
        let row = METHODS.iter().find(|row| row.method == *method).expect("a method");
        let request_id = hotline_client::Uuid::from_u128(place).to_string();
        let request = build(request_id, number, format!("请联系{CONTACT}"));
        let authorization = format!("Bearer {}", env.server.token(role));
        let outcome = call(&channel, row.path, Some(&authorization), request).await;
        let status = outcome.expect_err(&format!("{method}.{field} takes the caller's name"));
        let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
        assert_eq!(reason, "INVALID_FIELDS", "{method}.{field}: {status:?}");
        let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
        // Another fault of the same field would not show that it was compared with the caller.
        let is_said =
            violations.iter().any(|one| one.field == *field && one.description == "says who called");
        assert!(is_said, "{method}.{field}: {violations:?}");
    }
}
