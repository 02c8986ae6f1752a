//! Intake: a new ticket, an answer on the spot, a declined request, the classification, and texts that identify nobody.

use hotline_client::{
    AnswerTicket, ArticleCitation, Category, Channel, ClassifyTicket, Complexity, Contact, CreateTicket,
    DeclineReason, DeclineTicket, Enterprise, MergeTicket, RedactTicket, Responsibility,
    Role::{Agent, Dispatcher, Supervisor, Unit},
    TextTemplateKind,
    TicketState::{Dispatched, Handling, Planning, Received, Returned},
    WithdrawTicket,
};

use crate::console::form::{Field, labels, topics, units};
use crate::console::verb::{Done, Setting, Subject, Trouble, Verb};
use crate::console::zone;

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "classify-ticket",
        zh: "分类",
        en: "Classify",
        roles: &[Agent, Dispatcher, Supervisor],
        states: &[Received, Planning, Dispatched, Handling, Returned],
        subject: Subject::Ticket,
        fields: classification,
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let category = values.choice("category").unwrap_or(Category::Unrecognised(0));
                let complexity = values.choice("complexity").unwrap_or(Complexity::Unrecognised(0));
                let mut command = ClassifyTicket::new(input.subject, category, complexity);
                command.several_units = values.is_checked("several_units");
                command.responsibility = values.choice("responsibility");
                command.topic = values.get("topic");
                command.district = values.get("district");
                command.accused_units = values.all("accused_units");
                command.note = values.get("note");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().classify_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "answer-ticket",
        zh: "当场答复",
        en: "Answer on the spot",
        roles: &[Agent],
        states: &[Received, Returned],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::long("content", at.t("答复内容", "What was said"))
                    .required()
                    .max(10_000)
                    .template(TextTemplateKind::Answer),
                Field::many("articles", at.t("引用的知识", "Cited articles"), at.articles.clone()),
                Field::line(
                    "unanswered_question",
                    at.t("知识库未回答的问题", "The question that no article answers"),
                )
                .max(200),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let cited = input.values.all("articles").into_iter().filter_map(|text| {
                    let (article, version) = text.rsplit_once('@')?;
                    Some(ArticleCitation::new(article, version.parse().ok()?))
                });
                let content = input.values.text("content");
                let mut command = AnswerTicket::new(input.subject, content, cited.collect::<Vec<_>>());
                command.unanswered_question = input.values.get("unanswered_question");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().answer_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "create-ticket",
        zh: "新建工单",
        en: "New ticket",
        roles: &[Agent, Unit],
        states: &[],
        subject: Subject::Name,
        fields: creation,
        run: |client, input| {
            Box::pin(async move {
                let command = created(&input.values)?.request_id(input.request_id);
                let created = client.tickets().create_ticket_with_warnings(command).await?;
                let warned = if created.warnings.is_empty() { "" } else { "&warned=1" };
                Ok(Done::Page(format!("/tickets/{}?made=1{warned}", created.ticket.number)))
            })
        },
    },
    Verb {
        key: "merge-ticket",
        zh: "并入工单",
        en: "Merge as a repeat",
        roles: &[Agent],
        states: &[Received, Planning, Returned],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::line("into_ticket_number", at.t("并入的工单编号", "Number of the open ticket"))
                    .required(),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let command = MergeTicket::new(input.subject, input.values.text("into_ticket_number"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().merge_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "redact-ticket",
        zh: "脱敏复核",
        en: "Review the texts",
        roles: &[Agent],
        states: &[Received, Planning, Dispatched, Handling, Returned],
        subject: Subject::Ticket,
        fields: |at| {
            let content = at.ticket().and_then(|ticket| ticket.content.clone());
            vec![
                Field::line("subject", at.t("新标题（不改则留空）", "New subject, if it changes")).max(200),
                Field::long("content", at.t("新内容（不改则留空）", "New content, if it changes"))
                    .max(10_000)
                    .hint(content.as_deref().unwrap_or_default()),
                Field::check(
                    "keeps_numbers",
                    at.t("文中号码不指向任何人", "Numbers in the texts identify nobody"),
                ),
                Field::long("note", at.t("说明", "What was done")).required().max(2000),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let mut command = RedactTicket::new(input.subject, input.values.text("note"));
                command.subject = input.values.get("subject");
                command.content = input.values.get("content");
                command.keeps_numbers = input.values.is_checked("keeps_numbers");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().redact_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "decline-ticket",
        zh: "不予受理",
        en: "Decline",
        roles: &[Agent],
        states: &[Received, Returned],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::select("reason", at.t("原因", "Reason"), labels!(DeclineReason, at.lang)).required(),
                Field::long("turn_to", at.t("可转向何处", "Where to turn instead"))
                    .required()
                    .max(2000)
                    .template(TextTemplateKind::Decline),
                Field::long("note", at.t("备注", "Note")).max(2000),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let reason = input.values.choice("reason").unwrap_or(DeclineReason::Unrecognised(0));
                let mut command = DeclineTicket::new(input.subject, reason, input.values.text("turn_to"));
                command.note = input.values.get("note");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().decline_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "withdraw-ticket",
        zh: "企业撤回",
        en: "Withdraw",
        roles: &[Agent],
        states: &[Received, Planning, Dispatched, Handling, Returned],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::long("note", at.t("企业撤回的原因", "Why the company withdraws")).required().max(2000),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let command = WithdrawTicket::new(input.subject, input.values.text("note"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().withdraw_ticket(command).await?))
            })
        },
    },
];

fn classification(at: &Setting<'_>) -> Vec<Field> {
    let ticket = at.ticket();
    let suggested = at.suggested_topic.as_deref();
    let suggested =
        suggested.map(|topic| format!("{}{topic}", at.t("建议：", "Suggestion: "))).unwrap_or_default();
    let several = ticket.filter(|ticket| ticket.several_units).map(|_| "on");
    vec![
        Field::select("category", at.t("类别", "Category"), labels!(Category, at.lang))
            .value_or_none(ticket.map(|ticket| ticket.category.to_string()))
            .required(),
        Field::select("complexity", at.t("复杂程度", "Complexity"), labels!(Complexity, at.lang))
            .value_or_none(ticket.map(|ticket| ticket.complexity.to_string()))
            .required(),
        Field::check("several_units", at.t("涉及多个单位", "Several units are involved"))
            .value_or_none(several),
        Field::select("responsibility", at.t("职责", "Responsibility"), labels!(Responsibility, at.lang))
            .value_or_none(ticket.and_then(|ticket| ticket.responsibility).map(|value| value.to_string())),
        Field::select("topic", at.t("事项", "Topic"), topics(at.names, at.lang))
            .value_or_none(ticket.and_then(|ticket| ticket.topic.clone()))
            .hint(&suggested),
        Field::line("district", at.t("区划代码", "District code"))
            .value_or_none(ticket.and_then(|ticket| ticket.district.clone())),
        Field::many("accused_units", at.t("被投诉单位", "Units complained about"), units(at.names, at.lang))
            .hint(at.t("仅用于投诉举报", "For complaint-reports only")),
        Field::long("note", at.t("说明（超期后必填）", "Note; required after the limit")).max(2000),
    ]
}

fn creation(at: &Setting<'_>) -> Vec<Field> {
    let is_unit = at.roles.contains(&Unit);
    let call = at.query.get("call");
    let default = match (is_unit, &call) {
        (true, _) => Channel::Partner,
        (false, Some(_)) => Channel::Telephone,
        (false, None) => Channel::Web,
    };
    let channels = [default, Channel::Web, Channel::App, Channel::Telephone, Channel::Partner];
    let shown = if is_unit { &channels[..1] } else { &channels[1..] };
    let channels = shown.iter().map(|value| (value.to_string(), value.label(at.lang.sdk()).into_owned()));
    let mut fields = vec![
        Field::line("subject", at.t("标题", "Subject")).required().max(200),
        Field::long("content", at.t("诉求内容", "What the company asks")).required().max(10_000),
    ];
    fields.extend(
        classification(at)
            .into_iter()
            .filter(|field| !matches!(field.name.as_str(), "responsibility" | "note")),
    );
    fields.extend([
        Field::select("channel", at.t("来源渠道", "Channel"), channels).value(default.to_string()).required(),
        Field::time("call_start_time", at.t("通话开始时间", "Start of the call"))
            .hint(at.t("电话渠道必填", "Required for telephone"))
            .value_or_none(call.is_some().then(|| zone::input(at.now))),
        Field::line("call_id", at.t("来电编号", "Call id")).value_or_none(call),
        Field::line("enterprise.name", at.t("企业名称", "Company")).max(200),
        Field::line("enterprise.social_credit_code", at.t("统一社会信用代码", "Unified social credit code")),
        Field::line("industry", at.t("行业", "Industry")).max(64),
        Field::line("contact.name", at.t("联系人", "Contact")).max(64),
        Field::line("contact.phone", at.t("联系电话", "Telephone")).max(200),
        Field::select(
            "confidential",
            at.t("是否保密", "Confidential"),
            [
                ("yes".to_owned(), at.t("保密", "Yes").to_owned()),
                ("no".to_owned(), at.t("不保密", "No").to_owned()),
            ],
        )
        .hint(at.t("不选则按类别规则", "Without a choice the rules of the category decide")),
        Field::line("follows_ticket_number", at.t("接续的已关闭工单", "The closed ticket that it follows")),
    ]);
    fields
}

fn created(values: &crate::console::values::Values) -> Result<CreateTicket, Trouble> {
    let mut command = CreateTicket::new(
        values.choice("category").unwrap_or(Category::Unrecognised(0)),
        values.choice("complexity").unwrap_or(Complexity::Unrecognised(0)),
        values.choice("channel").unwrap_or(Channel::Unrecognised(0)),
        values.text("subject"),
        values.text("content"),
    );
    command.several_units = values.is_checked("several_units");
    command.topic = values.get("topic");
    command.district = values.get("district");
    command.industry = values.get("industry");
    command.accused_units = values.all("accused_units");
    command.follows_ticket_number = values.get("follows_ticket_number");
    command.call_id = values.get("call_id");
    command.confidential = values.get("confidential").map(|value| value == "yes");
    if let Some(text) = values.get("call_start_time") {
        let wrong = Trouble::Field("call_start_time", "时间格式有误。", "This is not a date and a time.");
        command.call_start_time = Some(values.time("call_start_time").ok_or(wrong)?);
        debug_assert!(!text.is_empty(), "an empty time is none");
    }
    let code = values.get("enterprise.social_credit_code");
    if let Some(name) = values.get("enterprise.name").or_else(|| code.clone().map(|_| String::new())) {
        let mut enterprise = Enterprise::new(name);
        enterprise.social_credit_code = code;
        command.enterprise = Some(enterprise);
    }
    let (name, phone) = (values.get("contact.name"), values.get("contact.phone"));
    if name.is_some() || phone.is_some() {
        command.contact = Some(Contact::new(name.unwrap_or_default(), phone.unwrap_or_default()));
    }
    Ok(command)
}
