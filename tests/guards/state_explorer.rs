//! The loop without a server: the verbs' decisions bring tickets into every state, and every command is tried on each
//! of them. No field is set by hand; each ticket is the fold of the decided events.

use chrono::TimeDelta;
use hotline_proto::REASONS;
use hotline_proto::v1::Role;
use hotline_server::access::permit::method_of;
use hotline_server::access::{Caller, Permit};
use hotline_server::closed_loop::create_ticket::{CreateTicket, NamedCall};
use hotline_server::closed_loop::draw::Draw;
use hotline_server::closed_loop::{DecisionContext, Verb, check_state, merge_ticket, unmerge_ticket};
use hotline_server::deadline::{Calendar, Policy};
use hotline_server::desk::directory::{Unit, UnitGroup, UnitSet};
use hotline_server::desk::knowledge::knowledge_set::NOTHING_KNOWN;
use hotline_server::platform::Fault;
use hotline_server::platform::config::{self, Config};
use hotline_server::ticket::{
    Actor, CallerIdentity, Category, Channel, Command, Complexity, Event, EventRecord, Instant, State,
    Ticket, TicketNumber, UnitCode, apply, invariants,
};

use super::sample_commands;

/// The unit that leads, one that assists, and one that is informed.
pub(crate) const LEAD: &str = "district-chaoyang";
pub(crate) const ASSIST: &str = "dept-tax";
pub(crate) const INFORM: &str = "dept-market";

/// The time between two steps of a path: longer than the gap between two attempts to reach a company.
const STEP: TimeDelta = TimeDelta::hours(5);

/// All inputs of a decision.
#[derive(Debug)]
pub(crate) struct StateExplorer {
    policy: Policy,
    calendar: Calendar,
    units: UnitSet,
}

/// A caller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SampleCaller(pub(crate) Role, pub(crate) Option<&'static str>);

type DecideFn = Box<dyn Fn(&StateExplorer, &Ticket, Instant) -> Result<Vec<Event>, Fault>>;

/// A sample of a command.
pub(crate) struct SampleCommand {
    /// The command.
    pub(crate) command: Command,
    /// What is special about it, in a few words; unique.
    pub(crate) label: &'static str,
    decide: DecideFn,
}

/// A ticket in a sequence of commands.
#[derive(Debug, Clone)]
pub(crate) struct TicketCase {
    /// What is special about it.
    pub(crate) label: &'static str,
    /// The ticket.
    pub(crate) ticket: Ticket,
    now: Instant,
}

/// The result of one command on one ticket: its next state, or the reason of the refusal.
pub(crate) type Outcome = Result<State, &'static str>;

fn unit(code: &str) -> Unit {
    Unit {
        code: UnitCode(code.to_owned()),
        name: code.to_owned(),
        name_en: String::new(),
        group: UnitGroup::District,
        parent: None,
        district: None,
        is_active: true,
        successor: None,
        policy_number: None,
        version: 1,
    }
}

impl StateExplorer {
    /// An explorer with the default policy and the shipped calendar.
    pub(crate) fn new() -> Self {
        let config: Config<Policy> = toml::from_str(config::DEFAULT).expect("the defaults are sound");
        Self {
            policy: config.policy,
            calendar: Calendar::shipped().expect("the shipped calendar is sound"),
            units: UnitSet::of([LEAD, ASSIST, INFORM].map(unit)),
        }
    }

    fn decide<T>(
        &self,
        who: SampleCaller,
        method: &str,
        now: Instant,
        decide: impl FnOnce(&DecisionContext<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let SampleCaller(role, unit) = who;
        let unit = unit.map(|code| UnitCode(code.to_owned()));
        // Whoever took a survey makes no second call about it.
        let principal = if method == "RecordRecheck" { "somebody else" } else { "somebody" };
        let caller = Caller { principal: principal.to_owned(), roles: vec![role], unit, ..Caller::default() };
        let row =
            method_of(&format!("/hotline.v1.TicketService/{method}")).expect("a method of the contract");
        let permit = Permit::grant(caller, row)?;
        decide(&DecisionContext {
            now,
            permit: &permit,
            policy: &self.policy,
            policy_version: &self.policy.version(),
            calendar: &self.calendar,
            units: &self.units,
            knowledge: &NOTHING_KNOWN,
            draw: Draw::of(0),
            stand_in: None,
        })
    }

    fn take_in(&self, label: &'static str, category: Category, complexity: Complexity) -> TicketCase {
        let now: Instant = "2019-10-12T02:00:00Z".parse().expect("an instant");
        let create = CreateTicket {
            category,
            complexity,
            has_several_units: false,
            topic: None,
            district: None,
            industry: None,
            subject: "执照办理".to_owned(),
            content: "窗口要求重复提交材料".to_owned(),
            channel: Channel::Web,
            source: None,
            call_began_at: None,
            named_call: NamedCall::default(),
            chosen_confidential: None,
            accused_units: Vec::new(),
            follows: None,
            identity: CallerIdentity::default(),
        };
        let agent = SampleCaller(Role::Agent, None);
        let events = self.decide(agent, "CreateTicket", now, |ctx| create.decide(ctx));
        let ticket = fold(None, number(1), events.expect("intake"), now);
        TicketCase { label, ticket, now }
    }

    /// The ticket after one more command, a step later.
    fn step(&self, case: &TicketCase, sample: &SampleCommand) -> Result<TicketCase, Fault> {
        let now = case.now + STEP;
        let events = (sample.decide)(self, &case.ticket, now)?;
        let ticket = fold(Some(case.ticket.clone()), case.ticket.number, events, now);
        Ok(TicketCase { label: case.label, ticket, now })
    }

    /// The result of one command on one ticket.
    pub(crate) fn outcome(&self, case: &TicketCase, sample: &SampleCommand) -> Outcome {
        match self.step(case, sample) {
            Ok(after) => Ok(after.ticket.state),
            Err(fault) => {
                assert!(fault.violations.is_empty(), "{}: {:?}", sample.label, fault.violations);
                Err(REASONS.iter().find(|row| row.reason == fault.reason).expect("a reason").name)
            }
        }
    }

    /// The ticket after another one was merged into it.
    fn with_repeat(&self, case: &TicketCase) -> TicketCase {
        let mut repeat = self.take_in("a repeat", Category::Appeal, Complexity::General).ticket;
        repeat.number = number(2);
        let decided = merge_ticket::decide(&repeat, &case.ticket, &self.units, case.now);
        let (_merged, linked) = decided.expect("the ticket is open");
        let now = case.now + STEP;
        let ticket = fold(Some(case.ticket.clone()), case.ticket.number, vec![linked], now);
        TicketCase { label: case.label, ticket, now }
    }

    /// A ticket in every state, and in some states several that allow different commands.
    pub(crate) fn ticket_cases(&self) -> Vec<TicketCase> {
        let samples = sample_commands::every();
        let follow = |(label, category, labels): &(&'static str, Category, &[&str])| {
            let begin = self.take_in(label, *category, Complexity::General);
            labels.iter().fold(begin, |case, wanted| {
                if *wanted == sample_commands::REPEAT_LINKED {
                    return self.with_repeat(&case);
                }
                let sample = samples.iter().find(|sample| sample.label == *wanted);
                let sample = sample.unwrap_or_else(|| panic!("no sample {wanted:?}"));
                self.step(&case, sample).unwrap_or_else(|fault| panic!("{label}: {wanted}: {fault:?}"))
            })
        };
        sample_commands::TICKET_PATHS.iter().map(follow).collect()
    }
}

impl SampleCommand {
    /// A verb of the loop, with its caller.
    pub(crate) fn of<V: Verb>(
        label: &'static str,
        who: SampleCaller,
        make: fn(&Ticket, Instant) -> V,
    ) -> Self {
        let decide: DecideFn = Box::new(move |explorer, ticket, now| {
            check_state(V::COMMAND, ticket)?;
            let verb = make(ticket, now);
            explorer.decide(who, V::COMMAND.name(), now, |ctx| verb.decide(ticket, ctx))
        });
        Self { command: V::COMMAND, label, decide }
    }

    /// A merge, which decides about two tickets.
    pub(crate) fn merge(label: &'static str) -> Self {
        let decide: DecideFn = Box::new(|explorer, ticket, now| {
            check_state(Command::MergeTicket, ticket)?;
            let mut open = explorer.take_in("the open one", Category::Appeal, Complexity::General).ticket;
            open.number = number(2);
            let (merged, _linked) = merge_ticket::decide(ticket, &open, &explorer.units, now)?;
            Ok(vec![merged])
        });
        Self { command: Command::MergeTicket, label, decide }
    }

    /// The undoing of a merge, on the side of the repeat.
    pub(crate) fn unmerge(label: &'static str, who: SampleCaller) -> Self {
        let decide: DecideFn = Box::new(move |explorer, ticket, now| {
            check_state(Command::UnmergeTicket, ticket)?;
            let decide = |ctx: &DecisionContext<'_>| unmerge_ticket::decide(ticket, &[], "并错了", ctx);
            let (unmerged, _unlinked) = explorer.decide(who, "UnmergeTicket", now, decide)?;
            Ok(unmerged)
        });
        Self { command: Command::UnmergeTicket, label, decide }
    }
}

/// A ticket number of the day of these tests.
pub(crate) fn number(sequence: u32) -> TicketNumber {
    let day = chrono::NaiveDate::from_ymd_opt(2019, 10, 12).expect("a day");
    TicketNumber::new(day, sequence).expect("a number")
}

/// Folds events into a ticket and checks its invariants.
fn fold(before: Option<Ticket>, ticket: TicketNumber, events: Vec<Event>, at: Instant) -> Ticket {
    let mut after = before;
    for event in events {
        let sequence = after.as_ref().map_or(1, |ticket| ticket.version + 1);
        let recorded = EventRecord { ticket, sequence, at, actor: Actor::system(), event };
        after = Some(apply::apply(after, &recorded).expect("the timeline fits together"));
    }
    let after = after.expect("at least one event");
    assert_eq!(invariants::broken(&after), Vec::<&str>::new(), "{after:?}");
    after
}
