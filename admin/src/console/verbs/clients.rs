//! Clients of the hotline and their credentials.

use hotline_client::{
    ClientKind, CreateClient, IssueCredential, Proof, RevokeClient, RevokeCredential,
    Role::{self, Administrator},
};

use crate::console::form::{Field, labels, units};
use crate::console::verb::{Done, Subject, Trouble, Verb};

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "create-client",
        zh: "新建账号",
        en: "New client",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            vec![
                Field::line("principal", at.t("账号", "Principal")).required().max(64),
                Field::select("kind", at.t("类型", "Kind"), labels!(ClientKind, at.lang)).required(),
                Field::many("roles", at.t("角色", "Roles"), labels!(Role, at.lang)).required(),
                Field::select(
                    "unit",
                    at.t("所属单位（仅承办单位）", "Unit, for the role of a unit"),
                    units(at.names, at.lang),
                ),
                Field::long("note", at.t("说明", "Why")).required().max(500),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let kind = values.choice("kind").unwrap_or(ClientKind::Unrecognised(0));
                let roles: Vec<Role> =
                    values.all("roles").iter().filter_map(|role| role.parse().ok()).collect();
                let mut command =
                    CreateClient::new(values.text("principal"), kind, &roles, values.text("note"));
                command.unit = values.get("unit");
                let made = client.admin().create_client(command.request_id(input.request_id)).await?;
                Ok(Done::Page(format!("/clients/{}", made.principal)))
            })
        },
    },
    Verb {
        key: "issue-credential",
        zh: "签发凭据",
        en: "Issue a credential",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            let kinds = [
                ("token", at.t("令牌", "Token")),
                ("certificate", at.t("客户端证书", "Client certificate")),
                ("subject", at.t("身份提供方的用户", "Subject of the identity provider")),
            ];
            let kinds = kinds.map(|(value, label)| (value.to_owned(), label.to_owned()));
            vec![
                Field::select("proof", at.t("凭据类型", "Kind"), kinds).required(),
                Field::line("certificate.uri", at.t("证书 URI", "URI of the certificate")),
                Field::line("subject.issuer", at.t("身份提供方", "Issuer")),
                Field::line("subject.subject", at.t("用户标识", "Subject")),
                Field::time("expire_time", at.t("失效时间", "Expires")),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let proof = match values.text("proof").as_str() {
                    "token" => Proof::Token,
                    "certificate" => Proof::Certificate { uri: values.text("certificate.uri") },
                    "subject" => Proof::Subject {
                        issuer: values.text("subject.issuer"),
                        subject: values.text("subject.subject"),
                    },
                    _ => return Err(Trouble::Field("proof", "请选择凭据类型。", "Choose a kind.")),
                };
                let mut command = IssueCredential::new(&input.subject, proof);
                command.expire_time = values.time("expire_time");
                let issued = client.admin().issue_credential(command.request_id(input.request_id)).await?;
                Ok(Done::Token(input.subject, issued.token))
            })
        },
    },
    Verb {
        key: "revoke-credential",
        zh: "吊销凭据",
        en: "Revoke the credential",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Name,
        fields: |at| vec![Field::long("note", at.t("原因", "Why")).required().max(500)],
        run: |client, input| {
            Box::pin(async move {
                let command = RevokeCredential::new(input.subject, input.values.text("note"))
                    .request_id(input.request_id);
                let revoked = client.admin().revoke_credential(command).await?;
                Ok(Done::Page(format!("/clients/{}", revoked.principal)))
            })
        },
    },
    Verb {
        key: "revoke-client",
        zh: "注销账号",
        en: "Revoke the client",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Name,
        fields: |at| vec![Field::long("note", at.t("原因", "Why")).required().max(500)],
        run: |client, input| {
            Box::pin(async move {
                let command =
                    RevokeClient::new(input.subject, input.values.text("note")).request_id(input.request_id);
                let revoked = client.admin().revoke_client(command).await?;
                Ok(Done::Page(format!("/clients/{}", revoked.principal)))
            })
        },
    },
];
