//! One request on its way: each step calls the server as one of the actors, and says which step comes next, and when.

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use chrono_tz::Asia::Shanghai;
use hotline_client::{
    AnswerTicket, ArticleCitation, Category, Channel, ClassifyTicket, Complexity, Contact, CreateTicket,
    DeclineReason, DeclineTicket, Enterprise, MergeTicket, RecordContactAttempt, RecordRepeatCall, Resolved,
    Responded, ReworkTicket, Satisfied, SubmitSurvey, Ticket, TicketState, WithdrawTicket,
};

use super::actors::Actors;
use super::plan::{Course, Request};
use super::telephone::Talk;
use crate::failure::Failure;
use crate::random::Random;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    TakeIn,
    Correct,
    Answer,
    Decline,
    FindOverlap,
    Plan,
    Dispatch,
    Accept,
    Return,
    Rule,
    AskCarryOver,
    GrantCarryOver,
    Reply,
    Report,
    MissCompany,
    Survey,
    Rework,
    Withdraw,
    Merge,
    TellRepeat,
}

/// A request and how far it is.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) request: Request,
    pub(super) random: Random,
    /// The number of its ticket.
    pub(super) number: String,
    /// The unit that leads.
    pub(super) unit: String,
    /// The present limit.
    pub(super) due: DateTime<Utc>,
    pub(super) cycle: u32,
    pub(super) was_returned: bool,
    /// The call that nobody has ended yet.
    talk: Option<Talk>,
}

/// The next step, if there is one.
pub(super) type Next = Option<(DateTime<Utc>, Step)>;

/// Minutes of an hour.
pub(super) const HOUR: i64 = 60;

impl Case {
    pub(super) fn new(request: Request, seed: u64) -> Self {
        let random = Random::new(seed ^ 0x5EED, request.place);
        let due = request.time;
        let (number, unit) = (String::new(), String::new());
        Self { request, random, number, unit, due, cycle: 1, was_returned: false, talk: None }
    }

    /// Some minutes later, in the hours of work.
    pub(super) fn later(&mut self, now: DateTime<Utc>, low: i64, high: i64) -> DateTime<Utc> {
        in_hours(now + TimeDelta::minutes(self.random.between(low, high)))
    }

    pub(super) fn note(&mut self, ticket: &Ticket) {
        self.due = ticket.cycle.due_time;
        self.cycle = ticket.cycle.number;
    }

    /// Takes the step and returns the next one.
    pub(super) async fn take(
        &mut self,
        step: Step,
        now: DateTime<Utc>,
        actors: &Actors,
        articles: &[ArticleCitation],
    ) -> Result<Next, Failure> {
        if let Some(talk) = self.talk.take() {
            talk.hang_up(now, actors).await?;
        }
        match step {
            Step::TakeIn => self.take_in(now, actors).await,
            Step::Correct | Step::Answer | Step::Decline | Step::Withdraw | Step::Merge => {
                self.at_the_desk(step, now, actors, articles).await
            }
            Step::FindOverlap | Step::Plan | Step::Dispatch | Step::Rule => {
                self.dispatch(step, now, actors).await
            }
            Step::Accept | Step::Return | Step::AskCarryOver | Step::GrantCarryOver => {
                self.handle(step, now, actors).await
            }
            Step::Reply | Step::Report => self.hand_in(step, now, actors).await,
            Step::MissCompany | Step::Survey | Step::Rework | Step::TellRepeat => {
                self.follow_up(step, now, actors).await
            }
        }
    }

    async fn take_in(&mut self, now: DateTime<Utc>, actors: &Actors) -> Result<Next, Failure> {
        let request = self.request.clone();
        if request.channel == Channel::Telephone {
            self.talk = Some(Talk::answer(&request, &mut self.random, now, actors).await?);
        }
        let call = self.talk.as_ref().map(|talk| (talk.id.clone(), talk.began));
        let (call_id, call_start_time) = call.unzip();
        let mut command = CreateTicket::new(
            request.category,
            request.complexity,
            request.channel,
            request.subject,
            request.content,
        )
        .topic(request.topic)
        .district(request.district)
        .industry(request.industry)
        .enterprise(Enterprise::new(request.company))
        // No telephone number begins like this, so it is nobody's.
        .contact(Contact::new("模拟来电人", format!("010-0000{:04}", request.place % 10_000)))
        .call_id(call_id)
        .call_start_time(call_start_time);
        if request.category == Category::ComplaintReport {
            command = command.accused_units([accused(request.district)]);
        }
        let ticket = actors.agent.create_ticket(command).await?;
        self.note(&ticket);
        self.number = ticket.number;
        actors.unit_of(request.topic, request.district).clone_into(&mut self.unit);
        let step = match request.course {
            _ if request.corrected && request.course == Course::Handled => Step::Correct,
            Course::Answered => Step::Answer,
            Course::Declined => Step::Decline,
            Course::Planned => Step::FindOverlap,
            Course::Repeated | Course::Handled | Course::Withdrawn => Step::Dispatch,
        };
        let (low, high) = if step == Step::Answer { (2, 12) } else { (5, 3 * HOUR) };
        Ok(Some((now + TimeDelta::minutes(self.random.between(low, high)), step)))
    }

    async fn at_the_desk(
        &mut self,
        step: Step,
        now: DateTime<Utc>,
        actors: &Actors,
        articles: &[ArticleCitation],
    ) -> Result<Next, Failure> {
        let number = self.number.clone();
        let next = match step {
            Step::Correct => {
                let (category, topic) = (self.request.category, self.request.topic);
                let command = ClassifyTicket::new(number, category, Complexity::Complex)
                    .topic(topic)
                    .district(self.request.district)
                    .note("需要多个环节核实");
                let command = if category == Category::ComplaintReport {
                    command.accused_units([accused(self.request.district)])
                } else {
                    command
                };
                let ticket = actors.agent.classify_ticket(command).await?;
                self.note(&ticket);
                Some((self.later(now, 5, HOUR), Step::Dispatch))
            }
            Step::Answer => {
                let cited: Vec<_> =
                    (!articles.is_empty()).then(|| self.random.pick(articles).clone()).into_iter().collect();
                let is_gap = cited.is_empty() || self.random.percent(10);
                let question = is_gap.then(|| self.request.subject.clone());
                let command =
                    AnswerTicket::new(number, self.request.answer, cited).unanswered_question(question);
                let ticket = actors.agent.answer_ticket(command).await?;
                let is_asked = ticket.state == TicketState::Answered && self.random.percent(60);
                is_asked.then(|| (self.later(now, 20 * HOUR, 60 * HOUR), Step::Survey))
            }
            Step::Decline => {
                let reasons = [DeclineReason::Litigation, DeclineReason::PetitionConcluded];
                let command =
                    DeclineTicket::new(number, *self.random.pick(&reasons), "请通过司法或信访渠道反映");
                actors.agent.decline_ticket(command).await?;
                None
            }
            Step::Withdraw => {
                actors
                    .agent
                    .withdraw_ticket(WithdrawTicket::new(number, "企业来电告知问题已自行解决"))
                    .await?;
                None
            }
            _ => {
                self.repeat(actors).await?;
                Some(self.work_ends(now))
            }
        };
        Ok(next)
    }

    /// The company calls a second time about the same matter, and an agent merges the repeat.
    async fn repeat(&self, actors: &Actors) -> Result<(), Failure> {
        let request = self.request.clone();
        let subject: String = format!("再次反映：{}", request.subject).chars().take(200).collect();
        let (category, complexity) = (request.category, request.complexity);
        let command = CreateTicket::new(category, complexity, Channel::Web, subject, request.content)
            .topic(request.topic)
            .district(request.district)
            .industry(request.industry)
            .enterprise(Enterprise::new(request.company));
        let repeat = actors.agent.create_ticket(command).await?;
        actors.agent.merge_ticket(MergeTicket::new(repeat.number, &*self.number)).await?;
        Ok(())
    }

    async fn follow_up(&mut self, step: Step, now: DateTime<Utc>, actors: &Actors) -> Result<Next, Failure> {
        let number = self.number.clone();
        match step {
            Step::MissCompany => {
                let ticket = actors
                    .agent
                    .record_contact_attempt(RecordContactAttempt::new(number).note("无人接听"))
                    .await?;
                let again = if self.random.percent(25) { Step::MissCompany } else { Step::Survey };
                let is_open = ticket.state == TicketState::Completed;
                return Ok(is_open.then(|| (in_hours(now + TimeDelta::hours(5)), again)));
            }
            Step::Rework => {
                let note = "企业不满意，请进一步核实处理";
                let ticket = actors.agent.rework_ticket(ReworkTicket::new(number, note)).await?;
                self.note(&ticket);
                return Ok(Some(self.work_ends(now)));
            }
            Step::TellRepeat => {
                let ticket = actors.agent.get_ticket(&*number).await?;
                if let Some(repeat) = ticket.repeats_to_call.first() {
                    let command = RecordRepeatCall::new(number, &**repeat).reached(true);
                    actors.agent.record_repeat_call(command).await?;
                }
                return Ok(None);
            }
            _ => {}
        }
        let is_bad = self.random.percent(if self.request.late { 25 } else { 8 });
        let satisfied = match self.random.between(1, 10) {
            _ if is_bad => Satisfied::Dissatisfied,
            1..=7 => Satisfied::Satisfied,
            8 | 9 => Satisfied::Basically,
            _ => Satisfied::WouldNotAnswer,
        };
        let resolved =
            if is_bad { *self.random.pick(&[Resolved::No, Resolved::Partly]) } else { Resolved::Yes };
        let responded = if self.random.percent(3) { Responded::No } else { Responded::Yes };
        let command = SubmitSurvey::new(number).responded(responded).resolved(resolved).satisfied(satisfied);
        let ticket = actors.agent.submit_survey(command).await?;
        let is_handled = self.request.course != Course::Answered;
        if is_bad && is_handled && self.cycle == 1 && resolved == Resolved::No {
            return Ok(Some((self.later(now, 5, HOUR), Step::Rework)));
        }
        let waits = !ticket.repeats_to_call.is_empty();
        Ok(waits.then(|| (self.later(now, HOUR, 5 * HOUR), Step::TellRepeat)))
    }
}

/// The government of a district: it assists, and complaints are about it.
pub(super) fn accused(district: &str) -> &'static str {
    match district {
        "110101" => "district-dongcheng",
        "110102" => "district-xicheng",
        "110106" => "district-fengtai",
        "110107" => "district-shijingshan",
        "110108" => "district-haidian",
        "110112" => "district-tongzhou",
        "110113" => "district-shunyi",
        "110114" => "district-changping",
        "110115" => "district-daxing",
        "110302" => "district-bda",
        _ => "district-chaoyang",
    }
}

/// The same time if somebody works then, otherwise the next morning.
pub(super) fn in_hours(time: DateTime<Utc>) -> DateTime<Utc> {
    let hour = i64::from(time.with_timezone(&Shanghai).hour());
    match hour {
        0..=7 => time + TimeDelta::hours(8 - hour),
        8..=19 => time,
        _ => time + TimeDelta::hours(32 - hour),
    }
}
