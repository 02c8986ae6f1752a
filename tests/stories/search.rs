//! Tickets are found by words: Chinese of one and two characters, other writings, numbers of documents, words that are
//! still typed. A caller finds its own change at once, and nobody finds what it may not see.

use std::time::Duration;

use hotline_client::{
    Category, ClassifyTicket, Complexity, CreateTicket, ErrorReason, SearchTickets, TicketHit, TicketState,
    Tickets,
};
use hotline_proto::v1 as pb;

use super::test_env::{ACCUSED, LEAD, NEXT, TestEnv, appeal, refused, unnamed};
use crate::support::wait;

on_every_store!(env:
    a_seat_finds_a_ticket_by_words_in_every_writing,
    a_unit_finds_what_it_handles_and_nothing_else,
    what_the_caller_said_of_itself_is_not_found,
    results_come_in_pages_with_filters,
    a_query_without_words_is_refused,
);

/// How long the index may take to follow.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(2);

fn about(subject: &str, content: &str) -> CreateTicket {
    unnamed(appeal()).subject(subject).content(content)
}

async fn hits(tickets: &Tickets, query: &str) -> Vec<TicketHit> {
    tickets.search_tickets(SearchTickets::new(query)).take_up_to(1_000).await.expect("it searches")
}

async fn numbers(tickets: &Tickets, query: &str) -> Vec<String> {
    hits(tickets, query).await.into_iter().map(|hit| hit.ticket.number).collect()
}

fn marked(snippet: &hotline_client::TextSnippet) -> Vec<&str> {
    snippet.parts().filter(|(is_marked, _)| *is_marked).map(|(_, part)| part).collect()
}

async fn a_seat_finds_a_ticket_by_words_in_every_writing(env: &TestEnv) {
    let agent = env.agent();
    let licence =
        env.take_in(about("营业执照变更", "依据京政办发〔2023〕12号，申请营业执照变更登记。")).await.number;
    let invoice = env.take_in(about("税务发票领用", "增值税发票 GB32100 领用问题")).await.number;
    for (query, expected) in [
        ("营业执照", &licence),
        ("營業執照", &licence),
        ("变更", &licence),
        ("京政办发[2023]12号", &licence),
        ("税", &invoice),
        ("发票", &invoice),
        ("ｇｂ３２１００", &invoice),
        ("gb32", &invoice),
    ] {
        assert_eq!(numbers(&agent, query).await, *std::slice::from_ref(expected), "{query}");
    }
    assert_eq!(numbers(&agent, "公积金").await, Vec::<String>::new());
    assert_eq!(numbers(&agent, &licence[..8]).await.len(), 2, "both numbers begin with the day");
    let hit = hits(&agent, "執照變更").await.remove(0);
    assert_eq!((marked(&hit.subject), marked(&hit.content)), (vec!["执照变更"], vec!["执照变更"]));
    assert_eq!(hit.content.text, "依据京政办发〔2023〕12号，申请营业执照变更登记。");
    assert_eq!(hit.ticket.content, None, "the content is left out");
    let both = numbers(&agent, "营业执照 发票领用").await;
    assert_eq!(both.len(), 2, "either has two parts");
}

async fn a_unit_finds_what_it_handles_and_nothing_else(env: &TestEnv) {
    let seen = env.take_in(about("消防验收", "消防验收进度")).await.number;
    let other = env.take_in(about("消防验收", "另一处消防验收")).await.number;
    env.dispatch(&seen, LEAD).await;
    env.dispatch(&other, NEXT).await;
    assert_eq!(numbers(&env.unit(LEAD), "消防验收").await, *std::slice::from_ref(&seen));
    assert_eq!(numbers(&env.unit(ACCUSED), "消防验收").await, Vec::<String>::new());
    let mut both = numbers(&env.agent(), "消防验收").await;
    both.sort();
    assert_eq!(both, [seen.clone(), other]);
    let accuse = ClassifyTicket::new(&seen, Category::ComplaintReport, Complexity::General)
        .accused_units(vec![LEAD.to_owned()]);
    env.agent().classify_ticket(accuse).await.expect("it is a complaint now");
    assert_eq!(numbers(&env.unit(LEAD), "消防验收").await, Vec::<String>::new(), "at once");
    refused(
        env.client("telephony").tickets().search_tickets(SearchTickets::new("消防")).try_next().await,
        ErrorReason::RoleNotAllowed,
    );
}

async fn what_the_caller_said_of_itself_is_not_found(env: &TestEnv) {
    let request = appeal();
    let contact = request.contact.clone().expect("the request names its caller");
    let content = format!("我是{}，电话{}，请回复消防验收一事。", contact.name, contact.phone);
    let number = env.take_in(request.content(content)).await.number;
    let agent = env.agent();
    // As long as it takes until the texts are indexed, and after.
    let mut pauses = wait::Pauses::within(FOLLOWS_WITHIN);
    loop {
        assert_eq!(numbers(&agent, "消防验收").await, *std::slice::from_ref(&number));
        assert_eq!(numbers(&agent, &contact.name).await, Vec::<String>::new());
        assert_eq!(numbers(&agent, &contact.phone).await, Vec::<String>::new());
        if !pauses.next().await {
            break;
        }
    }
}

async fn results_come_in_pages_with_filters(env: &TestEnv) {
    let mut taken = Vec::new();
    for place in 0..7 {
        taken
            .push(env.take_in(about("食品经营许可", &format!("第{place}家门店的食品经营许可"))).await.number);
    }
    env.dispatch(&taken[2], LEAD).await;
    taken.reverse();
    let agent = env.agent();
    let paged = SearchTickets::new("食品经营许可").page_size(2);
    let paged = agent.search_tickets(paged).take_up_to(100).await.expect("it searches");
    let found: Vec<_> = paged.into_iter().map(|hit| hit.ticket.number).collect();
    assert_eq!(found, taken, "the newest first among equals");
    let dispatched = SearchTickets::new("食品").states([TicketState::Dispatched]);
    let dispatched = agent.search_tickets(dispatched).take_up_to(100).await.expect("it searches");
    assert_eq!(dispatched.len(), 1);
    assert_eq!(dispatched[0].ticket.number, taken[4]);
    let unknown = SearchTickets::new("食品").lead_unit("dept-nowhere");
    refused(agent.search_tickets(unknown).try_next().await, ErrorReason::UnitUnknown);
    let other = agent.search_tickets(SearchTickets::new("食品")).from_page_token("AAAA").try_next().await;
    refused(other, ErrorReason::PageTokenInvalid);
}

async fn a_query_without_words_is_refused(env: &TestEnv) {
    let agent = env.agent();
    for query in ["", "，。！", "一\n二", &"税".repeat(101)] {
        let outcome = agent.search_tickets(SearchTickets::new(query)).try_next().await;
        let fault = refused(outcome, ErrorReason::InvalidFields);
        assert_eq!(fault.field_violations()[0].field, "query", "{query:?}");
    }
    let long = "税".repeat(100);
    assert_eq!(numbers(&agent, &long).await, Vec::<String>::new());
    let raw = pb::SearchTicketsRequest { query: "税".into(), page_size: -1, ..Default::default() };
    let refusal = env.raw().search_tickets(env.by("agent", raw)).await.expect_err("the size is negative");
    assert_eq!(refusal.code(), tonic::Code::InvalidArgument);
}
