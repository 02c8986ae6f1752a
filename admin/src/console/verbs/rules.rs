//! Policies and calendars: propose, try, approve, withdraw.

use hotline_client::{
    ApproveProposal, CalendarYear, Policy, Proposal, ProposeCalendar, ProposePolicy, Role::Administrator,
    WithdrawProposal,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::console::form::Field;
use crate::console::policy_names;
use crate::console::values::Values;
use crate::console::verb::{Done, Loaded, Setting, Subject, Trouble, Verb, time_of};
use crate::console::zone;

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "propose-policy",
        zh: "提出新政策",
        en: "Propose a policy",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Policy,
        fields: policy_fields,
        run: |client, input| {
            Box::pin(async move {
                let policy = policy_of(&input.values)?;
                let effective = time_of(&input.values, "effective_time")?;
                let command = ProposePolicy::new(policy, effective, input.values.text("reason"))
                    .request_id(input.request_id);
                Ok(done(&client.admin().propose_policy(command).await?))
            })
        },
    },
    Verb {
        key: "propose-calendar",
        zh: "提出日历年度",
        en: "Propose years of the calendar",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            let example = "[[year]]\nyear = 2027\nnotices = [\"国办发明电〔2026〕…号\"]\n\n[[year.holidays]]\n\
                           name = \"元旦\"\noff = [\"01-01\"]\nwork = []\n";
            vec![
                Field::long(
                    "years",
                    at.t("年度（TOML，每年一段 [[year]]）", "Years, as TOML: one [[year]] each"),
                )
                .required()
                .value(example),
                effective(at),
                reason(at),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let read: Result<Years, _> = toml::from_str(&input.values.text("years"));
                let wrong =
                    Trouble::Field("years", "无法读取，请检查格式。", "This is not TOML of a calendar.");
                let years = read.map_err(|_| wrong)?.year;
                let effective = time_of(&input.values, "effective_time")?;
                let command = ProposeCalendar::new(years, effective, input.values.text("reason"))
                    .request_id(input.request_id);
                Ok(done(&client.admin().propose_calendar(command).await?))
            })
        },
    },
    Verb {
        key: "dry-run",
        zh: "试算",
        en: "Dry run",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Proposal,
        fields: |_| Vec::new(),
        run: |client, input| {
            Box::pin(async move {
                let number = number_of(&input.subject);
                Ok(done(&client.admin().dry_run_proposal(number, Some(input.request_id)).await?))
            })
        },
    },
    Verb {
        key: "approve-proposal",
        zh: "批准",
        en: "Approve",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Proposal,
        fields: |_| Vec::new(),
        run: |client, input| {
            Box::pin(async move {
                let etag = input.etag.unwrap_or_default();
                let command =
                    ApproveProposal::new(number_of(&input.subject), etag).request_id(input.request_id);
                Ok(done(&client.admin().approve_proposal(command).await?))
            })
        },
    },
    Verb {
        key: "withdraw-proposal",
        zh: "撤回",
        en: "Withdraw",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Proposal,
        fields: |at| vec![Field::long("note", at.t("原因", "Why")).max(500)],
        run: |client, input| {
            Box::pin(async move {
                let mut command = WithdrawProposal::new(number_of(&input.subject));
                command.note = input.values.get("note");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(done(&client.admin().withdraw_proposal(command).await?))
            })
        },
    },
];

/// The file of a calendar.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Years {
    year: Vec<CalendarYear>,
}

fn number_of(subject: &str) -> u32 {
    subject.parse().unwrap_or_default()
}

fn done(proposal: &Proposal) -> Done {
    Done::Page(format!("/rules/{}", proposal.number))
}

fn effective(at: &Setting<'_>) -> Field {
    let tomorrow = zone::input(at.now + chrono::TimeDelta::days(1));
    Field::time("effective_time", at.t("生效时间", "Effective from")).required().value(tomorrow)
}

fn reason(at: &Setting<'_>) -> Field {
    Field::long("reason", at.t("理由", "Why")).required().max(500)
}

/// A field for each value of the policy in force.
fn policy_fields(at: &Setting<'_>) -> Vec<Field> {
    let mut fields = vec![reason(at), effective(at)];
    if let Loaded::Policy(policy) = at.loaded
        && let Ok(Value::Object(parts)) = serde_json::to_value(&policy.policy)
    {
        add_fields(at, "policy", &parts, &mut fields);
    }
    fields
}

fn add_fields(at: &Setting<'_>, path: &str, parts: &Map<String, Value>, fields: &mut Vec<Field>) {
    for (name, value) in parts {
        let path = format!("{path}.{name}");
        let label = policy_names::label(&path, at.lang);
        match value {
            Value::Object(parts) => add_fields(at, &path, parts, fields),
            Value::Number(number) => fields.push(Field::number(&path, &label).value(number.to_string())),
            Value::Bool(is_on) => {
                fields.push(Field::check(&path, &label).value(if *is_on { "on" } else { "" }));
            }
            Value::String(text) if name == "clock" => {
                let clocks = [
                    ("natural", at.t("自然日", "natural days")),
                    ("working", at.t("工作日", "working days")),
                ];
                let clocks = clocks.map(|(value, label)| (value.to_owned(), label.to_owned()));
                fields.push(Field::select(&path, &label, clocks).value(text.clone()).required());
            }
            other => {
                let text = other.as_str().unwrap_or_default();
                fields.push(Field::line(&path, &label).value(text));
            }
        }
    }
}

/// The policy of a posted form. The posted names say the shape; numbers are numbers, `on` and nothing are switches.
fn policy_of(values: &Values) -> Result<Policy, Trouble> {
    let wrong =
        || Trouble::Field("reason", "政策的某项数值无法读取。", "A value of the policy can't be read.");
    let mut whole = Map::new();
    for (path, shape) in policy_names::SHAPES {
        let value = match shape {
            policy_names::Shape::Number => {
                let blank = "请填写整数。";
                let number =
                    values.number::<u32>(path).ok_or(Trouble::Field(path, blank, "Give a whole number."))?;
                Value::from(number)
            }
            policy_names::Shape::Switch => Value::Bool(values.is_checked(path)),
            policy_names::Shape::Text => Value::String(values.text(path)),
        };
        let mut part = &mut whole;
        let names: Vec<_> = path.split('.').skip(1).collect();
        let (last, parents) = names.split_last().ok_or_else(wrong)?;
        for parent in parents {
            let inner = part.entry(*parent).or_insert_with(|| Value::Object(Map::new()));
            part = inner.as_object_mut().ok_or_else(wrong)?;
        }
        part.insert((*last).to_owned(), value);
    }
    serde_json::from_value(Value::Object(whole)).map_err(|_| wrong())
}
