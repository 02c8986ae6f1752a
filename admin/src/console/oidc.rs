//! OpenID Connect: the code flow with PKCE (RFC 7636). The access token of the clerk goes to the hotline, which checks
//! it at every call. The identity token comes over the connection to the provider and ties the answer to the question.

mod fetch;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hotline_client::Token;
use serde::Deserialize;

use self::fetch::Fetcher;
use super::random::{is_same, secret, sha256};
use super::values::Values;

/// How long a sign-in may take.
const SIGN_IN_MAX: Duration = Duration::from_mins(10);
/// The most sign-ins that have begun.
const STARTED_MAX: usize = 2000;

/// How the console speaks to the provider.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    pub(crate) resource: Option<String>,
    pub(crate) scope: String,
    pub(crate) ca_file: Option<PathBuf>,
    /// The address of this console's callback.
    pub(crate) redirect: String,
}

/// What the provider publishes about itself.
#[derive(Debug, Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
}

/// An identity provider.
#[derive(Debug)]
pub(crate) struct Provider {
    settings: Settings,
    discovery: Discovery,
    fetcher: Fetcher,
    started: Mutex<HashMap<String, Started>>,
}

/// A sign-in that has begun.
#[derive(Debug)]
struct Started {
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    at: Instant,
}

/// Somebody whom the provider has identified.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) token: Token,
    pub(crate) life: Option<Duration>,
    pub(crate) next: String,
}

/// The answer of the token endpoint.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: String,
    expires_in: Option<u64>,
}

/// What an identity token claims.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    nonce: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Provider {
    /// Reads what the provider publishes.
    pub(crate) async fn discover(settings: Settings) -> Result<Self, String> {
        let fetcher = Fetcher::new(settings.ca_file.as_deref())?;
        let address = format!("{}/.well-known/openid-configuration", settings.issuer.trim_end_matches('/'));
        let text = fetcher.get(&address).await?;
        let discovery: Discovery =
            serde_json::from_slice(&text).map_err(|error| format!("{address}: {error}"))?;
        if discovery.issuer != settings.issuer {
            return Err(format!("{address}: the issuer is {:?}", discovery.issuer));
        }
        Ok(Self { settings, discovery, fetcher, started: Mutex::default() })
    }

    /// Begins a sign-in; returns the name for the cookie, and the address at the provider.
    pub(crate) fn begin(&self, next: &str) -> Option<(String, String)> {
        let name = secret().ok()?;
        let (state, nonce, verifier) = (secret().ok()?, secret().ok()?, secret().ok()?);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.settings.redirect)
            .append_pair("scope", &self.settings.scope)
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &sha256(&verifier))
            .append_pair("code_challenge_method", "S256");
        if let Some(resource) = &self.settings.resource {
            query.append_pair("resource", resource);
        }
        let sign = if self.discovery.authorization_endpoint.contains('?') { '&' } else { '?' };
        let address = format!("{}{sign}{}", self.discovery.authorization_endpoint, query.finish());
        let mut all = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, started| started.at.elapsed() < SIGN_IN_MAX);
        if all.len() >= STARTED_MAX {
            return None;
        }
        let started = Started { state, nonce, verifier, next: next.to_owned(), at: Instant::now() };
        all.insert(sha256(&name), started);
        Some((name, address))
    }

    /// Ends a sign-in with the answer of the provider. Each can be ended once.
    pub(crate) async fn finish(&self, name: &str, answer: &Values) -> Result<Signed, String> {
        let taken = self.started.lock().unwrap_or_else(PoisonError::into_inner).remove(&sha256(name));
        let started = taken.filter(|started| started.at.elapsed() < SIGN_IN_MAX);
        let started = started.ok_or("no sign-in has begun in this browser")?;
        if !is_same(&started.state, &answer.text("state")) {
            return Err("the state is another".to_owned());
        }
        if answer.get("iss").is_some_and(|issuer| issuer != self.discovery.issuer) {
            return Err("the answer comes from another issuer".to_owned());
        }
        let code = answer.get("code").ok_or_else(|| {
            // The provider's words come from the address, and only a word of the standard is repeated.
            let error = answer.text("error");
            let is_word = error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if is_word { format!("the provider says {error}") } else { "there is no code".to_owned() }
        })?;
        let tokens = self.redeem(&code, &started.verifier).await?;
        let claims = claims_of(&tokens.id_token).ok_or("the identity token can't be read")?;
        let is_for_me = match &claims.aud {
            Audience::One(one) => *one == self.settings.client_id,
            Audience::Many(many) => many.contains(&self.settings.client_id),
        };
        if claims.iss != self.discovery.issuer || !is_for_me || !is_same(&claims.nonce, &started.nonce) {
            return Err("the identity token is for somebody else".to_owned());
        }
        let life = tokens.expires_in.map(Duration::from_secs);
        Ok(Signed { token: Token::from(tokens.access_token), life, next: started.next })
    }

    async fn redeem(&self, code: &str, verifier: &str) -> Result<Tokens, String> {
        let form = self.token_request(code, verifier);
        let text = self.fetcher.post(&self.discovery.token_endpoint, form).await?;
        serde_json::from_slice(&text).map_err(|_| "the answer of the token endpoint can't be read".to_owned())
    }

    fn token_request(&self, code: &str, verifier: &str) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.settings.redirect)
            .append_pair("code_verifier", verifier)
            .append_pair("client_id", &self.settings.client_id);
        if let Some(secret) = &self.settings.client_secret {
            form.append_pair("client_secret", secret);
        }
        if let Some(resource) = &self.settings.resource {
            form.append_pair("resource", resource);
        }
        form.finish()
    }
}

/// The claims of a token that came from the provider itself, so its signature needs no check (OpenID Connect Core,
/// section 3.1.3.7).
fn claims_of(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}
