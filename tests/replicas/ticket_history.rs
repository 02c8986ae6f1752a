//! The possible histories of a ticket of the backlog: its events before the run, and its expected rungs in the run.
//!
//! The expected rungs are computed here, from the rules and not by the server's ladder: 催办 at the limit, 督办 24 and 人工督办
//! 48 hours after it. A carried-over ticket has only manual supervision, at the promised date.

use chrono::TimeDelta;
use hotline_server::deadline::{self, Calendar, DayLimit, Limit};
use hotline_server::ticket::{
    Actor, CallerReply, CarryOver, CarryOverState, Category, Channel, ClosingReason, Complexity,
    ContactMethod, Deadline, Dispatch, Event, HotlineReport, Instant, Resolved, Responded, Rung, Satisfied,
    Survey, Tier, UnitCode,
};

/// The unit that leads every ticket of the backlog that was dispatched.
pub(crate) const LEAD: &str = "district-chaoyang";
/// The rungs of the shipped policy, with the hours after the limit at which they are due.
const LADDER: [(Rung, i64); 3] = [(Rung::Urged, 0), (Rung::Supervised, 24), (Rung::Manual, 48)];
/// The limit of a general appeal under the shipped policy.
const LIMIT_DAYS: u32 = 7;

/// The history of a ticket of the backlog when the run begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TicketHistory {
    /// Its limit is in the run.
    Waiting,
    /// It was urged a day before the instant in the run.
    Urged,
    /// It was urged two days before and supervised a day before.
    Supervised,
    /// It was carried over to a date in the run.
    CarriedOver,
    /// It was urged, completed, surveyed and reworked; the limit of its second cycle is in the run.
    Reworked,
    /// Its limit passed a day before and no rung fired: urged at once, supervised in the run.
    SilentForADay,
    /// Its limit passed two days before and no rung fired: supervised at once, manual supervision in the run.
    SilentForTwoDays,
    /// Its limit passed a month before and no rung fired: the highest rung fires at once.
    SilentForAMonth,
    /// It is complete; its limit in the run has no effect.
    Completed,
}

/// The progress of an open ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Received,
    Dispatched,
    Handling,
}

/// An expected rung, and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExpectedRung {
    pub(crate) cycle: u32,
    pub(crate) rung: Rung,
    pub(crate) due_at: Instant,
}

/// The events at one instant.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) at: Instant,
    pub(crate) actor: Actor,
    pub(crate) events: Vec<Event>,
}

fn days(days: u32) -> TimeDelta {
    TimeDelta::days(i64::from(days))
}

impl TicketHistory {
    pub(crate) const ALL: [Self; 9] = [
        Self::Waiting,
        Self::Urged,
        Self::Supervised,
        Self::CarriedOver,
        Self::Reworked,
        Self::SilentForADay,
        Self::SilentForTwoDays,
        Self::SilentForAMonth,
        Self::Completed,
    ];

    /// The limit of its first cycle, if its instant in the run is `at`.
    fn limit(self, at: Instant) -> Instant {
        at - match self {
            Self::Waiting | Self::Completed => TimeDelta::zero(),
            Self::Urged | Self::SilentForADay => days(1),
            Self::Supervised | Self::SilentForTwoDays => days(2),
            Self::CarriedOver => days(13),
            Self::Reworked => days(23),
            Self::SilentForAMonth => days(30),
        }
    }

    /// When it was taken in.
    pub(crate) fn taken_in(self, at: Instant) -> Instant {
        self.limit(at) - days(LIMIT_DAYS)
    }

    /// When its present cycle began.
    pub(crate) fn since(self, at: Instant) -> Instant {
        if self == Self::Reworked { at - days(LIMIT_DAYS) } else { self.taken_in(at) }
    }

    /// Whether only a ticket in handling can have it.
    pub(crate) const fn is_handled(self) -> bool {
        matches!(self, Self::CarriedOver | Self::Reworked | Self::Completed)
    }

    /// The rungs of its first cycle that fired before the run.
    pub(crate) const fn fired_before(self) -> &'static [Rung] {
        match self {
            Self::Urged | Self::Reworked => &[Rung::Urged],
            Self::Supervised => &[Rung::Urged, Rung::Supervised],
            _ => &[],
        }
    }

    /// The expected rungs in the run, from the lowest to the highest.
    pub(crate) fn expected_rungs(self, at: Instant) -> Vec<ExpectedRung> {
        match self {
            Self::Completed => Vec::new(),
            Self::CarriedOver => vec![ExpectedRung { cycle: 1, rung: Rung::Manual, due_at: at }],
            Self::Reworked => vec![ExpectedRung { cycle: 2, rung: Rung::Urged, due_at: at }],
            _ => {
                let due = LADDER.map(|(rung, hours)| (rung, self.limit(at) + TimeDelta::hours(hours)));
                let open =
                    due.into_iter().filter(|(rung, due)| *due <= at && !self.fired_before().contains(rung));
                open.map(|(rung, due_at)| ExpectedRung { cycle: 1, rung, due_at }).collect()
            }
        }
    }

    /// All events before the run.
    pub(crate) fn steps(
        self,
        progress: Progress,
        at: Instant,
        calendar: &Calendar,
        policy: &str,
    ) -> Vec<Step> {
        let from = self.taken_in(at);
        let limit = self.limit(at);
        let deadline = |from| deadline_of(from, calendar, policy);
        let mut steps = vec![Step { at: from, actor: staff(), events: vec![created(deadline(from))] }];
        if progress != Progress::Received {
            steps[0].events.push(dispatched(from));
        }
        if progress == Progress::Handling {
            steps[0].events.push(Event::TicketAccepted { unit: lead() });
        }
        for (rung, hours) in LADDER.iter().filter(|(rung, _)| self.fired_before().contains(rung)) {
            let due_at = limit + TimeDelta::hours(*hours);
            steps.push(Step { at: due_at, actor: Actor::system(), events: vec![fired(*rung, due_at)] });
        }
        match self {
            Self::CarriedOver => steps.extend(carried_over(from, at)),
            Self::Completed => steps.push(completed(from + days(1), true)),
            Self::Reworked => {
                steps.push(completed(limit + TimeDelta::hours(1), false));
                let survey = surveyed(limit + days(2));
                steps.push(Step { at: limit + days(2), actor: staff(), events: survey });
                let deadline = deadline(self.since(at));
                let rework = Event::TicketReworked { cycle: 2, note: "请重新核实".to_owned(), deadline };
                steps.push(Step { at: self.since(at), actor: staff(), events: vec![rework] });
            }
            _ => {}
        }
        steps
    }
}

fn staff() -> Actor {
    Actor { principal: "seat-system".to_owned(), unit: None, via: None }
}

fn lead() -> UnitCode {
    UnitCode(LEAD.to_owned())
}

fn by_lead(at: Instant, events: Vec<Event>) -> Step {
    Step { at, actor: Actor { principal: "unit-system".to_owned(), unit: Some(lead()), via: None }, events }
}

fn deadline_of(from: Instant, calendar: &Calendar, policy: &str) -> Deadline {
    let limit = Limit::Days(DayLimit { days: LIMIT_DAYS, clock: deadline::Clock::Natural });
    let due = deadline::due(from, limit, calendar).expect("a limit of our time can be counted");
    Deadline {
        due_at: due.due_at,
        tier: Tier::General,
        policy_version: policy.to_owned(),
        calendar_version: calendar.version().to_owned(),
        is_provisional: due.provisional,
    }
}

fn created(deadline: Deadline) -> Event {
    Event::TicketCreated(Box::new(hotline_server::ticket::event::TicketCreated {
        category: Category::Appeal,
        complexity: Complexity::General,
        has_several_units: false,
        topic: None,
        district: None,
        industry: None,
        subject: "营业执照变更迟迟未办结".to_owned(),
        content: "提交的变更申请至今没有答复，请协助核实办理进度。".to_owned(),
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
        deadline,
    }))
}

fn dispatched(at: Instant) -> Event {
    let dispatch = Dispatch {
        lead_unit: lead(),
        assist_units: Vec::new(),
        inform_units: Vec::new(),
        dispatched_at: at,
        return_due_at: at + days(1),
        accepted_at: None,
        note: String::new(),
    };
    Event::dispatched(dispatch)
}

fn fired(rung: Rung, due_at: Instant) -> Event {
    Event::RungFired {
        cycle: 1,
        round: 0,
        rung,
        due_at: Some(due_at),
        unit: Some(lead()),
        note: String::new(),
    }
}

fn carried_over(from: Instant, promised_at: Instant) -> [Step; 2] {
    let (asked_at, decided_at) = (from + days(2), from + days(3));
    let carry_over = CarryOver {
        state: CarryOverState::Asked,
        next_steps: "等待专家评审".to_owned(),
        promised_at,
        informed_at: asked_at,
        asked_at,
        decided_at: None,
        decision_note: String::new(),
    };
    let granted = Event::CarryOverDecided { is_granted: true, note: String::new(), due_at: promised_at };
    [
        by_lead(asked_at, vec![Event::CarryOverAsked { carry_over }]),
        Step { at: decided_at, actor: staff(), events: vec![granted] },
    ]
}

fn completed(at: Instant, is_on_time: bool) -> Step {
    let reply = CallerReply {
        replied_at: at,
        method: ContactMethod::Telephone,
        official: "督查科".to_owned(),
        content: "已经办结。".to_owned(),
        recorded_at: at,
    };
    let report = HotlineReport {
        actions: "核实".to_owned(),
        result: "已办结".to_owned(),
        evidence: Vec::new(),
        recorded_at: at,
    };
    by_lead(
        at,
        vec![
            Event::CallerReplied { unit: lead(), reply },
            Event::HotlineReported { unit: lead(), report },
            Event::TicketCompleted { is_on_time },
        ],
    )
}

fn surveyed(at: Instant) -> Vec<Event> {
    let survey = Survey {
        responded: Some(Responded::Yes),
        resolved: Some(Resolved::No),
        satisfied: Some(Satisfied::Dissatisfied),
        comment: String::new(),
        surveyed_at: at,
        surveyed_by: "agent".to_owned(),
        is_chosen: false,
    };
    vec![Event::SurveySubmitted { survey }, Event::TicketClosed { reason: ClosingReason::Surveyed }]
}
