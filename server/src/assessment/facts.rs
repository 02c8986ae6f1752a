//! The facts of a ticket, from its events and nothing else: one for each handling cycle, with the unit that leads in
//! it. The same events always give the same facts. Pure.
//!
//! A cycle that ended without an answer is not assessed: the ticket was declined, withdrawn or merged into another.
//! Undoing that brings the fact back. A ticket for practice has no facts. If a ticket moves to another unit within a
//! cycle, the cycle belongs to the unit that has it last.

use std::collections::BTreeMap;

use super::score::{Fact, FollowUpAnswers};
use crate::desk::directory::UnitSet;
use crate::ticket::apply::{InvalidTimeline, apply};
use crate::ticket::{EventRecord, State, Survey, Ticket, TicketReturn, UnitCode};

/// The facts of one ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketFacts {
    /// One for each cycle that is assessed, the first cycle first.
    pub facts: Vec<Fact>,
    /// The units that the ticket complains about, whenever it came to do so.
    pub accused_units: Vec<UnitCode>,
}

impl TicketFacts {
    /// The facts of a ticket with these events, from the first one on.
    ///
    /// # Errors
    /// [`InvalidTimeline`] if the events do not fold.
    pub fn of(events: &[EventRecord]) -> Result<Self, InvalidTimeline> {
        let mut facts = BTreeMap::new();
        let mut ticket = None;
        for recorded in events {
            let after = apply(ticket, recorded)?;
            match fact(&after) {
                Some(fact) => facts.insert(after.cycle.number, fact),
                None => facts.remove(&after.cycle.number),
            };
            ticket = Some(after);
        }
        // Only the present cycle is called again: what came before it is reworked.
        let present = ticket.as_ref().map_or(0, |ticket: &Ticket| ticket.cycle.number);
        for (cycle, fact) in &mut facts {
            fact.is_recheck_due &= *cycle == present;
        }
        let accused_units = ticket.map(|ticket: Ticket| ticket.accused_units).unwrap_or_default();
        Ok(Self { facts: facts.into_values().collect(), accused_units })
    }

    /// The facts that count for their units: a ticket that complains about a unit counts in none of the cycles that the
    /// unit led, by the unit tree of the moment. So neither a total nor a line of the unit shows that there is a
    /// complaint.
    #[must_use]
    pub fn without_conflicts(self, units: &UnitSet) -> Vec<Fact> {
        let Self { mut facts, accused_units } = self;
        facts.retain(|fact| !units.has_conflict(fact.unit.iter(), &accused_units));
        facts
    }
}

/// The fact of the present cycle; `None` if it is not assessed.
fn fact(ticket: &Ticket) -> Option<Fact> {
    if ticket.is_training || matches!(ticket.state, State::Declined | State::Withdrawn | State::Merged) {
        return None;
    }
    let (cycle, dispatch) = (&ticket.cycle, ticket.dispatch.as_ref());
    let unit = ticket.lead_unit().cloned();
    // After a rework the unit has the ticket from the beginning of the cycle on, signed for.
    let in_cycle = |at| cycle.began_at.max(at);
    let is_return =
        |one: &&TicketReturn| Some(&one.unit) == unit.as_ref() && one.returned_at >= cycle.began_at;
    let answers = |survey: &Survey| FollowUpAnswers {
        surveyed_at: survey.surveyed_at,
        responded: survey.responded,
        resolved: survey.resolved,
        satisfied: survey.satisfied,
    };
    Some(Fact {
        ticket: ticket.number,
        cycle: cycle.number,
        category: ticket.category,
        channel: ticket.channel,
        topic: ticket.topic.clone(),
        district: ticket.district.clone(),
        received_at: ticket.received_at,
        dispatched_at: dispatch.map(|dispatch| in_cycle(dispatch.dispatched_at)),
        accepted_at: dispatch.and_then(|dispatch| dispatch.accepted_at).map(in_cycle),
        accept_due_at: dispatch.map(|dispatch| in_cycle(dispatch.return_due_at)),
        due_at: cycle.due_at(),
        // What a unit completed is not the hotline's once it is recalled from that unit.
        completed_at: cycle.completed_at.filter(|_| dispatch.is_some() || ticket.answer.is_some()),
        is_carried_over: cycle.is_carried_over(),
        rung: cycle.rung,
        returns: ticket.returns.iter().filter(is_return).count().try_into().unwrap_or(u32::MAX),
        follow_up: cycle.survey.as_ref().map(answers),
        recheck: cycle.recheck.as_ref().map(answers),
        is_recheck_due: ticket.state == State::Closed && cycle.is_recheck_due(),
        is_excluded: false,
        unit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::score::{Month, MonthTally, Scheme, UnitScore};
    use crate::closed_loop::Verb;
    use crate::closed_loop::accept_ticket::AcceptTicket;
    use crate::closed_loop::answer_ticket::AnswerTicket;
    use crate::closed_loop::carry_over_ticket::CarryOverTicket;
    use crate::closed_loop::classify_ticket::ClassifyTicket;
    use crate::closed_loop::create_ticket::CreateTicket;
    use crate::closed_loop::dispatch_ticket::DispatchTicket;
    use crate::closed_loop::fixture::*;
    use crate::closed_loop::reinstate_ticket::ReinstateTicket;
    use crate::closed_loop::rework_ticket::ReworkTicket;
    use crate::closed_loop::rule_on_return::RuleOnReturn;
    use crate::closed_loop::submit_survey::SubmitSurvey;
    use crate::closed_loop::withdraw_ticket::WithdrawTicket;
    use crate::ticket::{Actor, Category, Event, Resolved, Responded, Satisfied};

    /// A ticket with its events, as verbs write them.
    struct History {
        desk: Desk,
        ticket: Ticket,
        events: Vec<EventRecord>,
    }

    impl History {
        fn begin(desk: &Desk, intake: &CreateTicket) -> Self {
            let named = &intake.accused_units;
            let created =
                desk.decide(AGENT, "CreateTicket", named, |ctx| intake.decide(ctx)).expect("intake");
            let mut history =
                Self { desk: desk.clone(), ticket: desk.fold(None, created.clone()), events: Vec::new() };
            history.record(created);
            history
        }

        fn record(&mut self, events: Vec<Event>) {
            for event in events {
                let sequence = u32::try_from(self.events.len()).expect("a few events") + 1;
                let (ticket, at, actor) = (self.ticket.number, self.desk.now, Actor::system());
                self.events.push(EventRecord { ticket, sequence, at, actor, event });
            }
        }

        /// A verb some hours after the one before.
        fn run<V: Verb>(&mut self, hours: i64, who: Who, verb: &V) -> &mut Self {
            self.desk = self.desk.after_hours(hours);
            let events = self.desk.ask(who, verb, &self.ticket).expect("it is not refused");
            self.ticket = self.desk.fold(Some(self.ticket.clone()), events.clone());
            self.record(events);
            self
        }

        fn facts(&self) -> Vec<Fact> {
            TicketFacts::of(&self.events).expect("the events fold").facts
        }
    }

    fn completed() -> History {
        let mut history = History::begin(&Desk::open(), &appeal());
        history.run(1, DISPATCHER, &to_units()).run(2, LEAD_UNIT, &AcceptTicket);
        let replied_at = history.desk.now;
        history.run(4, LEAD_UNIT, &both(replied_at));
        history
    }

    fn happy() -> SubmitSurvey {
        SubmitSurvey {
            responded: Some(Responded::Yes),
            resolved: Some(Resolved::Yes),
            satisfied: Some(Satisfied::Basically),
            comment: String::new(),
        }
    }

    #[test]
    fn a_fact_has_what_the_unit_did_in_the_cycle() {
        let mut history = completed();
        history.run(10, AGENT, &happy());
        let [fact] = history.facts().try_into().expect("one cycle");
        let intake = Desk::open().now;
        let hours = |after| intake + chrono::TimeDelta::hours(after);
        assert_eq!((fact.cycle, fact.unit), (1, Some(code(LEAD))));
        assert_eq!((fact.received_at, fact.dispatched_at), (intake, Some(hours(1))));
        assert_eq!((fact.accepted_at, fact.completed_at), (Some(hours(3)), Some(hours(7))));
        assert_eq!(fact.due_at, intake + chrono::TimeDelta::days(7));
        let answers = fact.follow_up.expect("it was surveyed");
        assert_eq!((answers.surveyed_at, answers.satisfied), (hours(17), Some(Satisfied::Basically)));
        assert!(!fact.is_carried_over && !fact.is_excluded && fact.returns == 0);
    }

    #[test]
    fn a_rework_is_another_fact_and_leaves_the_first_as_it_is() {
        let mut history = completed();
        history.run(10, AGENT, &dissatisfied());
        let before = history.facts();
        history.run(5, SUPERVISOR, &ReworkTicket { note: "请重新联系企业".to_owned() });
        let [first, second] = history.facts().try_into().expect("two cycles");
        assert_eq!([first], *before);
        let began_at = Some(history.desk.now);
        assert_eq!((second.cycle, second.dispatched_at, second.accepted_at), (2, began_at, began_at));
        assert_eq!((second.completed_at, second.follow_up), (None, None));
    }

    #[test]
    fn a_return_counts_for_the_unit_that_has_the_ticket_in_the_end() {
        let mut history = History::begin(&Desk::open(), &appeal());
        history.run(1, DISPATCHER, &to_units()).run(1, LEAD_UNIT, &back());
        history.run(1, DISPATCHER, &RuleOnReturn { is_accepted: false, note: "职责所在".to_owned() });
        assert_eq!(history.facts()[0].returns, 1);
        history.run(1, LEAD_UNIT, &back());
        history.run(1, DISPATCHER, &RuleOnReturn { is_accepted: true, note: String::new() });
        assert_eq!((history.facts()[0].unit.clone(), history.facts()[0].returns), (None, 0));
        let elsewhere = DispatchTicket { lead_unit: code(ASSIST), assist_units: Vec::new(), ..to_units() };
        history.run(1, DISPATCHER, &elsewhere);
        let fact = &history.facts()[0];
        assert_eq!(
            (&fact.unit, fact.returns, fact.dispatched_at),
            (&Some(code(ASSIST)), 0, Some(history.desk.now))
        );
    }

    #[test]
    fn what_is_withdrawn_is_not_assessed_unless_it_is_reinstated() {
        let mut history = completed();
        let present = History::begin(&Desk::open(), &appeal());
        assert_eq!(present.facts().len(), 1, "an open ticket is a fact without completion");
        let mut withdrawn = present;
        withdrawn.run(1, AGENT, &WithdrawTicket { note: "企业撤回".to_owned() });
        assert_eq!(withdrawn.facts(), []);
        withdrawn.run(1, SUPERVISOR, &ReinstateTicket { note: "误操作".to_owned() });
        assert_eq!(withdrawn.facts().len(), 1);
        history.run(1, AGENT, &happy());
        assert_eq!(history.facts().len(), 1);
    }

    #[test]
    fn a_promise_is_the_limit_and_an_answer_is_the_hotline_s() {
        let mut carried = History::begin(&Desk::open(), &appeal());
        carried.run(1, DISPATCHER, &to_units()).run(1, LEAD_UNIT, &AcceptTicket);
        let now = carried.desk.now;
        let promised_at = now + chrono::TimeDelta::days(30);
        let ask =
            CarryOverTicket::Ask { next_steps: "等待审批".to_owned(), promised_at, informed_at: now };
        carried.run(1, LEAD_UNIT, &ask);
        assert!(!carried.facts()[0].is_carried_over);
        carried.run(1, DISPATCHER, &CarryOverTicket::Decide { is_granted: true, note: String::new() });
        assert_eq!((carried.facts()[0].is_carried_over, carried.facts()[0].due_at), (true, promised_at));
        let mut answered = History::begin(&Desk::open(), &consultation());
        answered.run(
            0,
            AGENT,
            &AnswerTicket {
                content: "带身份证".to_owned(), cited: Vec::new(), unanswered_question: None
            },
        );
        let fact = &answered.facts()[0];
        assert_eq!((&fact.unit, fact.completed_at), (&None, Some(answered.desk.now)));
    }

    #[test]
    fn a_ticket_that_comes_to_accuse_a_unit_counts_in_no_cycle_of_that_unit() {
        let mut history = completed();
        history.run(10, AGENT, &dissatisfied());
        history.run(5, SUPERVISOR, &ReworkTicket { note: "请重新联系企业".to_owned() });
        let units = known(&[code(LEAD), code(UNDER_LEAD), code(ASSIST)]);
        let counted = |history: &History| {
            let facts = TicketFacts::of(&history.events).expect("the events fold").without_conflicts(&units);
            let scheme = Scheme::equal_thirds().unwrap_or_else(|faults| panic!("{faults:?}"));
            let mut tally = MonthTally::new(&scheme, Month::new(2019, 10).expect("a month"));
            tally.add(&facts);
            let score = UnitScore::of(&scheme, &tally.of(Some(&code(LEAD))));
            (score.requests, score.items[1].raw.denominator)
        };
        assert_eq!(counted(&history), (1, 1));
        let accuse = |unit: &str| ClassifyTicket {
            category: Category::ComplaintReport,
            accused_units: vec![code(unit)],
            ..as_appeal()
        };
        history.run(1, DISPATCHER, &accuse(ASSIST));
        assert_eq!(counted(&history), (1, 1), "a complaint about another unit changes nothing");
        history.run(1, DISPATCHER, &accuse(LEAD));
        assert_eq!(counted(&history), (0, 0));
        let facts = TicketFacts::of(&history.events).expect("the events fold");
        assert_eq!(facts.accused_units, [code(ASSIST), code(LEAD)]);
        assert_eq!(facts.facts[0].unit, Some(code(LEAD)), "the fact itself stays, for another tree");
        assert_eq!(facts.facts[1].unit, None, "the second cycle was recalled");
    }
}
