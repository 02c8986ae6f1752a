//! Many facts: they are counted and compared with their events in bounded memory, and a score and a ranking read only
//! rollups. The suite runs a short form, which only looks at the results. `HOTLINE_TEST_TICKETS=1000000` makes so many
//! tickets, each with one fact, and a fifth of them in each month.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use hotline_proto::v1::Role;
use hotline_server::access::Caller;
use hotline_server::assessment::check::check;
use hotline_server::assessment::follow::Follower;
use hotline_server::assessment::month_counts::GROUPS;
use hotline_server::assessment::score::Month;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::submit_feedback::{Reply, Report, SubmitFeedback};
use hotline_server::closed_loop::submit_survey::SubmitSurvey;
use hotline_server::desk::directory::units::{self, UnitFilter};
use hotline_server::ticket::{ContactMethod, Resolved, Responded, Satisfied, TicketNumber, UnitCode};

use super::{assessment, grant};
use crate::store::both;
use crate::store::fixture::{Database, Hotline, appeal, clerk, dispatch, staff};
use crate::store::large_database::{self, forget_most_memory, median_ms, most_memory_mib};
use crate::support::bulk_tickets::BulkTickets;

both! { scores_and_rankings_of_many_facts_come_from_rollups }

const TICKETS: u32 = 1_000;
/// Months of the facts.
const MONTHS: u32 = 5;
/// Units with facts; fewer in the short form.
const UNITS: usize = 40;
const FEW_UNITS: usize = 4;
/// Tickets of a unit and month that the others copy.
const MODELS: u32 = 3;
/// Scores and rankings that are timed.
const CALLS: usize = 40;
/// How much more memory counting and comparing may take, whatever the number of facts is.
const MEMORY_MIB: u64 = 192;

/// Each ticket gets the events of a model.
const COPIED_EVENTS: &str = "INSERT INTO ticket_event
     (ticket_number, sequence, occurred_at, principal, unit, payload, hash)
 SELECT t.number, e.sequence, e.occurred_at, e.principal, e.unit, e.payload, e.hash
 FROM (SELECT number, (row_number() OVER (ORDER BY number) - 1) % MODELS AS place FROM ticket
     WHERE head_hash = ZERO) AS t
 JOIN (SELECT number, row_number() OVER (ORDER BY number) - 1 AS place FROM ticket WHERE head_hash <> ZERO) AS m
     ON m.place = t.place
 JOIN ticket_event AS e ON e.ticket_number = m.number ORDER BY t.number, e.sequence";

/// The first ticket of a unit is still handled, the second one is completed for a happy company, and the third one for
/// an unhappy company.
async fn handle(hotline: &Hotline, lead: &UnitCode, place: u32) -> TicketNumber {
    let number = hotline.create(appeal(&format!("matter {place} of {lead}"))).await.number;
    hotline.change(staff("DispatchTicket"), number, dispatch(lead)).await.expect("it is dispatched");
    hotline.change(clerk("AcceptTicket", lead), number, AcceptTicket).await.expect("it is accepted");
    if place == 0 {
        return number;
    }
    let reply = Reply {
        replied_at: hotline.clock.now(),
        method: ContactMethod::Telephone,
        official: "李科长".to_owned(),
        content: "已联系企业".to_owned(),
    };
    let report =
        Report { actions: "已核实".to_owned(), result: "已办结".to_owned(), evidence: Vec::new() };
    let feedback = SubmitFeedback { caller_reply: Some(reply), hotline_report: Some(report) };
    hotline.change(clerk("SubmitFeedback", lead), number, feedback).await.expect("it is completed");
    let is_happy = place == 1;
    let survey = SubmitSurvey {
        responded: Some(Responded::Yes),
        resolved: Some(if is_happy { Resolved::Yes } else { Resolved::No }),
        satisfied: Some(if is_happy { Satisfied::Satisfied } else { Satisfied::Dissatisfied }),
        comment: String::new(),
    };
    hotline.change(staff("SubmitSurvey"), number, survey).await.expect("it is surveyed");
    number
}

/// Makes models of each unit and month, and copies them. Answers the units.
async fn fill(hotline: &Hotline, database: &Database, tickets: u32, units: usize) -> Vec<UnitCode> {
    let filter = UnitFilter { group: None, is_active_only: true };
    let all = units::page(hotline.store.reader(), filter, None, 100).await.expect("the directory is seeded");
    let leads: Vec<_> = all.into_iter().map(|unit| unit.code).take(units).collect();
    let (begin, mut models) = (hotline.clock.now(), Vec::new());
    for month in 0..MONTHS {
        hotline.clock.advance_to(begin + TimeDelta::days(31 * i64::from(month)));
        for lead in &leads {
            for place in 0..MODELS {
                models.push(handle(hotline, lead, place).await);
            }
        }
    }
    let first = hotline.find(models[0]).await;
    let document = serde_json::to_string(&first).expect("a document");
    let copies = tickets - u32::try_from(models.len()).expect("a small number");
    let bulk = BulkTickets {
        tickets: copies,
        open: copies / 3,
        per_day: 5_000,
        year: 30,
        begin: begin.timestamp_micros(),
        document: document.replace(&first.number.as_i64().to_string(), "NUMBER"),
    };
    let is_sqlite = hotline.store.is_sqlite();
    let zero = if is_sqlite { "CAST('0' AS BLOB)" } else { "CAST('0' AS BYTEA)" };
    let events = COPIED_EVENTS.replace("ZERO", zero).replace("MODELS", &models.len().to_string());
    large_database::execute(hotline, database, bulk.statements(is_sqlite).into_iter().chain([events])).await;
    hotline.feed().sequencer().number_all().await.expect("the database is there");
    leads
}

/// What something took.
struct Cost {
    /// The most memory beyond the memory before, in MiB.
    memory_mib: u64,
    elapsed: Duration,
}

async fn measured<T>(what: impl Future<Output = T>) -> (T, Cost) {
    forget_most_memory();
    let (before, begun) = (most_memory_mib(), Instant::now());
    let done = what.await;
    (done, Cost { memory_mib: most_memory_mib().saturating_sub(before), elapsed: begun.elapsed() })
}

/// The requests of all units in a month by their scores, and the median time of a score.
async fn scores(hotline: &Hotline, leads: &[UnitCode], month: Month) -> (u64, f64) {
    let assessment = assessment(hotline);
    let caller = Caller { principal: "analyst".to_owned(), roles: vec![Role::Analyst], ..Caller::default() };
    let (mut requests, mut times) = (0, Vec::new());
    for place in 0..CALLS.max(leads.len()) {
        let permit = grant("GetUnitScore", caller.clone());
        let begun = Instant::now();
        let counted = assessment.get_unit_score(&permit, &leads[place % leads.len()], month).await;
        times.push(begun.elapsed());
        if place < leads.len() {
            requests += counted.expect("the unit is known").places[0].score.requests;
        }
    }
    (requests, median_ms(times))
}

/// The requests of all units in a month by the rankings of their groups, and the median time of a ranking.
async fn rankings(hotline: &Hotline, month: Month) -> (u64, f64) {
    let assessment = assessment(hotline);
    let (mut requests, mut times) = (0, Vec::new());
    for place in 0..CALLS {
        let begun = Instant::now();
        let ranking = assessment.list_unit_scores(month, GROUPS[place % GROUPS.len()]).await;
        times.push(begun.elapsed());
        let of_group: u64 =
            ranking.expect("the database is there").places.iter().map(|one| one.score.requests).sum();
        requests += if place < GROUPS.len() { of_group } else { 0 };
    }
    (requests, median_ms(times))
}

async fn scores_and_rankings_of_many_facts_come_from_rollups(database: Database) {
    let asked = large_database::asked_tickets();
    let hotline = Hotline::open(&database).await;
    let tickets = asked.unwrap_or(TICKETS);
    let units = if asked.is_some() { UNITS } else { FEW_UNITS };
    let leads = fill(&hotline, &database, tickets, units).await;
    let follower = Follower { store: hotline.store.clone(), clock: hotline.clock.clone(), tickets_max: None };
    let (counted, counting) = measured(follower.follow_all()).await;
    counted.expect("the database is there");
    let (report, comparing) = measured(check(&hotline.store)).await;
    let report = report.expect("it can be read");
    assert_eq!((report.facts, report.differences), (u64::from(tickets), Vec::new()));

    let month = Month::of(hotline.clock.now());
    let of_month = "SELECT count(*) FROM assessment_case WHERE month =";
    let of_month = hotline.count(&format!("{of_month} {}", month.number())).await.unsigned_abs();
    let (scored, score_ms) = scores(&hotline, &leads, month).await;
    let (ranked, ranking_ms) = rankings(&hotline, month).await;
    assert_eq!((scored, ranked), (of_month, of_month), "every case counts once");
    println!(
        "{{\"facts\": {}, \"of_the_month\": {of_month}, \"sqlite\": {}, \"score_ms\": {score_ms:.2}, \
         \"ranking_ms\": {ranking_ms:.2}, \"counted_in_s\": {:.1}, \"counting_mib\": {}, \"compared_in_s\": {:.1}, \
         \"comparing_mib\": {}}}",
        report.facts,
        hotline.store.is_sqlite(),
        counting.elapsed.as_secs_f64(),
        counting.memory_mib,
        comparing.elapsed.as_secs_f64(),
        comparing.memory_mib,
    );
    if asked.is_some() {
        let most_mib = counting.memory_mib.max(comparing.memory_mib);
        assert!(most_mib <= MEMORY_MIB, "{most_mib} MiB");
    }
}
