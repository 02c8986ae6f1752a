//! Data that others have signed: tokens of an identity provider, and its key sets.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hotline_server::access::oidc::Algorithm;
use hotline_server::access::oidc::jwks::JwkSet;
use hotline_server::access::oidc::token::{ExpectedClaims, UnverifiedToken, looks_signed};

use super::one_of;
use super::random::Random;

/// Parts of tokens and key sets.
pub(crate) const DICTIONARY: &[&str] = &[
    ".",
    "eyJhbGciOiJFZERTQSJ9",
    "eyJhbGciOiJub25lIn0",
    "\"alg\":\"EdDSA\"",
    "\"kid\":\"a\"",
    "\"crit\":[]",
    "\"aud\":[\"hotline\"]",
    "\"exp\":9223372036854775807",
    "\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"",
    "\"crv\":\"P-256\"",
    "\"use\":\"sig\"",
];

/// The public key of RFC 8037; nothing here is signed with its private key.
const KEYS: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// A bearer token that looks like a signed one. No input is validly signed.
pub(crate) fn token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = looks_signed(text);
    let Ok(token) = UnverifiedToken::read(text) else { return };
    let keys = JwkSet::read(KEYS.as_bytes()).expect("a sound set");
    for algorithm in Algorithm::ALL {
        assert!(keys.verify(&token, algorithm).is_err(), "nobody has signed this");
    }
    if let Ok(claims) = token.claims() {
        let expected = ExpectedClaims {
            issuer: "https://id".to_owned(),
            audience: "hotline".to_owned(),
            leeway_seconds: 10,
        };
        if let Ok((subject, end)) = claims.check(&expected, 1300) {
            assert!(!subject.is_empty() && end > 1300, "it is over");
        }
    }
}

pub(crate) fn generate_token(random: &mut Random) -> Vec<u8> {
    let header = random.pick(&[
        r#"{"alg":"EdDSA","kid":"a"}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS256","typ":"JWT"}"#,
        r#"{"alg":"EdDSA","crit":["b64"],"b64":false}"#,
    ]);
    let claims = random.pick(&[
        r#"{"iss":"https://id","sub":"li","aud":"hotline","nbf":1000,"exp":1600,"iat":1000}"#,
        r#"{"iss":"https://id","sub":"li","aud":["hotline","x"],"nbf":-9223372036854775808,"exp":9223372036854775807}"#,
        r#"{"iss":"https://id","sub":"","aud":[],"nbf":1000.5,"exp":1600}"#,
    ]);
    let signature = vec![random.byte(); random.pick(&[0, 1, 63, 64, 65, 256])];
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature)).into_bytes()
}

/// A key set, as in a provider's answer.
pub(crate) fn key_set(bytes: &[u8]) {
    match JwkSet::read(bytes) {
        Ok(keys) => {
            assert!(!keys.is_empty(), "a set without a key is none");
            let token = format!(
                "{}.{}.AAAA",
                URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#),
                URL_SAFE_NO_PAD.encode("{}")
            );
            let token = UnverifiedToken::read(&token).expect("a token in form");
            for algorithm in Algorithm::ALL {
                assert!(keys.verify(&token, algorithm).is_err(), "nobody has signed this");
            }
        }
        Err(message) => assert!(!message.is_empty(), "a refusal says why"),
    }
}

pub(crate) fn generate_key_set(random: &mut Random) -> Vec<u8> {
    if random.percent(40) {
        let modulus = URL_SAFE_NO_PAD.encode(vec![random.byte() | 1; random.pick(&[0, 128, 256, 512, 513])]);
        return format!(r#"{{"keys":[{{"kty":"RSA","e":"AQAB","n":"{modulus}"}}]}}"#).into_bytes();
    }
    one_of(
        random,
        &[
            KEYS,
            r#"{"keys":[]}"#,
            r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}"#,
            r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#,
        ],
    )
}
