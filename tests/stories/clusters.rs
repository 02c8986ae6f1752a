//! An analyst sees what companies ask about the same cause, how much it grows, and where.

use std::time::Duration;

use chrono::NaiveDate;
use hotline_client::{
    AnalysisFilter, CreateTicket, ErrorReason, FindClusters, FindSimilarTickets, FoundClusters,
};

use super::knowledge::base;
use super::test_env::{LEAD, TestEnv, appeal, at, refused, unnamed};
use crate::support::wait;

on_every_store!(env:
    messages_of_one_cause_are_one_cluster,
    nobody_else_finds_clusters,
);

/// How long the analysis may take to follow.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(10);

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn about(subject: &str, content: &str, district: &str) -> CreateTicket {
    unnamed(appeal()).subject(subject).content(content).district(district)
}

/// The clusters, once every event is counted.
async fn clusters(env: &TestEnv, which: FindClusters) -> FoundClusters {
    let analysis = env.client("analyst").analysis();
    let is_there = async || {
        let found = analysis.find_clusters(which.clone()).await.expect("an analyst finds clusters");
        (found.entries_behind == 0).then_some(found)
    };
    wait::find_within(FOLLOWS_WITHIN, is_there).await.expect("the analysis follows")
}

async fn messages_of_one_cause_are_one_cluster(env: &TestEnv) {
    env.take_in(about("园区停电", "昨天园区突然停电，电话13800138000", "110105")).await;
    env.advance_to(at("2019-10-13T09:00:00+08:00")).await;
    let mut same = Vec::new();
    for (subject, content, district) in [
        ("园区停电", "今天上午我们园区突然停电，生产线全部停了，电话13800138000", "110108"),
        ("停电影响生产", "园区突然停电，机器开不了", "110105"),
        ("园区又停电了", "我们园区突然停电，冷库里的货物会坏", "110108"),
        ("什么时候恢复供电", "园区突然停电，想知道什么时候恢复", "110108"),
    ] {
        let is_confidential = same.len() == 2;
        let ticket = about(subject, content, district).confidential(is_confidential);
        same.push(env.take_in(ticket).await.number);
    }
    for district in ["110105", "110108"] {
        env.take_in(about("发票额度", "申请提高发票额度没有通过", district)).await;
    }
    let today = FindClusters::new(day("2019-10-13"), day("2019-10-13"));
    let found = clusters(env, today.clone()).await;
    assert_eq!((found.tickets, found.sample_step), (6, 1));
    let [cluster] = &found.clusters[..] else { panic!("one cluster: {found:?}") };
    assert_eq!((cluster.tickets, cluster.tickets_period_before), (4, 1));
    assert!((cluster.growth - 3.0 / 5.0_f64.sqrt()).abs() < 1e-9, "{cluster:?}");
    let districts: Vec<_> = cluster.districts.iter().map(|one| (one.value.as_str(), one.tickets)).collect();
    assert_eq!(districts, [("110108", 3), ("110105", 1)]);
    assert_eq!(cluster.ticket_numbers, same, "a confidential ticket counts, as it is found by similarity");
    assert!(cluster.shared_texts.iter().any(|part| part.contains("园区突然停电")), "{cluster:?}");
    assert!(!format!("{found:?}").contains("138001"), "numbers are taken out");
    let similar = FindSimilarTickets::of_ticket(&same[0]);
    let similar = base(env, "supervisor").find_similar_tickets(similar).await.expect("staff may ask");
    assert!(similar.tickets.iter().any(|one| one.ticket_number == same[2]), "{similar:?}");

    let elsewhere = today.clone().filter(AnalysisFilter::default().district("110105"));
    assert_eq!(clusters(env, elsewhere).await.clusters, [], "two are no cluster");
    assert_eq!(clusters(env, today).await, found, "the same tickets make the same clusters");
}

async fn nobody_else_finds_clusters(env: &TestEnv) {
    let today = FindClusters::new(day("2019-10-12"), day("2019-10-12"));
    let unit = env.client_with_token(env.server.unit_token(LEAD)).analysis();
    refused(unit.find_clusters(today.clone()).await, ErrorReason::RoleNotAllowed);
    refused(env.client("agent").analysis().find_clusters(today).await, ErrorReason::RoleNotAllowed);
    let analyst = env.client("analyst").analysis();
    let long = FindClusters::new(day("2019-07-01"), day("2019-10-01"));
    refused(analyst.find_clusters(long).await, ErrorReason::InvalidFields);
    let longest = FindClusters::new(day("2019-07-01"), day("2019-09-30"));
    assert_eq!(clusters(env, longest).await.clusters, []);
}
