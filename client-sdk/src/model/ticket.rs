//! The ticket (工单): one request of a company, from the call to the closed ticket.

use chrono::{DateTime, Utc};

use super::{
    Attachment, Caller, Category, Channel, CompanyQuestion, Complexity, Cycle, Dispatch, HandlingPlan,
    HelpRequest, InsideAssignment, Responsibility, Source, TicketReturn, TicketState,
};
use crate::convert::{open_enum, record, writable};

record! {
    /// One request of a company. It never carries the caller's identity: that is in [`TicketView::caller`], for those
    /// who may know it.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    Ticket = Ticket {
        /// The ticket number: 13 digits, of which the first six are the date of intake (YYMMDD, Beijing) and the last
        /// is a check digit.
        number: String,
        /// Changes with every change of the ticket. Send it back to make sure that nobody has changed the ticket since
        /// you read it.
        etag: String,
        /// Its state in the loop. Only commands change it.
        state: TicketState,
        /// What the company wants.
        category: Category,
        /// How much work it is.
        complexity: Complexity,
        /// Whether several units are involved. The deadline of a complex consultation depends on it.
        several_units: bool,
        /// Whether it is clear which unit is responsible; `None` is treated as clear.
        responsibility: Option<Responsibility>,
        /// The leaf of the topic tree, for example `licence.registration`.
        topic: Option<String>,
        /// The administrative division code of the place (GB/T 2260), for example `110105`.
        district: Option<String>,
        /// The company's industry in the caller's own classification.
        industry: Option<String>,
        /// One line that names the matter.
        subject: String,
        /// What the company asks, in full. `None` in lists.
        content: Option<String>,
        /// How the request reached the hotline.
        channel: Channel,
        /// The system and reference that it was created from.
        source: Option<Source>,
        /// When the call began, for tickets that came by telephone.
        call_start_time: Option<DateTime<Utc>>,
        /// Whether the caller's identity is withheld from every unit.
        confidential: bool,
        /// The codes of the units complained about. Shown to hotline staff only.
        accused_units: Vec<String>,
        /// The moment of intake. The deadline is counted from it.
        intake_time: DateTime<Utc>,
        /// The last change.
        update_time: DateTime<Utc>,
        /// The present handling cycle: the limit, the rung, the feedback, the survey.
        cycle: Cycle,
        /// The coordinator's plan, if there is one.
        plan: Option<HandlingPlan>,
        /// The last dispatch.
        dispatch: Option<Dispatch>,
        /// Every return by a unit, oldest first.
        returns: Vec<TicketReturn>,
        /// The answer that was given on the spot.
        answer: Option<Answer>,
        /// Why it was declined, and where to turn instead.
        decline: Option<Decline>,
        /// How it was closed.
        closing: Option<Closing>,
        /// The number of the open ticket that this repeat is linked to.
        merged_into: Option<String>,
        /// The numbers of the repeats that are linked to this ticket.
        repeats: Vec<String>,
        /// Why the company withdrew it.
        withdrawal_note: Option<String>,
        /// Whether it must not be dispatched until an agent has redacted its texts.
        held: bool,
        /// The places where text was taken out of subject and content at intake. Shown to hotline staff only.
        text_marks: Vec<TextMark>,
        /// For a merged repeat: the number of the ticket at the end of the chain of merges. Shown to hotline staff, in
        /// [`TicketView`].
        surviving_ticket: Option<String>,
        /// The numbers of the repeats whose companies wait for a call about the result. Shown to hotline staff only.
        repeats_to_call: Vec<String>,
        /// The calls to the companies behind the repeats, oldest first. Shown to hotline staff only.
        repeat_calls: Vec<RepeatCall>,
        /// The number of the closed ticket that this one follows.
        follows: Option<String>,
        /// The id of the call that it came from. Shown to hotline staff only.
        call_id: Option<String>,
        /// The question to the company that waits for an answer.
        open_question: Option<CompanyQuestion>,
        /// The lead's request for help that waits for a supervisor. Shown to that unit and to hotline staff.
        help_request: Option<HelpRequest>,
        /// To whom units have assigned it inside. A unit sees its own assignment, supervisors see all.
        inside_assignments: Vec<InsideAssignment>,
        /// The numbers of the tickets about the same cause. Shown to hotline staff, and in [`TicketView`] to a unit
        /// those that it sees.
        linked_tickets: Vec<String>,
        /// Whether its call was answered at a training seat. Such a ticket is counted nowhere. Shown to hotline staff.
        training: bool,
        /// The attachments that the caller may see, in the order in which they were added.
        #[serde(default)]
        attachments: Vec<Attachment>,
    }
}

record! {
    /// A call to the company behind a merged repeat.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    RepeatCall = RepeatCall {
        /// The repeat's number.
        repeat_ticket_number: String,
        /// Whether somebody was reached.
        reached: bool,
        /// When.
        call_time: DateTime<Utc>,
        /// What was said or happened.
        note: Option<String>,
    }
}

open_enum! {
    /// A text of a ticket that came from the caller.
    TextField = TextField {
        /// The subject.
        Subject = "标题",
        /// The content.
        Content = "内容",
    }
}

open_enum! {
    /// What was taken out of a text.
    TextMarkKind = TextMarkKind {
        /// A telephone number, except the short ones of public services (12345, 95588).
        Phone = "电话号码",
        /// A unified social credit code (GB 32100).
        SocialCreditCode = "统一社会信用代码",
        /// A resident identity number (GB 11643), or the number of another personal document.
        ResidentId = "身份证件号码",
        /// An e-mail address.
        Email = "电子邮箱",
        /// An account of a chat service, for example `WeChat`, QQ or `DingTalk`.
        ChatId = "聊天账号",
        /// The caller's own company.
        EnterpriseName = "企业名称",
        /// The caller's own name.
        ContactName = "联系人姓名",
    }
}

record! {
    /// A place where identifying text was replaced.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    TextMark = TextMark {
        /// The text.
        field: TextField,
        /// What was taken out.
        kind: TextMarkKind,
        /// The position of the character at which it began, counted from 1.
        position: u32,
    }
}

record! {
    /// A ticket as one caller sees it.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    TicketView = GetTicketResponse {
        /// The ticket.
        ticket: Ticket,
        /// Who called. `None` if the reader may not know, or nobody was named.
        caller: Option<Caller>,
        /// Whether an identity is on record and withheld from the reader.
        caller_withheld: bool,
    }
}

record! {
    /// An answer given on the spot from the knowledge base.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Answer = Answer {
        /// What was said.
        content: String,
        /// The articles it cites.
        articles: Vec<ArticleCitation>,
        /// When.
        answer_time: Option<DateTime<Utc>>,
        /// The question that no article answered, a knowledge gap.
        unanswered_question: Option<String>,
    }
}

record! {
    /// A knowledge article and the version that was cited.
    #[derive(Debug, Clone, PartialEq, Eq)]
    ArticleCitation = ArticleCitation {
        /// The article's code. At most 64 characters.
        article: String,
        /// Its version, 1 or more.
        version: u32,
        /// Whether the knowledge base did not hold the article when it was cited. Set by the server; ignored in
        /// requests.
        #[serde(default)]
        free: bool,
    }
}
writable!(ArticleCitation = ArticleCitation { article, version, free });

impl ArticleCitation {
    /// A version of an article.
    pub fn new(article: impl Into<String>, version: u32) -> Self {
        Self { article: article.into(), version, free: false }
    }
}

open_enum! {
    /// Why a request is declined (不予受理).
    DeclineReason = DeclineReason {
        /// It is before a court, or should be.
        Litigation = "涉诉事项",
        /// An emergency for life or property, handed over to 110, 119, 120 or 122 at once.
        Emergency = "紧急情况",
        /// It involves a state secret.
        StateSecret = "涉及国家秘密",
        /// It involves a business secret.
        BusinessSecret = "涉及商业秘密",
        /// It involves personal privacy.
        PersonalPrivacy = "涉及个人隐私",
        /// A petition matter (信访) that already has a result.
        PetitionConcluded = "信访已办结",
    }
}

record! {
    /// A declined request, kept for review.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Decline = Decline {
        /// Why.
        reason: DeclineReason,
        /// Where the company can turn instead.
        turn_to: String,
        /// A note.
        note: Option<String>,
        /// When.
        decline_time: Option<DateTime<Utc>>,
    }
}

record! {
    /// What became of a request that a unit took in at its own counter.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    OwnIntake = OwnIntake {
        /// The ticket's number.
        ticket_number: String,
        /// When it was taken in.
        intake_time: DateTime<Utc>,
        /// The system and reference that the unit gave.
        source: Option<Source>,
        /// The ticket's state; `None` if it is withheld.
        state: Option<TicketState>,
        /// Whether the state is withheld: the ticket is or was a complaint-report, or accuses a unit.
        state_withheld: bool,
    }
}

record! {
    /// How a ticket was closed.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Closing = Closing {
        /// What closed it.
        reason: ClosingReason,
        /// When.
        close_time: DateTime<Utc>,
    }
}

open_enum! {
    /// What closed a ticket.
    ClosingReason = ClosingReason {
        /// The follow-up survey was taken.
        Surveyed = "已回访",
        /// Nobody could be reached for the follow-up.
        Unreachable = "无法联系",
        /// Answered on the spot, and the policy asks for no follow-up of answers.
        Answered = "已当场答复",
    }
}
