//! Supervision and follow-up: escalate, contact attempts, the survey, rework, calls to the companies behind repeats.

use hotline_client::{
    EscalateTicket, Escalation, RecordContactAttempt, RecordRecheck, RecordRepeatCall, Resolved, Responded,
    ReworkTicket,
    Role::{Agent, Supervisor},
    Satisfied, SubmitSurvey,
    TicketState::{Answered, Closed, Completed, Dispatched, Handling, Planning, Received, Returned},
};

use crate::console::form::{Field, labels};
use crate::console::verb::{Done, Setting, Subject, Verb};

/// The three questions, and what the company said.
fn survey_fields(at: &Setting<'_>) -> Vec<Field> {
    let responded = at.t("承办单位是否联系了您", "Did the unit contact you?");
    let resolved = at.t("诉求是否解决", "Was it resolved?");
    let satisfied = at.t("您是否满意", "Are you satisfied?");
    vec![
        Field::select("responded", responded, labels!(Responded, at.lang)),
        Field::select("resolved", resolved, labels!(Resolved, at.lang)),
        Field::select("satisfied", satisfied, labels!(Satisfied, at.lang)),
        Field::long("comment", at.t("企业原话", "The company's own words")).max(2000),
    ]
}

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "escalate-ticket",
        zh: "督办",
        en: "Supervise",
        roles: &[Supervisor],
        states: &[Received, Planning, Dispatched, Handling, Returned],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::select("escalation", at.t("措施", "What to do"), labels!(Escalation, at.lang))
                    .required(),
                Field::long("note", at.t("督办意见", "Note")).required().max(2000),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let what = input.values.choice("escalation").unwrap_or(Escalation::Unrecognised(0));
                let command = EscalateTicket::new(input.subject, what, input.values.text("note"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().escalate_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "submit-survey",
        zh: "登记回访",
        en: "Record the survey",
        roles: &[Agent],
        states: &[Answered, Completed],
        subject: Subject::Ticket,
        fields: survey_fields,
        run: |client, input| {
            Box::pin(async move {
                let mut command = SubmitSurvey::new(input.subject);
                command.responded = input.values.choice("responded");
                command.resolved = input.values.choice("resolved");
                command.satisfied = input.values.choice("satisfied");
                command.comment = input.values.get("comment");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().submit_survey(command).await?))
            })
        },
    },
    Verb {
        key: "record-recheck",
        zh: "登记复核回访",
        en: "Record the second call",
        roles: &[Agent],
        states: &[Closed],
        subject: Subject::Ticket,
        fields: survey_fields,
        run: |client, input| {
            Box::pin(async move {
                let mut command = RecordRecheck::new(input.subject);
                command.responded = input.values.choice("responded");
                command.resolved = input.values.choice("resolved");
                command.satisfied = input.values.choice("satisfied");
                command.comment = input.values.get("comment");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().record_recheck(command).await?))
            })
        },
    },
    Verb {
        key: "record-contact-attempt",
        zh: "记录未接通",
        en: "Record that nobody was reached",
        roles: &[Agent],
        states: &[Answered, Completed],
        subject: Subject::Ticket,
        fields: |at| vec![Field::line("note", at.t("情况", "What happened")).max(500)],
        run: |client, input| {
            Box::pin(async move {
                let mut command = RecordContactAttempt::new(input.subject);
                command.note = input.values.get("note");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().record_contact_attempt(command).await?))
            })
        },
    },
    Verb {
        key: "rework-ticket",
        zh: "返工",
        en: "Send back for rework",
        roles: &[Agent, Supervisor],
        states: &[Closed],
        subject: Subject::Ticket,
        fields: |at| {
            vec![Field::long("note", at.t("须改进之处", "What must be done better")).required().max(2000)]
        },
        run: |client, input| {
            Box::pin(async move {
                let command = ReworkTicket::new(input.subject, input.values.text("note"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().rework_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "record-repeat-call",
        zh: "回复重复来电企业",
        en: "Call the company of a repeat",
        roles: &[Agent],
        states: &[Answered, Completed, Closed],
        subject: Subject::Ticket,
        fields: |at| {
            let waiting = at.ticket().map(|ticket| ticket.repeats_to_call.clone()).unwrap_or_default();
            let waiting = waiting.into_iter().map(|number| (number.clone(), number));
            vec![
                Field::select("repeat_ticket_number", at.t("重复工单", "Repeat"), waiting).required(),
                Field::check(
                    "reached",
                    at.t("已接通并告知结果", "Somebody was reached and knows the result"),
                ),
                Field::line("note", at.t("情况", "What was said")).max(500),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let repeat = input.values.text("repeat_ticket_number");
                let mut command = RecordRepeatCall::new(input.subject, repeat);
                command.reached = input.values.is_checked("reached");
                command.note = input.values.get("note");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().record_repeat_call(command).await?))
            })
        },
    },
];
