//! Random commands by random callers at random times, on the product and on the model side by side. After each step
//! both must agree.
//!
//! A run is split into episodes, each with its own tickets, start and policies, so that a failure late in a long run
//! can be repeated quickly.

mod choose;
mod clock;
mod compare;
mod coverage;
mod regressions;
mod reorganise;
mod run;

use std::fmt::Write as _;
use std::rc::Rc;

use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::ticket::{Ticket, TicketNumber};

use crate::command_spec::{CommandSpec, Create, UnitId};
use crate::in_memory_product::{Call, Product, WriteResult};
use crate::injected_bugs::InjectedBug;
use crate::random::Random;
use crate::reference::calendar::{self, day_number};
use crate::reference::due::{self, DAY};
use crate::reference::ladder;
use crate::reference::rules::Rules;
use crate::reference::ticket::{Model, ModelContext};
use crate::roster::{People, Roster};
use crate::rule_versions::{CalendarPair, PolicyPair, RuleVersions, YearKnowledge, calendar_with};
use coverage::Coverage;

/// Steps of one episode.
const EPISODE: u64 = 2_000;
/// Tickets in use at once.
const POOL: usize = 12;
/// Steps between two changes of policy.
const POLICY_LASTS: u64 = 700;
/// Steps between two changes of the calendar.
const CALENDAR_LASTS: u64 = 450;
/// Calendars that come into force.
const CALENDARS: usize = 8;

/// A ticket of the product and its model.
#[derive(Debug)]
pub(crate) struct Pair {
    /// Its number in the episode.
    number: u32,
    ticket: Ticket,
    model: Model,
    /// Its commands: when, by whom, what.
    history: Vec<(i64, usize, CommandSpec)>,
}

/// One episode.
struct Episode<'w> {
    /// The product with the units as they are now.
    product: &'w Product<'w>,
    /// The product with all units, and then after each closing.
    products: &'w [Product<'w>],
    /// The closing whose transfer runs.
    closing: Option<Closing>,
    people: &'w People,
    calendars: &'w [Rc<CalendarPair>],
    coverage: &'w mut Coverage,
    random: Random,
    rule_versions: RuleVersions,
    now: i64,
    pool: Vec<Pair>,
    taken_in: u32,
}

/// The units of a run: two trees, some separate ones, and one that is no longer active.
fn roster() -> Roster {
    let parents = [None, Some(0), Some(0), Some(1), None, Some(4), None, None, None, None];
    Roster::new(parents.to_vec(), &[9])
}

/// A unit that is closed, with its successor.
type Closing = (UnitId, Option<UnitId>);

/// Closings of a unit: with a successor elsewhere, without one, with the unit above others, and with one under it.
const CLOSINGS: [Closing; 4] = [(5, Some(6)), (1, None), (4, Some(0)), (6, Some(5))];

/// The shipped calendar, and others in which the notices of some years are missing.
fn calendars(seed: u64, bug: Option<InjectedBug>) -> Result<Vec<Rc<CalendarPair>>, String> {
    let mut random = Random::part(seed, 4);
    let mut all = vec![CalendarPair::read(calendar::SHIPPED, bug)?];
    for number in 1..CALENDARS {
        let notices = [YearKnowledge::Known, YearKnowledge::Expected, YearKnowledge::Missing];
        let text = calendar_with(&format!("walk-{number}"), |_| random.pick(&notices));
        all.push(CalendarPair::read(&text, bug)?);
    }
    Ok(all)
}

/// Runs this many steps; returns a line of figures.
pub(crate) fn check(seed: u64, steps: u64, bug: Option<InjectedBug>) -> Result<String, String> {
    let roster = roster();
    let people = People::new(&roster);
    let calendars = calendars(seed, bug)?;
    let closed = CLOSINGS.map(|(unit, successor)| roster.closing(unit, successor));
    let rosters = std::iter::once(&roster).chain(&closed);
    let products: Vec<_> = rosters.map(|roster| Product { roster, bug }).collect();
    let mut coverage = Coverage::default();
    let (mut tickets, planned) = (0, steps.div_ceil(EPISODE));
    // A run that has missed something goes on, up to twice as long.
    for number in 0..2 * planned {
        if number >= planned && coverage.verdict(steps).is_ok() {
            break;
        }
        let random = Random::part(seed, number + 1_000);
        let mut episode = Episode {
            product: &products[0],
            products: &products,
            closing: None,
            people: &people,
            calendars: &calendars,
            coverage: &mut coverage,
            random,
            rule_versions: RuleVersions::default(),
            now: 0,
            pool: Vec::new(),
            taken_in: 0,
        };
        episode.begin()?;
        if number == 0 {
            episode.known_paths().map_err(|what| format!("a known path, {what}"))?;
        }
        let length = if number + 1 == planned { steps - number * EPISODE } else { EPISODE };
        episode.run(length).map_err(|what| format!("episode {number}: {what}"))?;
        tickets += u64::from(episode.taken_in);
    }
    coverage.verdict(steps)?;
    Ok(format!("{steps} steps on {tickets} tickets, {coverage}"))
}

impl Episode<'_> {
    fn begin(&mut self) -> Result<(), String> {
        let (first, last) = (day_number(2011, 1, 1), day_number(2026, 10, 1));
        self.now = due::instant(self.random.between(first, last), self.random.between(0, DAY));
        self.put_calendar();
        self.rule_versions.put(PolicyPair::new(Rules::published())?, self.now);
        Ok(())
    }

    /// Puts another calendar into force that was not in force before.
    fn put_calendar(&mut self) {
        let place = self.random.below(self.calendars.len());
        let days = &self.calendars[place];
        if self.rule_versions.calendar_found(days.version(), None).is_none() {
            self.rule_versions.put_calendar(Rc::clone(days), self.now);
        }
    }

    fn run(&mut self, steps: u64) -> Result<(), String> {
        for step in 0..steps {
            if step % POLICY_LASTS == POLICY_LASTS - 1 {
                let rules = Rules::random(&mut self.random);
                self.rule_versions.put(PolicyPair::new(rules)?, self.now);
            }
            if step % CALENDAR_LASTS == CALENDAR_LASTS - 1 {
                self.put_calendar();
            }
            self.step().map_err(|what| format!("step {step}: {what}"))?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        if self.random.percent(40) {
            let to = self.now + self.pause();
            self.advance(to)?;
        }
        if self.pool.len() < POOL || self.random.percent(1) {
            let (create, person) = self.choose_intake();
            return self.take_in(&create, person);
        }
        if self.random.percent(2) {
            return self.reorganise();
        }
        let place = self.random.below(self.pool.len());
        if self.closing.is_some() && self.random.percent(10) {
            return self.transfer(place);
        }
        let (spec, person) = self.choose(place);
        self.run_command(place, &spec, person)?;
        self.forget_one(place);
        Ok(())
    }

    /// Takes a ticket out of use, if it is over or old. Tickets that stand for others, or have one that stands for
    /// them, stay until those are gone.
    fn forget_one(&mut self, place: usize) {
        let pair = &self.pool[place];
        let is_linked = self.pool.iter().any(|other| other.model.stands_in == Some(pair.number));
        let is_over = pair.model.is_over() || pair.history.len() > 150;
        if is_over && !is_linked && self.random.percent(15) {
            self.pool.swap_remove(place);
        }
    }

    fn take_in(&mut self, create: &Create, person: usize) -> Result<(), String> {
        let roles = &self.people.all[person].roles;
        let useful: Vec<Role> = [Role::Telephony, Role::Agent, Role::Unit]
            .into_iter()
            .filter(|role| roles.contains(role))
            .collect();
        let acting = self.people.all[person].unit.filter(|_| useful == [Role::Unit]);
        let policy = self.rule_versions.policy_at(self.now);
        let context = self.context(policy);
        let expected = if useful.is_empty() {
            Err(ErrorReason::RoleNotAllowed)
        } else {
            Model::create(create, acting, policy, &context)
                .map(|model| Model { is_by_telephony: self.people.is_switch(person), ..model })
        };
        let number = self.number()?;
        let policy_pair = self.rule_versions.policy(policy);
        let outcome = self.people.intake(person).and_then(|permit| {
            let call = Call { permit, policy_pair, rule_versions: &self.rule_versions, now: self.now };
            self.product.create(number, create, &call).map_err(|fault| fault.reason)
        });
        self.coverage.note(outcome.as_ref().err().copied());
        match (expected, outcome) {
            (Ok(model), Ok(WriteResult { after: ticket, .. })) => {
                self.pool.push(Pair { number: self.taken_in, ticket, model, history: Vec::new() });
                self.check(self.pool.len() - 1)
            }
            (Err(expected), Err(reason)) if expected == reason => Ok(()),
            (expected, outcome) => {
                let (expected, outcome) = (expected.map(|_| "taken in"), outcome.map(|_| "taken in"));
                Err(format!("{create:?} by {person}: should be {expected:?}, is {outcome:?}"))
            }
        }
    }

    fn number(&mut self) -> Result<TicketNumber, String> {
        self.taken_in += 1;
        let day = crate::in_memory_product::at(self.now).date_naive();
        TicketNumber::new(day, self.taken_in).map_err(|fault| fault.to_string())
    }

    fn context(&self, policy: usize) -> ModelContext<'_> {
        let rules = &self.rule_versions.policy(policy).rules;
        ModelContext { roster: self.product.roster, rule_versions: &self.rule_versions, rules, now: self.now }
    }

    fn check(&self, place: usize) -> Result<(), String> {
        let pair = &self.pool[place];
        let policy_pair = self.rule_versions.policy(pair.model.policy);
        let timer = self.product.timer(&pair.ticket, policy_pair);
        compare::pair(
            pair,
            timer,
            ladder::next(&pair.model, &policy_pair.rules),
            (self.product.roster, &self.rule_versions),
        )
        .map_err(|what| pair.describe(self.now, &what))
    }

    /// Any unit, sometimes one that is inactive or unknown.
    fn unit(&mut self) -> UnitId {
        let count = self.product.roster.count();
        let end = if self.random.percent(5) { count + 1 } else { count - 1 };
        UnitId::try_from(self.random.below(end)).unwrap_or(0)
    }
}

type Outcome = Result<(), ErrorReason>;

impl Pair {
    /// The failure, with the history of the ticket.
    fn describe(&self, now: i64, what: &str) -> String {
        let mut text = format!("{} at {}: {what}\n", self.ticket.number, crate::in_memory_product::at(now));
        for (at, person, spec) in &self.history {
            let _ = writeln!(text, "    {} by {person}: {spec:?}", crate::in_memory_product::at(*at));
        }
        let _ = write!(text, "    model {:?}", self.model);
        text
    }
}
