//! Many tickets in one write: if they do not fit into one statement, all are still written, each with its own values,
//! or none.

use std::time::Duration;

use chrono::TimeDelta;
use hotline_server::ledger::Entry;
use hotline_server::platform::Fault;
use hotline_server::ticket::event::TicketCreated;
use hotline_server::ticket::{
    Actor, CallerIdentity, Category, Channel, Complexity, Deadline, Dispatch, Event, Instant, Rung, Ticket,
    Tier, UnitCode,
};

use super::fixture::{Database, Hotline, default_policy, unit};
use super::{both, consistency};

both! { more_tickets_than_one_statement_takes_are_written_all_or_none }

/// More tickets than one statement can change: 13 values each, and SQLite takes 32,766.
const MANY: u32 = 2_800;

fn created(hotline: &Hotline, place: u32) -> Event {
    Event::TicketCreated(Box::new(TicketCreated {
        category: Category::Appeal,
        complexity: Complexity::General,
        has_several_units: false,
        topic: None,
        district: place.is_multiple_of(3).then(|| "110105".to_owned()),
        industry: None,
        subject: format!("matter {place}"),
        content: format!("matter {place}, at length"),
        channel: Channel::Web,
        source: None,
        call_began_at: None,
        call: None,
        chosen_confidential: None,
        accused_units: Vec::new(),
        follows: None,
        text_marks: Vec::new(),
        intake_unit: None,
        is_training: false,
        deadline: Deadline {
            due_at: hotline.clock.now() + TimeDelta::days(7) + TimeDelta::seconds((place / 3).into()),
            tier: Tier::General,
            policy_version: default_policy().version(),
            calendar_version: "cn-2026.1".to_owned(),
            is_provisional: false,
        },
    }))
}

fn dispatched(to: UnitCode, at: Instant) -> Event {
    let dispatch = Dispatch {
        lead_unit: to,
        assist_units: vec![unit("dept-finance")],
        inform_units: Vec::new(),
        dispatched_at: at,
        return_due_at: at + TimeDelta::days(1),
        accepted_at: None,
        note: String::new(),
    };
    Event::dispatched(dispatch)
}

/// The next change of a ticket: a different one for each third, and for some only an event.
fn next(hotline: &Hotline, place: u32, ticket: &Ticket) -> Vec<Event> {
    let lead = ticket.lead_unit().cloned();
    let due_at = Some(ticket.cycle.due_at());
    match place % 4 {
        0 => vec![Event::RungFired {
            cycle: 1,
            round: 0,
            rung: Rung::Urged,
            due_at,
            unit: lead,
            note: String::new(),
        }],
        1 => vec![Event::TicketWithdrawn { note: String::new() }],
        2 => vec![
            Event::TicketAccepted { unit: lead.expect("it was dispatched") },
            dispatched(unit("district-haidian"), hotline.clock.now()),
        ],
        _ => vec![Event::SupervisionRecorded { note: format!("note {place}") }],
    }
}

async fn write(hotline: &Hotline, entries: Vec<(Option<Ticket>, Vec<Event>)>) -> Result<Vec<Ticket>, Fault> {
    let mut numbers = Vec::new();
    for (before, _) in &entries {
        numbers.push(match before {
            Some(ticket) => ticket.number,
            None => hotline
                .ledger
                .numbers()
                .allot(&hotline.store, &hotline.clock)
                .await
                .expect("there are numbers"),
        });
    }
    let ledger = hotline.ledger.clone();
    let written = hotline.store.work(&hotline.clock, move |work| {
        let (ledger, numbers, entries) = (ledger.clone(), numbers.clone(), entries.clone());
        Box::pin(async move {
            let identity =
                CallerIdentity { contact_name: Some("王女士".to_owned()), ..CallerIdentity::default() };
            let entry = |(number, (before, events)): (_, (Option<Ticket>, _))| {
                let identity = if before.is_none() { identity.clone() } else { CallerIdentity::default() };
                let before = before.map(Into::into);
                Entry { number, before, actor: Actor::system(), events, identity }
            };
            ledger.write(work, numbers.into_iter().zip(entries).map(entry).collect()).await
        })
    });
    written.await
}

/// Takes in this many appeals in one write, each dispatched to a district or the tax office; three share each limit.
pub(super) async fn fill(hotline: &Hotline, many: u32) -> Vec<Ticket> {
    let leads = ["district-chaoyang", "dept-tax"].map(unit);
    let lead = |place: u32| leads[place as usize % leads.len()].clone();
    let begin = (0..many)
        .map(|place| (None, vec![created(hotline, place), dispatched(lead(place), hotline.clock.now())]));
    write(hotline, begin.collect()).await.expect("they are new")
}

async fn more_tickets_than_one_statement_takes_are_written_all_or_none(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = fill(&hotline, MANY).await;
    hotline.clock.advance_to(hotline.clock.now() + TimeDelta::days(8));

    let entries = |tickets: &[Ticket]| -> Vec<_> {
        let entry = |(place, ticket): (u32, &Ticket)| (Some(ticket.clone()), next(&hotline, place, ticket));
        (0..).zip(tickets).map(entry).collect()
    };
    // One in the second statement was changed since it was read, so nothing of the first one may stay.
    let mut stale = tickets.clone();
    let last = stale.last_mut().expect("there are many");
    last.version += 1;
    let before = hotline.count("SELECT SUM(version) FROM ticket").await;
    let fault = write(&hotline, entries(&stale)).await.expect_err("one of them is not as it was read");
    assert!(fault.is_conflict, "{fault:?}");
    assert!(fault.retry_after.is_some_and(|after| after >= Duration::from_secs(1)), "{fault:?}");
    assert_eq!(hotline.count("SELECT SUM(version) FROM ticket").await, before);
    assert_eq!(hotline.count("SELECT COUNT(*) FROM rung_effect").await, 0);

    let after = write(&hotline, entries(&tickets)).await.expect("all are as they were read");
    assert_eq!(after.len(), tickets.len());
    assert_eq!(hotline.count("SELECT COUNT(*) FROM rung_effect").await, i64::from(MANY / 4));
    // Some of each kind, from both statements.
    for (_, ticket) in (0..MANY).zip(&after).filter(|(place, _)| place % 97 < 4 || *place >= MANY - 8) {
        consistency::check(&hotline, ticket.number).await;
        assert_eq!(&hotline.find(ticket.number).await, ticket);
    }
}
