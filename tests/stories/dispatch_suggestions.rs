//! Suggestions of units, similar tickets, and how often people decided as suggested.

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, Category, Complexity, CreateTicket, DispatchBasis, DispatchSuggestions, DispatchTicket,
    ErrorReason, FindSimilarTickets, GetSuggestionQuality, Knowledge, MergeTicket, Resolved, SimilarOffer,
    SimilarTickets, SubmitSurvey, SuggestClassification, SuggestDispatch, SuggestionKind, TicketState,
};

use super::knowledge::base;
use super::test_env::{ASSISTING, LEAD, NEXT, TestEnv, appeal, refused, unnamed};
use crate::support::wait::{WAIT_MAX, find_within};

on_every_store!(env:
    the_catalogue_names_the_unit_of_a_topic_and_a_district,
    words_name_a_unit_without_a_topic,
    closed_tickets_are_precedents,
    no_accused_unit_is_suggested,
    a_repeat_of_an_open_matter_is_offered_for_a_merge,
    many_open_tickets_of_one_cause_are_a_hint,
    decisions_are_counted_beside_suggestions,
    wrong_questions_are_refused,
);

/// The unit that the shipped catalogue makes responsible for `licence.registration`.
const REGISTRAR: &str = "dept-market-regulation";

fn about(subject: &str, content: &str) -> CreateTicket {
    unnamed(appeal()).subject(subject).content(content)
}

async fn suggest(env: &TestEnv, of: SuggestDispatch) -> DispatchSuggestions {
    base(env, "dispatcher").suggest_dispatch(of).await.expect("a dispatcher may ask")
}

async fn similar(base: &Knowledge, to: FindSimilarTickets) -> SimilarTickets {
    base.find_similar_tickets(to).await.expect("staff may ask")
}

async fn close(env: &TestEnv, number: &str, lead: &str, assisting: &[&str]) {
    let assist: Vec<String> = assisting.iter().map(|code| (*code).to_owned()).collect();
    let dispatch = DispatchTicket::new(number, lead).assist_units(assist);
    env.dispatcher().dispatch_ticket(dispatch).await.expect("it is dispatched");
    env.unit(lead).accept_ticket(AcceptTicket::new(number)).await.expect("it accepts");
    env.complete(number, lead).await;
    let survey = SubmitSurvey::new(number).resolved(Resolved::Yes);
    env.agent().submit_survey(survey).await.expect("the survey closes it");
}

async fn the_catalogue_names_the_unit_of_a_topic_and_a_district(env: &TestEnv) {
    let text = SuggestDispatch::of_text("执照", "想开一家公司，怎么办理？");
    let found = suggest(env, text.topic("licence.registration").district("110105")).await;
    let first = &found.suggestions[0];
    assert_eq!((first.lead_unit.as_str(), first.basis), (REGISTRAR, DispatchBasis::Catalogue));
    let row = first.catalogue_row.as_ref().expect("a row decided");
    assert_eq!((row.topic.as_str(), row.unit.as_str()), ("licence.registration", REGISTRAR));
    assert!(!row.topic_suggested);
    assert_eq!(first.model_version, "unit-words");
    assert!(found.suggestions.len() <= 3 && !found.sure);
    assert!(found.suggestions.is_sorted_by_key(|one| -one.score), "{found:?}");
    assert_eq!(found.precedents, [], "nothing is closed yet");
}

async fn words_name_a_unit_without_a_topic(env: &TestEnv) {
    for (text, unit) in [
        ("我们公司的数电票额度不够，发票开不出来", "dept-tax"),
        ("写字楼暖气不热，供暖温度不达标", "pse-district-heating"),
        ("职工社保增员报错，参保登记不了", "dept-social-insurance"),
    ] {
        let found = suggest(env, SuggestDispatch::of_text("", text)).await;
        let first = &found.suggestions[0];
        assert_eq!((first.lead_unit.as_str(), first.basis), (unit, DispatchBasis::Words), "{found:?}");
        assert!(!first.words.is_empty());
    }
    assert_eq!(suggest(env, SuggestDispatch::of_text("", "……")).await.suggestions, []);
}

async fn closed_tickets_are_precedents(env: &TestEnv) {
    let old = env.take_in(about("停车收费太高", "门前路侧停车收费太高，客户不愿意来")).await.number;
    close(env, &old, LEAD, &[ASSISTING]).await;
    env.take_in(about("停车收费", "门前路侧停车收费标准是什么，还开着")).await;
    let found = suggest(env, SuggestDispatch::of_text("路侧停车", "公司门前路侧停车收费太高")).await;
    let numbers: Vec<_> = found.precedents.iter().map(|one| one.ticket_number.as_str()).collect();
    assert_eq!(numbers, [old.as_str()], "an open ticket is no precedent");
    let precedent = &found.precedents[0];
    assert_eq!(precedent.lead_unit.as_deref(), Some(LEAD));
    assert_eq!(precedent.assist_units, [ASSISTING]);
    assert_eq!(precedent.resolved, Some(Resolved::Yes));
    assert!(precedent.close_time.is_some() && precedent.similarity > 300, "{precedent:?}");
    for one in found.suggestions.iter().filter(|one| one.lead_unit == LEAD) {
        assert_eq!(one.assist_units, [ASSISTING]);
    }
}

async fn no_accused_unit_is_suggested(env: &TestEnv) {
    let complaint = CreateTicket::new(
        Category::ComplaintReport,
        Complexity::General,
        hotline_client::Channel::Web,
        "税务局推诿",
        "发票额度申请，税务局一直推诿",
    );
    let complaint = complaint.accused_units(vec!["dept-tax".to_owned()]).topic("tax.invoice");
    let number = env.take_in(complaint).await.number;
    let found = suggest(env, SuggestDispatch::of_ticket(&number)).await;
    let names_it = |one: &hotline_client::DispatchSuggestion| {
        one.lead_unit == "dept-tax" || one.assist_units.iter().any(|unit| unit == "dept-tax")
    };
    assert!(!found.suggestions.iter().any(names_it), "{found:?}");
}

async fn a_repeat_of_an_open_matter_is_offered_for_a_merge(env: &TestEnv) {
    let agent = base(env, "agent");
    let open = env.take_in(about("园区停电", "今天上午园区突然停电，生产线全部停了")).await.number;
    env.take_in(about("发票额度", "发票额度不够用")).await;
    let text =
        FindSimilarTickets::of_text("园区停电", "今天园区停电，我们的生产线全部停了").topic("utility.power");
    let found = similar(&agent, text.clone()).await;
    assert_eq!(found.tickets.len(), 1, "{found:?}");
    let first = &found.tickets[0];
    assert_eq!((first.ticket_number.as_str(), first.offer), (open.as_str(), SimilarOffer::Merge));
    assert_eq!((first.state, first.days_apart), (TicketState::Received, 0));
    assert!(first.shared_texts.iter().any(|part| part.contains("停电")), "{first:?}");
    assert_eq!((found.open_with_same_cause_count, found.supervisor_hint), (1, false));

    let repeat = env.take_in(about("园区停电", "今天园区停电，我们的生产线全部停了")).await.number;
    let of_ticket = similar(&agent, FindSimilarTickets::of_ticket(&repeat)).await;
    assert!(of_ticket.tickets.iter().all(|ticket| ticket.ticket_number != repeat), "not itself");
    assert_eq!(of_ticket.tickets[0].offer, SimilarOffer::Merge);
    env.agent().merge_ticket(MergeTicket::new(&repeat, &open)).await.expect("it may be merged");

    // What is done can be linked only, and is left out if open tickets are asked for.
    close(env, &open, LEAD, &[]).await;
    let done = similar(&agent, text.clone()).await;
    assert_eq!(done.tickets[0].offer, SimilarOffer::Link);
    assert_eq!(similar(&agent, text.open_only(true)).await.tickets, []);
}

async fn many_open_tickets_of_one_cause_are_a_hint(env: &TestEnv) {
    for place in 0..12 {
        env.take_in(about("园区停电", &format!("{place}号楼突然停电，生产线全部停了"))).await;
    }
    env.take_in(about("停车收费", "路侧停车收费太高")).await;
    let text = FindSimilarTickets::of_text("园区停电", "我们楼突然停电，生产线停了").tickets_max(3);
    let found = similar(&base(env, "supervisor"), text).await;
    assert_eq!(found.tickets.len(), 3);
    assert_eq!((found.open_with_same_cause_count, found.supervisor_hint), (12, true));
}

async fn decisions_are_counted_beside_suggestions(env: &TestEnv) {
    let agent = base(env, "agent");
    // The first is asked for before intake, the second for the ticket; the second is decided otherwise.
    let (subject, content) = ("数电票", "我们公司的数电票开具额度不够用");
    let text = SuggestClassification::of_text(subject, content);
    let found = agent.suggest_classification(text).await.expect("an agent may ask");
    assert_eq!(found.suggestions[0].topic, "tax.invoice");
    let right = env.take_in(about(subject, content).topic("tax.invoice")).await.number;
    let wrong = env.take_in(about("电子发票", "电子发票开具额度不够").topic("licence.seal")).await.number;
    agent.suggest_classification(SuggestClassification::of_ticket(&wrong)).await.expect("an agent may ask");
    suggest(env, SuggestDispatch::of_ticket(&right)).await;
    let supervisor = base(env, "supervisor");
    let months = async || {
        let report = supervisor.get_suggestion_quality(GetSuggestionQuality::default()).await;
        report.expect("a supervisor reads it").months
    };
    assert_eq!(months().await, [], "nothing is decided");
    for number in [&right, &wrong] {
        close(env, number, "dept-tax", &[]).await;
    }
    let counted = find_within(WAIT_MAX, async || {
        let months = months().await;
        let decided: u32 = months.iter().map(|month| month.decided_count).sum();
        (decided == 3).then_some(months)
    });
    let counted = counted.await.expect("the log follows");
    let of = |kind| counted.iter().find(|month| month.kind == kind).expect("it was asked for");
    let topics = of(SuggestionKind::Topic);
    assert_eq!((topics.decided_count, topics.offered_count), (2, 2));
    assert_eq!((topics.first_right_count, topics.three_right_count, topics.sure_count), (1, 1, 0));
    let units = of(SuggestionKind::Unit);
    assert_eq!((units.decided_count, units.first_right_count), (1, 1), "{counted:?}");
    let before = GetSuggestionQuality::default().end_time(env.now().await - TimeDelta::days(40));
    let before = supervisor.get_suggestion_quality(before).await.expect("a supervisor reads it");
    assert_eq!(before.months, []);
    refused(agent.get_suggestion_quality(GetSuggestionQuality::default()).await, ErrorReason::RoleNotAllowed);
}

async fn wrong_questions_are_refused(env: &TestEnv) {
    let agent = base(env, "agent");
    let ticket = env.take_in(appeal()).await.number;
    for (wrong, field) in [
        (SuggestDispatch::of_text("", ""), "content"),
        (SuggestDispatch::of_text("执照", "").district("1"), "district"),
        (SuggestDispatch::of_ticket(&ticket).topic("tax.invoice"), "topic"),
        (SuggestDispatch::of_ticket("1"), "ticket_number"),
    ] {
        let error = refused(agent.suggest_dispatch(wrong).await, ErrorReason::InvalidFields);
        assert_eq!(error.field_violations()[0].field, field);
    }
    let wrong = FindSimilarTickets::of_text("", "").open_only(true);
    refused(agent.find_similar_tickets(wrong).await, ErrorReason::InvalidFields);
    let unit = env.client_with_token(env.server.unit_token(NEXT)).knowledge();
    refused(unit.suggest_dispatch(SuggestDispatch::of_text("执照", "")).await, ErrorReason::RoleNotAllowed);
    let to = FindSimilarTickets::of_text("执照", "");
    refused(unit.find_similar_tickets(to).await, ErrorReason::RoleNotAllowed);
}
