//! Bearer tokens: each belongs to a principal with its roles and its unit. Only digests of tokens are stored; a token
//! is shown once, when it is made.

mod development;

use std::collections::HashMap;
use std::path::Path;

use hotline_proto::v1::Role;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::platform::{private_file, random};
use crate::ticket::UnitCode;

/// The longest token that is read, in bytes.
const TOKEN_BYTES_MAX: usize = 256;
/// A principal that the hotline knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The name in events and logs: of a program or a post, never of a company.
    pub principal: String,
    /// Its roles.
    pub roles: Vec<Role>,
    /// The unit that it acts for, with the role of a unit.
    pub unit: Option<UnitCode>,
    /// The gateway that it calls through, if the gateway has authenticated too.
    pub via: Option<String>,
    /// The credentials in the database that authenticated it, including the gateway's.
    pub credentials: Vec<String>,
}

/// Why these roles and unit cannot be combined, if they cannot.
#[must_use]
pub fn roles_fault(roles: &[Role], has_unit: bool) -> Option<&'static str> {
    if roles.is_empty() {
        return Some("it has no role");
    }
    if roles.contains(&Role::Unit) != has_unit {
        return Some("the role \"unit\" and a unit go together");
    }
    // As staff it would see the complaints about its own unit.
    (roles.contains(&Role::Unit) && roles.len() > 1).then_some("the role \"unit\" stands alone")
}

/// Every credential, by the digest of its token.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    by_digest: HashMap<[u8; 32], Caller>,
}

/// An entry of a credentials file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    principal: String,
    roles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_sha256: Option<String>,
    /// Only in the file of development tokens, which the server never reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    #[serde(default)]
    credential: Vec<Entry>,
}

/// The role's name in files: `agent` for `ROLE_AGENT`.
#[must_use]
pub fn role_name(role: Role) -> String {
    role.as_str_name().trim_start_matches("ROLE_").to_lowercase()
}

/// The role with a name in files.
#[must_use]
pub fn role_of(name: &str) -> Option<Role> {
    let wire_name = format!("ROLE_{}", name.to_uppercase());
    Role::from_str_name(&wire_name).filter(|role| *role != Role::Unspecified)
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

impl Entry {
    /// A new entry and its token, which is kept nowhere else.
    ///
    /// # Errors
    /// If the operating system gives no randomness.
    pub fn make(principal: &str, roles: &[Role], unit: Option<&str>) -> std::io::Result<(Self, String)> {
        let token = random::token()?;
        let entry = Self {
            principal: principal.to_owned(),
            roles: roles.iter().copied().map(role_name).collect(),
            unit: unit.map(str::to_owned),
            token_sha256: Some(hex::encode(digest(&token))),
            token: None,
        };
        Ok((entry, token))
    }

    /// The entry in the format of a credentials file.
    ///
    /// # Errors
    /// Never for an entry made by [`Entry::make`].
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(&File { endpoint: None, credential: vec![self.clone()] })
    }

    /// Checks the entry; returns the digest of its token, and its principal.
    ///
    /// # Errors
    /// What is wrong with the entry, by its principal.
    pub fn check(&self) -> Result<([u8; 32], Caller), String> {
        let named = |what: &str| format!("credential {:?}: {what}", self.principal);
        if self.principal.is_empty()
            || self.principal.len() > 128
            || self.principal.chars().any(char::is_control)
        {
            return Err(named("a principal has 1 to 128 bytes and no control characters"));
        }
        let mut roles = self
            .roles
            .iter()
            .map(|name| role_of(name).ok_or_else(|| named(&format!("no role {name:?}"))))
            .collect::<Result<Vec<_>, _>>()?;
        roles.sort_unstable();
        if let Some(fault) = roles_fault(&roles, self.unit.is_some()) {
            return Err(named(fault));
        }
        let sha256 = self.token_sha256.as_deref().and_then(|text| hex::decode(text).ok());
        let sha256 = sha256.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let sha256 = sha256.ok_or_else(|| named("token_sha256 is 64 hexadecimal digits"))?;
        let (principal, unit) = (self.principal.clone(), self.unit.clone().map(UnitCode));
        Ok((sha256, Caller { principal, roles, unit, ..Caller::default() }))
    }
}

impl Credentials {
    /// Reads a credentials file.
    ///
    /// # Errors
    /// What is wrong, and in which entry.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let file: File = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut by_digest = HashMap::new();
        let mut by_principal = HashMap::new();
        for entry in &file.credential {
            let (sha256, caller) = entry.check().map_err(|error| format!("{}: {error}", path.display()))?;
            // A principal may have several tokens, but request ids belong to the principal. With another unit, a repeat
            // would get the ticket of the first one.
            let first = by_principal.entry(caller.principal.clone()).or_insert_with(|| caller.clone());
            if *first != caller {
                return Err(format!(
                    "{}: credential {:?}: its tokens have different roles or units",
                    path.display(),
                    entry.principal
                ));
            }
            if by_digest.insert(sha256, caller).is_some() {
                return Err(format!(
                    "{}: credential {:?}: its token stands twice",
                    path.display(),
                    entry.principal
                ));
            }
        }
        Ok(Self { by_digest })
    }

    /// The principal of a token.
    #[must_use]
    pub fn caller_of(&self, token: &str) -> Option<&Caller> {
        // Looked up by digest, so that the time reveals nothing about existing tokens.
        (token.len() <= TOKEN_BYTES_MAX).then(|| self.by_digest.get(&digest(token))).flatten()
    }

    /// Every entry's principal; one with several tokens occurs several times.
    pub fn callers(&self) -> impl Iterator<Item = &Caller> {
        self.by_digest.values()
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_digest.len()
    }

    /// The principal with exactly this name.
    #[must_use]
    pub fn principal(&self, name: &str) -> Option<&Caller> {
        self.by_digest.values().find(|caller| caller.principal == name)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_digest.is_empty()
    }
}

/// Writes a file that only its owner can read, completely or not at all.
fn write_private(path: &Path, file: &File) -> Result<(), String> {
    let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = toml::to_string(file).map_err(|error| fault(&error))?;
    private_file::write(path, text.as_bytes()).map_err(|error| fault(&error))
}

#[cfg(test)]
mod entry_tests;

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(roles: &[&str], unit: Option<&str>) -> Entry {
        Entry {
            principal: "somebody".to_owned(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            unit: unit.map(str::to_owned),
            token_sha256: Some("ab".repeat(32)),
            token: None,
        }
    }

    #[test]
    fn an_entry_names_what_is_wrong_with_it() {
        assert!(entry(&["agent"], None).check().is_ok());
        assert!(entry(&["unit"], Some("district-chaoyang")).check().is_ok());
        for (wrong, words) in [
            (entry(&[], None), "no role"),
            (entry(&["king"], None), "\"king\""),
            (entry(&["unit"], None), "go together"),
            (entry(&["agent"], Some("district-chaoyang")), "go together"),
            (entry(&["agent", "unit"], Some("district-chaoyang")), "stands alone"),
            (Entry { token_sha256: Some("xy".repeat(32)), ..entry(&["agent"], None) }, "hexadecimal"),
            (Entry { principal: String::new(), ..entry(&["agent"], None) }, "1 to 128"),
        ] {
            let error = wrong.check().expect_err("a wrong entry is refused");
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn the_tokens_of_a_principal_say_the_same_of_it() {
        let read = |entries: &[Entry]| {
            let file = std::env::temp_dir().join(format!("hotline-credentials-{}.toml", std::process::id()));
            write_private(&file, &File { endpoint: None, credential: entries.to_vec() })
                .expect("it can be written");
            let read = Credentials::read(&file);
            std::fs::remove_file(&file).expect("it was written");
            read.map(|credentials| credentials.len())
        };
        let first = entry(&["agent", "supervisor"], None);
        let second = |roles, unit| Entry { token_sha256: Some("cd".repeat(32)), ..entry(roles, unit) };
        assert_eq!(read(&[first.clone(), second(&["supervisor", "agent"], None)]), Ok(2));
        for other in [second(&["agent"], None), second(&["unit"], Some("district-chaoyang"))] {
            assert!(
                read(&[first.clone(), other]).is_err_and(|error| error.contains("different roles or units"))
            );
        }
    }

    #[test]
    fn a_token_is_found_by_its_digest_alone() {
        let (entry, token) = Entry::make("somebody", &[Role::Agent], None).expect("randomness");
        let (sha256, caller) = entry.check().expect("a sound entry");
        let known = Credentials { by_digest: HashMap::from([(sha256, caller)]) };
        assert_eq!(known.caller_of(&token).map(|caller| caller.principal.as_str()), Some("somebody"));
        assert_eq!(known.caller_of(&token.to_lowercase()), None);
        assert_eq!(known.caller_of(&"x".repeat(100_000)), None);
        assert!(!entry.to_toml().expect("it can be written").contains(&token));
    }
}
