//! Clients in the database: an administrator makes them, and a credential that is shown once authenticates them. From
//! the call after a revocation no server admits them, and their open streams end soon after.

use std::time::Duration;

use chrono::TimeDelta;
use hotline_client::{
    ClientKind, ClientState, CreateClient, Error, ErrorReason, HotlineClient, IssueCredential, ListClients,
    ListTickets, Proof, RevokeClient, RevokeCredential, Role, Token, Uuid,
};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Streaming};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use super::test_env::{LEAD, TestEnv, appeal, refused};

on_every_store!(env:
    a_client_is_let_in_by_what_it_was_issued,
    a_token_is_shown_once,
    who_is_revoked_is_refused_from_the_next_call,
    nobody_revokes_himself,
    the_database_puts_the_file_out_of_force,
    an_open_stream_ends_with_its_credential,
    every_error_in_a_client_is_named,
);

/// An agent with a token from the database.
pub(crate) async fn agent(env: &TestEnv, principal: &str) -> (HotlineClient, String) {
    let admin = env.client("administrator").admin();
    let create = CreateClient::new(principal, ClientKind::Staff, &[Role::Agent], "入职");
    admin.create_client(create).await.expect("it is made");
    with_token(env, principal).await
}

async fn with_token(env: &TestEnv, principal: &str) -> (HotlineClient, String) {
    let issue = IssueCredential::new(principal, Proof::Token);
    let issued = env.client("administrator").admin().issue_credential(issue).await.expect("it is issued");
    let token = issued.token.expect("a token is shown with the answer that issues it");
    (as_holder(&env.server.endpoint(), token), issued.credential.id)
}

fn as_holder(endpoint: &str, token: impl Into<Token>) -> HotlineClient {
    let client = HotlineClient::builder().endpoint(endpoint).token(token).connect_lazy();
    client.expect("an endpoint and a token")
}

/// Any call.
pub(crate) async fn call(client: &HotlineClient) -> Result<(), Error> {
    client.tickets().list_tickets(ListTickets::default()).try_next().await.map(|_| ())
}

async fn a_client_is_let_in_by_what_it_was_issued(env: &TestEnv) {
    let (li, _) = agent(env, "li.wei").await;
    let number = li.tickets().create_ticket(appeal()).await.expect("an agent takes in").number;
    assert_eq!(env.events(&number).await[0].actor.as_deref(), Some("li.wei"));
    let admin = env.client("administrator").admin();
    refused(li.admin().get_client("li.wei").await, ErrorReason::RoleNotAllowed);

    let gateway = CreateClient::for_unit("chaoyang-gateway", ClientKind::Machine, LEAD, "区网关");
    admin.create_client(gateway).await.expect("it is made");
    let (unit, _) = with_token(env, "chaoyang-gateway").await;
    refused(unit.tickets().get_ticket(&number).await, ErrorReason::TicketNotFound);
    env.dispatch(&number, LEAD).await;
    unit.tickets().get_ticket(&number).await.expect("it is its unit's");

    let end = env.now().await + TimeDelta::hours(8);
    let issue = IssueCredential { expire_time: Some(end), ..IssueCredential::new("li.wei", Proof::Token) };
    let issued = admin.issue_credential(issue).await.expect("it is issued");
    let shift = as_holder(&env.server.endpoint(), issued.token.expect("a token"));
    call(&shift).await.expect("it is good for the shift");
    env.advance_to(end).await;
    refused(call(&shift).await, ErrorReason::Unauthenticated);
    call(&li).await.expect("the other one is good still");

    let view = admin.get_client("li.wei").await.expect("it is there");
    assert_eq!(
        (view.client.state, view.client.created_by.as_str()),
        (ClientState::Active, "dev-administrator")
    );
    assert_eq!(view.credentials.len(), 2);
    let of_unit = ListClients { unit: Some(LEAD.into()), ..ListClients::default() };
    let names = async |which| {
        let all = admin.list_clients(which).take_up_to(10).await.expect("an administrator lists");
        all.into_iter().map(|client| client.principal).collect::<Vec<_>>()
    };
    assert_eq!(names(of_unit).await, ["chaoyang-gateway"]);
    let paged = ListClients { page_size: Some(1), ..ListClients::default() };
    assert_eq!(names(paged).await, ["chaoyang-gateway", "li.wei"]);
}

async fn a_token_is_shown_once(env: &TestEnv) {
    agent(env, "li.wei").await;
    let admin = env.client("administrator").admin();
    let request_id = Some(Uuid::from_u128(4711));
    let issue = IssueCredential { request_id, ..IssueCredential::new("li.wei", Proof::Token) };
    let first = admin.issue_credential(issue.clone()).await.expect("it is issued");
    let again = admin.issue_credential(issue.clone()).await.expect("a repeat is answered");
    assert_eq!(again.credential, first.credential, "it is the same one");
    assert_eq!((first.token_withheld, again.token, again.token_withheld), (false, None, true));
    let other = IssueCredential { expire_time: Some(env.now().await + TimeDelta::days(1)), ..issue };
    refused(admin.issue_credential(other).await, ErrorReason::RequestIdReused);

    let token = first.token.expect("a token");
    assert!(!format!("{token:?}").contains("hotline_"), "it is not printed");
    if env.server.database().is_none() {
        // It is in no file of the server: not in the database, its log, or the output.
        for file in std::fs::read_dir(env.server.data_dir()).expect("a folder").flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            let bytes = std::fs::read(file.path()).expect("a file");
            let text = String::from_utf8_lossy(&bytes);
            let held =
                text.matches("hotline_").filter(|_| !name.starts_with("development-credentials")).count();
            assert_eq!(held, 0, "{name} holds a token");
        }
    }
    assert!(!env.server.output().contains("hotline_"));
}

async fn who_is_revoked_is_refused_from_the_next_call(env: &TestEnv) {
    let (li, _) = agent(env, "li.wei").await;
    let (_, second) = with_token(env, "li.wei").await;
    let other = env.server.database().map(|_| env.server.beside());
    let endpoint = other.as_ref().unwrap_or(&env.server).endpoint();
    let admin = env.client("administrator").admin();
    let issue = IssueCredential::new("li.wei", Proof::Token);
    let issued = admin.issue_credential(issue).await.expect("it is issued");
    let elsewhere = as_holder(&endpoint, issued.token.expect("a token"));
    call(&elsewhere).await.expect("the other server knows it at once");

    for _ in 0..20 {
        let issued = admin.issue_credential(IssueCredential::new("li.wei", Proof::Token)).await;
        let issued = issued.expect("it is issued");
        let one = as_holder(&endpoint, issued.token.expect("a token"));
        call(&one).await.expect("it is good");
        let revoke = RevokeCredential::new(issued.credential.id, "演练");
        admin.revoke_credential(revoke).await.expect("it is revoked");
        refused(call(&one).await, ErrorReason::Unauthenticated);
    }
    let twice = RevokeCredential::new(second, "手机遗失");
    let actual = admin.revoke_credential(twice.clone()).await.expect("it is revoked");
    assert_eq!(actual.revoked_by.as_deref(), Some("dev-administrator"));
    assert_eq!(
        (actual.revoke_time, actual.revoke_note.as_deref()),
        (Some(env.now().await), Some("手机遗失"))
    );
    refused(admin.revoke_credential(twice).await, ErrorReason::CredentialRevoked);
    call(&elsewhere).await.expect("one credential is not the client");

    let revoke =
        RevokeClient { request_id: Some(Uuid::from_u128(4712)), ..RevokeClient::new("li.wei", "离职") };
    let actual = admin.revoke_client(revoke.clone()).await.expect("it is revoked");
    for client_with_token in [&elsewhere, &li] {
        refused(call(client_with_token).await, ErrorReason::Unauthenticated);
    }
    assert_eq!(actual.state, ClientState::Revoked);
    assert_eq!(admin.revoke_client(revoke).await.expect("a repeat is answered"), actual);
    refused(admin.revoke_client(RevokeClient::new("li.wei", "再次")).await, ErrorReason::ClientRevoked);
    let late = admin.issue_credential(IssueCredential::new("li.wei", Proof::Token)).await;
    refused(late, ErrorReason::ClientRevoked);
    let same = CreateClient::new("li.wei", ClientKind::Staff, &[Role::Agent], "复职");
    refused(admin.create_client(same).await, ErrorReason::ClientExists);
}

async fn nobody_revokes_himself(env: &TestEnv) {
    let admin = env.client("administrator").admin();
    let mut chiefs = Vec::new();
    for name in ["chief-1", "chief-2"] {
        let create = CreateClient::new(name, ClientKind::Staff, &[Role::Administrator], "管理员");
        admin.create_client(create).await.expect("it is made");
        chiefs.push(with_token(env, name).await);
    }
    let [(one, own), (two, _)] = chiefs.as_slice() else { panic!("two") };
    refused(one.admin().revoke_client(RevokeClient::new("chief-1", "误操作")).await, ErrorReason::OwnAccess);
    let of_own = RevokeCredential::new(own, "误操作");
    refused(one.admin().revoke_credential(of_own.clone()).await, ErrorReason::OwnAccess);
    let (fresh, _) = with_token(env, "chief-1").await;
    fresh.admin().revoke_credential(of_own).await.expect("the new one works, so the old one may go");
    refused(call(one).await, ErrorReason::Unauthenticated);

    // If two administrators revoke each other at once, one stays.
    let (first, second) = (fresh.admin(), two.admin());
    let (first, second) = tokio::join!(
        first.revoke_client(RevokeClient::new("chief-2", "互相")),
        second.revoke_client(RevokeClient::new("chief-1", "互相")),
    );
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
}

async fn the_database_puts_the_file_out_of_force(env: &TestEnv) {
    let seat = env.client("agent");
    call(&seat).await.expect("the file speaks for it");
    let create = CreateClient::new("dev-agent", ClientKind::Staff, &[Role::Analyst], "转入数据库");
    env.client("administrator").admin().create_client(create).await.expect("it is made");
    refused(call(&seat).await, ErrorReason::Unauthenticated);
}

fn health(env: &TestEnv) -> HealthClient<Channel> {
    let endpoint = Endpoint::from_shared(env.server.endpoint()).expect("the address is an endpoint");
    HealthClient::new(endpoint.connect_lazy())
}

async fn watch(env: &TestEnv, token: &str) -> Streaming<HealthCheckResponse> {
    let request = super::test_env::with_token(token, HealthCheckRequest::default());
    let mut stream = health(env).watch(request).await.expect("health is watched").into_inner();
    stream.message().await.expect("it begins").expect("with a word");
    stream
}

async fn an_open_stream_ends_with_its_credential(env: &TestEnv) {
    agent(env, "li.wei").await;
    let admin = env.client("administrator").admin();
    let mut tokens = Vec::new();
    for at in [None, None, Some(env.now().await + TimeDelta::hours(1))] {
        let issue = IssueCredential { expire_time: at, ..IssueCredential::new("li.wei", Proof::Token) };
        let issued = admin.issue_credential(issue).await.expect("it is issued");
        let token = issued.token.expect("a token").reveal().to_owned();
        tokens.push((token, issued.credential.id));
    }
    let file = env.server.token("agent");
    let mut streams = Vec::new();
    for token in [&tokens[0].0, &tokens[1].0, &tokens[2].0, &file] {
        streams.push(watch(env, token).await);
    }
    let revoke = RevokeCredential::new(&tokens[0].1, "手机遗失");
    admin.revoke_credential(revoke).await.expect("it is revoked");
    env.advance(TimeDelta::hours(2)).await;
    let limit = Duration::from_secs(30);
    for place in [2, 0] {
        let ended = tokio::time::timeout(limit, streams[place].message()).await.expect("within 30 seconds");
        assert_eq!(ended.expect_err("it is refused").code(), Code::Unauthenticated, "{place}");
    }
    admin.revoke_client(RevokeClient::new("li.wei", "离职")).await.expect("it is revoked");
    let ended = tokio::time::timeout(limit, streams[1].message()).await.expect("within 30 seconds");
    assert_eq!(ended.expect_err("it is refused").code(), Code::Unauthenticated);
    let still = tokio::time::timeout(Duration::from_millis(200), streams[3].message()).await;
    assert!(still.is_err(), "nobody else's stream ends");

    let again = super::test_env::with_token(&tokens[1].0, HealthCheckRequest::default());
    let refused = health(env).check(again).await.expect_err("a bad token is refused everywhere");
    assert_eq!(refused.code(), Code::Unauthenticated);
    health(env).check(HealthCheckRequest::default()).await.expect("nobody needs one to ask for health");
}

async fn every_error_in_a_client_is_named(env: &TestEnv) {
    let admin = env.client("administrator").admin();
    let field = |error: Error| error.field_violations()[0].field.clone();
    let sound = CreateClient::new("li.wei", ClientKind::Staff, &[Role::Agent], "入职");
    for (wrong, name) in [
        (CreateClient { principal: "system".into(), ..sound.clone() }, "principal"),
        (CreateClient { roles: vec![], ..sound.clone() }, "roles"),
        (CreateClient { roles: vec![Role::Agent, Role::Agent], ..sound.clone() }, "roles"),
        (CreateClient { roles: vec![Role::Unit], ..sound.clone() }, "roles"),
        (CreateClient { unit: Some(LEAD.into()), ..sound.clone() }, "roles"),
        (CreateClient { note: String::new(), ..sound.clone() }, "note"),
    ] {
        let error = refused(admin.create_client(wrong).await, ErrorReason::InvalidFields);
        assert_eq!(field(error), name);
    }
    let nowhere = CreateClient::for_unit("gateway", ClientKind::Machine, "dept-nowhere", "网关");
    refused(admin.create_client(nowhere).await, ErrorReason::UnitUnknown);
    admin.create_client(sound).await.expect("it is made");
    let certificate = || Proof::Certificate { uri: "spiffe://hotline/li".into() };
    let wrong = IssueCredential::new("li.wei", certificate());
    refused(admin.issue_credential(wrong).await, ErrorReason::InvalidFields);
    let past = IssueCredential {
        expire_time: Some(env.now().await),
        ..IssueCredential::new("li.wei", Proof::Token)
    };
    refused(admin.issue_credential(past).await, ErrorReason::InvalidFields);
    refused(
        admin.issue_credential(IssueCredential::new("nobody", Proof::Token)).await,
        ErrorReason::ClientNotFound,
    );
    refused(
        admin.revoke_credential(RevokeCredential::new("nothing", "x")).await,
        ErrorReason::CredentialNotFound,
    );
    let subject = || Proof::Subject { issuer: "https://id.example".into(), subject: "li".into() };
    admin.issue_credential(IssueCredential::new("li.wei", subject())).await.expect("it is issued");
    let create = CreateClient::new("wang.fang", ClientKind::Staff, &[Role::Agent], "入职");
    admin.create_client(create).await.expect("it is made");
    let taken = admin.issue_credential(IssueCredential::new("wang.fang", subject())).await;
    refused(taken, ErrorReason::CredentialTaken);
}
