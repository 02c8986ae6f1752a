//! Suggestions: the topics that fit a text, from the words of the tree at first, and later from closed tickets.

use chrono::NaiveDate;
use hotline_client::{
    AcceptTicket, Category, Complexity, CreateTicket, ErrorReason, Resolved, SubmitSurvey,
    SuggestClassification, TopicSuggestions,
};
use hotline_server::ticket::TicketNumber;

use super::knowledge::base;
use super::test_env::{LEAD, OPENING, TestEnv, appeal, refused};
use crate::support::server::{Options, Store};
use crate::support::wait::{WAIT_MAX, find_within};

on_every_store!(env:
    a_text_gets_topics_before_any_ticket_is_closed,
    a_ticket_and_its_text_get_the_same_topics,
    wrong_requests_are_refused,
);

on_every_store!(store: a_model_is_learnt_from_closed_tickets);

async fn suggest(env: &TestEnv, of: SuggestClassification) -> TopicSuggestions {
    base(env, "agent").suggest_classification(of).await.expect("an agent may ask")
}

fn topics(found: &TopicSuggestions) -> Vec<&str> {
    found.suggestions.iter().map(|suggestion| suggestion.topic.as_str()).collect()
}

async fn a_text_gets_topics_before_any_ticket_is_closed(env: &TestEnv) {
    let text = SuggestClassification::of_text("数电票", "我们公司的数电票开具额度不够用");
    let found = suggest(env, text).await;
    assert_eq!(topics(&found)[0], "tax.invoice");
    assert!(found.suggestions.len() <= 3);
    assert!(found.suggestions.is_sorted_by_key(|suggestion| -suggestion.score));
    assert!(found.suggestions[0].words.iter().any(|word| word.contains("数电票")), "{found:?}");
    assert_eq!((found.sure, found.model_version.as_str()), (false, "topic-words"));
    let nothing = suggest(env, SuggestClassification::of_text("", "……")).await;
    assert_eq!(topics(&nothing), Vec::<&str>::new());
}

async fn a_ticket_and_its_text_get_the_same_topics(env: &TestEnv) {
    let ticket = env.take_in(appeal()).await;
    let of_ticket = suggest(env, SuggestClassification::of_ticket(&ticket.number)).await;
    let text = SuggestClassification::of_text(&ticket.subject, ticket.content.as_deref().unwrap_or_default());
    assert_eq!(suggest(env, text).await, of_ticket);
    let after = env.ticket(&ticket.number).await;
    assert_eq!((after.etag, after.topic), (ticket.etag, ticket.topic), "nothing is classified");
}

async fn wrong_requests_are_refused(env: &TestEnv) {
    let agent = base(env, "agent");
    let day = NaiveDate::from_ymd_opt(2019, 10, 12).expect("a day of 2019");
    let unknown_number = TicketNumber::new(day, 999_999).expect("a number that nobody has").to_string();
    let unknown = agent.suggest_classification(SuggestClassification::of_ticket(unknown_number)).await;
    refused(unknown, ErrorReason::TicketNotFound);
    for (wrong, field) in [
        (SuggestClassification::of_text("", ""), "content"),
        (SuggestClassification::of_text("执".repeat(201), ""), "subject"),
        (SuggestClassification::of_text("", "执".repeat(10_001)), "content"),
        (SuggestClassification::of_ticket("1"), "ticket_number"),
    ] {
        let error = refused(agent.suggest_classification(wrong).await, ErrorReason::InvalidFields);
        let fields: Vec<_> = error.field_violations().iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, [field]);
    }
    let unit = env.client_with_token(env.server.unit_token(LEAD)).knowledge();
    let text = SuggestClassification::of_text("执照", "");
    refused(unit.suggest_classification(text).await, ErrorReason::RoleNotAllowed);
}

/// Takes a ticket in and handles it until it is closed.
async fn close(env: &TestEnv, topic: &str, subject: &str, content: String) {
    let created = CreateTicket::new(
        Category::Appeal,
        Complexity::General,
        hotline_client::Channel::Web,
        subject,
        content,
    );
    let number = env.take_in(created.topic(topic)).await.number;
    env.dispatch(&number, LEAD).await;
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("it accepts");
    env.complete(&number, LEAD).await;
    let survey = SubmitSurvey::new(&number).resolved(Resolved::Yes);
    env.agent().submit_survey(survey).await.expect("the survey closes it");
}

async fn a_model_is_learnt_from_closed_tickets(store: Store) {
    let options = Options::default()
        .simulated_clock(OPENING)
        .set("suggestions.texts_min", "20")
        .set("suggestions.train_interval_seconds", "1");
    let env = &TestEnv::with(store, options);
    // Companies use other words than the tree has.
    let invoice = SuggestClassification::of_text("小票", "财务软件提示小票打印失败");
    assert_eq!(suggest(env, invoice.clone()).await.model_version, "topic-words");
    for at in 0..10 {
        close(env, "tax.invoice", "小票打印", format!("第{at}次打印小票失败")).await;
        close(env, "licence.registration", "营业执照办理", format!("第{at}次申请执照没有结果")).await;
    }
    let learnt = find_within(WAIT_MAX, async || {
        let found = suggest(env, invoice.clone()).await;
        (found.model_version == "topic-1").then_some(found)
    });
    let learnt = learnt.await.expect("the server learns within seconds");
    assert_eq!(topics(&learnt)[0], "tax.invoice");
    assert!(learnt.suggestions[0].words.iter().any(|word| word.contains("小票")), "{learnt:?}");
    assert!(!learnt.sure, "20 tickets are too few to be sure");
}
