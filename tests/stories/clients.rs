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
    a_client_authenticates_with_an_issued_credential,
    a_token_is_shown_once,
    a_revoked_client_is_refused_from_its_next_call,
    administrators_cannot_revoke_themselves,
    a_client_in_the_database_overrides_the_credentials_file,
    an_open_stream_ends_with_its_credential,
    every_error_in_a_client_is_named,
);

/// An agent with a token from the database.
pub(crate) async fn create_agent(env: &TestEnv, principal: &str) -> (HotlineClient, String) {
    let admin = env.client("administrator").admin();
    let create = CreateClient::new(principal, ClientKind::Staff, &[Role::Agent], "入职");
    admin.create_client(create).await.expect("it is made");
    issue_token(env, principal).await
}

async fn issue_token(env: &TestEnv, principal: &str) -> (HotlineClient, String) {
    let issue = IssueCredential::new(principal, Proof::Token);
    let issued = env.client("administrator").admin().issue_credential(issue).await.expect("it is issued");
    let token = issued.token.expect("a token is shown with the answer that issues it");
    (client_with_token(&env.server.endpoint(), token), issued.credential.id)
}

fn client_with_token(endpoint: &str, token: impl Into<Token>) -> HotlineClient {
    let client = HotlineClient::builder().endpoint(endpoint).token(token).connect_lazy();
    client.expect("an endpoint and a token")
}

/// Any call.
pub(crate) async fn list_once(client: &HotlineClient) -> Result<(), Error> {
    client.tickets().list_tickets(ListTickets::default()).try_next().await.map(|_| ())
}

async fn a_client_authenticates_with_an_issued_credential(env: &TestEnv) {
    let (agent, _) = create_agent(env, "li.wei").await;
    let number = agent.tickets().create_ticket(appeal()).await.expect("an agent takes in").number;
    assert_eq!(env.events(&number).await[0].actor.as_deref(), Some("li.wei"));
    let administrator = env.client("administrator").admin();
    refused(agent.admin().get_client("li.wei").await, ErrorReason::RoleNotAllowed);

    let create_gateway = CreateClient::for_unit("chaoyang-gateway", ClientKind::Machine, LEAD, "区网关");
    administrator.create_client(create_gateway).await.expect("it is made");
    let (unit_gateway, _) = issue_token(env, "chaoyang-gateway").await;
    refused(unit_gateway.tickets().get_ticket_with_caller(&number).await, ErrorReason::TicketNotFound);
    env.dispatch(&number, LEAD).await;
    unit_gateway.tickets().get_ticket_with_caller(&number).await.expect("it is its unit's");

    let shift_end = env.now().await + TimeDelta::hours(8);
    let issue_for_shift = IssueCredential::new("li.wei", Proof::Token).expire_time(shift_end);
    let issued = administrator.issue_credential(issue_for_shift).await.expect("it is issued");
    let shift_client = client_with_token(&env.server.endpoint(), issued.token.expect("a token"));
    list_once(&shift_client).await.expect("it is good for the shift");
    env.advance_to(shift_end).await;
    refused(list_once(&shift_client).await, ErrorReason::Unauthenticated);
    list_once(&agent).await.expect("the other one is good still");

    let view = administrator.get_client("li.wei").await.expect("it is there");
    assert_eq!(
        (view.client.state, view.client.created_by.as_str()),
        (ClientState::Active, "dev-administrator")
    );
    assert_eq!(view.credentials.len(), 2);
    let clients_of_unit = ListClients::default().unit(LEAD);
    let principals = async |which| {
        let all = administrator.list_clients(which).take_up_to(10).await.expect("an administrator lists");
        all.into_iter().map(|client| client.principal).collect::<Vec<_>>()
    };
    assert_eq!(principals(clients_of_unit).await, ["chaoyang-gateway"]);
    let all_clients = ListClients::default().page_size(1);
    assert_eq!(principals(all_clients).await, ["chaoyang-gateway", "li.wei"]);
}

async fn a_token_is_shown_once(env: &TestEnv) {
    create_agent(env, "li.wei").await;
    let administrator = env.client("administrator").admin();
    let request_id = Some(Uuid::from_u128(4711));
    let issue = IssueCredential::new("li.wei", Proof::Token).request_id(request_id);
    let issued = administrator.issue_credential(issue.clone()).await.expect("it is issued");
    let repeat = administrator.issue_credential(issue.clone()).await.expect("a repeat is answered");
    assert_eq!(repeat.credential, issued.credential, "it is the same one");
    assert_eq!((issued.token_withheld, repeat.token, repeat.token_withheld), (false, None, true));
    let changed = issue.expire_time(env.now().await + TimeDelta::days(1));
    refused(administrator.issue_credential(changed).await, ErrorReason::RequestIdReused);

    let token = issued.token.expect("a token");
    assert!(!format!("{token:?}").contains("hotline_"), "it is not printed");
    if env.server.database().is_none() {
        // It is in no file of the server: not in the database, its log, or the output.
        for file in std::fs::read_dir(env.server.data_dir()).expect("a folder").flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            let bytes = std::fs::read(file.path()).expect("a file");
            let text = String::from_utf8_lossy(&bytes);
            let tokens_in_file =
                text.matches("hotline_").filter(|_| !name.starts_with("development-credentials")).count();
            assert_eq!(tokens_in_file, 0, "{name} holds a token");
        }
    }
    assert!(!env.server.output().contains("hotline_"));
}

async fn a_revoked_client_is_refused_from_its_next_call(env: &TestEnv) {
    let (agent, _) = create_agent(env, "li.wei").await;
    let (_, second_credential) = issue_token(env, "li.wei").await;
    let other_server = env.server.database().map(|_| env.server.beside());
    let endpoint = other_server.as_ref().unwrap_or(&env.server).endpoint();
    let administrator = env.client("administrator").admin();
    let issue = IssueCredential::new("li.wei", Proof::Token);
    let issued = administrator.issue_credential(issue).await.expect("it is issued");
    let client_of_other_server = client_with_token(&endpoint, issued.token.expect("a token"));
    list_once(&client_of_other_server).await.expect("the other server knows it at once");

    for _ in 0..20 {
        let issued = administrator.issue_credential(IssueCredential::new("li.wei", Proof::Token)).await;
        let issued = issued.expect("it is issued");
        let short_lived = client_with_token(&endpoint, issued.token.expect("a token"));
        list_once(&short_lived).await.expect("it is good");
        let revoke = RevokeCredential::new(issued.credential.id, "演练");
        administrator.revoke_credential(revoke).await.expect("it is revoked");
        refused(list_once(&short_lived).await, ErrorReason::Unauthenticated);
    }
    let revoke_credential = RevokeCredential::new(second_credential, "手机遗失");
    let revoked = administrator.revoke_credential(revoke_credential.clone()).await.expect("it is revoked");
    assert_eq!(revoked.revoked_by.as_deref(), Some("dev-administrator"));
    assert_eq!(
        (revoked.revoke_time, revoked.revoke_note.as_deref()),
        (Some(env.now().await), Some("手机遗失"))
    );
    refused(administrator.revoke_credential(revoke_credential).await, ErrorReason::CredentialRevoked);
    list_once(&client_of_other_server).await.expect("one credential is not the client");

    let revoke = RevokeClient::new("li.wei", "离职").request_id(Uuid::from_u128(4712));
    let revoked = administrator.revoke_client(revoke.clone()).await.expect("it is revoked");
    for client_with_token in [&client_of_other_server, &agent] {
        refused(list_once(client_with_token).await, ErrorReason::Unauthenticated);
    }
    assert_eq!(revoked.state, ClientState::Revoked);
    assert_eq!(administrator.revoke_client(revoke).await.expect("a repeat is answered"), revoked);
    refused(
        administrator.revoke_client(RevokeClient::new("li.wei", "再次")).await,
        ErrorReason::ClientRevoked,
    );
    let issue_after_revocation =
        administrator.issue_credential(IssueCredential::new("li.wei", Proof::Token)).await;
    refused(issue_after_revocation, ErrorReason::ClientRevoked);
    let create_again = CreateClient::new("li.wei", ClientKind::Staff, &[Role::Agent], "复职");
    refused(administrator.create_client(create_again).await, ErrorReason::ClientExists);
}

async fn administrators_cannot_revoke_themselves(env: &TestEnv) {
    let root_administrator = env.client("administrator").admin();
    let mut administrators = Vec::new();
    for name in ["chief-1", "chief-2"] {
        let create = CreateClient::new(name, ClientKind::Staff, &[Role::Administrator], "管理员");
        root_administrator.create_client(create).await.expect("it is made");
        administrators.push(issue_token(env, name).await);
    }
    let [(first_administrator, own_credential), (second_administrator, _)] = administrators.as_slice() else {
        panic!("two")
    };
    refused(
        first_administrator.admin().revoke_client(RevokeClient::new("chief-1", "误操作")).await,
        ErrorReason::OwnAccess,
    );
    let revoke_own = RevokeCredential::new(own_credential, "误操作");
    refused(first_administrator.admin().revoke_credential(revoke_own.clone()).await, ErrorReason::OwnAccess);
    let (renewed, _) = issue_token(env, "chief-1").await;
    renewed.admin().revoke_credential(revoke_own).await.expect("the new one works, so the old one may go");
    refused(list_once(first_administrator).await, ErrorReason::Unauthenticated);

    // If two administrators revoke each other concurrently, one stays active.
    let (first_admin, second_admin) = (renewed.admin(), second_administrator.admin());
    let (first_outcome, second_outcome) = tokio::join!(
        first_admin.revoke_client(RevokeClient::new("chief-2", "互相")),
        second_admin.revoke_client(RevokeClient::new("chief-1", "互相")),
    );
    assert!(first_outcome.is_ok() != second_outcome.is_ok(), "{first_outcome:?} {second_outcome:?}");
}

async fn a_client_in_the_database_overrides_the_credentials_file(env: &TestEnv) {
    let agent = env.client("agent");
    list_once(&agent).await.expect("the credentials file has the client");
    let create_analyst = CreateClient::new("dev-agent", ClientKind::Staff, &[Role::Analyst], "转入数据库");
    env.client("administrator").admin().create_client(create_analyst).await.expect("it is made");
    refused(list_once(&agent).await, ErrorReason::Unauthenticated);
}

fn health(env: &TestEnv) -> HealthClient<Channel> {
    let endpoint = Endpoint::from_shared(env.server.endpoint()).expect("the address is an endpoint");
    HealthClient::new(endpoint.connect_lazy())
}

async fn watch_health(env: &TestEnv, token: &str) -> Streaming<HealthCheckResponse> {
    let request = super::test_env::with_token(token, HealthCheckRequest::default());
    let mut stream = health(env).watch(request).await.expect("health is watched").into_inner();
    stream.message().await.expect("it begins").expect("with a word");
    stream
}

async fn an_open_stream_ends_with_its_credential(env: &TestEnv) {
    create_agent(env, "li.wei").await;
    let administrator = env.client("administrator").admin();
    let mut tokens = Vec::new();
    for expire_time in [None, None, Some(env.now().await + TimeDelta::hours(1))] {
        let issue = IssueCredential::new("li.wei", Proof::Token).expire_time(expire_time);
        let issued = administrator.issue_credential(issue).await.expect("it is issued");
        let token = issued.token.expect("a token").reveal().to_owned();
        tokens.push((token, issued.credential.id));
    }
    let token_of_file = env.server.token("agent");
    let mut streams = Vec::new();
    for token in [&tokens[0].0, &tokens[1].0, &tokens[2].0, &token_of_file] {
        streams.push(watch_health(env, token).await);
    }
    let revoke = RevokeCredential::new(&tokens[0].1, "手机遗失");
    administrator.revoke_credential(revoke).await.expect("it is revoked");
    env.advance(TimeDelta::hours(2)).await;
    let limit = Duration::from_secs(30);
    for stream in [2, 0] {
        let ended = tokio::time::timeout(limit, streams[stream].message()).await.expect("within 30 seconds");
        assert_eq!(ended.expect_err("it is refused").code(), Code::Unauthenticated, "{stream}");
    }
    administrator.revoke_client(RevokeClient::new("li.wei", "离职")).await.expect("it is revoked");
    let ended = tokio::time::timeout(limit, streams[1].message()).await.expect("within 30 seconds");
    assert_eq!(ended.expect_err("it is refused").code(), Code::Unauthenticated);
    let other_stream = tokio::time::timeout(Duration::from_millis(200), streams[3].message()).await;
    assert!(other_stream.is_err(), "the streams of other credentials stay open");

    let revoked_probe = super::test_env::with_token(&tokens[1].0, HealthCheckRequest::default());
    let refused = health(env).check(revoked_probe).await.expect_err("a bad token is refused everywhere");
    assert_eq!(refused.code(), Code::Unauthenticated);
    health(env).check(HealthCheckRequest::default()).await.expect("a health check needs no credential");
}

async fn every_error_in_a_client_is_named(env: &TestEnv) {
    let administrator = env.client("administrator").admin();
    let field = |error: Error| error.field_violations()[0].field.clone();
    let valid = CreateClient::new("li.wei", ClientKind::Staff, &[Role::Agent], "入职");
    for (invalid, expected_field) in [
        (valid.clone().principal("system"), "principal"),
        (valid.clone().roles(vec![]), "roles"),
        (valid.clone().roles([Role::Agent, Role::Agent]), "roles"),
        (valid.clone().roles([Role::Unit]), "roles"),
        (valid.clone().unit(LEAD), "roles"),
        (valid.clone().note(String::new()), "note"),
    ] {
        let error = refused(administrator.create_client(invalid).await, ErrorReason::InvalidFields);
        assert_eq!(field(error), expected_field);
    }
    let with_unknown_unit = CreateClient::for_unit("gateway", ClientKind::Machine, "dept-nowhere", "网关");
    refused(administrator.create_client(with_unknown_unit).await, ErrorReason::UnitUnknown);
    administrator.create_client(valid).await.expect("it is made");
    let certificate = || Proof::Certificate { uri: "spiffe://hotline/li".into() };
    let invalid = IssueCredential::new("li.wei", certificate());
    refused(administrator.issue_credential(invalid).await, ErrorReason::InvalidFields);
    let with_past_expiry = IssueCredential::new("li.wei", Proof::Token).expire_time(env.now().await);
    refused(administrator.issue_credential(with_past_expiry).await, ErrorReason::InvalidFields);
    refused(
        administrator.issue_credential(IssueCredential::new("nobody", Proof::Token)).await,
        ErrorReason::ClientNotFound,
    );
    refused(
        administrator.revoke_credential(RevokeCredential::new("nothing", "x")).await,
        ErrorReason::CredentialNotFound,
    );
    let subject = || Proof::Subject { issuer: "https://id.example".into(), subject: "li".into() };
    administrator.issue_credential(IssueCredential::new("li.wei", subject())).await.expect("it is issued");
    let create = CreateClient::new("wang.fang", ClientKind::Staff, &[Role::Agent], "入职");
    administrator.create_client(create).await.expect("it is made");
    let taken_subject = administrator.issue_credential(IssueCredential::new("wang.fang", subject())).await;
    refused(taken_subject, ErrorReason::CredentialTaken);
}
