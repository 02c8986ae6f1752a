//! The key set of an identity provider (JWKS, RFC 7517). A key is used only for signatures, and only with the
//! algorithms of its type. Unusable keys, including symmetric ones, are ignored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::RsaPublicKeyComponents;
use serde::Deserialize;
use serde_json::Value;

use super::algorithm::{Algorithm, PublicKey};
use super::token::{Rejection, UnverifiedToken};

/// The largest set that is read, in bytes, and the most keys that are used.
pub const SET_BYTES_MAX: usize = 256 * 1024;
const KEYS_MAX: usize = 64;
/// The accepted sizes of an RSA modulus, in bytes: 2048 to 4096 bits.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;
/// The smallest public exponent; smaller ones have made forgery easy.
const EXPONENT_MIN: u64 = 65_537;
/// The first byte of a point with both coordinates.
const UNCOMPRESSED: u8 = 4;

/// A key of the set.
#[derive(Debug)]
struct VerificationKey {
    id: Option<String>,
    algorithm: Option<String>,
    public: PublicKey,
}

/// A provider's key set.
#[derive(Debug)]
pub struct JwkSet(Vec<VerificationKey>);

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

fn bytes(text: Option<&String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

/// A number's bytes without leading zeros.
fn significant(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().skip_while(|byte| *byte == 0).collect()
}

fn rsa(jwk: &Jwk) -> Option<PublicKey> {
    let modulus = significant(&bytes(jwk.n.as_ref())?);
    let exponent = bytes(jwk.e.as_ref())?;
    let number =
        (exponent.len() <= 8).then(|| exponent.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))?;
    let is_valid = RSA_BYTES.contains(&modulus.len()) && number >= EXPONENT_MIN && number % 2 == 1;
    is_valid.then(|| PublicKey::Rsa(RsaPublicKeyComponents { n: modulus, e: significant(&exponent) }))
}

/// An uncompressed point (SEC 1, 2.3.3). The verification checks that it is on the curve.
fn point(jwk: &Jwk, size: usize) -> Option<Vec<u8>> {
    let (x, y) = (bytes(jwk.x.as_ref())?, bytes(jwk.y.as_ref())?);
    (x.len() == size && y.len() == size).then(|| [&[UNCOMPRESSED][..], &x, &y].concat())
}

fn edwards(jwk: &Jwk) -> Option<Vec<u8>> {
    bytes(jwk.x.as_ref()).filter(|x| x.len() == 32)
}

fn key_of(jwk: Jwk) -> Option<VerificationKey> {
    let signs = jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
        && jwk.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    if !signs {
        return None;
    }
    let public = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", None) => rsa(&jwk)?,
        ("EC", Some("P-256")) => PublicKey::P256(point(&jwk, 32)?),
        ("EC", Some("P-384")) => PublicKey::P384(point(&jwk, 48)?),
        ("OKP", Some("Ed25519")) => PublicKey::Ed25519(edwards(&jwk)?),
        _ => return None,
    };
    Some(VerificationKey { id: jwk.kid, algorithm: jwk.alg, public })
}

impl JwkSet {
    /// Reads a set.
    ///
    /// # Errors
    /// If it can't be read, or no key of it can be used.
    pub fn read(jwks: &[u8]) -> Result<Self, String> {
        if jwks.len() > SET_BYTES_MAX {
            return Err("the key set is too large".to_owned());
        }
        let set: Jwks = serde_json::from_slice(jwks).map_err(|_| "it is no key set".to_owned())?;
        let usable = set.keys.into_iter().take(KEYS_MAX).filter_map(|key| serde_json::from_value(key).ok());
        let keys: Vec<_> = usable.filter_map(key_of).collect();
        if keys.is_empty() {
            return Err("the key set has no key for signatures".to_owned());
        }
        Ok(Self(keys))
    }

    /// How many keys can be used.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no key can be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the key that a token names is in the set. A token without a key id fits only if there is one key.
    #[must_use]
    pub fn contains(&self, id: Option<&str>) -> bool {
        self.find(id).is_some()
    }

    fn find(&self, id: Option<&str>) -> Option<&VerificationKey> {
        let mut fitting = self.0.iter().filter(|key| id.is_none() || key.id.as_deref() == id);
        let first = fitting.next()?;
        // If two keys have the same id, neither is used.
        fitting.next().is_none().then_some(first)
    }

    /// Checks a token's signature.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(&self, token: &UnverifiedToken<'_>, algorithm: Algorithm) -> Result<(), Rejection> {
        let key = self.find(token.key_id()).ok_or("its key is unknown")?;
        let is_meant = key.algorithm.as_deref().is_none_or(|meant| meant == token.algorithm());
        if !key.public.fits(algorithm) || !is_meant {
            return Err("its key is for another algorithm");
        }
        let signature = URL_SAFE_NO_PAD.decode(token.signature).unwrap_or_default();
        let is_good = key.public.verifies(algorithm, token.signed.as_bytes(), &signature);
        if is_good { Ok(()) } else { Err("its signature is wrong") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_can_t_be_used_is_passed_over() {
        let good =
            r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let set = |keys: &str| JwkSet::read(format!(r#"{{"keys":[{keys}]}}"#).as_bytes());
        assert_eq!(set(good).map(|set| set.len()), Ok(1));
        let small = "AQAB".repeat(32);
        for bad in [
            good.replace("\"kid\"", "\"use\":\"enc\",\"kid\""),
            good.replace("\"kid\"", "\"key_ops\":[\"sign\"],\"kid\""),
            good.replace("cHURo\"", "\""),
            good.replace("Ed25519", "Ed448"),
            r#"{"kty":"oct","kid":"a","k":"c2VjcmV0"}"#.to_owned(),
            format!(r#"{{"kty":"RSA","kid":"a","n":"{small}","e":"AQAB"}}"#),
            format!(r#"{{"kty":"RSA","kid":"a","n":"{}","e":"Aw"}}"#, "wQAB".repeat(86)),
            r#"{"kty":"EC","crv":"P-256","kid":"a","x":"AA","y":"AA"}"#.to_owned(),
            "7".to_owned(),
        ] {
            assert!(set(&bad).is_err(), "{bad:.80}");
            assert_eq!(set(&format!("{bad},{good}")).map(|set| set.len()), Ok(1), "{bad:.80}");
        }
        let twice = set(&format!("{good},{good}")).expect("both can be used");
        assert!(!twice.contains(Some("a")) && !twice.contains(None), "nobody can say which one is meant");
        for none in [&b""[..], b"{}", b"[]", b"{\"keys\":[]}", &vec![b' '; SET_BYTES_MAX + 1]] {
            assert!(JwkSet::read(none).is_err());
        }
    }

    #[test]
    fn an_rsa_key_is_long_and_has_a_large_odd_exponent() {
        let is_usable = |modulus: &[u8], exponent: &[u8]| {
            let (n, e) = (URL_SAFE_NO_PAD.encode(modulus), URL_SAFE_NO_PAD.encode(exponent));
            let set = format!(r#"{{"keys":[{{"kty":"RSA","n":"{n}","e":"{e}"}}]}}"#);
            JwkSet::read(set.as_bytes()).is_ok()
        };
        for (bytes, expected) in [(255, false), (256, true), (512, true), (513, false)] {
            assert_eq!(is_usable(&vec![0xc1; bytes], &[1, 0, 1]), expected, "{bytes} bytes");
        }
        assert!(is_usable(&[&[0, 0][..], &[0xc1; 256]].concat(), &[1, 0, 1]), "zeros before do not count");
        assert!(!is_usable(&[&[0][..], &[0xc1; 255]].concat(), &[1, 0, 1]));
        for (exponent, expected) in [
            (&[3][..], false),
            (&[0xff, 0xff], false),
            (&[1, 0, 0], false),
            (&[1, 0, 2], false),
            (&[1, 0, 3], true),
            (&[0, 0, 0, 0, 0, 1, 0, 1], true),
            (&[0, 0, 0, 0, 0, 0, 1, 0, 1], false),
            (&[], false),
        ] {
            assert_eq!(is_usable(&[0xc1; 256], exponent), expected, "exponent {exponent:?}");
        }
    }

    #[test]
    fn a_key_is_found_by_its_name_or_as_the_only_one() {
        let key = |id: &str| {
            format!(
                r#"{{"kty":"OKP","crv":"Ed25519","kid":"{id}","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}"#
            )
        };
        let set = |ids: &[&str]| {
            let keys = ids.iter().map(|id| key(id)).collect::<Vec<_>>().join(",");
            JwkSet::read(format!(r#"{{"keys":[{keys}]}}"#).as_bytes()).expect("keys that can be used")
        };
        let one = set(&["a"]);
        assert_eq!([None, Some("a"), Some("b")].map(|id| one.contains(id)), [true, true, false]);
        let two = set(&["a", "b"]);
        assert_eq!(
            [None, Some("a"), Some("b"), Some("c")].map(|id| two.contains(id)),
            [false, true, true, false]
        );
        assert_eq!((two.len(), two.is_empty()), (2, false));
        assert_eq!(set(&["a"; KEYS_MAX + 6]).len(), KEYS_MAX);
    }
}
