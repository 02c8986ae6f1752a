//! The logs hold no caller's identity and no token, at any log level and after any error.

use hotline_client::{
    AcceptTicket, CallerReply, Category, Contact, CreateTicket, Enterprise, ErrorReason,
    RecordContactAttempt, RedactTicket, Resolved, Source, SubmitSurvey, WithdrawTicket,
};
use tokio::task::JoinSet;

use super::test_env::{LEAD, OPENING, TestEnv, appeal, both_halves, complaint, refused, reply};
use crate::support::server::{Options, Store};

on_every_store!(store: no_identity_is_logged);

/// Data of a caller, well-formed and not, that occurs nowhere else in the story.
const MARKS: [&str; 8] = [
    "匿迹示例商贸",
    "91110105MA00HTNE0R",
    "91110105MA00HTNE0T",
    "匿迹女士",
    "13922223333",
    "1392222",
    "call-4712-hidden",
    "匿迹事项",
];

fn with_marks(request: CreateTicket) -> CreateTicket {
    request
        .enterprise(Enterprise { name: MARKS[0].into(), social_credit_code: Some(MARKS[1].into()) })
        .contact(Contact { name: MARKS[3].into(), phone: MARKS[4].into() })
        .source(Source { system: "switch-3".into(), reference: MARKS[6].into() })
        .subject(MARKS[7])
        .content(format!("{}：{}，{}", MARKS[0], MARKS[3], MARKS[4]))
}

async fn no_identity_is_logged(store: Store) {
    let options = Options::default().simulated_clock(OPENING);
    let mut env = TestEnv::with(store, options.set("log.filter", "\"debug\""));
    let number = run_lifecycle(&env).await;
    send_bad_requests(&env, &number).await;
    env.server.wait_for_line("INVALID_FIELDS");
    let tokens = ["agent", "dispatcher", "unit", "administrator"].map(|role| env.server.token(role));
    env.server.terminate();
    let log = env.server.output();
    for mark in MARKS.into_iter().chain(tokens.iter().map(String::as_str)) {
        let line = log.lines().find(|line| line.contains(mark));
        assert_eq!(line, None, "{mark} is in the log");
    }
}

/// A ticket's way to its survey, with refused texts on the way.
async fn run_lifecycle(env: &TestEnv) -> String {
    let number = env.take_in(with_marks(complaint())).await.number;
    let with_phone_number = RedactTicket::new(&number, "已核").content(MARKS[4]);
    refused(env.agent().redact_ticket(with_phone_number).await, ErrorReason::InvalidFields);
    env.agent().redact_ticket(RedactTicket::new(&number, "已核")).await.expect("the texts are harmless");
    env.dispatch(&number, LEAD).await;
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead unit accepts the ticket");
    let mut feedback = both_halves(&number, env.now().await);
    let caller_reply = CallerReply { content: format!("已告知{}", MARKS[7]), ..reply(env.now().await) };
    feedback.caller_reply = Some(caller_reply);
    env.unit(LEAD).submit_feedback(feedback).await.expect("it is complete");
    let attempt = RecordContactAttempt::new(&number).note(MARKS[4]);
    refused(env.agent().record_contact_attempt(attempt).await, ErrorReason::InvalidFields);
    let attempt = RecordContactAttempt::new(&number);
    env.agent().record_contact_attempt(attempt).await.expect("the attempt is recorded");
    let survey = SubmitSurvey::new(&number).resolved(Resolved::Partly);
    let revealing_survey = survey.clone().comment(MARKS[0]);
    refused(env.agent().submit_survey(revealing_survey).await, ErrorReason::InvalidFields);
    env.agent().submit_survey(survey).await.expect("it is surveyed");
    number
}

/// Requests that are refused.
async fn send_bad_requests(env: &TestEnv, number: &str) {
    let mistaken = with_marks(appeal())
        .enterprise(Enterprise { name: MARKS[0].into(), social_credit_code: Some(MARKS[2].into()) })
        .contact(Contact { name: MARKS[3].into(), phone: MARKS[5].into() })
        .subject(format!("{}\u{7}", MARKS[7]));
    refused(env.agent().create_ticket(mistaken).await, ErrorReason::InvalidFields);
    let consultation = with_marks(appeal()).category(Category::Consultation);
    refused(env.agent().create_ticket(consultation).await, ErrorReason::SourceReused);
    let late = WithdrawTicket::new(number, MARKS[3]);
    refused(env.agent().withdraw_ticket(late).await, ErrorReason::WrongState);
    // Concurrent intakes of one call conflict, and the database describes that in its own words.
    let agent = env.agent();
    let source = Some(Source { system: "switch-4".into(), reference: MARKS[6].into() });
    let calls = (0..40).map(|_| {
        let (agent, request) = (agent.clone(), with_marks(appeal()).source(source.clone()));
        async move { agent.create_ticket(request).await }
    });
    for outcome in calls.collect::<JoinSet<_>>().join_all().await {
        outcome.expect("every call is answered");
    }
}
