//! A unit's work: accept, both halves of the feedback, return, ask for a carry-over.

use hotline_client::{
    AcceptTicket, CallerReply, CarryOverStep, CarryOverTicket, ContactMethod, HotlineReport, ReturnReason,
    ReturnTicket,
    Role::Unit,
    SubmitFeedback, TextTemplateKind,
    TicketState::{Dispatched, Handling},
};

use crate::console::form::{Field, labels, units};
use crate::console::values::Values;
use crate::console::verb::{Done, Setting, Subject, Trouble, Verb, time_of};
use crate::console::zone;

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "accept-ticket",
        zh: "签收",
        en: "Accept",
        roles: &[Unit],
        states: &[Dispatched],
        subject: Subject::Ticket,
        fields: |_| Vec::new(),
        run: |client, input| {
            Box::pin(async move {
                let command = AcceptTicket::new(input.subject).etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().accept_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "submit-feedback",
        zh: "双反馈",
        en: "Give both halves of the feedback",
        roles: &[Unit],
        states: &[Handling],
        subject: Subject::Ticket,
        fields: feedback,
        run: |client, input| {
            Box::pin(async move {
                let mut command = SubmitFeedback::new(input.subject);
                command.caller_reply = caller_reply(&input.values)?;
                command.hotline_report = hotline_report(&input.values);
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().submit_feedback(command).await?))
            })
        },
    },
    Verb {
        key: "return-ticket",
        zh: "退单",
        en: "Return",
        roles: &[Unit],
        states: &[Dispatched],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::select("reason", at.t("退单原因", "Reason"), labels!(ReturnReason, at.lang))
                    .required(),
                Field::line("rule", at.t("依据的规定", "The rule it relies on")).required().max(500),
                Field::select(
                    "proposed_unit",
                    at.t("建议承办单位", "Proposed unit"),
                    units(at.names, at.lang),
                ),
                Field::long("note", at.t("备注", "Note")).max(2000).template(TextTemplateKind::Return),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let reason = input.values.choice("reason").unwrap_or(ReturnReason::Unrecognised(0));
                let mut command = ReturnTicket::new(input.subject, reason, input.values.text("rule"));
                command.proposed_unit = input.values.get("proposed_unit");
                command.note = input.values.get("note");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().return_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "ask-carry-over",
        zh: "申请挂账",
        en: "Ask for a carry-over",
        roles: &[Unit],
        states: &[Handling],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::long(
                    "ask.next_steps",
                    at.t("后续安排（已告知企业）", "Next steps, as the company knows them"),
                )
                .required()
                .max(2000),
                Field::time("ask.promised_time", at.t("承诺完成时间", "Promised completion")).required(),
                Field::time("ask.inform_time", at.t("告知企业的时间", "When the company was informed"))
                    .required()
                    .value(zone::input(at.now)),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let step = CarryOverStep::Ask {
                    next_steps: input.values.text("ask.next_steps"),
                    promised_time: time_of(&input.values, "ask.promised_time")?,
                    inform_time: time_of(&input.values, "ask.inform_time")?,
                };
                let command =
                    CarryOverTicket::new(input.subject, step).etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().carry_over_ticket(command).await?))
            })
        },
    },
];

/// Only the halves that are still missing are asked for.
fn feedback(at: &Setting<'_>) -> Vec<Field> {
    let cycle = at.ticket().map(|ticket| &ticket.cycle);
    let mut fields = Vec::new();
    if cycle.is_none_or(|cycle| cycle.caller_reply.is_none()) {
        fields.extend([
            Field::long(
                "caller_reply.content",
                at.t("答复企业的内容", "Reply to the company: what was said"),
            )
            .max(10_000)
            .template(TextTemplateKind::CallerReply),
            Field::select("caller_reply.method", at.t("答复方式", "How"), labels!(ContactMethod, at.lang)),
            Field::line("caller_reply.official", at.t("答复人", "By whom")).max(64),
            Field::time("caller_reply.reply_time", at.t("答复时间", "When")),
        ]);
    }
    if cycle.is_none_or(|cycle| cycle.hotline_report.is_none()) {
        fields.extend([
            Field::long(
                "hotline_report.actions",
                at.t("反馈热线：做了什么", "Report to the hotline: what was done"),
            )
            .max(10_000)
            .template(TextTemplateKind::HotlineReport),
            Field::long("hotline_report.result", at.t("反馈热线：结果", "Report to the hotline: the result"))
                .max(10_000)
                .template(TextTemplateKind::HotlineReport),
            Field::long("hotline_report.evidence", at.t("佐证（每行一项）", "Evidence, one a line")),
        ]);
    }
    fields
}

/// The reply, if anything of it was written. What is missing is refused at its field by the hotline.
fn caller_reply(values: &Values) -> Result<Option<CallerReply>, Trouble> {
    let fields = ["content", "method", "official", "reply_time"];
    if fields.iter().all(|field| values.get(&format!("caller_reply.{field}")).is_none()) {
        return Ok(None);
    }
    Ok(Some(CallerReply::new(
        time_of(values, "caller_reply.reply_time")?,
        values.choice("caller_reply.method").unwrap_or(ContactMethod::Unrecognised(0)),
        values.text("caller_reply.official"),
        values.text("caller_reply.content"),
    )))
}

fn hotline_report(values: &Values) -> Option<HotlineReport> {
    let mut report =
        HotlineReport::new(values.text("hotline_report.actions"), values.text("hotline_report.result"));
    report.evidence = values.lines("hotline_report.evidence");
    (report != HotlineReport::default()).then_some(report)
}
