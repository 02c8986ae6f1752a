//! Checks that the tables are consistent for a ticket: the row is the fold of its events, the columns agree with the
//! document, and units, timer, effects and notices follow from it. Also checks that digests hold all their notices.

use std::collections::BTreeSet;

use hotline_server::deadline::ladder;
use hotline_server::ledger;
use hotline_server::ticket::{Event, EventRecord, Relation, Rung, Ticket, TicketNumber, apply, invariants};

use super::fixture::Hotline;

/// The number of a rung in the tables.
const fn rung_number(rung: Rung) -> i16 {
    match rung {
        Rung::None => 0,
        Rung::Reminded => 1,
        Rung::Urged => 2,
        Rung::Supervised => 3,
        Rung::Manual => 4,
    }
}

/// Checks every ticket in the tables; returns how many there are.
pub(super) async fn check_all(hotline: &Hotline) -> usize {
    let rows = hotline.rows("SELECT number FROM ticket ORDER BY number").await;
    for row in &rows {
        let number = row.try_get_by_index(0).expect("a number");
        check(hotline, TicketNumber::from_i64(number).expect("a sound number")).await;
    }
    check_digests(hotline).await;
    rows.len()
}

/// Checks one ticket.
pub(super) async fn check(hotline: &Hotline, number: TicketNumber) {
    let stored = hotline.find(number).await;
    let timeline = hotline.events(number).await;
    let sequences: Vec<_> = timeline.iter().map(|recorded| recorded.sequence).collect();
    assert_eq!(sequences, (1..=stored.version).collect::<Vec<_>>(), "the sequence of {number} has a gap");
    assert!(
        timeline.is_sorted_by_key(|recorded| recorded.at),
        "the timeline of {number} goes back in time: {timeline:#?}"
    );
    let folded = apply::fold(&timeline).expect("the timeline folds");
    assert_eq!(stored, folded, "the row of {number} is not the fold of its events");
    assert_eq!(invariants::broken(&stored), Vec::<&str>::new(), "{number}");
    check_columns(hotline, &stored).await;
    check_units(hotline, &stored).await;
    check_own_intake(hotline, &stored).await;
    check_accused(hotline, &stored).await;
    check_timer(hotline, &stored).await;
    check_effects(hotline, number, &timeline).await;
    check_notices(hotline, number, &timeline).await;
    check_answers(hotline, number, &timeline).await;
}

/// The citations and the gaps of a ticket are those of its answers.
async fn check_answers(hotline: &Hotline, number: TicketNumber, timeline: &[EventRecord]) {
    let answers = timeline.iter().filter_map(|recorded| match &recorded.event {
        Event::TicketAnswered { answer } => Some((recorded, answer)),
        _ => None,
    });
    let (mut cited, mut gaps) = (BTreeSet::new(), BTreeSet::new());
    for (recorded, answer) in answers {
        let held = answer.articles.iter().filter(|one| !one.is_free);
        cited.extend(held.map(|one| (one.article.clone(), one.version, recorded.at.timestamp_micros())));
        gaps.extend(
            answer.gap.iter().map(|gap| {
                (i32::try_from(recorded.sequence).expect("a small sequence"), gap.question.clone())
            }),
        );
    }
    let of_ticket = number.as_i64();
    let sql =
        format!("SELECT article, version, cited_at FROM article_citation WHERE ticket_number = {of_ticket}");
    let rows = hotline.rows(&sql).await;
    let rows: BTreeSet<(String, i32, i64)> = rows
        .iter()
        .map(|row| {
            let version = row.try_get_by_index(1).expect("version");
            (row.try_get_by_index(0).expect("article"), version, row.try_get_by_index(2).expect("cited_at"))
        })
        .collect();
    assert_eq!(rows, cited, "the citations of {number}");
    let sql = format!("SELECT sequence, question FROM knowledge_gap WHERE ticket_number = {of_ticket}");
    let rows = hotline.rows(&sql).await;
    let rows: BTreeSet<(i32, String)> = rows
        .iter()
        .map(|row| (row.try_get_by_index(0).expect("sequence"), row.try_get_by_index(1).expect("question")))
        .collect();
    assert_eq!(rows, gaps, "the gaps of {number}");
}

async fn check_columns(hotline: &Hotline, ticket: &Ticket) {
    let sql = format!(
        "SELECT state, due_at, rung, is_open, lead_unit, version FROM ticket WHERE number = {}",
        ticket.number.as_i64()
    );
    let row = hotline.rows(&sql).await.pop().expect("the row is there");
    let columns: (String, i64, i16, bool, Option<String>, i32) = (
        row.try_get_by_index(0).expect("state"),
        row.try_get_by_index(1).expect("due_at"),
        row.try_get_by_index(2).expect("rung"),
        row.try_get_by_index(3).expect("is_open"),
        row.try_get_by_index(4).expect("lead_unit"),
        row.try_get_by_index(5).expect("version"),
    );
    let expected = (
        ticket.state.name().to_owned(),
        ticket.listed_due_at().timestamp_micros(),
        rung_number(ticket.cycle.rung),
        ticket.state.is_open(),
        ticket.lead_unit().map(|unit| unit.0.clone()),
        i32::try_from(ticket.version).expect("a small version"),
    );
    assert_eq!(columns, expected, "the columns of {}", ticket.number);
}

async fn check_units(hotline: &Hotline, ticket: &Ticket) {
    let sql = format!(
        "SELECT unit, relation, due_at FROM ticket_unit WHERE ticket_number = {}",
        ticket.number.as_i64()
    );
    let rows = hotline.rows(&sql).await;
    let rows: BTreeSet<(String, i16, i64)> = rows
        .iter()
        .map(|row| {
            let relation = row.try_get_by_index(1).expect("relation");
            let due_at = row.try_get_by_index(2).expect("due_at");
            (row.try_get_by_index(0).expect("unit"), relation, due_at)
        })
        .collect();
    let named = ticket.dispatch.iter().flat_map(hotline_server::ticket::Dispatch::units);
    let expected = named
        .map(|(unit, relation)| {
            let relation = match relation {
                Relation::Lead => 1,
                Relation::Assist => 2,
                Relation::Inform => 3,
            };
            (unit.0.clone(), relation, ticket.listed_due_at().timestamp_micros())
        })
        .collect();
    assert_eq!(rows, expected, "the units of {}", ticket.number);
}

/// What the unit that took a ticket in may know of it.
async fn check_own_intake(hotline: &Hotline, ticket: &Ticket) {
    let sql = format!("SELECT unit, state FROM own_intake WHERE ticket_number = {}", ticket.number.as_i64());
    let rows = hotline.rows(&sql).await;
    let rows: Vec<(String, Option<String>)> = rows
        .iter()
        .map(|row| (row.try_get_by_index(0).expect("unit"), row.try_get_by_index(1).expect("state")))
        .collect();
    let state = (!ticket.withholds_state()).then(|| ticket.state.name().to_owned());
    let expected: Vec<_> = ticket.intake_unit.iter().map(|unit| (unit.0.clone(), state.clone())).collect();
    assert_eq!(rows, expected, "the own intake of {}", ticket.number);
}

/// The units that a ticket accuses, and those that the ticket accuses which it was merged into.
async fn check_accused(hotline: &Hotline, ticket: &Ticket) {
    let sql = format!("SELECT unit FROM ticket_accused WHERE ticket_number = {}", ticket.number.as_i64());
    let rows = hotline.rows(&sql).await;
    let rows: BTreeSet<String> = rows.iter().map(|row| row.try_get_by_index(0).expect("unit")).collect();
    let mut expected: BTreeSet<String> = BTreeSet::new();
    let mut same_matter = Some(ticket.clone());
    while let Some(ticket) = same_matter {
        expected.extend(ticket.accused_units.iter().map(|unit| unit.0.clone()));
        same_matter = match ticket.merged_into {
            Some(into) => Some(hotline.find(into).await),
            None => None,
        };
    }
    assert_eq!(rows, expected, "the accused of {}", ticket.number);
}

async fn check_timer(hotline: &Hotline, ticket: &Ticket) {
    let sql = format!(
        "SELECT cycle, rung, due_at FROM ticket_timer WHERE ticket_number = {}",
        ticket.number.as_i64()
    );
    let rows = hotline.rows(&sql).await;
    let rows: Vec<(i32, i16, i64)> = rows
        .iter()
        .map(|row| {
            let due_at = row.try_get_by_index(2).expect("due_at");
            (row.try_get_by_index(0).expect("cycle"), row.try_get_by_index(1).expect("rung"), due_at)
        })
        .collect();
    let version = &ticket.cycle.deadline.policy_version;
    let policy = hotline.ledger.rules().policy(hotline.store.reader(), version).await.expect("its policy");
    let next = ladder::next(&policy.ladder, &ledger::cycle_limit(ticket), ticket.cycle.ladder_rung);
    let cycle = i32::try_from(ticket.cycle.number).expect("a small cycle");
    let expected: Vec<_> = next
        .filter(|_| ticket.state.is_open())
        .map(|(rung, due_at)| (cycle, rung_number(rung), due_at.timestamp_micros()))
        .into_iter()
        .collect();
    assert_eq!(rows, expected, "the timer of {} in {:?}", ticket.number, ticket.state);
}

async fn check_effects(hotline: &Hotline, number: TicketNumber, timeline: &[EventRecord]) {
    let sql = format!(
        "SELECT cycle, rung, fired_at, round FROM rung_effect WHERE ticket_number = {} ORDER BY cycle, rung, fired_at, round",
        number.as_i64()
    );
    let rows = hotline.rows(&sql).await;
    let rows: Vec<(i32, i16, i64, i32)> = rows
        .iter()
        .map(|row| {
            let (fired_at, round) = (row.try_get_by_index(2).expect("fired_at"), row.try_get_by_index(3));
            let (cycle, rung) = (row.try_get_by_index(0).expect("cycle"), row.try_get_by_index(1));
            (cycle, rung.expect("rung"), fired_at, round.expect("round"))
        })
        .collect();
    let mut expected: Vec<_> = timeline
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::RungFired { cycle, round, rung, .. } | Event::RungPassed { cycle, round, rung, .. } => {
                Some((
                    i32::try_from(*cycle).expect("a small cycle"),
                    rung_number(*rung),
                    recorded.at.timestamp_micros(),
                    i32::try_from(*round).expect("a small round"),
                ))
            }
            _ => None,
        })
        .collect();
    expected.sort_unstable();
    assert_eq!(rows, expected, "the effects of {number}");
}

/// A row of the notice table: cycle, rung, unit, when it was due, when it fired.
type Notice = (i32, i16, String, Option<i64>, i64);

/// Every rung that fired for a unit has its notice, and there are no others.
async fn check_notices(hotline: &Hotline, number: TicketNumber, timeline: &[EventRecord]) {
    let sql = format!(
        "SELECT cycle, rung, unit, due_at, fired_at FROM digest_ticket WHERE ticket_number = {} \
         ORDER BY cycle, rung, unit, due_at NULLS FIRST, fired_at",
        number.as_i64()
    );
    let rows = hotline.rows(&sql).await;
    let rows: Vec<Notice> = rows
        .iter()
        .map(|row| {
            let (cycle, rung) = (row.try_get_by_index(0).expect("cycle"), row.try_get_by_index(1));
            let (unit, due_at) = (row.try_get_by_index(2).expect("unit"), row.try_get_by_index(3));
            let fired_at = row.try_get_by_index(4).expect("fired_at");
            (cycle, rung.expect("rung"), unit, due_at.expect("due_at"), fired_at)
        })
        .collect();
    let mut expected: Vec<Notice> = timeline
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::RungFired { cycle, rung, due_at, unit: Some(unit), .. } => Some((
                i32::try_from(*cycle).expect("a small cycle"),
                rung_number(*rung),
                unit.0.clone(),
                due_at.map(|due_at| due_at.timestamp_micros()),
                recorded.at.timestamp_micros(),
            )),
            _ => None,
        })
        .collect();
    expected.sort_unstable();
    assert_eq!(rows, expected, "the notices of {number}");
}

/// Each unit's digests are numbered from 1 to its counter without a gap, and each has the right number of notices of
/// its rung.
pub(super) async fn check_digests(hotline: &Hotline) {
    let gaps = "SELECT COUNT(*) FROM digest_unit WHERE last_sequence <> \
                (SELECT COUNT(*) FROM digest WHERE digest.unit = digest_unit.unit) OR last_sequence <> \
                (SELECT COALESCE(MAX(sequence), 0) FROM digest WHERE digest.unit = digest_unit.unit)";
    assert_eq!(hotline.count(gaps).await, 0, "a unit's digests have a gap");
    let wrong = "SELECT COUNT(*) FROM digest WHERE ticket_count = 0 OR ticket_count <> \
                 (SELECT COUNT(*) FROM digest_ticket WHERE digest_ticket.unit = digest.unit \
                  AND digest_sequence = sequence AND digest_ticket.rung = digest.rung)";
    assert_eq!(hotline.count(wrong).await, 0, "a digest does not have the tickets that it says");
    let stray = "SELECT COUNT(*) FROM digest_ticket WHERE digest_sequence IS NOT NULL AND NOT EXISTS \
                 (SELECT 1 FROM digest WHERE digest.unit = digest_ticket.unit \
                  AND sequence = digest_sequence AND digest.rung = digest_ticket.rung)";
    assert_eq!(hotline.count(stray).await, 0, "a notice has a digest of another rung");
}
