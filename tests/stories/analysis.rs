//! An analyst counts what companies ask, and reaches each ticket behind a count.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use hotline_client::{
    AnalyseTickets, AnalysedTickets, AnalysisDimension, AnalysisFilter, AnalysisInstant, AnalysisOrder,
    CreateTicket, ErrorReason, ExportTickets, Resolved, Responded, Satisfied, SubmitSurvey, TicketRecord,
    TicketState, WithdrawTicket,
};

use super::test_env::{LEAD, NEXT, TestEnv, appeal, at, refused, unnamed};
use crate::support::wait;

on_every_store!(env:
    counts_are_those_of_the_records_behind_them,
    growth_is_counted_against_the_period_before,
    tickets_are_counted_by_their_completion,
    an_analysis_that_is_wrong_is_refused,
);

async fn tickets_are_counted_by_their_completion(env: &TestEnv) {
    // Two come in on the first day. One is completed on the next day in the first minute after midnight.
    let done = env.appeal_in_handling().await.number;
    env.take_in(about("permit.food", "110105")).await;
    env.advance_to(at("2019-10-13T00:00:00+08:00")).await;
    env.complete(&done, LEAD).await;
    let by_day = |counted_by| october().dimensions([AnalysisDimension::Day]).counted_by(counted_by);
    let days = async |which| {
        let counted = counts(env, which).await;
        let groups = counted.groups.into_iter();
        groups.map(|group| (group.values[0].clone(), group.counts.tickets)).collect::<Vec<_>>()
    };
    let intake = [("2019-10-12".to_owned(), 2)];
    assert_eq!(days(october().dimensions([AnalysisDimension::Day])).await, intake);
    assert_eq!(days(by_day(AnalysisInstant::Intake)).await, intake);
    assert_eq!(days(by_day(AnalysisInstant::Completion)).await, [("2019-10-13".to_owned(), 1)]);
    let first_day = AnalyseTickets::new(day("2019-10-12"), day("2019-10-12"));
    let completed = counts(env, first_day.counted_by(AnalysisInstant::Completion)).await;
    assert_eq!((completed.total.tickets, completed.groups.len()), (0, 0));
}

/// How long the analysis may take to follow.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(10);

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn about(topic: &str, district: &str) -> CreateTicket {
    unnamed(appeal()).topic(topic).district(district)
}

/// The counts, once every event is in them.
async fn counts(env: &TestEnv, which: AnalyseTickets) -> AnalysedTickets {
    let analysis = env.client("analyst").analysis();
    let is_there = async || {
        let counts = analysis.analyse_tickets(which.clone()).await.expect("an analyst counts");
        (counts.entries_behind == 0).then_some(counts)
    };
    wait::find_within(FOLLOWS_WITHIN, is_there).await.expect("the analysis follows")
}

async fn records(env: &TestEnv, filter: AnalysisFilter) -> Vec<TicketRecord> {
    let which = ExportTickets::new(day("2019-10-12"), day("2019-10-31")).filter(filter).page_size(2);
    let records = env.client("analyst").analysis().export_tickets(which).take_up_to(usize::MAX).await;
    records.expect("an analyst exports")
}

fn october() -> AnalyseTickets {
    AnalyseTickets::new(day("2019-10-01"), day("2019-10-31"))
}

async fn counts_are_those_of_the_records_behind_them(env: &TestEnv) {
    // One completed and surveyed, one that another unit handles, one withdrawn, one that nobody has yet.
    let done = env.take_in(about("licence.change", "110105")).await.number;
    let open = env.take_in(about("licence.change", "110108")).await.number;
    let withdrawn = env.take_in(about("permit.food", "110105")).await.number;
    env.take_in(about("permit.food", "110105")).await;
    env.dispatch(&done, LEAD).await;
    env.dispatch(&open, NEXT).await;
    let accept = hotline_client::AcceptTicket::new(&done);
    env.unit(LEAD).accept_ticket(accept).await.expect("the lead unit accepts the ticket");
    env.advance(TimeDelta::hours(5)).await;
    env.complete(&done, LEAD).await;
    let survey = SubmitSurvey::new(&done)
        .responded(Responded::Yes)
        .resolved(Resolved::Partly)
        .satisfied(Satisfied::Basically);
    env.agent().submit_survey(survey).await.expect("the company is asked");
    let withdraw = WithdrawTicket::new(&withdrawn, "企业撤回");
    env.agent().withdraw_ticket(withdraw).await.expect("the company withdraws");

    let all = counts(env, october()).await;
    let [group] = &all.groups[..] else { panic!("one group of all: {all:?}") };
    assert_eq!((group.values.len(), &group.counts), (0, &all.total));
    let total = &all.total;
    assert_eq!((total.tickets, total.open, total.completed, total.completed_on_time), (4, 2, 1, 1));
    assert_eq!((total.responded_yes, total.responded_answers), (1, 1));
    assert_eq!((total.resolved_yes, total.resolved_answers), (0, 1), "a part is not resolved");
    assert_eq!((total.satisfied_yes, total.satisfied_answers), (1, 1));
    let five_hours = 5.0 * 3_600.0;
    let median = total.handling_time_median.expect("one is completed").as_secs_f64();
    assert!((median - five_hours).abs() <= five_hours / 40.0 + 1.0, "{median}");

    // A count by hand of the exported records agrees, for every value of every dimension.
    let exported = records(env, AnalysisFilter::default()).await;
    assert_eq!(exported.len(), 4);
    for (dimension, value_of) in [
        (AnalysisDimension::Topic, (|one| one.topic.clone()) as fn(&TicketRecord) -> Option<String>),
        (AnalysisDimension::District, |one| one.district.clone()),
        (AnalysisDimension::Unit, |one| one.unit.clone()),
        (AnalysisDimension::State, |one| Some(format!("TICKET_STATE_{}", one.state))),
        (AnalysisDimension::Day, |_| Some("2019-10-12".to_owned())),
        (AnalysisDimension::HourOfWeek, |_| Some("6-10".to_owned())),
    ] {
        let mut by_hand: BTreeMap<String, i64> = BTreeMap::new();
        for record in &exported {
            *by_hand.entry(value_of(record).unwrap_or_default()).or_default() += 1;
        }
        let counted = counts(env, october().dimensions([dimension])).await;
        let counted: BTreeMap<String, i64> =
            counted.groups.into_iter().map(|group| (group.values[0].clone(), group.counts.tickets)).collect();
        assert_eq!(counted, by_hand, "{dimension}");
    }
    let of_food = counts(env, october().filter(AnalysisFilter::default().topic("permit"))).await;
    assert_eq!(of_food.total.tickets, 2, "a branch has all its leaves");
    let in_handling = records(env, AnalysisFilter::default().state(TicketState::Dispatched)).await;
    assert_eq!(in_handling.iter().map(|one| &one.number).collect::<Vec<_>>(), [&open]);
    let both = october().dimensions([AnalysisDimension::Topic, AnalysisDimension::Age]);
    let ages: Vec<_> = counts(env, both).await.groups.into_iter().map(|group| group.values).collect();
    assert!(ages.contains(&vec!["licence.change".to_owned(), "0-1".to_owned()]), "{ages:?}");
    check_days_to_limits(env).await;
}

/// Open tickets by the days to their limits are those of the exported records.
async fn check_days_to_limits(env: &TestEnv) {
    let open = AnalysisFilter::default().open_only(true);
    let by_limit = october().dimensions([AnalysisDimension::DaysToLimit]).filter(open.clone());
    let counted = counts(env, by_limit).await.groups.into_iter();
    let counted: BTreeMap<String, i64> =
        counted.map(|group| (group.values[0].clone(), group.counts.tickets)).collect();
    let day = |time: DateTime<Utc>| (time + TimeDelta::hours(8)).date_naive();
    let (today, mut by_hand) = (day(env.now().await), BTreeMap::new());
    for record in records(env, open).await {
        *by_hand.entry((day(record.due_time) - today).num_days().to_string()).or_default() += 1;
    }
    assert_eq!(counted, by_hand);
}

async fn growth_is_counted_against_the_period_before(env: &TestEnv) {
    for _ in 0..3 {
        env.take_in(about("permit.food", "110105")).await;
    }
    env.advance(TimeDelta::days(1)).await;
    for _ in 0..9 {
        env.take_in(about("licence.change", "110105")).await;
    }
    env.take_in(about("permit.food", "110105")).await;
    let sunday = AnalyseTickets::new(day("2019-10-13"), day("2019-10-13"))
        .dimensions([AnalysisDimension::Topic])
        .with_comparison(true)
        .order(AnalysisOrder::Growth);
    let growth = counts(env, sunday.clone()).await;
    let groups = growth
        .groups
        .iter()
        .map(|group| (group.values[0].as_str(), group.counts.tickets, group.tickets_period_before));
    assert_eq!(groups.collect::<Vec<_>>(), [("licence.change", 9, 0), ("permit.food", 1, 3)]);
    assert!((growth.groups[0].growth - 3.0).abs() < 1e-9, "{growth:?}");
    assert!((growth.groups[1].growth + 1.0).abs() < 1e-9, "{growth:?}");
    assert_eq!((growth.total.tickets, growth.tickets_period_before, growth.tickets_year_before), (10, 3, 0));
    let first = counts(env, sunday.groups_max(1)).await;
    assert_eq!((first.groups.len(), first.groups_total, first.total.tickets), (1, 2, 10));
}

async fn an_analysis_that_is_wrong_is_refused(env: &TestEnv) {
    let analysis = env.client("analyst").analysis();
    let twice = october().dimensions([AnalysisDimension::Topic, AnalysisDimension::Topic]);
    let by_day = october().dimensions([AnalysisDimension::Day]).with_comparison(true);
    let long = AnalyseTickets::new(day("2019-01-01"), day("2021-12-31"));
    for (which, field) in [
        (twice, "dimensions[1]"),
        (by_day, "with_comparison"),
        (long, "last_day"),
        (october().order(AnalysisOrder::Growth), "order"),
        (october().filter(AnalysisFilter::default().district("北京")), "filter.district"),
    ] {
        let error = refused(analysis.analyse_tickets(which).await, ErrorReason::InvalidFields);
        let fields: Vec<_> = error.field_violations().iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(fields, [field]);
    }
    let by_a_unit = env.client_with_token(env.server.unit_token(LEAD)).analysis();
    refused(by_a_unit.analyse_tickets(october()).await, ErrorReason::RoleNotAllowed);
}
