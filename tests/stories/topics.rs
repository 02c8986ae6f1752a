//! Topics that administrators keep: a new one, another name, one that is retired with a successor, and what becomes of
//! tickets that have it.

use chrono::TimeDelta;
use hotline_client::{
    CatalogueEntry, Category, ClassifyTicket, Complexity, ErrorReason, ListAuditRecords, PutCatalogueEntry,
    PutTopic, SuggestClassification, Topic,
};

use super::test_env::{LEAD, OPENING, TestEnv, appeal, at, refused};

on_every_store!(env:
    a_new_topic_is_used_from_its_beginning,
    a_retired_topic_names_its_successor,
    topics_that_can_not_be_are_refused,
);

fn new_topic(code: &str) -> Topic {
    Topic {
        code: code.to_owned(),
        name: "低空经济".to_owned(),
        name_en: Some("Low-altitude economy".to_owned()),
        words: Some("无人机 空域 起降场".to_owned()),
        start_time: None,
        end_time: None,
        successor: None,
        etag: None,
    }
}

async fn topic_of(env: &TestEnv, code: &str) -> Topic {
    let all = env.client("agent").directory().list_topics().take_up_to(500).await.expect("topics");
    all.into_iter().find(|topic| topic.code == code).expect("the topic is there")
}

async fn a_new_topic_is_used_from_its_beginning(env: &TestEnv) {
    let directory = env.client("administrator").directory();
    let from = at(OPENING) + TimeDelta::days(2);
    let topic = Topic { start_time: Some(from), ..new_topic("industry.drones") };
    let put = directory.put_topic(PutTopic::new(topic.clone())).await.expect("it is added");
    assert_eq!(put, Topic { etag: put.etag.clone(), ..topic });
    let early = env.agent().create_ticket(appeal().topic("industry.drones")).await;
    refused(early, ErrorReason::TopicNotInForce);
    env.advance_to(from).await;
    let taken = env.take_in(appeal().topic("industry.drones")).await;
    assert_eq!(taken.topic.as_deref(), Some("industry.drones"));

    let unit = LEAD.to_owned();
    let entry =
        CatalogueEntry { topic: put.code.clone(), district: None, unit, start_time: from, end_time: None };
    directory.put_catalogue_entry(PutCatalogueEntry::new(entry)).await.expect("a unit is responsible for it");
    let renamed = Topic { name: "低空经济与无人机".to_owned(), ..put.clone() };
    let renamed = directory.put_topic(PutTopic::new(renamed)).await.expect("it is renamed");
    assert_eq!((topic_of(env, "industry.drones").await, renamed.etag != put.etag), (renamed, true));
    let stale = directory.put_topic(PutTopic::new(put)).await;
    refused(stale, ErrorReason::EtagStale);
    let text = SuggestClassification::of_text("无人机起降场", "无人机空域怎样申请？");
    let found = env.client("agent").knowledge().suggest_classification(text).await.expect("a suggestion");
    assert_eq!(found.suggestions[0].topic, "industry.drones");
}

async fn a_retired_topic_names_its_successor(env: &TestEnv) {
    let directory = env.client("administrator").directory();
    let number = env.take_in(appeal().topic("tax.invoice")).await.number;
    let other = env.take_in(appeal()).await.number;
    directory.put_topic(PutTopic::new(new_topic("tax.documents"))).await.expect("the successor is added");
    let until = at(OPENING) + TimeDelta::days(1);
    let retire =
        PutTopic::retire(topic_of(env, "tax.invoice").await, until, Some("tax.documents".to_owned()));
    let retired = directory.put_topic(retire).await.expect("it is retired");
    assert_eq!((retired.end_time, retired.successor.as_deref()), (Some(until), Some("tax.documents")));
    env.take_in(appeal().topic("tax.invoice")).await;
    env.advance_to(until).await;

    let again = env.agent().create_ticket(appeal().topic("tax.invoice")).await;
    let error = refused(again, ErrorReason::TopicNotInForce);
    assert_eq!(error.metadata().get("successor").map(String::as_str), Some("tax.documents"));
    assert_eq!(error.field_violations()[0].field, "topic");
    let classify = |number: &str, topic: &str| {
        ClassifyTicket::new(number, Category::Appeal, Complexity::General).topic(topic)
    };
    let late = env.agent().classify_ticket(classify(&other, "tax.invoice")).await;
    refused(late, ErrorReason::TopicNotInForce);
    let kept = env.agent().classify_ticket(classify(&number, "tax.invoice")).await;
    assert_eq!(kept.expect("a ticket keeps its topic").topic.as_deref(), Some("tax.invoice"));
    let moved = env.agent().classify_ticket(classify(&number, "tax.documents")).await;
    assert_eq!(moved.expect("it gets the successor").topic.as_deref(), Some("tax.documents"));
    let unit = LEAD.to_owned();
    let entry = CatalogueEntry {
        topic: "tax.invoice".to_owned(),
        district: None,
        unit,
        start_time: until,
        end_time: None,
    };
    refused(directory.put_catalogue_entry(PutCatalogueEntry::new(entry)).await, ErrorReason::TopicNotInForce);

    let records = ListAuditRecords::default().subject("topic/tax.invoice");
    let records = env.client("administrator").audit().list_audit_records(records).take_up_to(9).await;
    let records = records.expect("an administrator lists records");
    assert_eq!(records.iter().map(|one| one.method.as_str()).collect::<Vec<_>>(), ["PutTopic"]);
}

async fn topics_that_can_not_be_are_refused(env: &TestEnv) {
    let directory = env.client("administrator").directory();
    let end_time = Some(at(OPENING));
    let with = |successor: &str| Topic {
        end_time,
        successor: Some(successor.to_owned()),
        ..new_topic("tax.documents")
    };
    for (topic, field) in [
        (new_topic("tax"), "topic.code"),
        (new_topic("tax.invoice.paper"), "topic.code"),
        (new_topic("1tax"), "topic.code"),
        (Topic { name: String::new(), ..new_topic("tax.documents") }, "topic.name"),
        (Topic { start_time: end_time, end_time, ..new_topic("tax.documents") }, "topic.end_time"),
        (Topic { end_time: None, ..with("tax.invoice") }, "topic.successor"),
        (with("tax.nowhere"), "topic.successor"),
        (with("tax.documents"), "topic.successor"),
    ] {
        let error = refused(directory.put_topic(PutTopic::new(topic)).await, ErrorReason::InvalidFields);
        assert_eq!(error.field_violations()[0].field, field);
    }
    let retire = PutTopic::retire(topic_of(env, "tax.invoice").await, at(OPENING), None);
    directory.put_topic(retire).await.expect("it is retired");
    refused(directory.put_topic(PutTopic::new(with("tax.invoice"))).await, ErrorReason::TopicNotInForce);
    let by_supervisor = env.client("supervisor").directory();
    refused(
        by_supervisor.put_topic(PutTopic::new(new_topic("tax.documents"))).await,
        ErrorReason::RoleNotAllowed,
    );
}
