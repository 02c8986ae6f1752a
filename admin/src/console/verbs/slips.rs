//! Slips that are undone, and closed tickets that are opened again.

use hotline_client::{
    ReinstateTicket, ReopenPurpose, ReopenTicket,
    Role::{Agent, Supervisor},
    TicketState::{Closed, Declined, Merged, Withdrawn},
    UnmergeTicket,
};

use crate::console::form::{Field, labels};
use crate::console::verb::{Done, Subject, Verb};

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "unmerge-ticket",
        zh: "撤销合并",
        en: "Undo the merge",
        roles: &[Agent, Supervisor],
        states: &[Merged],
        subject: Subject::Ticket,
        fields: |at| {
            let from = at.ticket().and_then(|ticket| ticket.merged_into.clone());
            vec![
                Field::line("from_ticket_number", at.t("已并入的工单", "The ticket that it was merged into"))
                    .required()
                    .value_or_none(from),
                Field::long("note", at.t("原因", "Why")).required().max(2000),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let from = input.values.text("from_ticket_number");
                let command = UnmergeTicket::new(input.subject, from, input.values.text("note"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().unmerge_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "reinstate-ticket",
        zh: "恢复受理",
        en: "Take it back",
        roles: &[Agent, Supervisor],
        states: &[Declined, Withdrawn],
        subject: Subject::Ticket,
        fields: |at| vec![Field::long("note", at.t("原因", "Why")).required().max(2000)],
        run: |client, input| {
            Box::pin(async move {
                let command = ReinstateTicket::new(input.subject, input.values.text("note"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().reinstate_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "reopen-ticket",
        zh: "重新打开",
        en: "Open again",
        roles: &[Agent, Supervisor],
        states: &[Closed],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::select("purpose", at.t("目的", "What for"), labels!(ReopenPurpose, at.lang))
                    .required(),
                Field::long("note", at.t("企业的说法", "What the company said")).required().max(2000),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let purpose = input.values.choice("purpose").unwrap_or(ReopenPurpose::Unrecognised(0));
                let command = ReopenTicket::new(input.subject, purpose, input.values.text("note"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().reopen_ticket(command).await?))
            })
        },
    },
];
