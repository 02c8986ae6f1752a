//! What is said and done around the work on a ticket: notes, questions to the company, assignments inside a unit, help.

use hotline_client::{
    AddNote, AddSupplement, AskCompany, AssignInside, LinkTickets, RequestHelp, Role,
    Role::{Agent, Coordinator, Dispatcher, Supervisor, Unit},
    TextTemplateKind, TicketState,
    TicketState::{Dispatched, Handling, Planning, Received, Returned},
};

use crate::console::form::Field;
use crate::console::verb::{Done, Subject, Verb};

const OPEN: &[TicketState] = &[Received, Planning, Dispatched, Handling, Returned];
const AT_UNIT: &[TicketState] = &[Dispatched, Handling];
const STAFF_AND_UNIT: &[Role] = &[Agent, Dispatcher, Coordinator, Supervisor, Unit];

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "add-note",
        zh: "添加备注",
        en: "Add a note",
        roles: STAFF_AND_UNIT,
        states: &[],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::long("note", at.t("备注（仅本方可见）", "The note, for your side only"))
                    .required()
                    .max(2000),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let command = AddNote::new(input.subject, input.values.text("note"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().add_note(command).await?))
            })
        },
    },
    Verb {
        key: "ask-company",
        zh: "请企业补充",
        en: "Ask the company",
        roles: &[Agent, Unit],
        states: OPEN,
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::long("question", at.t("问题", "The question"))
                    .required()
                    .max(2000)
                    .template(TextTemplateKind::Question),
                Field::line("wanted", at.t("需要的材料", "The material that is wanted")).max(500),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let mut command = AskCompany::new(input.subject, input.values.text("question"));
                command.wanted = input.values.get("wanted");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().ask_company(command).await?))
            })
        },
    },
    Verb {
        key: "add-supplement",
        zh: "登记补充材料",
        en: "Add what the company brought",
        roles: &[Agent, Unit],
        states: OPEN,
        subject: Subject::Ticket,
        fields: |at| vec![Field::long("content", at.t("企业补充的内容", "What came")).required().max(2000)],
        run: |client, input| {
            Box::pin(async move {
                let command = AddSupplement::new(input.subject, input.values.text("content"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().add_supplement(command).await?))
            })
        },
    },
    Verb {
        key: "assign-inside",
        zh: "单位内分派",
        en: "Assign inside the unit",
        roles: &[Unit],
        states: AT_UNIT,
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::line("bureau", at.t("科室", "Bureau")).max(64),
                Field::line("clerk", at.t("经办人账号", "Principal of the clerk")),
                Field::time("inner_due_time", at.t("内部时限", "Inner limit")),
                Field::line("note", at.t("交办说明", "A note for the clerk")).max(500),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let mut command = AssignInside::new(input.subject);
                command.bureau = input.values.get("bureau");
                command.clerk = input.values.get("clerk");
                command.inner_due_time = input.values.time("inner_due_time");
                command.note = input.values.get("note");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().assign_inside(command).await?))
            })
        },
    },
    Verb {
        key: "request-help",
        zh: "请求协助",
        en: "Ask for help",
        roles: &[Unit],
        states: AT_UNIT,
        subject: Subject::Ticket,
        fields: |at| {
            vec![Field::long("reason", at.t("需要什么协助", "Why help is needed")).required().max(2000)]
        },
        run: |client, input| {
            Box::pin(async move {
                let mut command = RequestHelp::new(input.subject);
                command.reason = input.values.get("reason");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().request_help(command).await?))
            })
        },
    },
    Verb {
        key: "answer-help",
        zh: "答复协助请求",
        en: "Answer the request for help",
        roles: &[Supervisor],
        states: AT_UNIT,
        subject: Subject::Ticket,
        fields: |at| vec![Field::long("answer", at.t("答复", "The answer")).required().max(2000)],
        run: |client, input| {
            Box::pin(async move {
                let mut command = RequestHelp::new(input.subject);
                command.answer = input.values.get("answer");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().request_help(command).await?))
            })
        },
    },
    Verb {
        key: "link-tickets",
        zh: "关联同因工单",
        en: "Link a ticket of the same cause",
        roles: &[Agent, Supervisor],
        states: &[],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::line("other_ticket_number", at.t("另一工单编号", "Number of the other ticket"))
                    .required(),
                Field::line("note", at.t("共同之处", "What they have in common")).max(500),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let mut command = LinkTickets::new(input.subject, input.values.text("other_ticket_number"));
                command.note = input.values.get("note");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().link_tickets(command).await?))
            })
        },
    },
];
