//! Lists page by page: no duplicates, nothing missing, in order, and every filter equal to the same filter in the test.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    AcceptTicket, Category, Complexity, CreateTicket, DispatchTicket, EscalateTicket, Escalation,
    ListTickets, Rung, Ticket, TicketOrder, TicketState, Tickets,
};
use hotline_proto::v1 as pb;

use super::test_env::{ASSISTING, INFORMED, LEAD, NEXT, TestEnv, appeal};

on_every_store!(env: every_page_size_gives_the_same_list, every_filter_is_what_it_says, pages_are_as_long_as_asked);

const TICKETS: usize = 120;

/// Tickets of every kind at every stage, over ten days, with many equal limits.
async fn fill(env: &TestEnv) {
    for place in 0..TICKETS {
        if place % 12 == 0 {
            env.advance(TimeDelta::days(1)).await;
        }
        let category = [Category::Appeal, Category::Consultation, Category::ComplaintReport][place % 3];
        let request = CreateTicket {
            category,
            complexity: if place % 2 == 0 { Complexity::Complex } else { Complexity::General },
            topic: (place % 5 == 0).then(|| "utility.power".to_owned()),
            district: (place % 7 < 3).then(|| "110105".to_owned()),
            ..appeal()
        };
        let ticket = env.take_in(request).await;
        if category != Category::Consultation && place % 4 != 0 {
            advance_ticket(env, &ticket.number, place).await;
        }
    }
}

/// Takes a ticket through a part of the loop that depends on its index.
async fn advance_ticket(env: &TestEnv, number: &str, place: usize) {
    let lead = if place % 5 == 1 { NEXT } else { LEAD };
    let dispatch = DispatchTicket {
        assist_units: vec![ASSISTING.into()],
        inform_units: if lead == LEAD { vec![INFORMED.into()] } else { vec![LEAD.into()] },
        ..DispatchTicket::new(number, lead)
    };
    env.dispatcher().dispatch_ticket(dispatch).await.expect("it is dispatched");
    if place.is_multiple_of(3) {
        env.unit(lead).accept_ticket(AcceptTicket::new(number)).await.expect("the lead signs");
        if place.is_multiple_of(2) {
            env.complete(number, lead).await;
        }
    } else if place % 10 == 1 {
        let urge = EscalateTicket::new(number, Escalation::Urge, "请尽快签收。");
        env.supervisor().escalate_ticket(urge).await.expect("it is urged");
    }
}

async fn read_all_pages(tickets: &Tickets, which: &ListTickets) -> Vec<Ticket> {
    tickets.list_tickets(which.clone()).take_up_to(usize::MAX).await.expect("a list can be walked")
}

fn numbers(tickets: &[Ticket]) -> Vec<&str> {
    tickets.iter().map(|ticket| ticket.number.as_str()).collect()
}

async fn every_page_size_gives_the_same_list(env: &TestEnv) {
    fill(env).await;
    let all = env.all_tickets().await;
    assert_eq!(numbers(&all).into_iter().collect::<HashSet<_>>().len(), TICKETS);
    assert_eq!(all.len(), TICKETS);
    let has = |unit: &str, ticket: &Ticket| {
        ticket.dispatch.as_ref().is_some_and(|sent| {
            let others = sent.assist_units.iter().chain(&sent.inform_units);
            others.chain([&sent.lead_unit]).any(|code| code == unit)
        })
    };
    let readers: [(Tickets, Vec<&Ticket>); 3] = [
        (env.agent(), all.iter().collect()),
        (env.unit(LEAD), all.iter().filter(|ticket| has(LEAD, ticket)).collect()),
        (env.unit(NEXT), all.iter().filter(|ticket| has(NEXT, ticket)).collect()),
    ];
    for (reader, theirs) in readers {
        assert!(theirs.len() > 7, "there is something to walk");
        for page_size in [1, 7, 50, 200] {
            let which = ListTickets { page_size: Some(page_size), ..ListTickets::default() };
            let mut expected = theirs.clone();
            expected.sort_by(|one, other| other.number.cmp(&one.number));
            let expected: Vec<_> = expected.iter().map(|ticket| ticket.number.as_str()).collect();
            assert_eq!(
                numbers(&read_all_pages(&reader, &which).await),
                expected,
                "newest first, by {page_size}"
            );

            let which = ListTickets { order: Some(TicketOrder::DueFirst), ..which };
            let mut expected = theirs.clone();
            expected.sort_by_key(|ticket| (ticket.cycle.due_time, ticket.number.clone()));
            let expected: Vec<_> = expected.iter().map(|ticket| ticket.number.as_str()).collect();
            assert_eq!(
                numbers(&read_all_pages(&reader, &which).await),
                expected,
                "due first, by {page_size}"
            );
        }
    }
}

/// The filter of the contract, implemented in the test.
fn fits(which: &ListTickets, ticket: &Ticket) -> bool {
    use TicketState::{Dispatched, Handling, Planning, Received, Returned};
    let is_open = [Received, Planning, Dispatched, Handling, Returned].contains(&ticket.state);
    let lead = ticket.dispatch.as_ref().map(|sent| &sent.lead_unit);
    (which.states.is_empty() || which.states.contains(&ticket.state))
        && which.category.is_none_or(|category| category == ticket.category)
        && which.lead_unit.as_ref().is_none_or(|unit| lead == Some(unit))
        && (which.district.is_none() || which.district == ticket.district)
        && (which.topic.is_none() || which.topic == ticket.topic)
        && which.rung_at_least.is_none_or(|rung| ticket.cycle.has_reached(rung))
        && which.intake_start_time.is_none_or(|start| ticket.intake_time >= start)
        && which.intake_end_time.is_none_or(|end| ticket.intake_time < end)
        && which.due_end_time.is_none_or(|end| is_open && ticket.cycle.due_time < end)
}

/// One condition at a time.
fn conditions(intake: DateTime<Utc>, due: DateTime<Utc>) -> Vec<ListTickets> {
    let any = ListTickets::default;
    vec![
        ListTickets { states: vec![TicketState::Handling], ..any() },
        ListTickets { states: vec![TicketState::Received, TicketState::Completed], ..any() },
        ListTickets { category: Some(Category::ComplaintReport), ..any() },
        ListTickets { category: Some(Category::Appeal), ..any() },
        ListTickets { lead_unit: Some(LEAD.into()), ..any() },
        ListTickets { district: Some("110105".into()), ..any() },
        ListTickets { topic: Some("utility.power".into()), ..any() },
        ListTickets { rung_at_least: Some(Rung::Urged), ..any() },
        ListTickets { rung_at_least: Some(Rung::None), ..any() },
        ListTickets { intake_start_time: Some(intake), ..any() },
        ListTickets { intake_end_time: Some(intake), ..any() },
        ListTickets { due_end_time: Some(due), ..any() },
    ]
}

/// Both conditions at once.
fn both(one: &ListTickets, other: &ListTickets) -> ListTickets {
    let one = one.clone();
    let other = other.clone();
    ListTickets {
        states: if one.states.is_empty() { other.states } else { one.states },
        category: one.category.or(other.category),
        lead_unit: one.lead_unit.or(other.lead_unit),
        district: one.district.or(other.district),
        topic: one.topic.or(other.topic),
        rung_at_least: one.rung_at_least.or(other.rung_at_least),
        intake_start_time: one.intake_start_time.or(other.intake_start_time),
        intake_end_time: one.intake_end_time.or(other.intake_end_time),
        due_end_time: one.due_end_time.or(other.due_end_time),
        order: Some(TicketOrder::DueFirst),
        page_size: Some(17),
        ..ListTickets::default()
    }
}

async fn every_filter_is_what_it_says(env: &TestEnv) {
    fill(env).await;
    let all = env.all_tickets().await;
    // Instants of tickets, so that the bounds are tried exactly.
    let conditions = conditions(all[TICKETS / 2].intake_time, all[TICKETS / 2].cycle.due_time);
    let (agent, unit) = (env.agent(), env.unit(LEAD));
    let seen = read_all_pages(&unit, &ListTickets::default()).await;
    for (place, one) in conditions.iter().enumerate() {
        let some = all.iter().filter(|ticket| fits(one, ticket)).count();
        assert!(some > 0, "nothing fits {one:?}");
        for other in &conditions[place..] {
            let which = both(one, other);
            for (reader, theirs) in [(&agent, &all), (&unit, &seen)] {
                let mut expected: Vec<_> = theirs.iter().filter(|ticket| fits(&which, ticket)).collect();
                expected.sort_by_key(|ticket| (ticket.cycle.due_time, ticket.number.clone()));
                let expected: Vec<_> = expected.iter().map(|ticket| ticket.number.as_str()).collect();
                assert_eq!(numbers(&read_all_pages(reader, &which).await), expected, "{which:?}");
            }
        }
    }
}

async fn pages_are_as_long_as_asked(env: &TestEnv) {
    fill(env).await;
    let mut raw = env.raw();
    for (page_size, lengths) in
        [(0, vec![50, 50, 20]), (60, vec![60, 60]), (119, vec![119, 1]), (1_000_000, vec![120])]
    {
        let mut request = pb::ListTicketsRequest { page_size, ..Default::default() };
        let mut acknowledged = Vec::new();
        loop {
            let page = raw.list_tickets(env.by("agent", request.clone())).await.expect("a page").into_inner();
            acknowledged.push(page.tickets.len());
            assert!(
                page.tickets.iter().all(|ticket| ticket.content.is_empty()),
                "lists leave the content out"
            );
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert_eq!(acknowledged, lengths, "page size {page_size}");
    }
    let number = env.all_tickets().await[0].number.clone();
    let whole = env.events(&number).await;
    let mut request =
        pb::ListTicketEventsRequest { ticket_number: number, page_size: 1, ..Default::default() };
    for event in &whole {
        let page =
            raw.list_ticket_events(env.by("agent", request.clone())).await.expect("a page").into_inner();
        let acknowledged: Vec<_> = page.events.iter().map(|event| event.sequence.unsigned_abs()).collect();
        assert_eq!(acknowledged, [event.sequence]);
        request.page_token = page.next_page_token;
    }
    assert_eq!(request.page_token, "");
}
