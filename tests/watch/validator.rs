//! What a reader of a stream must have got: every event once, and those of each ticket in order.

use std::collections::BTreeMap;

use hotline_client::WatchItem;

/// Violations that are shown.
const SHOWN_MAX: usize = 5;

/// What a reader got, since the stream began or had a gap.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    /// The sequences of each ticket's events and the names of the events, in the order of their arrival.
    pub(crate) events: BTreeMap<String, Vec<(u32, String)>>,
    /// How often each ticket left.
    pub(crate) departures: BTreeMap<String, u32>,
    pub(crate) count: usize,
    pub(crate) gaps: u32,
    pub(crate) snapshot: Option<u64>,
}

impl Received {
    /// Takes note of an item.
    pub(crate) fn note(&mut self, item: WatchItem) {
        match item {
            WatchItem::Event(event) => {
                self.count += 1;
                let one = (event.sequence, event.detail.name().to_owned());
                self.events.entry(event.ticket_number).or_default().push(one);
            }
            WatchItem::Left { ticket_number } => *self.departures.entry(ticket_number).or_default() += 1,
            WatchItem::Gap { .. } => *self = Self { gaps: self.gaps + 1, ..Self::default() },
            WatchItem::SnapshotEnd { ticket_count } => self.snapshot = Some(ticket_count),
            _ => {}
        }
    }
}

/// What is stored: the events of each ticket, and its lead.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stored {
    pub(crate) events: BTreeMap<String, u32>,
    pub(crate) leads: BTreeMap<String, String>,
    /// By unit and ticket.
    pub(crate) departures: BTreeMap<(String, String), u32>,
}

fn verdict(wrong: Vec<String>) -> Result<(), String> {
    if wrong.is_empty() {
        return Ok(());
    }
    let (count, shown) = (wrong.len(), wrong.into_iter().take(SHOWN_MAX).collect::<Vec<_>>().join("\n  "));
    Err(format!("{count} violations:\n  {shown}"))
}

/// Checks what a reader of staff got: of each ticket all events, from the first one on.
pub(crate) fn check_staff(received: &Received, stored: &Stored) -> Result<(), String> {
    let mut wrong = Vec::new();
    for (ticket, count) in &stored.events {
        let got: Vec<u32> =
            received.events.get(ticket).into_iter().flatten().map(|(sequence, _)| *sequence).collect();
        if !got.iter().copied().eq(1..=*count) {
            wrong.push(format!("{ticket}: 1 to {count} are stored, received {got:?}"));
        }
    }
    let foreign = received.events.keys().filter(|ticket| !stored.events.contains_key(*ticket));
    wrong.extend(foreign.map(|ticket| format!("{ticket}: is not stored")));
    verdict(wrong)
}

/// Checks what a unit got: the events from each dispatch on in order, all of them for a ticket that it has, and each
/// departure once.
pub(crate) fn check_unit(unit: &str, received: &Received, stored: &Stored) -> Result<(), String> {
    let mut wrong = Vec::new();
    for (ticket, events) in &received.events {
        let mut expected = None;
        for (sequence, name) in events {
            let is_dispatch = name == "TicketDispatched";
            if if is_dispatch { *sequence != 2 } else { expected != Some(*sequence) } {
                wrong.push(format!("{ticket}: out of order: {events:?}"));
                break;
            }
            expected = Some(sequence + 1);
        }
    }
    for ticket in stored.leads.iter().filter(|(_, lead)| *lead == unit).map(|(ticket, _)| ticket) {
        let events = received.events.get(ticket);
        let last = events.and_then(|events| events.last()).map(|(_, name)| name.as_str());
        if last != Some("TicketAccepted") {
            wrong.push(format!("{ticket}: its acceptance is missed: {events:?}"));
        }
    }
    let departures = stored.departures.iter().filter(|((of, _), _)| of == unit);
    for ((_, ticket), count) in departures {
        if received.departures.get(ticket) != Some(count) {
            wrong.push(format!(
                "{ticket}: left {count} times, received {:?}",
                received.departures.get(ticket)
            ));
        }
    }
    verdict(wrong)
}

/// Shows that each check can fail.
pub(crate) fn check_that_checks_can_fail() -> Result<(), String> {
    let event = |sequence: u32, name: &str| (sequence, name.to_owned());
    let stored = Stored {
        events: BTreeMap::from([("1".to_owned(), 3)]),
        leads: BTreeMap::from([("1".to_owned(), "lead".to_owned())]),
        departures: BTreeMap::from([(("lead".to_owned(), "2".to_owned()), 1)]),
    };
    let received = |sequences: &[u32]| Received {
        events: BTreeMap::from([(
            "1".to_owned(),
            sequences.iter().map(|sequence| event(*sequence, "TicketAccepted")).collect(),
        )]),
        ..Received::default()
    };
    for (sequences, is_valid) in
        [(&[1, 2, 3][..], true), (&[1, 3], false), (&[1, 2, 2, 3], false), (&[2, 1, 3], false), (&[], false)]
    {
        if check_staff(&received(sequences), &stored).is_ok() != is_valid {
            return Err(format!("the check of staff judges {sequences:?} wrongly"));
        }
    }
    let whole = Received {
        events: BTreeMap::from([(
            "1".to_owned(),
            vec![event(2, "TicketDispatched"), event(3, "TicketAccepted")],
        )]),
        departures: BTreeMap::from([("2".to_owned(), 1)]),
        ..Received::default()
    };
    let without_dispatch = received(&[3]);
    let without_departure = Received { departures: BTreeMap::new(), ..whole.clone() };
    let twice = Received { departures: BTreeMap::from([("2".to_owned(), 2)]), ..whole.clone() };
    for (received, is_valid) in
        [(&whole, true), (&without_dispatch, false), (&without_departure, false), (&twice, false)]
    {
        if check_unit("lead", received, &stored).is_ok() != is_valid {
            return Err(format!("the check of units judges {received:?} wrongly"));
        }
    }
    Ok(())
}
