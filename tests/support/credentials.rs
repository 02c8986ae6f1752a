//! The development credentials that a server writes at its first start, as the tests read them.

use std::fs;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
struct Credentials {
    #[serde(rename = "credential")]
    credentials: Vec<Credential>,
}

/// One principal and its token.
#[derive(Deserialize)]
pub(super) struct Credential {
    pub(super) principal: String,
    pub(super) roles: Vec<String>,
    pub(super) unit: Option<String>,
    token: String,
}

/// The token of the fitting principal with the fewest roles.
pub(super) fn find_token(path: &Path, wanted: &str, fits: impl Fn(&Credential) -> bool) -> String {
    let text = fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{error}: the server wrote no {}", path.display()));
    let file: Credentials = toml::from_str(&text).expect("the credentials can be read");
    let fitting = file.credentials.into_iter().filter(fits).min_by_key(|credential| credential.roles.len());
    fitting.unwrap_or_else(|| panic!("no credential for {wanted} among these:\n{text}")).token
}
