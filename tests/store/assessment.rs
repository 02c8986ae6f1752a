//! The assessment in the database: facts and rollups are what the events make, on any number of servers and after any
//! interruption, and a complaint leaves the totals of the accused unit at once.

mod many_facts;

use hotline_proto::v1::Role;
use hotline_server::access::{Caller, Permit, permit};
use hotline_server::assessment::Assessment;
use hotline_server::assessment::analysis::Days;
use hotline_server::assessment::check::{CheckReport, StoredDifference, check};
use hotline_server::assessment::follow::{FollowPass, Follower};
use hotline_server::assessment::list_facts::{FactPlace, ListFacts};
use hotline_server::assessment::score::{Fact, Month};
use hotline_server::closed_loop::answer_ticket::AnswerTicket;
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::closed_loop::create_ticket::CreateTicket;
use hotline_server::closed_loop::record_recheck::RecordRecheck;
use hotline_server::closed_loop::submit_survey::SubmitSurvey;
use hotline_server::platform::Clock;
use hotline_server::ticket::{Category, Resolved, Ticket, UnitCode};
use sea_orm::ConnectionTrait as _;
use tokio::task::JoinSet;

use super::fixture::{Database, Hotline, appeal, as_complex, default_policy, dispatch, opening, staff, unit};
use super::random_commands::{RandomCommands, UNITS};
use super::{both, postgres_only};

both! {
    facts_and_rollups_are_what_the_events_make
    a_lost_row_is_found_at_its_place
    a_second_call_is_counted_beside_the_survey
    a_complaint_leaves_the_totals_of_the_accused_unit_at_once
}
postgres_only! {
    servers_that_count_together_count_once
}

/// Random commands of a history.
const STEPS: u32 = 300;
/// Commands between two passes of the follower.
const STEPS_BETWEEN: u32 = 40;
/// The tables that follow the feed, with the order of their rows.
const TABLES: [&str; 4] = [
    "SELECT CAST(ticket_number AS VARCHAR(32)) || ' ' || CAST(cycle AS VARCHAR(9)) || ' ' || unit || ' ' || document \
     FROM assessment_fact ORDER BY ticket_number, cycle",
    "SELECT unit || ' ' || CAST(month AS VARCHAR(9)) || ' ' || CAST(ticket_number AS VARCHAR(32)) \
     FROM assessment_case ORDER BY unit, month, ticket_number",
    "SELECT CAST(kind AS VARCHAR(9)) || ' ' || CAST(month AS VARCHAR(9)) || ' ' || owner || ' ' || district || ' ' || \
     CAST(counted_by AS VARCHAR(9)) || ' ' || CAST(properties AS VARCHAR(32)) || ' ' || CAST(cases AS VARCHAR(32)) \
     FROM assessment_rollup ORDER BY kind, month, owner, district, counted_by, properties",
    "SELECT CAST(position AS VARCHAR(32)) FROM assessment_state",
];

fn follower(hotline: &Hotline) -> Follower {
    Follower { store: hotline.store.clone(), clock: hotline.clock.clone(), tickets_max: Some(7) }
}

/// Gives every event its position, and counts it.
async fn follow_all(hotline: &Hotline) {
    hotline.feed().sequencer().number_all().await.expect("the database is there");
    follower(hotline).follow_all().await.expect("the database is there");
}

async fn stored(hotline: &Hotline) -> Vec<String> {
    let mut all = Vec::new();
    for sql in TABLES {
        let rows = hotline.rows(sql).await;
        all.extend(rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("a text")));
    }
    all
}

async fn forget(hotline: &Hotline) {
    for table in ["assessment_fact", "assessment_case", "assessment_rollup", "assessment_state"] {
        let sql = format!("DELETE FROM {table}");
        hotline.store.migrating().execute_unprepared(&sql).await.expect("it can be emptied");
    }
}

async fn random_history(database: &Database) -> Hotline {
    let hotline =
        Hotline::open_with(database.open().await, Clock::simulated(opening()), default_policy()).await;
    let mut commands = RandomCommands::new(&hotline, 2_019, &UNITS);
    for step in 0..STEPS {
        commands.step().await;
        if step % STEPS_BETWEEN == 0 {
            follow_all(&hotline).await;
        }
    }
    follow_all(&hotline).await;
    hotline
}

async fn facts_and_rollups_are_what_the_events_make(database: Database) {
    let hotline = Box::pin(random_history(&database)).await;
    let report = check(&hotline.store).await.expect("it can be read");
    assert!(report.facts > 20 && report.tickets <= report.facts, "{report:?}");
    assert_eq!(report.differences, []);
    let before = stored(&hotline).await;
    forget(&hotline).await;
    assert_eq!(check(&hotline.store).await, Ok(CheckReport::default()), "nothing is counted yet");
    follow_all(&hotline).await;
    assert_eq!(stored(&hotline).await, before, "counted again, they have the same bytes");
    assert_eq!(follower(&hotline).pass().await, Ok(FollowPass::UpToDate));
}

async fn a_lost_row_is_found_at_its_place(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(3).await;
    follow_all(&hotline).await;
    let execute = async |sql: String| {
        hotline.store.migrating().execute_unprepared(&sql).await.expect("the row can be changed")
    };
    let number = tickets[1].number.as_i64();
    let of_ticket = format!("ticket_number = {number}");
    execute(format!("DELETE FROM assessment_case WHERE {of_ticket}")).await;
    execute("UPDATE assessment_rollup SET cases = cases + 1 WHERE kind = 1 AND counted_by = 0".to_owned())
        .await;
    let report = check(&hotline.store).await.expect("it can be read");
    let month = Month::of(hotline.clock.now()).number();
    let rollup = StoredDifference::Rollup(month, String::new(), String::new());
    assert_eq!(report.differences, [StoredDifference::Cases(number), rollup]);
    execute(format!("UPDATE analysis_ticket SET is_open = 0 WHERE {of_ticket}")).await;
    let report = check(&hotline.store).await.expect("it can be read");
    assert_eq!(report.differences[0], StoredDifference::Analysis(number));
    execute(format!("DELETE FROM assessment_fact WHERE {of_ticket}")).await;
    let report = check(&hotline.store).await.expect("it can be read");
    assert_eq!(report.differences[0], StoredDifference::Facts(number));
}

async fn a_second_call_is_counted_beside_the_survey(database: Database) {
    let mut policy = default_policy();
    policy.follow_up.recheck_percent = 100;
    let hotline = Hotline::open_with(database.open().await, Clock::simulated(opening()), policy).await;
    let number =
        hotline.create(CreateTicket { category: Category::Consultation, ..appeal("first") }).await.number;
    let answer =
        AnswerTicket { content: "可网上办理".to_owned(), cited: Vec::new(), unanswered_question: None };
    hotline.change(staff("AnswerTicket"), number, answer).await.expect("it is answered");
    let (responded, resolved, comment) = (None, Some(Resolved::No), String::new());
    let survey = SubmitSurvey { responded, resolved, satisfied: None, comment: comment.clone() };
    hotline.change(staff("SubmitSurvey"), number, survey).await.expect("it is surveyed");
    follow_all(&hotline).await;
    let due = "SELECT CAST(ticket_number AS VARCHAR(32)) FROM assessment_fact WHERE is_recheck_due";
    assert_eq!(hotline.rows(due).await.len(), 1);
    let caller = Caller { principal: "another".to_owned(), roles: vec![Role::Agent], ..Caller::default() };
    let method = permit::method_of("/hotline.v1.TicketService/RecordRecheck").expect("a method");
    let other = Permit::grant(caller, method).expect("agents may call it");
    let recheck = RecordRecheck { responded, resolved: Some(Resolved::Yes), satisfied: None, comment };
    hotline.change(other, number, recheck).await.expect("another agent calls again");
    follow_all(&hotline).await;
    assert_eq!(hotline.rows(due).await.len(), 0);
    assert_eq!(check(&hotline.store).await.expect("it can be read").differences, []);
    let before = stored(&hotline).await;
    assert!(before.iter().any(|row| row.contains("\"recheck\"")), "the fact has both: {before:?}");
    forget(&hotline).await;
    follow_all(&hotline).await;
    assert_eq!(stored(&hotline).await, before, "counted again, they have the same bytes");
}

/// The permit of a method of the assessment.
fn grant(method: &str, caller: Caller) -> Permit {
    let method = permit::method_of(&format!("/hotline.v1.AssessmentService/{method}"));
    Permit::grant(caller, method.expect("the contract has the method")).expect("the role may call it")
}

fn of_unit(method: &str, unit: &UnitCode) -> Permit {
    let (principal, roles) = (format!("clerk of {unit}"), vec![Role::Unit]);
    grant(method, Caller { principal, roles, unit: Some(unit.clone()), ..Caller::default() })
}

/// The assessment of a hotline.
pub(super) fn assessment(hotline: &Hotline) -> Assessment {
    let (rules, vault) = (hotline.ledger.rules().clone(), hotline.ledger.vault().clone());
    Assessment { store: hotline.store.clone(), clock: hotline.clock.clone(), rules, vault }
}

/// The tickets that a unit got in the month of the tests, and those that its lines show.
async fn seen(hotline: &Hotline, unit: &UnitCode, by: fn(&str, &UnitCode) -> Permit) -> (u64, Vec<Fact>) {
    let assessment = assessment(hotline);
    let month = Month::of(opening());
    let counted = assessment.get_unit_score(&by("GetUnitScore", unit), unit, month).await;
    let counted = counted.expect("the unit is known");
    let lines = assessment.list_score_lines(&by("ListScoreLines", unit), (unit, month), None, 50).await;
    let lines: Vec<Fact> =
        lines.expect("the unit is known").tickets.into_iter().flat_map(|ticket| ticket.facts).collect();
    assert_eq!(listed_facts(&assessment, unit).await, lines, "facts and lines are the same cases");
    (counted.places[0].score.requests, lines)
}

/// The facts of a unit in the month of the tests, read one by one.
async fn listed_facts(assessment: &Assessment, unit: &UnitCode) -> Vec<Fact> {
    let day = |text: &str| text.parse().expect("a day");
    let days = Days { first: day("2019-10-01"), last: day("2019-10-31") };
    let (mut all, mut after): (Vec<Fact>, Option<FactPlace>) = (Vec::new(), None);
    loop {
        let asked = ListFacts { days, unit: Some(unit.clone()), after, limit: 1 };
        let (page, _) = assessment.list_facts(&asked).await.expect("the database is there");
        let Some((place, fact)) = page.into_iter().next() else { return all };
        assert!(after < Some(place), "each page begins after the one before");
        after = Some(place);
        all.push(fact);
    }
}

async fn a_complaint_leaves_the_totals_of_the_accused_unit_at_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let lead = unit("dept-tax");
    let mut tickets: Vec<Ticket> = Vec::new();
    for subject in ["first", "second"] {
        let ticket = hotline.create(appeal(subject)).await;
        let sent = hotline.change(staff("DispatchTicket"), ticket.number, dispatch(&lead)).await;
        sent.expect("it can be dispatched");
        tickets.push(ticket);
    }
    follow_all(&hotline).await;
    let analyst = |method: &str, _: &UnitCode| {
        grant(
            method,
            Caller { principal: "analyst".to_owned(), roles: vec![Role::Analyst], ..Caller::default() },
        )
    };
    for by in [of_unit as fn(&str, &UnitCode) -> Permit, analyst] {
        let (requests, lines) = seen(&hotline, &lead, by).await;
        assert_eq!((requests, lines.len()), (2, 2));
    }
    let accusing = ClassifyTicket {
        category: Category::ComplaintReport,
        accused_units: vec![lead.clone()],
        ..as_complex()
    };
    let number = tickets[0].number;
    hotline.change(staff("ClassifyTicket"), number, accusing).await.expect("it can be classified");
    for is_counted in [false, true] {
        if is_counted {
            follow_all(&hotline).await;
        }
        for by in [of_unit as fn(&str, &UnitCode) -> Permit, analyst] {
            let (requests, lines) = seen(&hotline, &lead, by).await;
            let shown: Vec<_> = lines.iter().map(|fact| fact.ticket).collect();
            assert_eq!((requests, shown), (1, vec![tickets[1].number]), "counted: {is_counted}");
        }
    }
}

async fn servers_that_count_together_count_once(database: Database) {
    let hotline = Box::pin(random_history(&database)).await;
    let before = stored(&hotline).await;
    forget(&hotline).await;
    let mut servers = JoinSet::new();
    for _ in 0..4 {
        let server = follower(&hotline);
        servers.spawn(async move { server.follow_all().await });
    }
    while let Some(followed) = servers.join_next().await {
        followed.expect("it does not panic").expect("the database is there");
    }
    assert_eq!(stored(&hotline).await, before);
}
