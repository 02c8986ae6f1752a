//! Each filter of `ListTickets` on a short and on a long list, with the same answer size.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{Category, HotlineClient, ListTickets, Rung, TicketOrder, TicketState};

use super::alternate::{self, Medians};
use super::bench::Bench;
use super::list_servers::ListServers;
use super::load::median;
use super::population::{RARE_COMPANY, RARE_DISTRICT, RARE_TOPIC, RARE_UNIT, TICKETS};
use super::product::Product;
use super::request::{credit_code, phone};
use super::units::FIRST_UNIT;

/// The tickets of a page.
const PAGE: u32 = 50;
/// After the limit of every ticket of the short lists.
const DUE: TimeDelta = TimeDelta::days(400);
/// Before the intake of every ticket of the short lists, and after that of every copy of an earlier day.
const FILLED: TimeDelta = TimeDelta::hours(1);

/// Who lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Supervisor,
    Unit,
}

/// A list that is measured.
#[derive(Debug, Clone)]
struct Case {
    name: String,
    reader: Reader,
    which: ListTickets,
}

/// Measures all rounds on both databases.
///
/// # Errors
/// If a call fails.
pub(crate) async fn run(
    bench: &mut Bench<'_>,
    postgres: &ListServers,
    sqlite: &ListServers,
) -> Result<(), String> {
    let long = bench.options.list_tickets();
    bench.results.add_note(format!("The long lists have {long} tickets, the short ones {TICKETS}."));
    let mut ratios: Vec<(String, Vec<f64>)> = Vec::new();
    for round in 1..=bench.options.rounds {
        for (store, servers) in [("PostgreSQL", postgres), ("SQLite", sqlite)] {
            eprintln!("lists, {store}, round {round}");
            bench.settle().await;
            for (name, ratio) in measure(bench, store, servers).await? {
                match ratios.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, rounds)) => rounds.push(ratio),
                    None => ratios.push((name, vec![ratio])),
                }
            }
        }
    }
    let mut medians: Vec<_> = ratios.into_iter().map(|(name, rounds)| (median(rounds), name)).collect();
    medians.sort_unstable_by(|(one, _), (other, _)| other.total_cmp(one));
    let Some((slowest, _)) = medians.first() else { return Ok(()) };
    bench.results.add_ratio("lists_1m_over_10k_max", *slowest);
    let lines: Vec<_> = medians.iter().map(|(ratio, name)| format!("- {ratio:.2}: {name}")).collect();
    bench.results.add_note(format!("Long ÷ short list, the slowest first:\n\n{}", lines.join("\n")));
    Ok(())
}

/// The ratio of each list in one round.
async fn measure(
    bench: &mut Bench<'_>,
    store: &str,
    servers: &ListServers,
) -> Result<Vec<(String, f64)>, String> {
    let long = servers.long.as_ref().ok_or("there are no long lists")?;
    let (short, long) = (Readers::of(&servers.short).await?, Readers::of(long).await?);
    let mut ratios = Vec::new();
    for case in cases(short.newest().await?) {
        let page = |readers: &Readers| {
            let tickets = readers.client(case.reader).tickets();
            let which = case.which.clone().page_size(PAGE);
            async move {
                let page = tickets.list_tickets(which).take_up_to(PAGE as usize).await;
                page.map(|page| page.len()).map_err(|error| error.to_string())
            }
        };
        let name = format!("{}, {store}", case.name);
        let Medians { one, other } = alternate::measure(|_| page(&long), |_| page(&short))
            .await
            .map_err(|error| format!("{name}: {error}"))?;
        bench.results.add(&format!("list: {name}, long"), 1, one);
        bench.results.add(&format!("list: {name}, short"), 1, other);
        ratios.push((name, one.p50_ms / other.p50_ms));
    }
    Ok(ratios)
}

/// The clients of one server.
struct Readers {
    supervisor: HotlineClient,
    unit: HotlineClient,
}

impl Readers {
    async fn of(product: &Product) -> Result<Self, String> {
        let supervisor = product.clients("supervisor").await?.swap_remove(0);
        let unit =
            supervisor.with_token(product.unit_token(FIRST_UNIT)).map_err(|error| error.to_string())?;
        Ok(Self { supervisor, unit })
    }

    const fn client(&self, reader: Reader) -> &HotlineClient {
        match reader {
            Reader::Supervisor => &self.supervisor,
            Reader::Unit => &self.unit,
        }
    }

    /// When the last ticket was taken in.
    async fn newest(&self) -> Result<DateTime<Utc>, String> {
        let newest = self.supervisor.tickets().list_tickets(ListTickets::default()).take_up_to(1).await;
        let newest = newest.map_err(|error| error.to_string())?;
        newest.first().map(|ticket| ticket.intake_time).ok_or_else(|| "a list is empty".to_owned())
    }
}

/// Every filter alone, the rare ones with a state too, and the work lists of units; most in both orders.
fn cases(newest: DateTime<Utc>) -> Vec<Case> {
    let all = ListTickets::default;
    let topic = all().topic(RARE_TOPIC.to_owned());
    let district = all().district(RARE_DISTRICT.to_owned());
    let category = all().category(Category::ComplaintReport);
    let unit = all().lead_unit(RARE_UNIT.to_owned());
    let rung = all().rung_at_least(Rung::Urged);
    let handled = all().states([TicketState::Dispatched, TicketState::Handling]);
    let with_state = |state: TicketState, which: &ListTickets| which.clone().states([state]);
    let in_both_orders = [
        ("no filter", all()),
        ("one state", with_state(TicketState::Handling, &all())),
        ("two states", handled.clone()),
        ("common unit", all().lead_unit(FIRST_UNIT.to_owned())),
        ("due before", all().due_end_time(newest + DUE)),
        ("rare topic and state", with_state(TicketState::Received, &topic)),
        ("rare district and state", with_state(TicketState::Received, &district)),
        ("rare category and state", with_state(TicketState::Received, &category)),
        ("rare unit and state", with_state(TicketState::Dispatched, &unit)),
        ("rung and state", with_state(TicketState::Dispatched, &rung)),
        ("rare topic", topic),
        ("rare district", district),
        ("rare category", category),
        ("rare unit", unit),
        ("rung", rung),
    ];
    let newest_first = [
        (
            "intake times",
            all().intake_start_time(newest - FILLED).intake_end_time(newest + TimeDelta::seconds(1)),
        ),
        ("held", all().held(true)),
        ("company code", all().social_credit_code(credit_code(RARE_COMPANY))),
        ("phone", all().contact_phone(phone(RARE_COMPANY))),
    ];
    let case = |name: &str, reader, order, which: &ListTickets| {
        let suffix = if order == TicketOrder::DueFirst { ", due first" } else { "" };
        let which = which.clone().order(order);
        Case { name: format!("{name}{suffix}"), reader, which }
    };
    let mut cases = Vec::new();
    for order in [TicketOrder::NewestFirst, TicketOrder::DueFirst] {
        cases.extend(in_both_orders.iter().map(|(name, which)| case(name, Reader::Supervisor, order, which)));
        cases.push(case("a unit's tickets", Reader::Unit, order, &all()));
        cases.push(case("a unit's work list", Reader::Unit, order, &handled));
    }
    let order = TicketOrder::NewestFirst;
    cases.extend(newest_first.iter().map(|(name, which)| case(name, Reader::Supervisor, order, which)));
    cases
}
