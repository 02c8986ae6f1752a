//! A real identity provider: oidc-provider, a certified implementation, started by this suite. Its tokens are accepted,
//! its key rotation is followed, and while it is down the last keys stay in use.
//!
//! If it is not installed, CI fails; on other machines it is reported that this was not run. `.ci/run` installs it and
//! names the folder in `HOTLINE_TEST_OIDC`.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hotline_client::{
    ClientKind, CreateClient, ErrorReason, HotlineClient, IssueCredential, Proof, RevokeClient, Role,
};
use serde_json::Value;

use super::clients::call;
use super::test_env::{TestEnv, refused};
use crate::support::process::Process;
use crate::support::server::{Options, Store};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/support/oidc_provider.mjs");

/// The folder of the provider; `None` if it is not installed, but never in CI.
fn installed() -> Option<PathBuf> {
    let named = std::env::var_os("HOTLINE_TEST_OIDC").map(PathBuf::from);
    let cache = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/hotline-ci/oidc"));
    let found = named.or_else(cache).filter(|folder| folder.join("node_modules/oidc-provider").is_dir());
    if found.is_none() {
        let how =
            "install it with `npm install --prefix FOLDER oidc-provider@8` and set HOTLINE_TEST_OIDC=FOLDER";
        assert!(std::env::var_os("CI").is_none(), "oidc-provider is missing; {how}");
        // Not eprintln!, which the test harness hides for every test that passes.
        let written = writeln!(std::io::stderr(), "NOT RUN: the tests with an identity provider; {how}.");
        written.expect("standard error is open");
    }
    found
}

fn start(folder: &Path, port: u16) -> Process {
    let mut command = Command::new("node");
    command.arg(SCRIPT).arg(folder).args([&port.to_string(), "hotline"]);
    let provider = Process::spawn(command);
    provider.wait_for_line("listening", |line| (line == "listening").then_some(()));
    provider
}

/// Signs somebody in at the provider; returns the access token.
fn sign_in(port: u16, who: &str, resource: &str) -> String {
    let form =
        format!("grant_type=client_credentials&client_id={who}&client_secret=secret&resource={resource}");
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the provider listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out");
    let head = format!(
        "POST /token HTTP/1.0\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n",
        form.len()
    );
    stream.write_all(format!("{head}{form}").as_bytes()).expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it is answered");
    let (_, body) = answer.split_once("\r\n\r\n").expect("an answer of HTTP");
    let body: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
    body["access_token"].as_str().unwrap_or_else(|| panic!("no token: {body}")).to_owned()
}

fn client_with_token(env: &TestEnv, token: &str) -> HotlineClient {
    let client = HotlineClient::builder().endpoint(env.server.endpoint()).token(token).connect_lazy();
    client.expect("a token fits into a header")
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_whom_a_real_provider_signs_in_are_let_in() {
    let Some(folder) = installed() else { return };
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let port = free.local_addr().expect("a bound socket has an address").port();
    drop(free);
    let mut provider = start(&folder, port);
    let issuer = format!("http://127.0.0.1:{port}");
    let options = Options::default()
        .set("access.oidc.issuer", &issuer)
        .set("access.oidc.audience", "hotline")
        .set("access.oidc.jwks", &format!("{issuer}/jwks"))
        .set("access.oidc.unknown_key_refetch_min_seconds", "1")
        .set("access.oidc.refresh_interval_seconds", "1");
    let env = TestEnv::with(Store::Sqlite, options);
    let admin = env.client("administrator").admin();
    let create = CreateClient::new("li.wei", ClientKind::Staff, &[Role::Agent], "入职");
    admin.create_client(create).await.expect("it is made");
    let before = client_with_token(&env, &sign_in(port, "li-wei", "urn:hotline"));
    refused(call(&before).await, ErrorReason::Unauthenticated);
    let subject = Proof::Subject { issuer, subject: "li-wei".into() };
    admin.issue_credential(IssueCredential::new("li.wei", subject)).await.expect("it is issued");
    call(&before).await.expect("the provider has signed him in, and the hotline knows him");
    for (who, resource) in [("stranger", "urn:hotline"), ("li-wei", "urn:elsewhere")] {
        let other = client_with_token(&env, &sign_in(port, who, resource));
        refused(call(&other).await, ErrorReason::Unauthenticated);
    }

    provider.kill();
    call(&before).await.expect("the last keys serve while the provider is away");
    let _provider = start(&folder, port);
    let rotated = client_with_token(&env, &sign_in(port, "li-wei", "urn:hotline"));
    let mut tries = 0;
    while call(&rotated).await.is_err() {
        tries += 1;
        assert!(tries < 10_000, "the new key is never heard of");
    }
    refused(call(&before).await, ErrorReason::Unauthenticated);

    admin.revoke_client(RevokeClient::new("li.wei", "离职")).await.expect("it is revoked");
    refused(call(&rotated).await, ErrorReason::Unauthenticated);
}
