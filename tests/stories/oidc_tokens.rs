//! Tokens of an identity provider: a valid one is admitted, and all similar but invalid ones are refused with the same
//! text. Changed keys are followed, and fetched no more often than configured.

use chrono::TimeDelta;
use hotline_client::{
    ClientKind, CreateClient, ErrorReason, HotlineClient, IssueCredential, Proof, RevokeClient, Role,
};
use hotline_server::access::oidc::Algorithm;
use ring::hmac;
use serde_json::{Value, json};

use super::clients::call;
use super::test_env::{OPENING, TestEnv, at, refused};
use crate::support::oidc_issuer::{Issuer, SigningKey, base64url};
use crate::support::server::{Options, Store};

const ISSUER: &str = "https://id.hotline.example/realms/staff";

/// A hotline that accepts the tokens of a provider.
fn env(issuer: &Issuer) -> TestEnv {
    let options = Options::default()
        .simulated_clock(OPENING)
        .set("access.oidc.issuer", ISSUER)
        .set("access.oidc.audience", "hotline")
        .set("access.oidc.jwks", &issuer.jwks())
        .set("access.oidc.algorithms", r#"["RS256","PS256","ES256","EdDSA"]"#)
        .set("access.oidc.unknown_key_refetch_min_seconds", "1")
        .set("access.oidc.refresh_interval_seconds", "1");
    TestEnv::with(Store::Sqlite, options)
}

/// Makes a client with this subject.
async fn staff(env: &TestEnv, principal: &str, subject: &str) {
    let admin = env.client("administrator").admin();
    let create = CreateClient::new(principal, ClientKind::Staff, &[Role::Agent], "入职");
    admin.create_client(create).await.expect("it is made");
    let subject = Proof::Subject { issuer: ISSUER.into(), subject: subject.into() };
    admin.issue_credential(IssueCredential::new(principal, subject)).await.expect("it is issued");
}

fn now() -> i64 {
    at(OPENING).timestamp()
}

fn claims() -> Value {
    let now = now();
    json!({"iss": ISSUER, "sub": "li", "aud": "hotline", "iat": now, "nbf": now, "exp": now + 600})
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().expect("an object").remove(name);
    claims
}

fn token(key: &SigningKey, claims: &Value) -> String {
    key.sign(&key.header().to_string(), &claims.to_string())
}

fn client_with_token(env: &TestEnv, token: &str) -> HotlineClient {
    let client = HotlineClient::builder().endpoint(env.server.endpoint()).token(token).connect_lazy();
    client.expect("a token fits into a header")
}

/// Invalid claims.
fn bad_claims() -> Vec<(&'static str, Value)> {
    let (good, now) = (claims, now());
    vec![
        ("of another issuer", with(good(), "iss", json!("https://evil.example"))),
        ("of an issuer with a slash more", with(good(), "iss", json!(format!("{ISSUER}/")))),
        ("of a list of issuers", with(good(), "iss", json!([ISSUER]))),
        ("of no issuer", without(good(), "iss")),
        ("for another audience", with(good(), "aud", json!("elsewhere"))),
        ("for another audience too", with(good(), "aud", json!(["hotline", "elsewhere"]))),
        ("for us in other letters", with(good(), "aud", json!("Hotline"))),
        ("for nobody", with(good(), "aud", json!([]))),
        ("without audience", without(good(), "aud")),
        ("that is over", with(with(good(), "nbf", json!(now - 900)), "exp", json!(now - 11))),
        ("without end", without(good(), "exp")),
        ("whose end is a text", with(good(), "exp", json!((now + 600).to_string()))),
        ("that never ends", with(good(), "exp", json!(i64::MAX))),
        ("that ends beyond numbers", with(good(), "exp", json!(1e300))),
        ("that is good for a month", with(good(), "exp", json!(now + 30 * 86_400))),
        ("that is not good yet", with(good(), "nbf", json!(now + 11))),
        ("without beginning", without(good(), "nbf")),
        ("that ends before it begins", with(good(), "exp", json!(now - 1))),
        ("made tomorrow", with(good(), "iat", json!(now + 86_400))),
        ("of nobody", with(good(), "sub", json!(""))),
        ("without subject", without(good(), "sub")),
        ("of a number", with(good(), "sub", json!(7))),
        ("of somebody unknown", with(good(), "sub", json!("zhao"))),
        ("of somebody with another's name", with(good(), "sub", json!("li.wei"))),
        ("of somebody in other letters", with(good(), "sub", json!("LI"))),
        ("of two lines", with(good(), "sub", json!("li\nx"))),
        ("of somebody revoked", with(good(), "sub", json!("wang"))),
    ]
}

/// Invalid headers, each signed with the right key.
fn bad_headers(key: &SigningKey) -> Vec<(&'static str, Value)> {
    let good = || key.header();
    vec![
        ("with a critical extension", with(good(), "crit", json!(["exp"]))),
        ("that brings its key", with(good(), "jwk", key.jwk.clone())),
        ("that says where its key is", with(good(), "jku", json!("https://evil.example/keys"))),
        ("that says where its certificate is", with(good(), "x5u", json!("https://evil.example/x5u"))),
        ("that brings a certificate", with(good(), "x5c", json!(["MIIB"]))),
        ("with a bare payload", with(good(), "b64", json!(false))),
        ("that is nested", with(good(), "cty", json!("JWT"))),
        ("that is packed", with(good(), "zip", json!("DEF"))),
        ("of another type", with(good(), "typ", json!("logout+jwt"))),
        ("of another type still", with(good(), "typ", json!("dpop+jwt"))),
        ("of an unknown key", with(good(), "kid", json!("nobody's"))),
        ("of a path for a key", with(good(), "kid", json!("../../dev/null"))),
        ("without a key's name, of several", without(good(), "kid")),
        ("without algorithm", without(good(), "alg")),
        ("of no algorithm", with(good(), "alg", json!("none"))),
        ("of no algorithm in other letters", with(good(), "alg", json!("nOnE"))),
        ("of an algorithm that is not taken", with(good(), "alg", json!("ES384"))),
        ("of another algorithm than its key's", with(good(), "alg", json!("RS256"))),
    ]
}

/// An ECDSA signature as X.509 writes it, and not as RFC 7518 does.
fn in_der(token: &str) -> String {
    use base64::Engine as _;
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let raw = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let integer = |bytes: &[u8]| [&[2, 33, 0][..], bytes].concat();
    let both = [integer(&raw[..32]), integer(&raw[32..])].concat();
    let length = u8::try_from(both.len()).expect("a short signature");
    format!("{signed}.{}", base64url([&[0x30, length][..], &both].concat()))
}

/// Tokens that are invalid as a whole.
fn bad_wholes(key: &SigningKey, rsa: &SigningKey) -> Vec<(&'static str, String)> {
    let good = token(key, &claims());
    let (header, rest) = good.split_once('.').expect("three parts");
    let (body, signature) = rest.split_once('.').expect("three parts");
    let by_secret = |secret: &[u8]| {
        let header = with(rsa.header(), "alg", json!("HS256")).to_string();
        let signed = format!("{}.{}", base64url(header), base64url(claims().to_string()));
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        format!("{signed}.{}", base64url(signature))
    };
    let modulus = rsa.jwk["n"].as_str().expect("a modulus");
    let none = base64url(r#"{"alg":"none"}"#);
    let twice = claims().to_string().replace("\"sub\":\"li\"", "\"sub\":\"zhao\",\"sub\":\"li\"");
    let other = SigningKey::es256("first");
    let elsewhere = base64url(claims().to_string().replace("\"li\"", "\"wang\""));
    let flipped = match signature.strip_prefix('A') {
        Some(rest) => format!("B{rest}"),
        None => format!("A{}", &signature[1..]),
    };
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(2000), "]".repeat(2000));
    vec![
        ("of another key with the same name", token(&other, &claims())),
        ("of another key of the provider's", rsa.sign(&key.header().to_string(), &claims().to_string())),
        ("with a changed signature", format!("{header}.{body}.{flipped}")),
        ("with changed claims", format!("{header}.{elsewhere}.{signature}")),
        ("without signature", format!("{header}.{body}.")),
        ("that nobody signed", format!("{none}.{body}.")),
        ("that nobody signed, with a signature", format!("{none}.{body}.{signature}")),
        ("whose secret is the public key", by_secret(modulus.as_bytes())),
        ("whose secret is the public key, whole", by_secret(rsa.jwk.to_string().as_bytes())),
        ("whose secret is nothing", by_secret(b"")),
        ("whose signature is in DER", in_der(&good)),
        ("whose signature is all zeros", format!("{header}.{body}.{}", base64url([0; 64]))),
        ("that is cut", good[..good.len() - 8].to_owned()),
        ("with padding", format!("{header}.{body}.{signature}==")),
        ("in the other base64", good.replace('-', "+").replace('_', "/") + "+"),
        ("of four parts", format!("{good}.{signature}")),
        ("of five parts, as if encrypted", format!("{header}.{body}.{body}.{body}.{signature}")),
        ("with a white space within", format!("{header}. {body}.{signature}")),
        ("with a subject twice", key.sign(&key.header().to_string(), &twice)),
        (
            "with an algorithm twice",
            key.sign(r#"{"alg":"none","alg":"ES256","kid":"first"}"#, &claims().to_string()),
        ),
        (
            "that is huge",
            key.sign(&key.header().to_string(), &with(claims(), "x", json!("x".repeat(7000))).to_string()),
        ),
        ("that is deep", key.sign(&key.header().to_string(), &deep)),
        ("of no claims", key.sign(&key.header().to_string(), "")),
        ("of a list of claims", key.sign(&key.header().to_string(), "[]")),
        (
            "of RSA that names an elliptic curve",
            rsa.sign(&with(rsa.header(), "alg", json!("ES256")).to_string(), &claims().to_string()),
        ),
        (
            "of RSA that names another padding",
            rsa.sign(&with(rsa.header(), "alg", json!("PS256")).to_string(), &claims().to_string()),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_token_is_refused_and_the_good_one_beside_it_is_not() {
    let (key, rsa, edwards) =
        (SigningKey::es256("first"), SigningKey::rs256("rsa"), SigningKey::ed25519("edwards"));
    let issuer = Issuer::start(&[&key, &rsa, &edwards]);
    let env = env(&issuer);
    staff(&env, "li.wei", "li").await;
    staff(&env, "wang.fang", "wang").await;
    for key in [&key, &rsa, &rsa.with(Algorithm::Ps256), &edwards] {
        call(&client_with_token(&env, &token(key, &with(claims(), "sub", json!("wang")))))
            .await
            .expect("it is good");
    }
    let admin = env.client("administrator").admin();
    admin.revoke_client(RevokeClient::new("wang.fang", "离职")).await.expect("it is revoked");

    let mut bad = bad_wholes(&key, &rsa);
    bad.extend(bad_claims().into_iter().map(|(what, claims)| (what, token(&key, &claims))));
    bad.extend(
        bad_headers(&key)
            .into_iter()
            .map(|(what, header)| (what, key.sign(&header.to_string(), &claims().to_string()))),
    );
    let good = client_with_token(&env, &token(&key, &claims()));
    let mut words = std::collections::BTreeSet::new();
    for (what, token) in &bad {
        let outcome = call(&client_with_token(&env, token)).await;
        assert!(outcome.is_err(), "a token {what} is let in");
        let error = refused(outcome, ErrorReason::Unauthenticated);
        words.insert(error.message().to_owned());
        call(&good).await.expect("the good one is let in");
    }
    assert_eq!(words.len(), 1, "nobody is told why: {words:?}");
    assert!(bad.len() >= 40, "{} bad tokens", bad.len());
    for kept in ["zhao", ISSUER, "eyJ"] {
        assert!(!env.server.output().contains(kept), "the log says {kept}");
    }
    env.advance(TimeDelta::seconds(609)).await;
    call(&good).await.expect("it is good to its last second");
    env.advance(TimeDelta::seconds(1)).await;
    refused(call(&good).await, ErrorReason::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_followed_as_they_change() {
    let (first, second) = (SigningKey::es256("first"), SigningKey::es256("second"));
    let issuer = Issuer::start(&[&first]);
    let env = env(&issuer);
    staff(&env, "li.wei", "li").await;
    let [by_first, by_second] = [&first, &second].map(|key| client_with_token(&env, &token(key, &claims())));
    call(&by_first).await.expect("it is good");
    refused(call(&by_second).await, ErrorReason::Unauthenticated);

    issuer.set_away(true);
    let requests_received = issuer.requests_received();
    while issuer.requests_received() < requests_received + 2 {
        call(&by_first).await.expect("the last good set serves");
    }
    issuer.set_away(false);
    issuer.rotate(&[&second]);
    let mut tries = 0;
    while call(&by_second).await.is_err() {
        tries += 1;
        assert!(tries < 10_000, "the new key is never heard of");
    }
    refused(call(&by_first).await, ErrorReason::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn unauthenticated_callers_cannot_make_the_server_query_the_provider_at_will() {
    let key = SigningKey::es256("first");
    let issuer = Issuer::start(&[&key]);
    let options = Options::default()
        .simulated_clock(OPENING)
        .set("access.oidc.issuer", ISSUER)
        .set("access.oidc.audience", "hotline")
        .set("access.oidc.jwks", &issuer.jwks())
        .set("access.oidc.unknown_key_refetch_min_seconds", "3600");
    let env = TestEnv::with(Store::Sqlite, options);
    staff(&env, "li.wei", "li").await;
    call(&client_with_token(&env, &token(&key, &claims()))).await.expect("it is good");
    let requests_received = issuer.requests_received();
    for number in 0..50 {
        let unknown = SigningKey::es256(&format!("unknown-{number}"));
        refused(
            call(&client_with_token(&env, &token(&unknown, &claims()))).await,
            ErrorReason::Unauthenticated,
        );
    }
    assert_eq!(issuer.requests_received(), requests_received, "an unknown key within the hour asks nobody");
}
