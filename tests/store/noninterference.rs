//! Noninterference: two histories that differ only in who called, or only in the accused unit, cannot be distinguished
//! by a reader who may not know. Every answer is compared as its client sees it: code, message, details, headers,
//! bytes.
//!
//! The two systems are two hotlines in this process, each with its own database, which get the same calls at the same
//! instants through the gRPC services. The suite makes a short run. `HOTLINE_TEST_HISTORIES=10000` makes a long one,
//! and `HOTLINE_TEST_SEED` sets another seed.

mod accused;
mod answer;
mod around;
mod caller;
mod calls;
mod duty;
mod final_reads;
mod injected_bugs;
mod sample_requests;
mod searches;
mod staff_callers;
mod system_pair;

use std::env;

use hotline_proto::METHODS;

use super::fixture::Database;
use super::{both, sqlite_only};
use injected_bugs::Bug;
use system_pair::{Mode, SystemPair};

both! {
    no_answer_depends_on_the_caller_of_a_ticket
    no_answer_depends_on_the_accused_unit
}
// The bugs are put into answers, behind any database.
sqlite_only! {
    a_named_difference_in_the_caller_is_found
    a_warning_about_the_first_caller_is_found
    an_update_that_tells_a_right_guess_is_found
    a_gap_that_names_its_caller_is_found
    a_number_of_a_confidential_call_is_found
    an_accused_unit_in_the_events_is_found
    a_reason_why_a_ticket_left_a_unit_is_found
    a_search_that_finds_callers_is_found
}

/// The histories of this seed succeed with every command, which the suite requires.
const SEED: u64 = 55_023;
/// The histories of this one reach every injected bug.
const BUG_SEED: u64 = 55_021;
/// Histories of each kind in the suite.
const HISTORIES: u64 = 56;
/// Histories on PostgreSQL. The code of the answers is the same there, and each history meets its row-level security.
const HISTORIES_ON_POSTGRES: u64 = 16;

fn number_from_env(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Runs histories until two are distinguished; returns which, and how.
async fn run(pair: &mut SystemPair, histories: u64) -> Result<(), String> {
    duty::begin(pair).await?;
    for history in 0..histories {
        let outcome = match pair.mode {
            Mode::Caller => caller::history(pair, history).await,
            Mode::Accused => accused::history(pair, history).await,
        };
        outcome.map_err(|wrong| format!("history {history} from seed {}: {wrong}", pair.seed))?;
    }
    Ok(())
}

async fn check_no_difference(database: Database, mode: Mode) {
    let default = if matches!(database, Database::Sqlite(_)) { HISTORIES } else { HISTORIES_ON_POSTGRES };
    let histories = number_from_env("HOTLINE_TEST_HISTORIES", default);
    let mut pair = SystemPair::open(&database, mode, number_from_env("HOTLINE_TEST_SEED", SEED), None).await;
    if let Err(wrong) = run(&mut pair, histories).await {
        panic!("{wrong}");
    }
    println!(
        "{histories} histories, {} answers compared, from seed {}: nobody could tell the worlds apart",
        pair.compared, pair.seed
    );
    if histories < HISTORIES {
        return;
    }
    // A run with few calls proves little.
    let missing: Vec<_> =
        METHODS.iter().filter(|row| !pair.called.contains(row.path)).map(|row| row.method).collect();
    assert_eq!(missing, Vec::<&str>::new(), "methods that nobody asked from seed {}", pair.seed);
    // An agent cannot answer a complaint on the spot, and the calls of the histories differ in the caller alone.
    let is_of_callers = |name: &str| {
        let of_calls = ["ReportCall", "GetCall", "GetCallContext", "AttachRecording", "GetRecording"];
        name == "AnswerTicket" || of_calls.contains(&name)
    };
    let can_be_answered = |name: &&&str| mode == Mode::Caller || !is_of_callers(name);
    let unanswered: Vec<_> = final_reads::ANSWERED
        .iter()
        .filter(can_be_answered)
        .filter(|name| !pair.answered.contains(*name))
        .collect();
    assert_eq!(unanswered, Vec::<&&str>::new(), "methods that always refused from seed {}", pair.seed);
}

async fn no_answer_depends_on_the_caller_of_a_ticket(database: Database) {
    check_no_difference(database, Mode::Caller).await;
}

async fn no_answer_depends_on_the_accused_unit(database: Database) {
    check_no_difference(database, Mode::Accused).await;
}

/// Checks that the suite finds an answer that a bug has changed.
async fn check_bug_is_found(database: Database, mode: Mode, bug: Bug, word: &str) {
    let mut pair = SystemPair::open(&database, mode, BUG_SEED, Some(bug)).await;
    let wrong = run(&mut pair, HISTORIES).await.expect_err("the bug is found");
    assert!(wrong.contains(word), "{wrong}");
}

async fn a_named_difference_in_the_caller_is_found(database: Database) {
    check_bug_is_found(database, Mode::Caller, Bug::DifferingFields, "CreateTicket").await;
}

async fn a_warning_about_the_first_caller_is_found(database: Database) {
    check_bug_is_found(database, Mode::Caller, Bug::WarningsOfTheFirst, "CreateTicket").await;
}

async fn an_update_that_tells_a_right_guess_is_found(database: Database) {
    check_bug_is_found(database, Mode::Caller, Bug::UpdateTellsGuess, "UpdateCaller").await;
}

async fn a_gap_that_names_its_caller_is_found(database: Database) {
    check_bug_is_found(database, Mode::Caller, Bug::GapNamesCaller, "ListKnowledgeGaps").await;
}

async fn a_number_of_a_confidential_call_is_found(database: Database) {
    check_bug_is_found(database, Mode::Caller, Bug::CallShowsNumber, "GetCall").await;
}

async fn an_accused_unit_in_the_events_is_found(database: Database) {
    check_bug_is_found(database, Mode::Accused, Bug::AccusedInEvents, "ListTicketEvents").await;
}

async fn a_reason_why_a_ticket_left_a_unit_is_found(database: Database) {
    check_bug_is_found(database, Mode::Accused, Bug::WhyItLeft, "GetTicket").await;
}

async fn a_search_that_finds_callers_is_found(database: Database) {
    check_bug_is_found(database, Mode::Caller, Bug::CallersAreFound, "SearchTickets").await;
}
