//! What a unit may see, computed only from what staff see and from the contract: the model of the random reads.

use std::collections::BTreeMap;

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::random::Random;
use super::random_commands::{NAME_IN_TEXTS, UNITS};

/// Everything that staff see.
#[derive(Debug, Default)]
pub(super) struct VisibilityModel {
    tickets: BTreeMap<String, (pb::Ticket, Vec<pb::TicketEvent>, pb::ExplainDeadlineResponse)>,
    pub(super) digests: BTreeMap<String, Vec<pb::Digest>>,
    /// The parent of each unit; empty for none.
    pub(super) parents: BTreeMap<String, String>,
}

/// A filter, and its meaning.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) filter: pb::TicketFilter,
}

const OPEN: [pb::TicketState; 5] = [
    pb::TicketState::Received,
    pb::TicketState::Planning,
    pb::TicketState::Dispatched,
    pb::TicketState::Handling,
    pb::TicketState::Returned,
];

fn key(time: Option<&prost_types::Timestamp>) -> (i64, i32) {
    time.map(|time| (time.seconds, time.nanos)).unwrap_or_default()
}

impl Filter {
    /// Usually one or two conditions, so that some tickets are left.
    pub(super) fn random(random: &mut Random, unit: &str, now: i64) -> Self {
        let mut filter = pb::TicketFilter::default();
        let number = |random: &mut Random, end| 1 + i32::try_from(random.below(end)).expect("a small number");
        let time = |random: &mut Random| {
            let seconds = now - 86_400 * i64::from(random.below(30)) + 86_400 * i64::from(random.below(15));
            Some(prost_types::Timestamp { seconds, nanos: 0 })
        };
        for _ in 0..random.below(3) {
            match random.below(13) {
                0 => filter.states = (0..=random.below(3)).map(|_| number(random, 11)).collect(),
                1 => filter.category = number(random, 3),
                2 => filter.lead_unit = String::from(*random.pick::<&str>(&UNITS)),
                3 => filter.district = String::from(*random.pick(&["110105", "110108"])),
                4 => filter.topic = String::from(*random.pick(&["tax.invoice", "business.licence"])),
                5 => filter.rung_at_least = number(random, 5),
                6 => filter.intake_start_time = time(random),
                7 => filter.intake_end_time = time(random),
                8 => filter.update_start_time = time(random),
                9 => unit.clone_into(&mut filter.assist_unit),
                // The hotline's own systems; no unit finds a ticket by their references.
                10 => {
                    let reference = format!("reference-{}-end", 3 * random.below(20));
                    filter.source = Some(pb::Source { system: "switch-1".to_owned(), reference });
                }
                11 => filter.reopened = true,
                _ => filter.due_end_time = time(random),
            }
        }
        Self { filter }
    }

    fn fits(&self, ticket: &pb::Ticket) -> bool {
        let filter = &self.filter;
        let cycle = ticket.cycle.as_ref().expect("a cycle");
        let lead = ticket.dispatch.as_ref().map(|dispatch| dispatch.lead_unit.as_str()).unwrap_or_default();
        let (intake, update) = (key(ticket.intake_time.as_ref()), key(ticket.update_time.as_ref()));
        let assists = |code: &String| {
            ticket.dispatch.as_ref().is_some_and(|dispatch| dispatch.assist_units.contains(code))
        };
        let is_open = OPEN.iter().any(|state| *state as i32 == ticket.state);
        (filter.states.is_empty() || filter.states.contains(&ticket.state))
            && (filter.category == 0 || filter.category == ticket.category)
            && (filter.lead_unit.is_empty() || filter.lead_unit == lead)
            && (filter.district.is_empty() || filter.district == ticket.district)
            && (filter.topic.is_empty() || filter.topic == ticket.topic)
            && filter.source.is_none()
            && (filter.assist_unit.is_empty() || assists(&filter.assist_unit))
            && filter.update_start_time.as_ref().is_none_or(|from| update >= key(Some(from)))
            && (!filter.reopened || is_open && cycle.number > 1)
            && (filter.rung_at_least == 0 || cycle.rung >= filter.rung_at_least)
            && filter.intake_start_time.as_ref().is_none_or(|from| intake >= key(Some(from)))
            && filter.intake_end_time.as_ref().is_none_or(|end| intake < key(Some(end)))
            && filter.due_end_time.as_ref().is_none_or(|end| is_open && listed_due(ticket) < key(Some(end)))
    }
}

/// The limit by which lists order a ticket: an overdue repeat does not move it before its own intake.
fn listed_due(ticket: &pb::Ticket) -> (i64, i32) {
    let due = key(ticket.cycle.as_ref().and_then(|cycle| cycle.due_time.as_ref()));
    due.max(key(ticket.intake_time.as_ref()))
}

impl VisibilityModel {
    pub(super) fn add(
        &mut self,
        ticket: pb::Ticket,
        events: Vec<pb::TicketEvent>,
        deadline: pb::ExplainDeadlineResponse,
    ) {
        self.tickets.insert(ticket.number.clone(), (ticket, events, deadline));
    }

    pub(super) fn numbers(&self) -> Vec<String> {
        self.tickets.keys().cloned().collect()
    }

    pub(super) fn seen_by(&self, unit: &str) -> usize {
        self.tickets.keys().filter(|number| self.sees(unit, number).is_some()).count()
    }

    /// The unit's position in the dispatch, 0 for the lead; `None` if it has no relation, or is accused.
    fn sees(&self, unit: &str, number: &str) -> Option<usize> {
        let (ticket, ..) = self.tickets.get(number)?;
        let dispatch = ticket.dispatch.as_ref()?;
        let leads = std::slice::from_ref(&dispatch.lead_unit);
        let having = [leads, &dispatch.assist_units, &dispatch.inform_units];
        let place = having.iter().position(|units| units.iter().any(|one| one == unit))?;
        let mut lineage = vec![unit.to_owned()];
        while let Some(parent) =
            lineage.last().and_then(|last| self.parents.get(last)).filter(|one| !one.is_empty())
        {
            lineage.push(parent.clone());
        }
        let (mut next, mut is_accused) = (Some(ticket), false);
        while let Some(matter) = next {
            is_accused |= matter.accused_units.iter().any(|accused| lineage.contains(accused));
            next = self.tickets.get(&matter.merged_into).map(|(ticket, ..)| ticket);
        }
        (!is_accused).then_some(place)
    }

    /// Whether a ticket accuses nobody, itself or through the one that it was merged into; a unit that has it then sees
    /// it.
    pub(super) fn accuses_nobody(&self, number: &str) -> bool {
        let found = self.tickets.get(number);
        found.is_some_and(|(ticket, ..)| ticket.accused_units.is_empty() && ticket.merged_into.is_empty())
    }

    /// Whether a unit is shown who called; every ticket here has a caller.
    pub(super) fn shows_caller(&self, unit: &str, number: &str) -> bool {
        let is_confidential = self.tickets.get(number).is_some_and(|(ticket, ..)| ticket.confidential);
        self.sees(unit, number).is_some_and(|place| place < 2) && !is_confidential
    }

    /// A ticket as a unit sees it, if it does.
    pub(super) fn ticket(&self, unit: &str, number: &str) -> Option<pb::Ticket> {
        self.sees(unit, number)?;
        let mut ticket = self.tickets.get(number)?.0.clone();
        ticket.accused_units.clear();
        ticket.text_marks.clear();
        ticket.held = false;
        ticket.surviving_ticket.clear();
        ticket.repeats_to_call.clear();
        ticket.repeat_calls.clear();
        ticket.returns.retain(|one| one.unit == unit);
        ticket.inside_assignments.retain(|one| one.unit == unit);
        ticket.linked_tickets.clear();
        ticket.attachments.retain(|one| one.without_caller || !ticket.confidential);
        ticket.help_request = ticket.help_request.filter(|help| help.unit == unit);
        ticket.etag = self.etag(number);
        let dispatched = key(ticket.dispatch.as_ref().and_then(|dispatch| dispatch.dispatch_time.as_ref()));
        let carried = ticket.cycle.as_mut().and_then(|cycle| cycle.carry_over.as_mut());
        if let Some(carry) = carried.filter(|carry| key(carry.ask_time.as_ref()) < dispatched) {
            carry.next_steps.clear();
            carry.decision_note.clear();
        }
        if ticket.confidential {
            ticket.source = None;
            ticket.call_start_time = None;
            ticket.industry.clear();
            ticket.withdrawal_note.clear();
            let cycle = ticket.cycle.as_mut().expect("a cycle");
            cycle.contact_attempts.iter_mut().for_each(|attempt| attempt.note.clear());
            cycle.survey.iter_mut().for_each(|survey| survey.comment.clear());
        }
        Some(ticket)
    }

    /// The tickets about the same cause that a unit sees too, as `GetTicket` shows them.
    pub(super) fn linked(&self, unit: &str, number: &str) -> Vec<String> {
        let linked = self.tickets.get(number).map(|(ticket, ..)| ticket.linked_tickets.clone());
        linked.unwrap_or_default().into_iter().filter(|other| self.sees(unit, other).is_some()).collect()
    }

    /// A ticket's events as numbered for a unit: the intake, and those since the present dispatch.
    fn events_seen(&self, number: &str) -> Vec<(i32, &pb::TicketEvent)> {
        let (_, all, _) = &self.tickets[number];
        let is_dispatch = |event: &pb::TicketEvent| {
            matches!(event.detail, Some(pb::ticket_event::Detail::TicketDispatched(_)))
        };
        let since = all.iter().rposition(is_dispatch).expect("a ticket that a unit has was dispatched");
        (1..).zip(all[..1].iter().chain(&all[since..])).collect()
    }

    /// The etag counts what the unit may read, and names the dispatch.
    fn etag(&self, number: &str) -> String {
        let seen = self.events_seen(number);
        let (_, dispatched) = seen[1];
        let time = dispatched.event_time.as_ref().expect("a time");
        let micros = time.seconds * 1_000_000 + i64::from(time.nanos / 1_000);
        format!("d{micros:x}.{}", seen.len())
    }

    /// A unit keeps a plan and a content that it has read. If staff see no plan any more, because it names a unit that
    /// was accused since, the unit is still shown the one from before its dispatch.
    pub(super) fn keep_what_was_read(&self, number: &str, got: &pb::Ticket, expected: &mut pb::Ticket) {
        use pb::ticket_event::Detail;
        self.keep_content(number, got, expected);
        if expected.plan.is_some() || got.plan.is_none() {
            return;
        }
        let (_, all, _) = &self.tickets[number];
        let dispatched = self.events_seen(number)[1].1.sequence;
        let before = all.iter().take_while(|event| event.sequence < dispatched);
        let written = before.filter_map(|event| match &event.detail {
            Some(Detail::TicketPlanned(planned)) => planned.plan.clone(),
            _ => None,
        });
        expected.plan = written.last();
    }

    /// A unit goes on reading the content that it has read, where an update of the caller has taken the caller's name
    /// out of it since.
    fn keep_content(&self, number: &str, got: &pb::Ticket, expected: &mut pb::Ticket) {
        use pb::ticket_event::Detail;
        let Some((_, all, _)) = self.tickets.get(number) else { return };
        let is_new = |event: &&pb::TicketEvent| {
            matches!(event.detail, Some(Detail::TicketDispatched(_) | Detail::TicketRedacted(_)))
        };
        let since = all.iter().rev().take_while(|event| !is_new(event));
        let mut details = since.filter_map(|event| event.detail.as_ref());
        let is_updated =
            details.any(|detail| matches!(detail, Detail::CallerUpdated(one) if one.content_changed));
        if is_updated && got.content.replace(NAME_IN_TEXTS, "某某") == expected.content {
            expected.content.clone_from(&got.content);
        }
    }

    /// The fields of a ticket that a mask names, of those that the random reads use.
    pub(super) fn only(ticket: &pb::Ticket, paths: &[String]) -> pb::Ticket {
        let has = |name: &str| paths.iter().any(|path| path == name);
        let text = |name: &str, text: &String| if has(name) { text.clone() } else { String::new() };
        pb::Ticket {
            number: text("number", &ticket.number),
            content: text("content", &ticket.content),
            industry: text("industry", &ticket.industry),
            source: ticket.source.clone().filter(|_| has("source")),
            call_start_time: ticket.call_start_time.filter(|_| has("call_start_time")),
            cycle: ticket.cycle.clone().filter(|_| has("cycle")),
            ..pb::Ticket::default()
        }
    }

    /// The explanation of a ticket's limit, if the unit sees the ticket: without classifications that moved nothing.
    pub(super) fn deadline(&self, unit: &str, number: &str) -> Option<pb::ExplainDeadlineResponse> {
        use pb::DeadlineCause as Cause;

        self.sees(unit, number)?;
        let mut deadline = self.tickets.get(number)?.2.clone();
        let limit = |one: &pb::DeadlineChange| {
            (one.due_time, one.tier, one.policy_version.clone(), one.calendar_version.clone())
        };
        let mut counted = None;
        deadline.changes.retain(|one| {
            if matches!(one.cause(), Cause::CarryOver | Cause::Merge | Cause::Unmerge) {
                return true;
            }
            let is_other = counted.replace(limit(one)) != Some(limit(one));
            let is_classified = matches!(
                one.cause(),
                Cause::Classification | Cause::ClassificationAfterLimit | Cause::Correction
            );
            is_other || !is_classified
        });
        Some(deadline)
    }

    /// A unit's digests: each of them, with those of its tickets that the unit sees now.
    pub(super) fn digests_of(&self, unit: &str) -> Vec<pb::Digest> {
        let mut digests_of = self.digests.get(unit).cloned().unwrap_or_default();
        for digest in &mut digests_of {
            digest.tickets.retain(|ticket| self.sees(unit, &ticket.ticket_number).is_some());
        }
        digests_of
    }

    /// The expected list for a unit.
    pub(super) fn list(&self, unit: &str, filter: &Filter, is_due_first: bool) -> Vec<pb::Ticket> {
        let fitting = self.tickets.iter().filter(|(_, (ticket, ..))| filter.fits(ticket));
        let seen = fitting.filter_map(|(number, _)| self.ticket(unit, number));
        // A list omits the content unless it is requested.
        let mut list: Vec<_> = seen.map(|ticket| pb::Ticket { content: String::new(), ..ticket }).collect();
        if is_due_first {
            list.sort_by_key(|ticket| (listed_due(ticket), ticket.number.clone()));
        } else {
            list.reverse();
        }
        list
    }

    /// Checks that a unit's events are complete, and hold nothing that it may not read.
    pub(super) fn check_events(
        &self,
        unit: &str,
        number: &str,
        got: &[pb::TicketEvent],
    ) -> Result<(), String> {
        let ticket = &self.tickets[number].0;
        let heads = |events: &[pb::TicketEvent]| {
            events.iter().map(|event| (event.sequence, event.event_time)).collect::<Vec<_>>()
        };
        let seen = self.events_seen(number).into_iter();
        let seen: Vec<_> = seen.map(|(sequence, event)| (sequence, event.event_time)).collect();
        if heads(got) != seen {
            return Err(format!("{unit} reads {:?} of {number}, not {seen:?}", heads(got)));
        }
        let mut secrets = vec!["staff".to_owned()];
        if ticket.inside_assignments.iter().all(|one| one.unit != unit) {
            secrets.push("a word inside".to_owned());
        }
        if ticket.confidential {
            secrets.extend([ticket.industry.clone(), "no answer".to_owned()]);
            secrets.extend(ticket.source.iter().map(|source| source.reference.clone()));
        }
        for event in got {
            let bytes = event.encode_to_vec();
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                if bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                    return Err(format!("{unit} reads {secret:?} of {number} in {event:#?}"));
                }
            }
            if let Some(pb::ticket_event::Detail::TicketCreated(created)) = &event.detail
                && format!("{created:?}").contains("accused_units: [\"")
            {
                return Err(format!("{unit} reads whom {number} accuses"));
            }
        }
        Ok(())
    }
}
