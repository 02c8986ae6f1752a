//! Lists page by page: no duplicates, nothing missing, in order, and every filter equal to the same filter in the test.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    AcceptTicket, Category, Complexity, DispatchTicket, EscalateTicket, Escalation, ListTickets, Rung,
    Ticket, TicketOrder, TicketState, Tickets,
};
use hotline_proto::v1 as pb;

use super::test_env::{ASSISTING, INFORMED, LEAD, NEXT, TestEnv, appeal};

on_every_store!(env: every_page_size_gives_the_same_list, every_filter_returns_exactly_the_matching_tickets, pages_have_the_requested_size);

const TICKETS: usize = 120;

/// Tickets of every kind at every stage, over ten days, with many equal limits.
async fn create_tickets(env: &TestEnv) {
    for index in 0..TICKETS {
        if index % 12 == 0 {
            env.advance(TimeDelta::days(1)).await;
        }
        let category = [Category::Appeal, Category::Consultation, Category::ComplaintReport][index % 3];
        let request = appeal()
            .category(category)
            .complexity(if index % 2 == 0 { Complexity::Complex } else { Complexity::General })
            .topic((index % 5 == 0).then(|| "utility.power".to_owned()))
            .district((index % 7 < 3).then(|| "110105".to_owned()));
        let ticket = env.take_in(request).await;
        if category != Category::Consultation && index % 4 != 0 {
            advance_ticket(env, &ticket.number, index).await;
        }
    }
}

/// Takes a ticket through a part of the loop that depends on its index.
async fn advance_ticket(env: &TestEnv, number: &str, index: usize) {
    let lead = if index % 5 == 1 { NEXT } else { LEAD };
    let dispatch = DispatchTicket::new(number, lead)
        .assist_units([ASSISTING])
        .inform_units(if lead == LEAD { vec![INFORMED.into()] } else { vec![LEAD.into()] });
    env.dispatcher().dispatch_ticket(dispatch).await.expect("the ticket is dispatched");
    if index.is_multiple_of(3) {
        env.unit(lead)
            .accept_ticket(AcceptTicket::new(number))
            .await
            .expect("the lead unit accepts the ticket");
        if index.is_multiple_of(2) {
            env.complete(number, lead).await;
        }
    } else if index % 10 == 1 {
        let urge = EscalateTicket::new(number, Escalation::Urge, "请尽快签收。");
        env.supervisor().escalate_ticket(urge).await.expect("it is urged");
    }
}

async fn read_all_pages(reader: &Tickets, request: &ListTickets) -> Vec<Ticket> {
    reader.list_tickets(request.clone()).take_up_to(usize::MAX).await.expect("a list can be walked")
}

fn numbers(tickets: &[Ticket]) -> Vec<&str> {
    tickets.iter().map(|ticket| ticket.number.as_str()).collect()
}

async fn every_page_size_gives_the_same_list(env: &TestEnv) {
    create_tickets(env).await;
    let all = env.all_tickets().await;
    assert_eq!(numbers(&all).into_iter().collect::<HashSet<_>>().len(), TICKETS);
    assert_eq!(all.len(), TICKETS);
    let involves = |unit: &str, ticket: &Ticket| {
        ticket.dispatch.as_ref().is_some_and(|dispatch| {
            let other_units = dispatch.assist_units.iter().chain(&dispatch.inform_units);
            other_units.chain([&dispatch.lead_unit]).any(|code| code == unit)
        })
    };
    let readers: [(Tickets, Vec<&Ticket>); 3] = [
        (env.agent(), all.iter().collect()),
        (env.unit(LEAD), all.iter().filter(|ticket| involves(LEAD, ticket)).collect()),
        (env.unit(NEXT), all.iter().filter(|ticket| involves(NEXT, ticket)).collect()),
    ];
    for (reader, visible) in readers {
        assert!(visible.len() > 7, "there are enough tickets for several pages");
        for page_size in [1, 7, 50, 200] {
            let request = ListTickets::default().page_size(page_size);
            let mut expected = visible.clone();
            expected.sort_by(|left, right| right.number.cmp(&left.number));
            let expected: Vec<_> = expected.iter().map(|ticket| ticket.number.as_str()).collect();
            assert_eq!(
                numbers(&read_all_pages(&reader, &request).await),
                expected,
                "newest first, by {page_size}"
            );

            let request = request.order(TicketOrder::DueFirst);
            let mut expected = visible.clone();
            expected.sort_by_key(|ticket| (ticket.cycle.due_time, ticket.number.clone()));
            let expected: Vec<_> = expected.iter().map(|ticket| ticket.number.as_str()).collect();
            assert_eq!(
                numbers(&read_all_pages(&reader, &request).await),
                expected,
                "due first, by {page_size}"
            );
        }
    }
}

/// The filter of the contract, implemented in the test.
fn matches(filter: &ListTickets, ticket: &Ticket) -> bool {
    use TicketState::{Dispatched, Handling, Planning, Received, Returned};
    let is_open = [Received, Planning, Dispatched, Handling, Returned].contains(&ticket.state);
    let lead_unit = ticket.dispatch.as_ref().map(|dispatch| &dispatch.lead_unit);
    (filter.states.is_empty() || filter.states.contains(&ticket.state))
        && filter.category.is_none_or(|category| category == ticket.category)
        && filter.lead_unit.as_ref().is_none_or(|unit| lead_unit == Some(unit))
        && (filter.district.is_none() || filter.district == ticket.district)
        && (filter.topic.is_none() || filter.topic == ticket.topic)
        && filter.rung_at_least.is_none_or(|rung| ticket.cycle.has_reached(rung))
        && filter.intake_start_time.is_none_or(|start| ticket.intake_time >= start)
        && filter.intake_end_time.is_none_or(|end| ticket.intake_time < end)
        && filter.due_end_time.is_none_or(|end| is_open && ticket.cycle.due_time < end)
}

/// One condition at a time.
fn conditions(intake: DateTime<Utc>, due: DateTime<Utc>) -> Vec<ListTickets> {
    let any = ListTickets::default;
    vec![
        any().states([TicketState::Handling]),
        any().states([TicketState::Received, TicketState::Completed]),
        any().category(Category::ComplaintReport),
        any().category(Category::Appeal),
        any().lead_unit(LEAD),
        any().district("110105"),
        any().topic("utility.power"),
        any().rung_at_least(Rung::Urged),
        any().rung_at_least(Rung::None),
        any().intake_start_time(intake),
        any().intake_end_time(intake),
        any().due_end_time(due),
    ]
}

/// Both conditions at once.
fn merge_filters(left: &ListTickets, right: &ListTickets) -> ListTickets {
    let left = left.clone();
    let right = right.clone();
    ListTickets::default()
        .states(if left.states.is_empty() { right.states } else { left.states })
        .category(left.category.or(right.category))
        .lead_unit(left.lead_unit.or(right.lead_unit))
        .district(left.district.or(right.district))
        .topic(left.topic.or(right.topic))
        .rung_at_least(left.rung_at_least.or(right.rung_at_least))
        .intake_start_time(left.intake_start_time.or(right.intake_start_time))
        .intake_end_time(left.intake_end_time.or(right.intake_end_time))
        .due_end_time(left.due_end_time.or(right.due_end_time))
        .order(TicketOrder::DueFirst)
        .page_size(17)
}

async fn every_filter_returns_exactly_the_matching_tickets(env: &TestEnv) {
    create_tickets(env).await;
    let all = env.all_tickets().await;
    // Instants of tickets, so that the bounds are tried exactly.
    let conditions = conditions(all[TICKETS / 2].intake_time, all[TICKETS / 2].cycle.due_time);
    let (agent, lead_unit) = (env.agent(), env.unit(LEAD));
    let tickets_of_unit = read_all_pages(&lead_unit, &ListTickets::default()).await;
    for (index, first_filter) in conditions.iter().enumerate() {
        let matching = all.iter().filter(|ticket| matches(first_filter, ticket)).count();
        assert!(matching > 0, "nothing fits {first_filter:?}");
        for second_filter in &conditions[index..] {
            let filter = merge_filters(first_filter, second_filter);
            for (reader, visible) in [(&agent, &all), (&lead_unit, &tickets_of_unit)] {
                let mut expected: Vec<_> = visible.iter().filter(|ticket| matches(&filter, ticket)).collect();
                expected.sort_by_key(|ticket| (ticket.cycle.due_time, ticket.number.clone()));
                let expected: Vec<_> = expected.iter().map(|ticket| ticket.number.as_str()).collect();
                assert_eq!(numbers(&read_all_pages(reader, &filter).await), expected, "{filter:?}");
            }
        }
    }
}

async fn pages_have_the_requested_size(env: &TestEnv) {
    create_tickets(env).await;
    let mut raw = env.raw();
    for (page_size, lengths) in
        [(0, vec![50, 50, 20]), (60, vec![60, 60]), (119, vec![119, 1]), (1_000_000, vec![120])]
    {
        let mut request = pb::ListTicketsRequest { page_size, ..Default::default() };
        let mut actual = Vec::new();
        loop {
            let page = raw.list_tickets(env.by("agent", request.clone())).await.expect("a page").into_inner();
            actual.push(page.tickets.len());
            assert!(
                page.tickets.iter().all(|ticket| ticket.content.is_empty()),
                "lists leave the content out"
            );
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert_eq!(actual, lengths, "page size {page_size}");
    }
    let number = env.all_tickets().await[0].number.clone();
    let events = env.events(&number).await;
    let mut request =
        pb::ListTicketEventsRequest { ticket_number: number, page_size: 1, ..Default::default() };
    for event in &events {
        let page =
            raw.list_ticket_events(env.by("agent", request.clone())).await.expect("a page").into_inner();
        let actual: Vec<_> = page.events.iter().map(|event| event.sequence.unsigned_abs()).collect();
        assert_eq!(actual, [event.sequence]);
        request.page_token = page.next_page_token;
    }
    assert_eq!(request.page_token, "");
}
