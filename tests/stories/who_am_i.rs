//! `WhoAmI`: a caller asks what the hotline takes it for.

use chrono::TimeDelta;
use hotline_client::{
    ClientKind, CreateClient, ErrorReason, HotlineClient, IssueCredential, Proof, RevokeClient, Role,
};

use super::test_env::{LEAD, TestEnv, refused};

on_every_store!(env:
    everybody_gets_its_principal_roles_and_unit,
    the_expiry_of_the_credential_is_shown,
);

async fn everybody_gets_its_principal_roles_and_unit(env: &TestEnv) {
    for (client, principal, roles, unit) in [
        (env.client("telephony"), "dev-telephony", vec![Role::Telephony], None),
        (env.client("analyst"), "dev-analyst", vec![Role::Analyst], None),
        (env.client("administrator"), "dev-administrator", vec![Role::Administrator], None),
        (
            env.client_with_token(env.server.unit_token(LEAD)),
            "dev-unit-district-chaoyang",
            vec![Role::Unit],
            Some(LEAD),
        ),
    ] {
        let me = client.tickets().who_am_i().await.expect("everybody may ask");
        assert_eq!(me.principal, principal);
        assert_eq!((me.roles, me.unit.as_deref()), (roles, unit), "{principal}");
        assert_eq!((me.expire_time, me.gateway), (None, None), "{principal}");
        assert_eq!(me.now, env.now().await);
    }
    let unknown = env.client_with_token("nobody".repeat(8));
    refused(unknown.tickets().who_am_i().await, ErrorReason::Unauthenticated);
}

async fn the_expiry_of_the_credential_is_shown(env: &TestEnv) {
    let admin = env.client("administrator").admin();
    let roles = [Role::Supervisor, Role::Agent];
    let create = CreateClient::new("li.wei", ClientKind::Staff, &roles, "坐席班长");
    admin.create_client(create).await.expect("it is made");
    let end = env.now().await + TimeDelta::days(30);
    let issue = IssueCredential::new("li.wei", Proof::Token).expire_time(end);
    let token = admin.issue_credential(issue).await.expect("it is issued").token.expect("a token");
    let client = HotlineClient::builder().endpoint(env.server.endpoint()).token(token).connect_lazy();
    let client = client.expect("an endpoint and a token");
    let me = client.tickets().who_am_i().await.expect("it is good");
    assert_eq!((me.principal.as_str(), me.expire_time), ("li.wei", Some(end)));
    assert_eq!(me.roles, [Role::Agent, Role::Supervisor]);
    env.advance_to(end).await;
    refused(client.tickets().who_am_i().await, ErrorReason::Unauthenticated);
    admin.revoke_client(RevokeClient::new("li.wei", "停用")).await.expect("it is revoked");
}
