//! The assessment: objections, exclusions, schemes and publications, each decided by a second person.

use hotline_client::{
    ApprovePublication, ApproveScheme, CorrectMonth, DecideExclusion, DecideObjection, FileObjection,
    ProposePublication, ProposeScheme, RequestExclusion,
    Role::{Administrator, Analyst, Supervisor, Unit},
};

use crate::console::form::{Field, units};
use crate::console::score_records;
use crate::console::verb::{Done, Loaded, Setting, Subject, Trouble, Verb};

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "file-objection",
        zh: "提出申诉",
        en: "Object",
        roles: &[Unit],
        states: &[],
        subject: Subject::Name,
        fields: case_fields,
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let command = FileObjection::new(input.subject, values.text("month"), values.text("reason"))
                    .evidence(values.get("evidence"))
                    .request_id(input.request_id);
                client.assessment().file_objection(command).await?;
                Ok(Done::Page("/objections".to_owned()))
            })
        },
    },
    Verb {
        key: "request-exclusion",
        zh: "申请剔除",
        en: "Ask to leave it out",
        roles: &[Supervisor],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            let unit = Field::select("unit", at.t("单位", "Unit"), units(at.names, at.lang));
            let mut fields = vec![unit.required().value(at.query.text("unit"))];
            fields.extend(case_fields(at));
            fields
        },
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let (month, reason) = (values.text("month"), values.text("reason"));
                let command = RequestExclusion::new(input.subject, month, reason, values.text("unit"))
                    .evidence(values.get("evidence"))
                    .request_id(input.request_id);
                client.assessment().request_exclusion(command).await?;
                Ok(Done::Page("/objections".to_owned()))
            })
        },
    },
    Verb {
        key: "decide-objection",
        zh: "裁定申诉",
        en: "Decide the objection",
        roles: &[Supervisor],
        states: &[],
        subject: Subject::Exclusion,
        fields: decision_fields,
        run: |client, input| {
            Box::pin(async move {
                let exclusion = score_records::exclusion(&client, &input.subject).await?;
                let (accepted, note) = (decision(&input.values)?, input.values.text("note"));
                let command = DecideObjection::of(&exclusion, accepted, note)
                    .etag(input.etag.unwrap_or_default())
                    .request_id(input.request_id);
                client.assessment().decide_objection(command).await?;
                Ok(Done::Page("/objections".to_owned()))
            })
        },
    },
    Verb {
        key: "decide-exclusion",
        zh: "裁定剔除",
        en: "Decide the exclusion",
        roles: &[Supervisor],
        states: &[],
        subject: Subject::Exclusion,
        fields: decision_fields,
        run: |client, input| {
            Box::pin(async move {
                let exclusion = score_records::exclusion(&client, &input.subject).await?;
                let (accepted, note) = (decision(&input.values)?, input.values.text("note"));
                let command = DecideExclusion::of(&exclusion, accepted, note)
                    .etag(input.etag.unwrap_or_default())
                    .request_id(input.request_id);
                client.assessment().decide_exclusion(command).await?;
                Ok(Done::Page("/objections".to_owned()))
            })
        },
    },
    Verb {
        key: "propose-scheme",
        zh: "提出考核方案",
        en: "Propose a scheme",
        roles: &[Supervisor, Administrator],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            vec![
                month_field(
                    "from_month",
                    at.t("自哪个月起（如 2027-01）", "From which month on, as 2027-01"),
                ),
                Field::long("document", at.t("方案（TOML）", "The scheme, as TOML")).required(),
                reason(at),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let (document, month) = (values.text("document"), values.text("from_month"));
                let command =
                    ProposeScheme::new(document, month, values.text("reason")).request_id(input.request_id);
                let scheme = client.assessment().propose_scheme(command).await?;
                Ok(Done::Page(format!("/schemes/{}", scheme.number)))
            })
        },
    },
    Verb {
        key: "approve-scheme",
        zh: "批准考核方案",
        en: "Approve the scheme",
        roles: &[Supervisor, Administrator],
        states: &[],
        subject: Subject::Scheme,
        fields: |_| Vec::new(),
        run: |client, input| {
            Box::pin(async move {
                let scheme = score_records::scheme_of(&client, &input.subject).await?;
                let command = ApproveScheme::of(&scheme)
                    .etag(input.etag.unwrap_or_default())
                    .request_id(input.request_id);
                let scheme = client.assessment().approve_scheme(command).await?;
                Ok(Done::Page(format!("/schemes/{}", scheme.number)))
            })
        },
    },
    Verb {
        key: "propose-publication",
        zh: "提请发布月度结果",
        en: "Propose to publish a month",
        roles: &[Supervisor, Analyst],
        states: &[],
        subject: Subject::Name,
        fields: publication_fields,
        run: |client, input| {
            Box::pin(async move {
                let (month, reason) = (input.values.text("month"), input.values.text("reason"));
                let command = ProposePublication::new(month, reason).request_id(input.request_id);
                client.assessment().propose_publication(command).await?;
                Ok(Done::Page("/months".to_owned()))
            })
        },
    },
    Verb {
        key: "correct-month",
        zh: "更正月度结果",
        en: "Correct a month",
        roles: &[Supervisor, Analyst],
        states: &[],
        subject: Subject::Name,
        fields: publication_fields,
        run: |client, input| {
            Box::pin(async move {
                let (month, reason) = (input.values.text("month"), input.values.text("reason"));
                let command = CorrectMonth::new(month, reason).request_id(input.request_id);
                client.assessment().correct_month(command).await?;
                Ok(Done::Page("/months".to_owned()))
            })
        },
    },
    Verb {
        key: "approve-publication",
        zh: "批准发布",
        en: "Approve the publication",
        roles: &[Supervisor],
        states: &[],
        subject: Subject::Publication,
        fields: |_| Vec::new(),
        run: |client, input| {
            Box::pin(async move {
                let publication = score_records::publication(&client, &input.subject).await?;
                let command = ApprovePublication::of(&publication)
                    .etag(input.etag.unwrap_or_default())
                    .request_id(input.request_id);
                client.assessment().approve_publication(command).await?;
                Ok(Done::Page("/months".to_owned()))
            })
        },
    },
];

fn month_field(name: &str, label: &str) -> Field {
    Field::line(name, label).required().max(7)
}

fn reason(at: &Setting<'_>) -> Field {
    Field::long("reason", at.t("理由", "Why")).required().max(500)
}

fn publication_fields(at: &Setting<'_>) -> Vec<Field> {
    let month = month_field("month", at.t("月份（如 2026-10）", "The month, as 2026-10"));
    vec![month.value(at.query.text("month")), reason(at)]
}

/// A case is named by its line and its month.
fn case_fields(at: &Setting<'_>) -> Vec<Field> {
    vec![
        month_field("month", at.t("考核月份", "Month")).value(at.query.text("month")),
        reason(at).hint(at.t("请勿写企业或个人信息。", "Name no company and no person.")),
        Field::long("evidence", at.t("证明材料", "What proves it")).max(2000),
    ]
}

fn decision_fields(at: &Setting<'_>) -> Vec<Field> {
    let choices = [("yes", at.t("剔除", "leave the case out")), ("no", at.t("计入", "let it count"))];
    let choices = choices.map(|(value, label)| (value.to_owned(), label.to_owned()));
    let decision = Field::select("accepted", at.t("裁定", "Decision"), choices).required();
    let reason = match at.loaded {
        Loaded::Exclusion(exclusion) => {
            format!("{} {}: {}", exclusion.line, exclusion.month, exclusion.reason)
        }
        _ => String::new(),
    };
    let note = Field::long("note", at.t("裁定理由", "Why")).required().max(500);
    vec![decision.hint(&reason), note]
}

fn decision(values: &crate::console::values::Values) -> Result<bool, Trouble> {
    match values.text("accepted").as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Trouble::Field("accepted", "请选择裁定。", "Choose a decision.")),
    }
}
