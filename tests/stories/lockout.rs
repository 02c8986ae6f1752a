//! Values and commands that would lock all callers out are refused: in the configuration, among administrators, in the
//! directory.

use hotline_client::{
    ClientKind, CreateClient, ErrorReason, IssueCredential, ListUnits, Proof, PutUnit, RevokeClient,
    RevokeCredential, Role, Unit,
};
use tokio::task::JoinSet;

use super::command_line::{refusal, run};
use super::test_env::{TestEnv, refused};
use crate::support::pki::{self, Authority, CertificateContent};
use crate::support::server::{Options, Server, Store};
use crate::support::temp_dir::TempDir;

on_every_store!(env:
    a_client_of_the_credentials_file_cannot_override_itself,
    two_administrators_who_revoke_each_other_leave_one_active,
    the_last_active_unit_stays_active,
);

/// Every key with a value that would lock all callers out, or end the server without draining.
#[test]
fn no_configuration_value_locks_every_client_out() {
    for (key, value) in [
        ("database_connections", "0"),
        ("database_connections", "1"),
        ("limits.calls_max", "0"),
        ("limits.connections_max", "0"),
        ("limits.connections_per_peer_max", "0"),
        ("limits.connections_per_second_per_peer", "0"),
        ("limits.streams_per_connection_max", "0"),
        ("limits.bytes_per_second_per_connection", "0"),
        ("limits.bytes_per_second_per_connection", "100"),
        ("limits.preface_timeout_ms", "0"),
        ("limits.call_timeout_ms", "0"),
        ("limits.calls_per_principal_max", "0"),
        ("limits.calls_per_second_per_principal", "0"),
        ("limits.burst_per_principal", "0"),
        ("shutdown.drain_ms", "0"),
        ("access.oidc.unknown_key_refetch_min_seconds", "0"),
        ("access.oidc.refresh_interval_seconds", "0"),
        ("audit_log.checkpoint_interval_seconds", "0"),
        ("policy.deadline.consultation_general.minutes", "0"),
        ("policy.deadline.consultation_complex_one_unit.days", "0"),
        ("policy.deadline.consultation_complex_several_units.days", "0"),
        ("policy.deadline.general.days", "0"),
        ("policy.deadline.complex.days", "0"),
        ("policy.returns.window", "{ days = 0, clock = \"natural\" }"),
        ("policy.carry_over.promise_max_days", "0"),
        ("policy.follow_up.attempts_max", "0"),
        ("policy.intake.seats", "0"),
        ("policy.intake.hours_open", "\"24:00\""),
        ("policy.intake.hours_close", "\"06:00\""),
        ("policy.intake.hours_close", "\"00:00\""),
    ] {
        let output = refusal(&["--set", &format!("{key}={value}")]);
        let expected_key = if key == "policy.intake.hours_open" { "policy.intake.hours_close" } else { key };
        assert!(output.contains(expected_key), "{key}={value}: {output}");
    }
}

/// A policy that a fresh database would be founded on is checked as one that is proposed.
#[test]
fn a_founding_policy_whose_limits_lose_their_order_is_refused() {
    let complex = "policy.deadline.complex";
    for (keys, named) in [
        (&["policy.deadline.general.days=20"][..], complex),
        (&["policy.deadline.complex.days=8", "policy.deadline.general.clock=working"], complex),
        (
            &["policy.deadline.consultation_complex_several_units.days=2"],
            "policy.deadline.consultation_complex_several_units",
        ),
    ] {
        let flags: Vec<_> = keys.iter().flat_map(|key| ["--set", *key]).collect();
        let said = refusal(&flags);
        assert!(said.contains(named) && said.contains("would be due before"), "{keys:?}: {said}");
    }
}

/// Whoever holds a credential of a unit that nobody has put would see nothing, and nobody would know why.
#[test]
fn a_credentials_file_with_an_unknown_unit_is_refused() {
    let home = TempDir::new("credentials");
    let file = home.path().join("credentials.toml");
    let set = format!("\"{}\"", file.display());
    let write = |unit: &str| {
        let made = run(&["credential", "--principal", "chaoyang-gateway", "--role", "unit", "--unit", unit]);
        std::fs::write(&file, made.stdout).expect("it can be written");
    };
    write("district-chaoyang");
    let options = Options::default().set("access.credentials", &set);
    let mut server = Server::start(Store::Sqlite, options);
    server.kill();
    write("district-chaoyong");
    let said = server.refused_start();
    assert!(said.contains("chaoyang-gateway") && said.contains("district-chaoyong"), "{said}");
}

/// If the provider's keys can't be used, no member of staff could be authenticated.
#[test]
fn a_provider_that_can_admit_nobody_is_refused() {
    let issuer = ["--set", "access.oidc.issuer=https://id.example"];
    let audience = ["--set", "access.oidc.audience=hotline"];
    let jwks = ["--set", "access.oidc.jwks=/nowhere/jwks.json"];
    let remote = ["--set", "access.oidc.jwks=https://id.example/jwks.json"];
    let folder = TempDir::new("provider");
    let expired = Authority::new("of providers")
        .sign(&CertificateContent { years: (2020, 2021), ..CertificateContent::server() });
    let expired = pki::write(folder.path(), "expired.pem", &expired.certificate);
    let expired = format!("access.oidc.ca={:?}", expired.display().to_string());
    for (flags, expected) in [
        (issuer.to_vec(), "access.oidc.audience"),
        ([issuer, audience].concat(), "access.oidc.jwks"),
        ([issuer, audience, remote, ["--set", &expired]].concat(), "an authority in it has expired"),
        (
            [&issuer[..], &audience, &jwks, &["--set", "access.oidc.algorithms=[]"]].concat(),
            "access.oidc.algorithms",
        ),
    ] {
        let output = refusal(&flags);
        assert!(output.contains(expected), "{flags:?}: {output}");
    }
}

async fn a_client_of_the_credentials_file_cannot_override_itself(env: &TestEnv) {
    let root = env.client("administrator").admin();
    let own = CreateClient::new("dev-administrator", ClientKind::Staff, &[Role::Administrator], "转入数据库");
    refused(root.create_client(own).await, ErrorReason::OwnAccess);
    let create_second_administrator =
        CreateClient::new("dev-administrator-2", ClientKind::Staff, &[Role::Administrator], "停用");
    root.create_client(create_second_administrator).await.expect("another one of the file");
    let second = env.principal("dev-administrator-2").admin();
    let late = CreateClient::new("dev-administrator", ClientKind::Staff, &[Role::Administrator], "停用");
    refused(second.create_client(late).await, ErrorReason::Unauthenticated);
    root.list_clients(hotline_client::ListClients::default())
        .try_next()
        .await
        .expect("the first one goes on");
}

/// Makes an administrator; returns its name, its credential and its token.
async fn create_administrator(env: &TestEnv, name: &str) -> (String, String) {
    let root = env.client("administrator").admin();
    let create = CreateClient::new(name, ClientKind::Staff, &[Role::Administrator], "入职");
    root.create_client(create).await.expect("it is made");
    let issued = root.issue_credential(IssueCredential::new(name, Proof::Token)).await.expect("it is issued");
    (issued.credential.id, issued.token.expect("a token").reveal().to_owned())
}

async fn two_administrators_who_revoke_each_other_leave_one_active(env: &TestEnv) {
    for round in 0..5 {
        let names = [format!("one-{round}"), format!("other-{round}")];
        let (first_credential, first_token) = create_administrator(env, &names[0]).await;
        let (second_credential, second_token) = create_administrator(env, &names[1]).await;
        let revocations = [(first_token, second_credential), (second_token, first_credential)].map(
            |(token, credential)| {
                let admin = env.client_with_token(token).admin();
                async move { admin.revoke_credential(RevokeCredential::new(credential, "离职")).await }
            },
        );
        let outcomes = revocations.into_iter().collect::<JoinSet<_>>().join_all().await;
        let succeeded = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(succeeded, 1, "one revocation is refused: {outcomes:?}");
        let root_administrator = env.client("administrator").admin();
        for name in names {
            root_administrator
                .revoke_client(RevokeClient::new(name, "离职"))
                .await
                .expect("both are clients still");
        }
    }
}

fn deactivate(unit: &Unit) -> PutUnit {
    PutUnit::new(Unit { active: false, ..unit.clone() })
}

async fn the_last_active_unit_stays_active(env: &TestEnv) {
    let directory = env.client("administrator").directory();
    let units = directory.list_units(ListUnits::default().active_only(true));
    let units = units.take_up_to(500).await.expect("it lists");
    let (last, others) = units.split_last().expect("there are units");
    for unit in others {
        directory.put_unit(deactivate(unit)).await.expect("another one is active");
    }
    refused(directory.put_unit(deactivate(last)).await, ErrorReason::LastActiveUnit);
}
