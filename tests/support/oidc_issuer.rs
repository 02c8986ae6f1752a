//! An identity provider for tests: keys, valid and broken tokens, and a server that publishes its keys, counts
//! requests, and can be switched off.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hotline_server::access::oidc::Algorithm;
use rcgen::KeyPair;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use serde_json::{Value, json};

/// A key of 2048 bits that signs only tokens of these tests, in DER. rcgen makes none for RSA.
const RSA_KEY: &str = include_str!("signing_key.b64");

/// A private key.
enum PrivateKey {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match (self, algorithm) {
            (Self::Rsa(pair), Algorithm::Rs256 | Algorithm::Ps256) => {
                let is_pss = algorithm == Algorithm::Ps256;
                let mut signature = vec![0; pair.public().modulus_len()];
                let signed = if is_pss {
                    pair.sign(&RSA_PSS_SHA256, &random, message, &mut signature)
                } else {
                    pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                };
                signed.expect("the key signs");
                signature
            }
            (Self::P256(pair), Algorithm::Es256) => {
                pair.sign(&random, message).expect("the key signs").as_ref().to_vec()
            }
            (Self::Ed25519(pair), Algorithm::EdDsa) => pair.sign(message).as_ref().to_vec(),
            _ => panic!("no test signs with {algorithm:?} and this key"),
        }
    }
}

/// A signing key, and its published form.
#[derive(Clone)]
pub(crate) struct SigningKey {
    pub(crate) algorithm: Algorithm,
    pub(crate) jwk: Value,
    private: Arc<PrivateKey>,
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl SigningKey {
    /// On the curve P-256.
    pub(crate) fn es256(kid: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let (x, y) = key.public_key_raw()[1..].split_at(32);
        let (x, y) = (base64url(x), base64url(y));
        let jwk = json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y});
        let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_pkcs8(signing, &key.serialize_der(), &SystemRandom::new());
        let private = Arc::new(PrivateKey::P256(pair.expect("a key that was just made")));
        Self { algorithm: Algorithm::Es256, jwk, private }
    }

    /// Ed25519.
    pub(crate) fn ed25519(kid: &str) -> Self {
        let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": base64url(key.public_key_raw())});
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&key.serialize_der());
        let private = Arc::new(PrivateKey::Ed25519(pair.expect("a key that was just made")));
        Self { algorithm: Algorithm::EdDsa, jwk, private }
    }

    /// RSA, the one key of the file.
    pub(crate) fn rs256(kid: &str) -> Self {
        let der = STANDARD.decode(RSA_KEY.trim()).expect("the file is base64");
        // SEQUENCE (4), version (3), then the modulus: its tag and length (4), a zero, 256 bytes.
        let modulus = base64url(&der[12..12 + 256]);
        let jwk = json!({"kty": "RSA", "use": "sig", "kid": kid, "n": modulus, "e": "AQAB"});
        let pair = RsaKeyPair::from_der(&der).expect("the file holds a key");
        Self { algorithm: Algorithm::Rs256, jwk, private: Arc::new(PrivateKey::Rsa(pair)) }
    }

    /// Another algorithm of the same key.
    pub(crate) fn with(&self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self.clone() }
    }

    /// A header that names the key.
    pub(crate) fn header(&self) -> Value {
        json!({"alg": self.algorithm.name(), "typ": "at+jwt", "kid": self.jwk["kid"]})
    }

    /// A signed token of a header and claims as they are written.
    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", base64url(header), base64url(claims));
        let signature = self.private.sign(self.algorithm, signed.as_bytes());
        format!("{signed}.{}", base64url(signature))
    }
}

/// Publishes its keys on loopback.
pub(crate) struct Issuer {
    address: String,
    keys: Arc<Mutex<String>>,
    requests_received: Arc<AtomicU32>,
    is_unavailable: Arc<AtomicBool>,
}

impl Issuer {
    /// An issuer with these keys.
    pub(crate) fn start(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address").to_string();
        let issuer = Self {
            address,
            keys: Arc::default(),
            requests_received: Arc::default(),
            is_unavailable: Arc::default(),
        };
        issuer.rotate(keys);
        let (keys, requests_received) = (Arc::clone(&issuer.keys), Arc::clone(&issuer.requests_received));
        let is_unavailable = Arc::clone(&issuer.is_unavailable);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                requests_received.fetch_add(1, Ordering::SeqCst);
                if !is_unavailable.load(Ordering::SeqCst) {
                    answer(stream, &keys.lock().expect("nobody panicked"));
                }
            }
        });
        issuer
    }

    /// The URL of the keys.
    pub(crate) fn jwks(&self) -> String {
        format!("http://{}/keys", self.address)
    }

    /// Replaces its keys.
    pub(crate) fn rotate(&self, keys: &[&SigningKey]) {
        let keys: Vec<_> = keys.iter().map(|key| &key.jwk).collect();
        *self.keys.lock().expect("nobody panicked") = json!({"keys": keys}).to_string();
    }

    /// Switches it off or on.
    pub(crate) fn set_away(&self, is_unavailable: bool) {
        self.is_unavailable.store(is_unavailable, Ordering::SeqCst);
    }

    /// How many requests it got.
    pub(crate) fn requests_received(&self) -> u32 {
        self.requests_received.load(Ordering::SeqCst)
    }
}

fn answer(mut stream: TcpStream, keys: &str) {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    let wait_max = stream.set_read_timeout(Some(Duration::from_secs(5)));
    while wait_max.is_ok() && !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(bytes) if bytes > 0 => request.extend_from_slice(&buffer[..bytes]),
            _ => return,
        }
    }
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", keys.len());
    // A client that disconnected needs no answer.
    let _ = stream.write_all(format!("{head}{keys}").as_bytes());
}
