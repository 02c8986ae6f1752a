//! Random commands from a seed, valid and invalid, on tickets in all states. After each step the tables must be
//! consistent for the changed ticket, and every few steps for all tickets.

mod around;
mod handling;
mod undo;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::answer_ticket::AnswerTicket;
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::closed_loop::create_ticket::CreateTicket;
use hotline_server::closed_loop::decline_ticket::DeclineTicket;
use hotline_server::closed_loop::dispatch_ticket::DispatchTicket;
use hotline_server::closed_loop::merge_ticket::MergeTicket;
use hotline_server::closed_loop::plan_ticket::PlanTicket;
use hotline_server::closed_loop::record_contact_attempt::RecordContactAttempt;
use hotline_server::closed_loop::redact_ticket::RedactTicket;
use hotline_server::closed_loop::return_ticket::ReturnTicket;
use hotline_server::closed_loop::rework_ticket::ReworkTicket;
use hotline_server::closed_loop::rule_on_return::RuleOnReturn;
use hotline_server::closed_loop::submit_survey::SubmitSurvey;
use hotline_server::closed_loop::update_caller::UpdateCaller;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::closed_loop::{Change, Verb};
use hotline_server::platform::{Clock, Fault};
use hotline_server::ticket::{
    CallerField, CallerIdentity, CallerUpdate, Category, Command, Complexity, DeclineReason, Resolved,
    Responsibility, ReturnReason, Satisfied, Source, State, Ticket, TicketNumber, UnitCode,
};

use super::fixture::{
    Database, Hotline, appeal, clerk, default_policy, new_key, opening, second_staff, staff, unit,
};
use super::random::Random;
use super::{both, consistency};

both! { a_row_is_the_fold_of_its_events }

const SEED: u64 = 2;
const STEPS: u32 = 2_500;
/// The walk goes on until here if a command has not succeeded yet.
const STEPS_MAX: u32 = 7_500;
const TICKETS: usize = 40;
/// Steps between two checks of every ticket.
const STEPS_BETWEEN_LOOKS: u32 = 50;

/// A name that the contents hold, and that callers are found to have.
pub(super) const NAME_IN_TEXTS: &str = "at length";
const CATEGORIES: [Category; 3] = [Category::Consultation, Category::Appeal, Category::ComplaintReport];
pub(super) const UNITS: [&str; 5] =
    ["district-chaoyang", "district-haidian", "dept-tax", "dept-public-security", "dept-exit-entry"];

async fn a_row_is_the_fold_of_its_events(database: Database) {
    let mut policy = default_policy();
    policy.ladder.remind_before_hours = 24;
    policy.follow_up.recheck_percent = 100;
    let hotline = Hotline::open_with(database.open().await, Clock::simulated(opening()), policy).await;
    let mut commands = RandomCommands::new(&hotline, SEED, &UNITS);
    for step in 1..=STEPS_MAX {
        if step > STEPS && commands.succeeded.len() == Command::ALL.len() {
            break;
        }
        commands.step().await;
        if step % STEPS_BETWEEN_LOOKS == 0 {
            assert_eq!(consistency::check_all(&hotline).await, commands.numbers.len());
        }
    }
    // A run that reaches few states proves little.
    assert_eq!(commands.numbers.len(), TICKETS);
    let succeeded: Vec<_> = Command::ALL.into_iter().filter(|one| commands.succeeded.contains(one)).collect();
    assert_eq!(succeeded, Command::ALL, "the commands that a walk from {SEED} ran with success");
    let states: Vec<_> = State::ALL.into_iter().filter(|one| commands.states.contains(one)).collect();
    assert_eq!(states, State::ALL, "the states that a walk from {SEED} saw");
    assert_eq!(hotline.count("SELECT COUNT(DISTINCT rung) FROM rung_effect").await, 4);
    assert!(hotline.count("SELECT COUNT(DISTINCT cycle) FROM rung_effect").await > 1);
}

/// A running test.
pub(super) struct RandomCommands<'a> {
    hotline: &'a Hotline,
    pub(super) random: Random,
    units: Vec<&'a str>,
    pub(super) numbers: Vec<TicketNumber>,
    succeeded: BTreeSet<Command>,
    states: BTreeSet<State>,
}

impl<'a> RandomCommands<'a> {
    /// A run with these units.
    pub(super) fn new(hotline: &'a Hotline, seed: u64, units: &[&'a str]) -> Self {
        let (succeeded, states) = (BTreeSet::new(), BTreeSet::new());
        let (random, units) = (Random::new(seed), units.to_vec());
        Self { hotline, random, units, numbers: Vec::new(), succeeded, states }
    }

    /// Takes a step: an intake, some time, or a command.
    pub(super) async fn step(&mut self) {
        if self.numbers.is_empty() || (self.numbers.len() < TICKETS && self.random.percent(25)) {
            let create = self.create();
            // Every fourth is taken in by a unit that nothing is about.
            let permit = match self.numbers.len() % 4 {
                1 => clerk("CreateTicket", &unit("dept-finance")),
                _ => staff("CreateTicket"),
            };
            let ticket = self.hotline.closed_loop.create_ticket(permit, new_key(), create).await;
            let ticket = ticket.expect("the request can be taken in");
            self.numbers.push(ticket.number);
            self.states.insert(ticket.state);
            consistency::check(self.hotline, ticket.number).await;
            return;
        }
        if self.random.percent(10) {
            self.pass_time().await;
            return;
        }
        let number = *self.random.pick(&self.numbers);
        let before = self.hotline.find(number).await;
        self.states.insert(before.state);
        let command = self.command(before.state);
        match self.run(command, &before).await {
            Ok(after) => {
                assert!(command.is_allowed_in(before.state), "{command:?} in {:?} of {number}", before.state);
                assert!(after.version > before.version, "{command:?} left {number} as it was");
                assert_eq!(self.hotline.find(number).await, after, "{command:?} answered something else");
                self.succeeded.insert(command);
                self.states.insert(after.state);
            }
            Err(fault) => {
                let server_errors = [ErrorReason::Internal, ErrorReason::Unavailable];
                assert!(!server_errors.contains(&fault.reason), "{command:?} from seed {SEED}: {fault:?}");
                assert_eq!(self.hotline.find(number).await, before, "a refused {command:?} left a trace");
            }
        }
        consistency::check(self.hotline, number).await;
    }

    /// Hours pass, in which timers fire at their instants; or days, in which no runner was there.
    async fn pass_time(&mut self) {
        let hours = TimeDelta::hours(i64::from(1 + self.random.below(12)));
        if self.random.percent(80) {
            self.hotline.advance(hours).await;
        } else {
            self.hotline.clock.advance_to(self.hotline.clock.now() + hours * 6);
            self.hotline.runner.tick().await.expect("what is due fires");
        }
    }

    /// Usually a command that is allowed in the state.
    fn command(&mut self, state: State) -> Command {
        let sensible: Vec<_> = Command::ALL.into_iter().filter(|one| one.is_allowed_in(state)).collect();
        // An end is undone rarely, so that merged tickets stay merged for a while.
        let is_over = matches!(state, State::Declined | State::Withdrawn | State::Merged);
        if self.random.percent(if is_over { 90 } else { 10 }) {
            return *self.random.pick(&Command::ALL);
        }
        // Commands that end a ticket, or change no state, are rarer than those that continue the loop.
        let ends = [
            Command::DeclineTicket,
            Command::WithdrawTicket,
            Command::MergeTicket,
            Command::RedactTicket,
            Command::UpdateCaller,
            Command::AddNote,
            Command::AssignInside,
            Command::AskCompany,
            Command::AddSupplement,
            Command::RequestHelp,
            Command::LinkTickets,
            Command::UploadAttachment,
        ];
        let carries_on: Vec<_> = sensible.iter().copied().filter(|one| !ends.contains(one)).collect();
        let is_end = carries_on.is_empty() || self.random.percent(10);
        *self.random.pick(if is_end { &sensible } else { &carries_on })
    }

    fn unit(&mut self) -> UnitCode {
        unit(self.random.pick::<&str>(&self.units))
    }

    fn units(&mut self) -> Vec<UnitCode> {
        (0..self.random.below(3)).map(|_| self.unit()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Sometimes one unit, and usually for complaint-reports.
    fn accused(&mut self, category: Category) -> Vec<UnitCode> {
        let times = if category == Category::ComplaintReport { 60 } else { 5 };
        if self.random.percent(times) { vec![self.unit()] } else { Vec::new() }
    }

    fn complexity(&mut self) -> Complexity {
        if self.random.percent(60) { Complexity::General } else { Complexity::Complex }
    }

    fn create(&mut self) -> CreateTicket {
        let category = *self.random.pick(&CATEGORIES);
        CreateTicket {
            category,
            complexity: self.complexity(),
            has_several_units: self.random.percent(30),
            accused_units: self.accused(category),
            ..self.plain()
        }
    }

    /// Fields that do not matter to the loop, but distinguish tickets. They use no random numbers, so that a seed keeps
    /// its meaning.
    fn plain(&self) -> CreateTicket {
        let place = self.numbers.len();
        let nth = |of: usize| place.is_multiple_of(of);
        CreateTicket {
            topic: nth(2).then(|| if nth(4) { "tax.invoice" } else { "business.licence" }.to_owned()),
            district: Some(if nth(3) { "110108" } else { "110105" }.to_owned()),
            industry: nth(2).then(|| format!("industry-{place}-end")),
            source: nth(3).then(|| Source {
                owner: None,
                system: "switch-1".to_owned(),
                reference: format!("reference-{place}-end"),
            }),
            call_began_at: nth(5).then(|| self.hotline.clock.now()),
            chosen_confidential: nth(7).then_some(nth(2)),
            ..appeal(&format!("matter {place}"))
        }
    }

    async fn change<V: Verb>(&mut self, of: &Ticket, verb: V) -> Result<Ticket, Fault> {
        let is_by_lead = self.random.percent(85);
        let unit = of.lead_unit().filter(|_| is_by_lead).cloned().unwrap_or_else(|| self.unit());
        let command = V::COMMAND;
        let is_of_unit = matches!(
            command,
            Command::AcceptTicket
                | Command::ReturnTicket
                | Command::SubmitFeedback
                | Command::CarryOverTicket
                | Command::AssignInside
        );
        let permit = match command {
            _ if is_of_unit => clerk(command.name(), &unit),
            // Another agent calls again.
            Command::RecordRecheck => second_staff(command.name()),
            _ => staff(command.name()),
        };
        self.hotline.change(permit, of.number, verb).await
    }

    async fn run(&mut self, command: Command, ticket: &Ticket) -> Result<Ticket, Fault> {
        match command {
            Command::AnswerTicket => {
                let unanswered_question = Some("what now".to_owned());
                let content = "so".to_owned();
                self.change(ticket, AnswerTicket { content, cited: Vec::new(), unanswered_question }).await
            }
            Command::DeclineTicket => {
                let (turn_to, note) = ("the court".to_owned(), String::new());
                self.change(ticket, DeclineTicket { reason: DeclineReason::Litigation, turn_to, note }).await
            }
            Command::ClassifyTicket => self.classify(ticket).await,
            Command::PlanTicket => {
                let (lead_unit, assist_units) = (self.unit(), self.units());
                self.change(ticket, PlanTicket { text: "a plan".to_owned(), lead_unit, assist_units }).await
            }
            Command::DispatchTicket => self.dispatch(ticket).await,
            Command::AcceptTicket => self.change(ticket, AcceptTicket).await,
            Command::ReturnTicket => {
                let (rule, note) = ("article 7".to_owned(), String::new());
                let (reason, proposed_unit) = (ReturnReason::NotOurDuty, Some(self.unit()));
                self.change(ticket, ReturnTicket { reason, rule, proposed_unit, note }).await
            }
            Command::RuleOnReturn => {
                let is_accepted = self.random.percent(70);
                self.change(ticket, RuleOnReturn { is_accepted, note: String::new() }).await
            }
            Command::SubmitFeedback => self.feed_back(ticket).await,
            Command::CarryOverTicket => self.carry_over(ticket).await,
            Command::EscalateTicket => self.escalate(ticket).await,
            Command::RecordContactAttempt => {
                self.change(ticket, RecordContactAttempt { note: "no answer".to_owned() }).await
            }
            Command::SubmitSurvey => {
                let resolved = *self.random.pick(&[None, Some(Resolved::Yes), Some(Resolved::No)]);
                let satisfied = *self.random.pick(&[None, Some(Satisfied::Dissatisfied)]);
                let comment = String::new();
                self.change(ticket, SubmitSurvey { responded: None, resolved, satisfied, comment }).await
            }
            Command::ReworkTicket => self.change(ticket, ReworkTicket { note: "again".to_owned() }).await,
            Command::WithdrawTicket => self.change(ticket, WithdrawTicket { note: String::new() }).await,
            Command::RedactTicket => {
                let content = self.random.percent(50).then(|| "something else".to_owned());
                let note = "read".to_owned();
                self.change(ticket, RedactTicket { subject: None, content, note, keeps_numbers: false }).await
            }
            Command::UpdateCaller => {
                let contact_name = self.random.percent(80).then(|| NAME_IN_TEXTS.to_owned());
                let given = CallerIdentity { contact_name, ..CallerIdentity::default() };
                let fields = vec![CallerField::ContactName];
                self.change(ticket, UpdateCaller(CallerUpdate { fields, given, industry: None })).await
            }
            Command::MergeTicket => {
                let mut into = *self.random.pick(&self.numbers);
                // Most tickets end early in the walk.
                while !self.hotline.find(into).await.state.is_open() && self.random.percent(90) {
                    into = *self.random.pick(&self.numbers);
                }
                let change =
                    Change { key: new_key(), number: ticket.number, etag: None, verb: MergeTicket { into } };
                let merged = self.hotline.closed_loop.merge_ticket(staff("MergeTicket"), change).await;
                consistency::check(self.hotline, into).await;
                merged
            }
            _ => self.run_undo(command, ticket).await,
        }
    }

    async fn classify(&mut self, ticket: &Ticket) -> Result<Ticket, Fault> {
        let category = *self.random.pick(&CATEGORIES);
        let is_overlapping = self.random.percent(40);
        let classify = ClassifyTicket {
            category,
            complexity: self.complexity(),
            has_several_units: self.random.percent(30),
            responsibility: if is_overlapping { Responsibility::Overlapping } else { Responsibility::Clear },
            topic: None,
            district: None,
            accused_units: self.accused(category),
            note: if self.random.percent(50) { "a reason".to_owned() } else { String::new() },
        };
        self.change(ticket, classify).await
    }

    async fn dispatch(&mut self, ticket: &Ticket) -> Result<Ticket, Fault> {
        let (lead_unit, mut assist_units, mut inform_units) = (self.unit(), self.units(), self.units());
        // The decoding of requests prevents two relations of a unit.
        assist_units.retain(|unit| *unit != lead_unit);
        inform_units.retain(|unit| *unit != lead_unit && !assist_units.contains(unit));
        let note = String::new();
        // Signed work moves with a reason alone.
        let reason = if self.random.percent(40) { "it moves".to_owned() } else { String::new() };
        self.change(ticket, DispatchTicket { lead_unit, assist_units, inform_units, note, reason }).await
    }
}
