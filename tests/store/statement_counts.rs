//! The statements of each call that runs alone, BEGIN and COMMIT among them. A call that needs more than before fails
//! here: round trips are most of what a call costs.

use hotline_server::access::Permit;
use hotline_server::assessment::score::Month;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::queries::TicketQueries;
use hotline_server::closed_loop::queries::get_ticket::GetTicket;
use hotline_server::closed_loop::queries::list_ticket_events::ListTicketEvents;
use hotline_server::desk::directory::UnitGroup;
use hotline_server::desk::reveal::CallerIdentities;
use hotline_server::desk::reveal::look_up::CallerNumbers;
use hotline_server::desk::suggest::Suggestions;
use hotline_server::desk::suggest::asked::{Question, SuggestionText};
use hotline_server::ledger::list::{Columns, ListQuery, Order, TicketFilter};
use hotline_server::ticket::TicketNumber;

use super::assessment::assessment;
use super::both;
use super::fixture::{Database, Hotline, as_complex, clerk, dispatch, staff, unit};

both! { no_call_needs_more_statements_than_it_did }

/// A call and its statements on SQLite and on PostgreSQL.
const EXPECTED: [(&str, [u64; 2]); 14] = [
    ("CreateTicket", [9, 4]),
    ("ClassifyTicket", [9, 5]),
    ("DispatchTicket", [10, 6]),
    ("AcceptTicket by the lead unit", [8, 6]),
    ("GetTicket", [1, 1]),
    ("GetTicket by the lead unit", [2, 3]),
    ("ListTickets", [1, 1]),
    ("ListTickets by the lead unit", [2, 3]),
    ("ListTicketEvents", [2, 2]),
    ("SuggestClassification", [5, 5]),
    ("SuggestDispatch", [14, 14]),
    ("FindSimilarTickets", [14, 14]),
    ("GetUnitScore", [1, 1]),
    ("ListUnitScores", [1, 1]),
];

async fn no_call_needs_more_statements_than_it_did(database: Database) {
    let hotline = Hotline::open(&database).await;
    // What is read once in the life of a server is not counted.
    hotline.create_appeals(1).await;
    let mut counts = Vec::new();
    let mut before = hotline.store.statements_sent();
    let mut count = |name: &'static str| {
        let sent = hotline.store.statements_sent();
        counts.push((name, sent - before));
        before = sent;
    };
    let lead = unit("dept-tax");
    let number = hotline.create_appeals(1).await.remove(0).number;
    count("CreateTicket");
    hotline.change(staff("ClassifyTicket"), number, as_complex()).await.expect("it is classified");
    count("ClassifyTicket");
    hotline.change(staff("DispatchTicket"), number, dispatch(&lead)).await.expect("it is dispatched");
    count("DispatchTicket");
    hotline.change(clerk("AcceptTicket", &lead), number, AcceptTicket).await.expect("it is accepted");
    count("AcceptTicket by the lead unit");
    for (permit, name) in
        [(staff("GetTicket"), "GetTicket"), (clerk("GetTicket", &lead), "GetTicket by the lead unit")]
    {
        get(&hotline, &permit, number).await;
        count(name);
    }
    for (permit, name) in
        [(staff("ListTickets"), "ListTickets"), (clerk("ListTickets", &lead), "ListTickets by the lead unit")]
    {
        let listed = queries(&hotline).list_tickets(&permit, &CallerNumbers::default(), &newest()).await;
        assert!(!listed.expect("a page").is_empty());
        count(name);
    }
    let query = ListTicketEvents { number, after: 0, limit: 10 };
    let events = queries(&hotline).list_ticket_events(&staff("ListTicketEvents"), query).await;
    assert_eq!(events.expect("events").events.len(), 4);
    count("ListTicketEvents");
    let suggestions = Suggestions::new(hotline.store.clone(), hotline.clock.clone());
    let about = |text| Question { text, topic: None, district: None };
    let question = about(SuggestionText::given("营业执照变更登记", "申请营业执照变更登记，至今没有办结。"));
    let permit = staff("SuggestClassification");
    let found = suggestions.suggest_classification(&permit, question.text.clone()).await;
    assert!(!found.expect("topics").suggestions.is_empty());
    count("SuggestClassification");
    let found = suggestions.suggest_dispatch(&staff("SuggestDispatch"), &question).await;
    assert!(!found.expect("units").suggestions.is_empty());
    count("SuggestDispatch");
    let question = about(SuggestionText::Ticket(number));
    let permit = staff("FindSimilarTickets");
    let similar = suggestions.find_similar_tickets(&permit, &question, false, 10).await;
    assert_eq!(similar.expect("tickets").tickets.len(), 1, "the other appeal");
    count("FindSimilarTickets");
    let month = Month::of(hotline.clock.now());
    let assessment = assessment(&hotline);
    let of_unit = assessment.get_unit_score(&clerk("GetUnitScore", &lead), &lead, month).await;
    of_unit.expect("the unit is known");
    count("GetUnitScore");
    let ranking = assessment.list_unit_scores(month, UnitGroup::Department).await;
    assert!(ranking.expect("departments").places.len() > 1);
    count("ListUnitScores");

    let place = usize::from(!hotline.store.is_sqlite());
    let expected: Vec<_> = EXPECTED.iter().map(|(name, counts)| (*name, counts[place])).collect();
    assert_eq!(counts, expected);
}

/// The newest tickets.
fn newest() -> ListQuery {
    ListQuery {
        filter: TicketFilter::default(),
        order: Order::NewestFirst,
        columns: Columns::WithoutContent,
        after: None,
        limit: 10,
    }
}

fn queries(hotline: &Hotline) -> TicketQueries {
    let (store, clock) = (hotline.store.clone(), hotline.clock.clone());
    let vault = hotline.ledger.vault().clone();
    let identities =
        CallerIdentities { store: store.clone(), clock: clock.clone(), vault, authenticator: None };
    let feed = hotline.feed();
    TicketQueries { store, clock, rules: hotline.ledger.rules().clone(), identities, feed }
}

async fn get(hotline: &Hotline, permit: &Permit, number: TicketNumber) {
    let found = queries(hotline).get_ticket(permit, GetTicket { number, with_caller: false }).await;
    assert_eq!(found.expect("the ticket is there").ticket.number, number);
}
