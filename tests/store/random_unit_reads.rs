//! Random reads of units. Each answer must follow, field by field, from what staff see. A list must equal a filter over
//! all tickets in the test, in order and over all pages. The model knows the contract and none of the code that scopes
//! and masks.
//!
//! The suite makes a short run. `HOTLINE_TEST_READS=100000` makes a long one, and `HOTLINE_TEST_SEED` sets another
//! seed.

use std::collections::BTreeMap;
use std::env;

use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_server::TicketService as _;
use hotline_server::access::Permit;
use hotline_server::desk::attachment::Attachments;
use hotline_server::oversight::verify::VerifyOptions;
use hotline_server::platform::Clock;
use hotline_server::rpc::{Services, TicketApi};
use hotline_server::ticket::{TicketNumber, UnitCode};
use sea_orm::ConnectionTrait as _;
use tonic::{Code, Request};

use super::both;
use super::fixture::{Database, Hotline, clerk, default_policy, opening, staff, unit};
use super::random::Random;
use super::random_commands::{RandomCommands, UNITS};
use super::search::index_all;
use super::visibility_model::{Filter, VisibilityModel};

both! {
    units_read_exactly_what_the_visibility_model_allows
    an_injected_extra_row_is_found
}

const SEED: u64 = 40_077;
const STEPS: u32 = 400;
const READS: u32 = 1_500;

fn number_from_env(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// A hotline after random commands, as staff see it.
struct ReadsFixture {
    hotline: Hotline,
    api: TicketApi,
    model: VisibilityModel,
    random: Random,
    seed: u64,
}

fn by<T>(permit: Permit, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(permit);
    request
}

async fn open_fixture(database: &Database) -> ReadsFixture {
    let seed = number_from_env("HOTLINE_TEST_SEED", SEED);
    println!("seed {seed}");
    let mut policy = default_policy();
    policy.ladder.remind_before_hours = 24;
    let hotline = Hotline::open_with(database.open().await, Clock::simulated(opening()), policy).await;
    let mut commands = RandomCommands::new(&hotline, seed, &UNITS);
    for _ in 0..STEPS {
        commands.step().await;
    }
    index_all(&hotline).await;
    let numbers = commands.numbers.clone();
    let services = Services::new(
        hotline.closed_loop.clone(),
        hotline.feed(),
        hotline.simulation.clone(),
        Attachments::narrow(std::env::temp_dir().join("hotline-no-attachments")),
        None,
        VerifyOptions::default(),
    );
    let api = services.tickets;
    let model = read_as_staff(&hotline, &api, &numbers).await;
    ReadsFixture { api, model, random: Random::new(seed + 1), seed, hotline }
}

/// Everything that staff see.
async fn read_as_staff(hotline: &Hotline, api: &TicketApi, numbers: &[TicketNumber]) -> VisibilityModel {
    let mut model = VisibilityModel::default();
    for number in numbers {
        let ticket_number = number.to_string();
        let get = pb::GetTicketRequest {
            ticket_number: ticket_number.clone(),
            without_caller: true,
            ..Default::default()
        };
        let ticket = api.get_ticket(by(staff("GetTicket"), get)).await.expect("staff see it");
        let list = pb::ListTicketEventsRequest {
            ticket_number: ticket_number.clone(),
            page_size: 200,
            ..Default::default()
        };
        let events = api.list_ticket_events(by(staff("ListTicketEvents"), list)).await;
        let explain = pb::ExplainDeadlineRequest { ticket_number };
        let deadline = api.explain_deadline(by(staff("ExplainDeadline"), explain)).await;
        let events = events.expect("staff see its events").into_inner();
        assert_eq!(events.next_page_token, "", "more events than this test reads");
        model.add(
            ticket.into_inner().ticket.expect("a ticket"),
            events.events,
            deadline.expect("staff see its limit").into_inner(),
        );
    }
    let parents = hotline.rows("SELECT code, COALESCE(parent, '') FROM unit").await;
    for row in parents {
        let (code, parent): (String, String) =
            (row.try_get_by_index(0).expect("code"), row.try_get_by_index(1).expect("parent"));
        model.parents.insert(code, parent);
    }
    for code in UNITS {
        let list = pb::ListDigestsRequest { unit: code.to_owned(), page_size: 200, ..Default::default() };
        let digests = api.list_digests(by(staff("ListDigests"), list)).await.expect("staff see them");
        model.digests.insert(code.to_owned(), digests.into_inner().digests);
    }
    model
}

impl ReadsFixture {
    /// Makes a random read; returns what is wrong with the answer.
    async fn read_at_random(&mut self) -> Result<(), String> {
        let code = unit(self.random.pick::<&str>(&UNITS));
        let number = self.random.pick(&self.model.numbers()).clone();
        match self.random.below(100) {
            0..=24 => self.get(&code, number).await,
            25..=39 => self.events(&code, number).await,
            40..=49 => self.explain(&code, number).await,
            50..=54 => self.digests(&code).await,
            55..=59 => self.look_up(&code).await,
            60..=69 => self.search(&code).await,
            _ => self.list(&code).await,
        }
    }

    fn absent(outcome: Result<impl std::fmt::Debug, tonic::Status>, what: &str) -> Result<(), String> {
        match outcome {
            Err(status) if status.code() == Code::NotFound => Ok(()),
            other => Err(format!("{what}: {other:?}")),
        }
    }

    async fn get(&mut self, code: &UnitCode, ticket_number: String) -> Result<(), String> {
        let paths = if self.random.percent(30) {
            let every =
                ["number", "content", "source", "industry", "accused_units", "call_start_time", "cycle"];
            (0..=self.random.below(4)).map(|_| (*self.random.pick(&every)).to_owned()).collect()
        } else {
            Vec::new()
        };
        let get = pb::GetTicketRequest {
            ticket_number: ticket_number.clone(),
            read_mask: (!paths.is_empty()).then(|| prost_types::FieldMask { paths: paths.clone() }),
            without_caller: self.random.percent(50),
        };
        let wants_caller = !get.without_caller;
        let answer = self.api.get_ticket(by(clerk("GetTicket", code), get)).await;
        let Some(mut expected) = self.model.ticket(code.as_str(), &ticket_number) else {
            return Self::absent(answer, &format!("{code} gets {ticket_number}"));
        };
        expected.linked_tickets = self.model.linked(code.as_str(), &ticket_number);
        let answer =
            answer.map_err(|status| format!("{code} gets {ticket_number}: {status:?}"))?.into_inner();
        let is_shown = wants_caller && self.model.shows_caller(code.as_str(), &ticket_number);
        if answer.caller.is_some() != is_shown {
            return Err(format!("{code} gets {ticket_number}: the caller is shown: {}", !is_shown));
        }
        let got = answer.ticket.unwrap_or_default();
        let mut expected = if paths.is_empty() { expected } else { VisibilityModel::only(&expected, &paths) };
        self.model.keep_what_was_read(&ticket_number, &got, &mut expected);
        if got == expected { Ok(()) } else { Err(format!("{code} gets {got:#?}\nexpected {expected:#?}")) }
    }

    async fn events(&mut self, code: &UnitCode, ticket_number: String) -> Result<(), String> {
        let page_size = 1 + i32::try_from(self.random.below(6)).expect("a small number");
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let list =
                pb::ListTicketEventsRequest { ticket_number: ticket_number.clone(), page_size, page_token };
            let answer = self.api.list_ticket_events(by(clerk("ListTicketEvents", code), list)).await;
            if self.model.ticket(code.as_str(), &ticket_number).is_none() {
                return Self::absent(answer, &format!("{code} lists what happened to {ticket_number}"));
            }
            let answer = answer.map_err(|status| format!("{code} {ticket_number}: {status:?}"))?.into_inner();
            all.extend(answer.events);
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                return self.model.check_events(code.as_str(), &ticket_number, &all);
            }
        }
    }

    async fn explain(&mut self, code: &UnitCode, ticket_number: String) -> Result<(), String> {
        let explain = pb::ExplainDeadlineRequest { ticket_number: ticket_number.clone() };
        let answer = self.api.explain_deadline(by(clerk("ExplainDeadline", code), explain)).await;
        match self.model.deadline(code.as_str(), &ticket_number) {
            None => Self::absent(answer, &format!("{code} has {ticket_number} explained")),
            Some(expected) => match answer {
                Ok(answer) if *answer.get_ref() == expected => Ok(()),
                other => Err(format!("{code} has {ticket_number} explained: {other:?}")),
            },
        }
    }

    async fn digests(&mut self, code: &UnitCode) -> Result<(), String> {
        // A filter by another unit does not give that unit's tickets.
        let named_unit =
            if self.random.percent(50) { unit(self.random.pick::<&str>(&UNITS)) } else { code.clone() };
        let list =
            pb::ListDigestsRequest { unit: named_unit.0.clone(), page_size: 200, ..Default::default() };
        let answer = self.api.list_digests(by(clerk("ListDigests", code), list)).await;
        let got = answer.map_err(|status| format!("{code} lists digests: {status:?}"))?.into_inner().digests;
        let expected = if named_unit == *code { self.model.digests_of(code.as_str()) } else { Vec::new() };
        if got == expected { Ok(()) } else { Err(format!("{code} is told {got:#?}\nexpected {expected:#?}")) }
    }

    async fn look_up(&mut self, code: &UnitCode) -> Result<(), String> {
        let filter = pb::TicketFilter { contact_phone: "13800138000".to_owned(), ..Default::default() };
        let list = pb::ListTicketsRequest { filter: Some(filter), ..Default::default() };
        match self.api.list_tickets(by(clerk("ListTickets", code), list)).await {
            Err(status) if status.code() == Code::PermissionDenied => Ok(()),
            other => Err(format!("{code} looks up by telephone: {other:?}")),
        }
    }

    /// Each ticket that a unit finds is one that it may see, and is shown as it may see it. `store::search` compares
    /// which tickets are found.
    async fn search(&mut self, code: &UnitCode) -> Result<(), String> {
        let page_size = 1 + i32::try_from(self.random.below(9)).expect("a small number");
        let query = (*self.random.pick(&["appeal", "length", "else", "at length"])).to_owned();
        let (mut got, mut page_token) = (Vec::new(), String::new());
        loop {
            let search = pb::SearchTicketsRequest {
                page_size,
                page_token,
                query: query.clone(),
                ..Default::default()
            };
            let answer = self.api.search_tickets(by(clerk("SearchTickets", code), search)).await;
            let answer = answer.map_err(|status| format!("{code} searches: {status:?}"))?.into_inner();
            got.extend(answer.hits.into_iter().filter_map(|hit| hit.ticket));
            page_token = answer.next_page_token;
            if page_token.is_empty() || got.len() > self.model.numbers().len() {
                break;
            }
        }
        for ticket in &got {
            let Some(mut expected) = self.model.ticket(code.as_str(), &ticket.number) else {
                return Err(format!("{code} finds {} by {query}, which it may not see", ticket.number));
            };
            self.model.keep_what_was_read(&ticket.number, ticket, &mut expected);
            expected.content = String::new();
            if *ticket != expected {
                return Err(format!("{code} finds {ticket:#?}\nexpected {expected:#?}"));
            }
        }
        Ok(())
    }

    async fn list(&mut self, code: &UnitCode) -> Result<(), String> {
        let filter = Filter::random(&mut self.random, code.as_str(), self.hotline.clock.now().timestamp());
        let page_size = 1 + i32::try_from(self.random.below(9)).expect("a small number");
        let order = i32::try_from(self.random.below(3)).expect("a small number");
        let (mut got, mut page_token) = (Vec::new(), String::new());
        loop {
            let list = pb::ListTicketsRequest {
                page_size,
                page_token,
                filter: Some(filter.filter.clone()),
                order,
                read_mask: None,
            };
            let answer = self.api.list_tickets(by(clerk("ListTickets", code), list)).await;
            let answer = answer.map_err(|status| format!("{code} lists: {status:?}"))?.into_inner();
            got.extend(answer.tickets);
            page_token = answer.next_page_token;
            if page_token.is_empty() || got.len() > self.model.numbers().len() {
                break;
            }
        }
        let mut expected = self.model.list(code.as_str(), &filter, order == 2);
        for (got, expected) in got.iter().zip(&mut expected) {
            self.model.keep_what_was_read(&got.number, got, expected);
        }
        if got == expected {
            return Ok(());
        }
        let names = |tickets: &[pb::Ticket]| tickets.iter().map(|one| one.number.clone()).collect::<Vec<_>>();
        Err(format!("{code} lists {:?}\nexpected {:?}\nby {filter:?}", names(&got), names(&expected)))
    }
}

async fn units_read_exactly_what_the_visibility_model_allows(database: Database) {
    let mut fixture = Box::pin(open_fixture(&database)).await;
    let seen: BTreeMap<_, _> = UNITS.iter().map(|code| (*code, fixture.model.seen_by(code))).collect();
    assert!(seen.values().sum::<usize>() > 20, "no unit sees a ticket: {seen:?}");
    let probes = number_from_env("HOTLINE_TEST_READS", u64::from(READS));
    for number in 0..probes {
        if let Err(difference) = fixture.read_at_random().await {
            panic!("probe {number} from seed {}: {difference}", fixture.seed);
        }
    }
    println!("{probes} probes of {} tickets: nothing leaked", fixture.model.numbers().len());
}

/// Shows that the reads find a violation: a row that gives a unit a ticket which was never dispatched to it.
async fn an_injected_extra_row_is_found(database: Database) {
    let mut fixture = Box::pin(open_fixture(&database)).await;
    let is_hidden = |number: &String| {
        fixture.model.ticket(UNITS[0], number).is_none() && fixture.model.accuses_nobody(number)
    };
    let invisible = fixture.model.numbers().into_iter().find(is_hidden);
    let inserted = format!(
        "INSERT INTO ticket_unit (unit, ticket_number, relation, is_open, due_at) VALUES ('{}', {}, 1, true, 0)",
        UNITS[0],
        invisible.expect("a ticket that the unit does not have")
    );
    fixture.hotline.store.migrating().execute_unprepared(&inserted).await.expect("the row can be seeded");
    for _ in 0..READS {
        if fixture.read_at_random().await.is_err() {
            return;
        }
    }
    panic!("{READS} probes from seed {} did not find the inserted row", fixture.seed);
}
