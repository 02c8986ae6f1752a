//! One handling cycle: its limit, the double feedback, the carry-over, the follow-up.

use chrono::{DateTime, Utc};

use super::{AssistReport, CallerReply, HotlineReport, Rung, Tier};
use crate::convert::{open_enum, record};

record! {
    /// One handling cycle. Rungs, feedback and the survey belong to a cycle; rework starts the next one.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    Cycle = Cycle {
        /// 1 for the first cycle.
        number: u32,
        /// When it began: the intake, or the rework.
        start_time: DateTime<Utc>,
        /// The limit in force: the deadline, or the promised date of a granted carry-over.
        due_time: DateTime<Utc>,
        /// The row of the deadline table.
        tier: Tier,
        /// The version of the policy that the limit was counted under. It stays with the ticket.
        policy_version: String,
        /// The version of the calendar that the limit was counted under.
        calendar_version: String,
        /// Whether a year without an official notice was counted, as Monday to Friday.
        deadline_provisional: bool,
        /// How far supervision has gone; `None` if nothing has fired and the server does not say so.
        rung: Option<Rung>,
        /// The carry-over (挂账), asked for or decided.
        carry_over: Option<CarryOver>,
        /// The reply to the company: one half of the double feedback.
        caller_reply: Option<CallerReply>,
        /// The report to the hotline: the other half.
        hotline_report: Option<HotlineReport>,
        /// Reports of assisting units, for the lead.
        assist_reports: Vec<AssistReport>,
        /// When both halves were there.
        complete_time: Option<DateTime<Utc>>,
        /// Follow-up calls that reached nobody.
        contact_attempts: Vec<ContactAttempt>,
        /// What the company said in the follow-up call.
        survey: Option<Survey>,
        /// What the company said to another agent, who called again. The survey stays as it is.
        recheck: Option<Survey>,
    }
}

impl Cycle {
    /// Whether the work was complete at or before the limit; `None` while it is not complete.
    #[must_use]
    pub fn completed_on_time(&self) -> Option<bool> {
        self.complete_time.map(|time| time <= self.due_time)
    }

    /// Whether supervision has reached `rung` or a higher one.
    #[must_use]
    pub fn has_reached(&self, rung: Rung) -> bool {
        self.rung.is_some_and(|reached| reached >= rung)
    }
}

record! {
    /// A carry-over (挂账) of a ticket that can't be finished in time. The company is informed of the next steps and a
    /// date.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CarryOver = CarryOver {
        /// Its state.
        state: CarryOverState,
        /// What comes next.
        next_steps: String,
        /// The completion date promised to the company; once granted it is the limit.
        promised_time: DateTime<Utc>,
        /// When the company was informed.
        inform_time: DateTime<Utc>,
        /// When the unit asked.
        ask_time: Option<DateTime<Utc>>,
        /// When the dispatcher decided.
        decide_time: Option<DateTime<Utc>>,
        /// The dispatcher's words.
        decision_note: Option<String>,
    }
}

open_enum! {
    /// The state of a carry-over.
    CarryOverState = CarryOverState {
        /// Asked for by the lead unit.
        Asked = "已申请",
        /// Granted: the promised date is the limit.
        Granted = "已同意",
        /// Refused: the deadline does not change.
        Refused = "未同意",
    }
}

record! {
    /// A follow-up call that reached nobody.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ContactAttempt = ContactAttempt {
        /// When.
        attempt_time: DateTime<Utc>,
        /// What happened.
        note: Option<String>,
    }
}

record! {
    /// What the company said in the follow-up call (回访): three separate questions. `None` was not asked.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Survey = Survey {
        /// Did the unit contact you?
        responded: Option<Responded>,
        /// Was it resolved?
        resolved: Option<Resolved>,
        /// Are you satisfied?
        satisfied: Option<Satisfied>,
        /// The company's own words.
        comment: Option<String>,
        /// When the survey was taken.
        survey_time: Option<DateTime<Utc>>,
    }
}

open_enum! {
    /// Did the unit contact the company?
    Responded = Responded {
        /// Yes.
        Yes = "已联系",
        /// No.
        No = "未联系",
        /// The company was asked and would not answer.
        WouldNotAnswer = "未回答",
    }
}

open_enum! {
    /// Was the matter resolved?
    Resolved = Resolved {
        /// Yes.
        Yes = "已解决",
        /// Partly.
        Partly = "部分解决",
        /// No.
        No = "未解决",
        /// The company was asked and would not answer.
        WouldNotAnswer = "未回答",
    }
}

open_enum! {
    /// Is the company satisfied?
    Satisfied = Satisfied {
        /// Satisfied.
        Satisfied = "满意",
        /// Basically satisfied.
        Basically = "基本满意",
        /// Dissatisfied.
        Dissatisfied = "不满意",
        /// The company was asked and would not answer.
        WouldNotAnswer = "未回答",
    }
}
