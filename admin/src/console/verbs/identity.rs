//! Who called: revealed for a purpose, approved by a second person, completed or corrected.

use hotline_client::{
    ApproveReveal, RevealIdentity, RevealPurpose,
    Role::{Agent, Supervisor},
    UpdateCaller,
};

use crate::console::form::{Field, labels};
use crate::console::verb::{Done, Setting, Subject, Verb};

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "reveal-identity",
        zh: "查看来电人身份",
        en: "Reveal who called",
        roles: &[Agent, Supervisor],
        states: &[],
        subject: Subject::Ticket,
        fields: |at| {
            let mut fields = purpose(at);
            fields.push(
                Field::line("note", at.t("具体说明（记入审计）", "In words; it is recorded"))
                    .required()
                    .max(500),
            );
            fields
        },
        run: |client, input| {
            Box::pin(async move {
                let purpose = input.values.choice("purpose").unwrap_or(RevealPurpose::Unrecognised(0));
                let note = input.values.text("note");
                let command = RevealIdentity::new(&input.subject, purpose, note).request_id(input.request_id);
                let revealed = client.tickets().reveal_identity(command).await?;
                Ok(Done::Caller(input.subject, Box::new(revealed)))
            })
        },
    },
    Verb {
        key: "approve-reveal",
        zh: "批准查看身份",
        en: "Approve a reveal",
        roles: &[Supervisor],
        states: &[],
        subject: Subject::Ticket,
        fields: |at| {
            let mut fields = vec![Field::line("principal", at.t("谁可以查看", "Who may reveal")).required()];
            fields.extend(purpose(at));
            fields.push(Field::line("note", at.t("批准理由", "Why")).required().max(500));
            fields
        },
        run: |client, input| {
            Box::pin(async move {
                let purpose = input.values.choice("purpose").unwrap_or(RevealPurpose::Unrecognised(0));
                let (who, note) = (input.values.text("principal"), input.values.text("note"));
                let command =
                    ApproveReveal::new(&input.subject, who, purpose, note).request_id(input.request_id);
                client.tickets().approve_reveal(command).await?;
                Ok(Done::Page(format!("/tickets/{}", input.subject)))
            })
        },
    },
    Verb {
        key: "update-caller",
        zh: "补充来电人信息",
        en: "Complete who called",
        roles: &[Agent],
        states: &[],
        subject: Subject::Ticket,
        fields: |at| {
            vec![
                Field::line("enterprise.name", at.t("企业名称", "Company")).max(200),
                Field::line(
                    "enterprise.social_credit_code",
                    at.t("统一社会信用代码", "Unified social credit code"),
                ),
                Field::line("contact.name", at.t("联系人", "Contact")).max(64),
                Field::line("contact.phone", at.t("联系电话", "Telephone")).max(200),
                Field::line("industry", at.t("行业", "Industry")).max(64),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let mut command = UpdateCaller::new(&input.subject);
                command.enterprise_name = input.values.get("enterprise.name");
                command.social_credit_code = input.values.get("enterprise.social_credit_code");
                command.contact_name = input.values.get("contact.name");
                command.contact_phone = input.values.get("contact.phone");
                command.industry = input.values.get("industry");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(Done::ticket(&client.tickets().update_caller(command).await?.ticket))
            })
        },
    },
];

fn purpose(at: &Setting<'_>) -> Vec<Field> {
    vec![Field::select("purpose", at.t("目的", "Purpose"), labels!(RevealPurpose, at.lang)).required()]
}
