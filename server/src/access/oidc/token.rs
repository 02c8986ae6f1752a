//! A signed token of an identity provider (JWT, RFC 7519; as an access token RFC 9068): its parts, and the check of its
//! claims. Pure. It is strict wherever the standards leave a choice to the sender, because each such choice has been
//! used for an attack.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

/// The longest token that is read, in bytes.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// The longest subject, in bytes.
const SUBJECT_BYTES_MAX: usize = 255;
/// The longest validity of a token, in seconds, which limits the use of a stolen one.
const LIFETIME_MAX_SECONDS: i64 = 24 * 60 * 60;
/// The accepted types of a token; it may also have none.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// What is wrong with a token, only for the log.
pub type Rejection = &'static str;

/// Whether a bearer token looks like a signed one; tokens of the server do not.
#[must_use]
pub fn looks_signed(token: &str) -> bool {
    token.starts_with("eyJ") && token.bytes().filter(|byte| *byte == b'.').count() >= 2
}

fn present<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(value).map(|_| true)
}

/// The header of a token. A duplicate member is refused.
#[derive(Debug, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is whether a member is there at all")]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    // Each of these changes the meaning of a signature, or brings its own key.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    b64: bool,
    #[serde(default, deserialize_with = "present")]
    cty: bool,
    #[serde(default, deserialize_with = "present")]
    enc: bool,
    #[serde(default, deserialize_with = "present")]
    zip: bool,
    #[serde(default, deserialize_with = "present")]
    jku: bool,
    #[serde(default, deserialize_with = "present")]
    jwk: bool,
    #[serde(default, deserialize_with = "present")]
    x5u: bool,
    #[serde(default, deserialize_with = "present")]
    x5c: bool,
}

impl Header {
    const fn has_unsupported_parameters(&self) -> bool {
        self.crit
            || self.b64
            || self.cty
            || self.enc
            || self.zip
            || self.jku
            || self.jwk
            || self.x5u
            || self.x5c
    }
}

/// A token whose signature is not verified yet.
#[derive(Debug)]
pub struct UnverifiedToken<'a> {
    header: Header,
    claims: &'a str,
    /// The signed part.
    pub signed: &'a str,
    /// The signature, in base64url.
    pub signature: &'a str,
}

impl<'a> UnverifiedToken<'a> {
    /// Splits a token into its parts.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(token: &'a str) -> Result<Self, Rejection> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err("it is too long");
        }
        let (signed, signature) = token.rsplit_once('.').ok_or("it has not three parts")?;
        let (header, claims) = signed.split_once('.').ok_or("it has not three parts")?;
        if claims.contains('.') || [header, claims, signature].iter().any(|part| part.is_empty()) {
            return Err("it has not three parts");
        }
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| "its header is not base64url")?;
        let header: Header = serde_json::from_slice(&header).map_err(|_| "its header can't be read")?;
        if header.has_unsupported_parameters() {
            return Err("its header asks for what is not done");
        }
        let is_known = |typ: &String| TYPES.contains(&typ.to_ascii_lowercase().as_str());
        if !header.typ.as_ref().is_none_or(is_known) {
            return Err("it is a token of another type");
        }
        Ok(Self { header, claims, signed, signature })
    }

    /// The algorithm that it names.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.header.alg
    }

    /// The key that it names.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// Its claims. They must be used only after the signature was verified.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn claims(&self) -> Result<Claims, Rejection> {
        let claims = URL_SAFE_NO_PAD.decode(self.claims).map_err(|_| "its claims are not base64url")?;
        serde_json::from_slice(&claims).map_err(|_| "its claims can't be read")
    }
}

/// The audience of a token.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The claims of a token. Duplicate members and fractions of seconds are refused.
#[derive(Debug, Deserialize)]
pub struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    nbf: i64,
    iat: Option<i64>,
}

/// The expected claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedClaims {
    /// The issuer, compared exactly.
    pub issuer: String,
    /// The audience, compared exactly.
    pub audience: String,
    /// How far the provider's clock may be off, in seconds.
    pub leeway_seconds: i64,
}

impl Claims {
    /// Checks the claims at an instant in seconds; returns the subject and the second of expiry.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn check(self, expected: &ExpectedClaims, now: i64) -> Result<(String, i64), Rejection> {
        if self.iss != expected.issuer {
            return Err("it is another issuer's");
        }
        // Any other audience of the token could use it here too.
        let is_for_this_server = match &self.aud {
            Audience::One(one) => *one == expected.audience,
            Audience::Several(several) => *several == [expected.audience.as_str()],
        };
        if !is_for_this_server {
            return Err("it was not made for us alone");
        }
        let is_name =
            (1..=SUBJECT_BYTES_MAX).contains(&self.sub.len()) && !self.sub.chars().any(char::is_control);
        if !is_name {
            return Err("its subject is none");
        }
        let leeway = expected.leeway_seconds;
        let end = self.exp.saturating_add(leeway);
        if end <= now {
            return Err("it is over");
        }
        if self.nbf.saturating_sub(leeway) > now
            || self.iat.is_some_and(|iat| iat.saturating_sub(leeway) > now)
        {
            return Err("it is not good yet");
        }
        if !(1..=LIFETIME_MAX_SECONDS).contains(&self.exp.saturating_sub(self.nbf)) {
            return Err("it is good for too long");
        }
        Ok((self.sub, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(json: &str) -> String {
        URL_SAFE_NO_PAD.encode(json)
    }

    fn expected() -> ExpectedClaims {
        ExpectedClaims { issuer: "https://id".to_owned(), audience: "hotline".to_owned(), leeway_seconds: 10 }
    }

    fn check(claims: &str, now: i64) -> Result<(String, i64), Rejection> {
        let token = format!("{}.{}.c2ln", part(r#"{"alg":"RS256"}"#), part(claims));
        UnverifiedToken::read(&token)?.claims()?.check(&expected(), now)
    }

    #[test]
    fn what_is_claimed_is_held_against_what_is_expected() {
        let good = r#"{"iss":"https://id","sub":"li","aud":"hotline","nbf":1000,"exp":1600,"iat":1000}"#;
        assert_eq!(check(good, 1300), Ok(("li".to_owned(), 1610)));
        for (now, is_good) in [(989, false), (990, true), (1609, true), (1610, false)] {
            assert_eq!(check(good, now).is_ok(), is_good, "at {now}");
        }
        for (was, is) in [
            ("\"li\"", "\"\""),
            ("\"li\"", "\"l\\ni\""),
            ("\"li\"", "7"),
            ("\"hotline\"", "\"hotline2\""),
            ("\"hotline\"", "[\"hotline\",\"other\"]"),
            ("\"hotline\"", "[]"),
            ("https://id", "https://id/"),
            ("\"nbf\":1000,", ""),
            (",\"exp\":1600", ""),
            (":1600", ":1600.5"),
            (":1600", ":9223372036854775807"),
            (":1600", ":\"1600\""),
            ("\"iat\":1000", "\"iat\":9000"),
            ("\"sub\":\"li\"", "\"sub\":\"li\",\"sub\":\"wang\""),
        ] {
            assert!(check(&good.replace(was, is), 1300).is_err(), "{was} → {is}");
        }
        assert!(check(&good.replace("\"hotline\"", "[\"hotline\"]"), 1300).is_ok());
    }

    #[test]
    fn a_header_that_asks_for_more_is_refused() {
        let claims = part("{}");
        let read =
            |header: &str| UnverifiedToken::read(&format!("{}.{claims}.c2ln", part(header))).map(|_| ());
        assert_eq!(read(r#"{"alg":"RS256","kid":"a","typ":"at+JWT","x5t":"of no matter"}"#), Ok(()));
        for header in [
            r#"{"alg":"RS256","crit":["exp"],"exp":1}"#,
            r#"{"alg":"RS256","crit":null}"#,
            r#"{"alg":"RS256","jwk":{}}"#,
            r#"{"alg":"RS256","jku":"https://evil"}"#,
            r#"{"alg":"RS256","x5u":"https://evil"}"#,
            r#"{"alg":"RS256","b64":false}"#,
            r#"{"alg":"RS256","cty":"JWT"}"#,
            r#"{"alg":"RS256","enc":"A256GCM"}"#,
            r#"{"alg":"RS256","zip":"DEF"}"#,
            r#"{"alg":"RS256","x5c":["MII"]}"#,
            r#"{"alg":"RS256","typ":"logout+jwt"}"#,
            r#"{"alg":"RS256","alg":"HS256"}"#,
            r#"{"kid":"a"}"#,
            "[]",
        ] {
            assert!(read(header).is_err(), "{header}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused_and_never_panics() {
        let long = format!("{}.{}.c2ln", part(r#"{"alg":"RS256"}"#), "a".repeat(TOKEN_BYTES_MAX));
        let nested = format!("{}.e30.c2ln", part(&format!("{}{}", "[".repeat(3000), "]".repeat(3000))));
        for token in ["", ".", "..", "a.b.c", "eyJ..", "e30.e30.", "e30.e30.a.b", "中.文.字", &long, &nested]
        {
            assert!(UnverifiedToken::read(token).is_err(), "{token:.20}");
        }
        assert!(looks_signed("eyJhbGciOiJub25lIn0.e30."));
        assert!(!looks_signed("hotline_eyJ") && !looks_signed("eyJ"));
    }

    #[test]
    fn times_and_names_are_taken_up_to_their_bounds() {
        let of = |subject: &str, exp: i64, iat: i64| {
            let claims = format!(
                r#"{{"iss":"https://id","sub":"{subject}","aud":"hotline","nbf":1000,"exp":{exp},"iat":{iat}}}"#
            );
            check(&claims, 1300).is_ok()
        };
        let day = 1000 + 86_400;
        assert_eq!([day, day + 1].map(|exp| of("li", exp, 1000)), [true, false]);
        assert_eq!([1310, 1311].map(|iat| of("li", 1600, iat)), [true, false]);
        assert_eq!([255, 256].map(|length| of(&"a".repeat(length), 1600, 1000)), [true, false]);
    }

    #[test]
    fn a_token_is_cut_where_its_dots_are() {
        let header = part(r#"{"alg":"ES256","kid":"key-1"}"#);
        let text = format!("{header}.e30.c2ln");
        let token = UnverifiedToken::read(&text).expect("a token");
        assert_eq!((token.algorithm(), token.key_id()), ("ES256", Some("key-1")));
        assert_eq!((token.signed, token.signature), (&text[..text.len() - 5], "c2ln"));
        let of_length = |length: usize| {
            let token =
                format!("{header}.{}.c2ln", "a".repeat(length - header.len() - ".".len() - ".c2ln".len()));
            assert_eq!(token.len(), length);
            UnverifiedToken::read(&token).map(|_| ())
        };
        assert_eq!((of_length(8_192), of_length(8_193)), (Ok(()), Err("it is too long")));
    }
}
