//! Two worlds: two histories that differ only in who called, or only in who is complained about, are told apart by nobody
//! who may not know. Every answer is compared as its client sees it: code, message, details, headers, bytes.
//!
//! The two worlds are two hotlines in this process, each with a database of its own, asked the same at the same instants
//! through the gRPC services. A short run belongs to the suite; `HOTLINE_TEST_WORLDS=10000` asks for a long one,
//! `HOTLINE_TEST_SEED` for another.

mod accused;
mod answer;
mod caller;
mod final_reads;
mod injected_bugs;
mod sample_requests;
mod system_pair;

use std::env;

use hotline_proto::METHODS;

use super::both;
use super::fixture::Database;
use injected_bugs::Bug;
use system_pair::{Mode, Worlds};

both! {
    nobody_tells_apart_who_called
    nobody_tells_apart_who_is_accused
    a_named_difference_in_the_caller_is_found
    an_accused_unit_in_the_events_is_found
}

const SEED: u64 = 55_021;
/// Histories of each kind on each database in the suite.
const HISTORIES: u64 = 40;

fn asked(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Runs histories until one is told apart; answers which, and how.
async fn run(worlds: &mut Worlds, histories: u64) -> Result<(), String> {
    for history in 0..histories {
        let outcome = match worlds.mode {
            Mode::Caller => caller::history(worlds, history).await,
            Mode::Accused => accused::history(worlds, history).await,
        };
        outcome.map_err(|wrong| format!("history {history} from seed {}: {wrong}", worlds.seed))?;
    }
    Ok(())
}

async fn hold(database: Database, mode: Mode) {
    let histories = asked("HOTLINE_TEST_WORLDS", HISTORIES);
    let mut worlds = Worlds::open(&database, mode, asked("HOTLINE_TEST_SEED", SEED), None).await;
    if let Err(wrong) = run(&mut worlds, histories).await {
        panic!("{wrong}");
    }
    // A run that asks little proves little.
    let missing: Vec<_> =
        METHODS.iter().filter(|row| !worlds.asked.contains(row.path)).map(|row| row.method).collect();
    assert_eq!(missing, Vec::<&str>::new(), "methods that nobody asked from seed {}", worlds.seed);
    // A complaint is answered by no agent on the spot.
    let can_be_answered = |name: &&&str| mode == Mode::Caller || **name != "AnswerTicket";
    let unanswered: Vec<_> = final_reads::ANSWERED
        .iter()
        .filter(can_be_answered)
        .filter(|name| !worlds.answered.contains(*name))
        .collect();
    assert_eq!(unanswered, Vec::<&&str>::new(), "methods that always refused from seed {}", worlds.seed);
    println!(
        "{histories} histories, {} answers compared, from seed {}: nobody could tell the worlds apart",
        worlds.compared, worlds.seed
    );
}

async fn nobody_tells_apart_who_called(database: Database) {
    hold(database, Mode::Caller).await;
}

async fn nobody_tells_apart_who_is_accused(database: Database) {
    hold(database, Mode::Accused).await;
}

/// The suite finds what it looks for: an answer that a bug has changed as it would.
async fn finds(database: Database, mode: Mode, bug: Bug, word: &str) {
    let mut worlds = Worlds::open(&database, mode, SEED, Some(bug)).await;
    let wrong = run(&mut worlds, HISTORIES).await.expect_err("the worlds are told apart");
    assert!(wrong.contains(word), "{wrong}");
}

async fn a_named_difference_in_the_caller_is_found(database: Database) {
    finds(database, Mode::Caller, Bug::DifferingFields, "CreateTicket").await;
}

async fn an_accused_unit_in_the_events_is_found(database: Database) {
    finds(database, Mode::Accused, Bug::AccusedInEvents, "ListTicketEvents").await;
}
