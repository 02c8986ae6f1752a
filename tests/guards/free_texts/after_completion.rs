//! The texts that staff write after a ticket is completed: about a second call, and about a case of the assessment.

use hotline_client::{FileObjection, ListScoreLines, RequestExclusion, Resolved, SubmitSurvey};
use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{WrittenText, ticket};
use crate::stories::assessment::second_supervisor;
use crate::stories::clients::create_agent;
use crate::stories::test_env::{LEAD, TestEnv};
use crate::support::wait::{WAIT_MAX, find_within};

/// A closed ticket that is counted; one whose unit objects; one that another supervisor asks to leave out.
const COUNTED: &str = "counted";
const OBJECTED: &str = "objected to";
const REQUESTED: &str = "requested";

/// A ticket whose survey another agent took.
const SURVEYED: &str = "surveyed by another agent";

/// The month of the tests.
const MONTH: &str = "2019-10";

pub(super) const WRITTEN: &[WrittenText] = &[
    ("RecordRecheck", "comment", "agent", SURVEYED, |request_id, ticket_number, comment| {
        let resolved = 1;
        pb::RecordRecheckRequest { request_id, ticket_number, resolved, comment, ..Default::default() }
            .encode_to_vec()
    }),
    ("RequestExclusion", "reason", "supervisor", COUNTED, |request_id, line, reason| {
        let (month, unit) = (MONTH.to_owned(), LEAD.to_owned());
        pb::RequestExclusionRequest { request_id, line, month, reason, evidence: String::new(), unit }
            .encode_to_vec()
    }),
    ("RequestExclusion", "evidence", "supervisor", COUNTED, |request_id, line, evidence| {
        let (month, unit, reason) = (MONTH.to_owned(), LEAD.to_owned(), "企业已注销".to_owned());
        pb::RequestExclusionRequest { request_id, line, month, reason, evidence, unit }.encode_to_vec()
    }),
    ("DecideObjection", "note", "supervisor", OBJECTED, |request_id, exclusion, note| {
        let (exclusion_number, etag) = read(&exclusion);
        pb::DecideObjectionRequest { request_id, exclusion_number, etag, accepted: true, note }
            .encode_to_vec()
    }),
    ("DecideExclusion", "note", "supervisor", REQUESTED, |request_id, exclusion, note| {
        let (exclusion_number, etag) = read(&exclusion);
        pb::DecideExclusionRequest { request_id, exclusion_number, etag, accepted: true, note }
            .encode_to_vec()
    }),
];

fn read(exclusion: &str) -> (i32, String) {
    let (number, etag) = exclusion.split_once(' ').expect("a number and an etag");
    (number.parse().expect("a number"), etag.to_owned())
}

/// What a request names in one of these places; `None` for another place.
pub(super) async fn place(env: &TestEnv, place: &str) -> Option<String> {
    match place {
        SURVEYED => {
            let number = ticket(env, "completed").await;
            let survey = SubmitSurvey::new(&number).resolved(Resolved::No);
            let other = create_agent(env, "li.wei").await.0.tickets();
            other.submit_survey(survey).await.expect("the survey is taken");
            Some(number)
        }
        COUNTED | OBJECTED | REQUESTED => Some(case(env, &ticket(env, "closed").await, place).await),
        _ => None,
    }
}

/// The case of a closed ticket: the name of its line, or the number and the etag of a request about it.
async fn case(env: &TestEnv, number: &str, place: &str) -> String {
    let unit = env.client_with_token(env.server.unit_token(LEAD)).assessment();
    let line = find_within(WAIT_MAX, async || {
        let lines = unit.list_score_lines(ListScoreLines::new(LEAD, MONTH)).take_up_to(99).await;
        let lines = lines.expect("a unit reads its lines");
        lines.into_iter().find(|line| line.ticket_number == number).map(|line| line.line)
    });
    let line = line.await.expect("the case is counted within the time");
    let exclusion = match place {
        OBJECTED => unit.file_objection(FileObjection::new(line, MONTH, "评价有误")).await,
        REQUESTED => {
            let request = RequestExclusion::new(line, MONTH, "企业已注销", LEAD);
            second_supervisor(env).await.request_exclusion(request).await
        }
        _ => return line,
    };
    let exclusion = exclusion.expect("it is asked for");
    format!("{} {}", exclusion.number, exclusion.etag)
}
