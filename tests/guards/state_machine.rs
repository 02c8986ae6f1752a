//! The state machine: the outcome of every command in every state is stored as a snapshot, the table of transitions
//! matches exactly what succeeds, and `docs/states.md` is generated from it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use hotline_server::ticket::{Command, State};

use super::state_explorer::{Outcome, SampleCommand, StateExplorer, TicketCase};
use super::{golden_file, sample_commands};

const OPENING: &str = "\
# States of a ticket

Made by running every command against a ticket in every state; `HOTLINE_BLESS=1 cargo test guards` makes it again.
Supervision is a rung beside the state and a carry-over is a promise beside it, so neither appears here. What else a
command demands (the lead unit, the return window, …) is in [the reasons for refusal](errors.md).
";

/// Every ticket with the outcome of every command on it.
fn outcomes() -> Vec<(TicketCase, Vec<(SampleCommand, Outcome)>)> {
    let explorer = StateExplorer::new();
    let of = |case: TicketCase| {
        let tried = sample_commands::every().into_iter().map(|sample| {
            let outcome = explorer.outcome(&case, &sample);
            (sample, outcome)
        });
        let tried = tried.collect();
        (case, tried)
    };
    explorer.ticket_cases().into_iter().map(of).collect()
}

/// For each state and command that succeeds there, the next states.
fn followers() -> BTreeMap<(State, Command), BTreeSet<State>> {
    let mut followers: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (case, tried) in outcomes() {
        for (sample, outcome) in tried {
            if let Ok(next) = outcome {
                followers.entry((case.ticket.state, sample.command)).or_default().insert(next);
            }
        }
    }
    followers
}

#[test]
fn every_command_in_every_state_has_the_known_outcome() {
    let mut made = String::from(
        "State, what is special about the ticket: command, what is asked, what becomes of it.\n",
    );
    for (case, tried) in outcomes() {
        _ = writeln!(made, "\n{}, {}", case.ticket.state.name(), case.label);
        let mut wrong_state = Vec::new();
        for (sample, outcome) in tried {
            let (command, label) = (sample.command.name(), sample.label);
            match outcome {
                Ok(next) => _ = writeln!(made, "  {command:<20}  {label:<38}  -> {}", next.name()),
                Err("WRONG_STATE") => wrong_state.push(command),
                Err(reason) => _ = writeln!(made, "  {command:<20}  {label:<38}  {reason}"),
            }
        }
        wrong_state.dedup();
        for (place, commands) in wrong_state.chunks(5).enumerate() {
            let before = if place == 0 { "WRONG_STATE:" } else { "            " };
            _ = writeln!(made, "  {before} {}", commands.join(", "));
        }
    }
    golden_file::check("tests/guards/state_machine.snap.txt", &made);
}

#[test]
fn the_table_allows_exactly_what_succeeds() {
    let allowed: BTreeSet<_> = followers().into_keys().collect();
    let each = |command: Command| command.allowed_in().iter().map(move |state| (*state, command));
    let table: BTreeSet<_> = Command::ALL.into_iter().flat_map(each).collect();
    assert_eq!(allowed, table);
}

#[test]
fn the_samples_cover_every_state_and_command() {
    let reached: BTreeSet<_> =
        StateExplorer::new().ticket_cases().iter().map(|case| case.ticket.state).collect();
    assert_eq!(reached, State::ALL.into_iter().collect());
    let commands: BTreeSet<_> = sample_commands::every().iter().map(|sample| sample.command).collect();
    assert_eq!(commands, Command::ALL.into_iter().collect());
}

/// The arrows between different states, each with its commands.
fn diagram(followers: &BTreeMap<(State, Command), BTreeSet<State>>) -> String {
    let mut arrows: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for ((from, command), nexts) in followers {
        for next in nexts.iter().filter(|next| *next != from) {
            arrows.entry((*from, *next)).or_default().push(command.name());
        }
    }
    let mut diagram = String::from("```mermaid\nstateDiagram-v2\n    [*] --> RECEIVED: CreateTicket\n");
    for ((from, next), commands) in &arrows {
        _ = writeln!(diagram, "    {} --> {}: {}", from.name(), next.name(), commands.join(", "));
    }
    for state in State::ALL.into_iter().filter(|state| !arrows.keys().any(|(from, _)| from == state)) {
        _ = writeln!(diagram, "    {} --> [*]", state.name());
    }
    diagram + "```\n"
}

fn table(followers: &BTreeMap<(State, Command), BTreeSet<State>>) -> String {
    let names = |states: &BTreeSet<State>, from: State| {
        let name = |state: &State| if *state == from { "stays" } else { state.name() };
        states.iter().map(name).collect::<Vec<_>>().join(" or ")
    };
    let mut table = format!("| | {} |\n", State::ALL.map(State::name).join(" | "));
    _ = writeln!(table, "|---{}|", "|---".repeat(State::ALL.len()));
    for command in Command::ALL {
        let cell =
            |from: State| followers.get(&(from, command)).map_or(String::new(), |next| names(next, from));
        _ = writeln!(table, "| {} | {} |", command.name(), State::ALL.map(cell).join(" | "));
    }
    table
}

#[test]
fn the_page_of_states_is_what_the_commands_do() {
    let followers = followers();
    let page = format!(
        "{OPENING}\n{}\n## Which command, in which state, and what follows\n\nAn empty cell refuses with \
         `WRONG_STATE`.\n\n{}",
        diagram(&followers),
        table(&followers)
    );
    golden_file::check("docs/states.md", &page);
}
