//! The dispatch desk: plan, dispatch, rule on returns, decide carry-overs.

use hotline_client::{
    CarryOverStep, CarryOverTicket, DispatchTicket, PlanTicket,
    Role::{Coordinator, Dispatcher, Supervisor},
    RuleOnReturn, Ruling,
    TicketState::{Dispatched, Handling, Planning, Received, Returned},
};

use crate::console::form::{Field, labels, units};
use crate::console::verb::{Done, Setting, Subject, Verb};

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "rule-on-return",
        zh: "裁定退单",
        en: "Rule on the return",
        roles: &[Dispatcher],
        states: &[Returned],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::select("ruling", at.t("裁定", "Ruling"), labels!(Ruling, at.lang)).required(),
                Field::long("note", at.t("说明", "Note")).required().max(2000),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let ruling = input.values.choice("ruling").unwrap_or(Ruling::Unrecognised(0));
                let command = RuleOnReturn::new(input.subject, ruling, input.values.text("note"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().rule_on_return(command).await?))
            })
        },
    },
    Verb {
        key: "plan-ticket",
        zh: "制定办理方案",
        en: "Write the plan",
        roles: &[Coordinator],
        states: &[Planning],
        subject: Subject::Ticket,
        fields: |at| {
            let plan = at.ticket().and_then(|ticket| ticket.plan.clone());
            vec![
                Field::long("text", at.t("方案", "Plan"))
                    .required()
                    .max(10_000)
                    .value_or_none(plan.as_ref().map(|plan| plan.text.clone())),
                lead(at).value_or_none(plan.as_ref().map(|plan| plan.lead_unit.clone())),
                Field::many("assist_units", at.t("协办单位", "Assisting units"), units(at.names, at.lang))
                    .values(plan.map(|plan| plan.assist_units).as_deref().unwrap_or_default()),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let command = PlanTicket::new(input.subject, values.text("text"), values.text("lead_unit"))
                    .assist_units(values.all("assist_units"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().plan_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "dispatch-ticket",
        zh: "派单",
        en: "Dispatch",
        roles: &[Dispatcher, Coordinator, Supervisor],
        states: &[Received, Planning, Dispatched, Handling, Returned],
        subject: Subject::Ticket,
        fields: dispatch,
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let mut command = DispatchTicket::new(input.subject, values.text("lead_unit"))
                    .assist_units(values.all("assist_units"))
                    .inform_units(values.all("inform_units"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                command.note = values.get("note");
                command.reason = values.get("reason");
                Ok(Done::ticket(&client.tickets().dispatch_ticket(command).await?))
            })
        },
    },
    Verb {
        key: "decide-carry-over",
        zh: "审定挂账",
        en: "Decide the carry-over",
        roles: &[Dispatcher],
        states: &[Handling],
        subject: Subject::Ticket,
        fields: |at| {
            let choices = [("yes", at.t("同意", "Grant")), ("no", at.t("不同意", "Refuse"))];
            let choices = choices.map(|(value, label)| (value.to_owned(), label.to_owned()));
            vec![
                Field::select("decision.granted", at.t("决定", "Decision"), choices).required(),
                Field::long("decision.note", at.t("说明（不同意时必填）", "Note; required if refused"))
                    .max(2000),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let granted = input.values.text("decision.granted") == "yes";
                let step = CarryOverStep::Decide { granted, note: input.values.get("decision.note") };
                let command =
                    CarryOverTicket::new(input.subject, step).etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().carry_over_ticket(command).await?))
            })
        },
    },
];

fn lead(at: &Setting<'_>) -> Field {
    Field::select("lead_unit", at.t("主办单位", "Lead unit"), units(at.names, at.lang)).required()
}

/// The plan, then the last dispatch, then the catalogue say who should lead.
fn dispatch(at: &Setting<'_>) -> Vec<Field> {
    let ticket = at.ticket();
    let plan = ticket.and_then(|ticket| ticket.plan.clone());
    let proposed = ticket.and_then(|ticket| ticket.returns.last()?.proposed_unit.clone());
    let suggested =
        plan.as_ref().map(|plan| plan.lead_unit.clone()).or(proposed).or(at.catalogue_unit.clone());
    let hint = match (&plan, &at.catalogue_unit) {
        (Some(_), _) => at.t("依据：办理方案", "As the plan says").to_owned(),
        (None, Some(unit)) => {
            format!("{}{}", at.t("派单目录：", "The catalogue names: "), at.names.unit(unit, at.lang))
        }
        (None, None) => at.t("派单目录中没有此事项", "The catalogue names no unit").to_owned(),
    };
    let assisting = plan.map(|plan| plan.assist_units).unwrap_or_default();
    vec![
        lead(at).value_or_none(suggested).hint(&hint),
        Field::many("assist_units", at.t("协办单位", "Assisting units"), units(at.names, at.lang))
            .values(&assisting),
        Field::many("inform_units", at.t("抄送单位", "Informed units"), units(at.names, at.lang)),
        Field::long("note", at.t("给承办单位的说明", "Note for the units")).max(2000),
        Field::line("reason", at.t("改派原因（已签收时必填）", "Why it moves; required once accepted"))
            .max(2000),
    ]
}
