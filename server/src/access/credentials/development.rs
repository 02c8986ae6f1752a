//! Credentials for development: one for each role and one for each unit, in two files that only their owner can read.
//! The server reads the digests; the tokens are for examples and tools on the same machine.
//!
//! An issued token stays valid: missing entries are added, and an entry that one file lost is restored from the other.
//! A token that is in neither file is lost, and the log says that a new one was made.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use hotline_proto::v1::Role;

use super::{Credentials, Entry, File, digest, role_name, write_private};

/// The digests of the development credentials.
pub(super) const DIGESTS: &str = "credentials.toml";
/// The development tokens themselves.
pub(super) const TOKENS: &str = "development-credentials.toml";

/// The principals with a development credential: one for each role and unit, and a second administrator.
fn parts(units: &[String]) -> Vec<(String, Role, Option<&str>)> {
    let roles = [
        Role::Telephony,
        Role::Agent,
        Role::Dispatcher,
        Role::Coordinator,
        Role::Supervisor,
        Role::Analyst,
        Role::Administrator,
    ];
    let of_roles = roles.iter().map(|role| (format!("dev-{}", role_name(*role)), *role, None));
    // A second administrator must approve proposals of the first.
    let second = [("dev-administrator-2".to_owned(), Role::Administrator, None)];
    let of_units = units.iter().map(|unit| (format!("dev-unit-{unit}"), Role::Unit, Some(unit.as_str())));
    of_roles.chain(second).chain(of_units).collect()
}

fn read(path: &Path) -> Result<File, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(|error| wrong(&error)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(File::default()),
        Err(error) => Err(wrong(&error)),
    }
}

/// Replaces all entries of a principal by this one.
fn put(file: &mut File, entry: Entry) {
    let place = file.credential.iter().position(|held| held.principal == entry.principal);
    file.credential.retain(|held| held.principal != entry.principal);
    let place = place.unwrap_or(usize::MAX).min(file.credential.len());
    file.credential.insert(place, entry);
}

/// Adds missing credentials to both files; returns the principals whose token was lost.
fn complete(units: &[String], kept: &mut File, shown: &mut File) -> Result<Vec<String>, String> {
    let mut lost = Vec::new();
    for (principal, role, unit) in parts(units) {
        let issued = shown.credential.iter().find(|entry| entry.principal == principal);
        let (entry, token) = match issued.and_then(|entry| entry.token.clone()) {
            Some(token) => {
                let (made, _) = Entry::make(&principal, &[role], unit).map_err(|error| error.to_string())?;
                (Entry { token_sha256: Some(hex::encode(digest(&token))), ..made }, token)
            }
            None => Entry::make(&principal, &[role], unit).map_err(|error| error.to_string())?,
        };
        let before = kept.credential.iter().find(|held| held.principal == principal);
        if before.is_some_and(|before| before.token_sha256 != entry.token_sha256) {
            lost.push(principal);
        }
        put(shown, Entry { token_sha256: None, token: Some(token), ..entry.clone() });
        put(kept, entry);
    }
    Ok(lost)
}

impl Credentials {
    /// Makes missing development credentials, and reads them. Also returns the path of the file of tokens.
    ///
    /// # Errors
    /// If the folder can't be written, or a file can't be read.
    pub fn development(folder: &Path, units: &[String], endpoint: &str) -> Result<(Self, PathBuf), String> {
        let (digests, tokens) = (folder.join(DIGESTS), folder.join(TOKENS));
        let (mut kept, mut shown) = (read(&digests)?, read(&tokens)?);
        let kept_before = kept.clone();
        let lost = complete(units, &mut kept, &mut shown)?;
        if !lost.is_empty() {
            tracing::warn!(
                principals = lost.join(", "),
                file = %tokens.display(),
                "development tokens were lost and made anew; those printed before are no longer valid"
            );
        }
        shown.endpoint = Some(endpoint.to_owned());
        if kept != kept_before {
            write_private(&digests, &kept)?;
        }
        write_private(&tokens, &shown)?;
        Ok((Self::read(&digests)?, tokens))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: &str = "dept-tax";

    fn texts(file: &File) -> String {
        toml::to_string(file).expect("it can be written")
    }

    #[test]
    fn a_token_that_was_issued_stays_valid() {
        let units = [UNIT.to_owned()];
        let (mut kept, mut shown) = (File::default(), File::default());
        assert_eq!(complete(&units, &mut kept, &mut shown), Ok(Vec::new()), "the first start");
        let (first_kept, first_shown) = (texts(&kept), texts(&shown));
        complete(&units, &mut kept, &mut shown).expect("randomness");
        assert_eq!((texts(&kept), texts(&shown)), (first_kept.clone(), first_shown), "another start");

        // The file of digests is lost.
        let mut kept = File::default();
        assert_eq!(complete(&units, &mut kept, &mut shown), Ok(Vec::new()));
        assert_eq!(texts(&kept), first_kept);

        // An older release had one less, and the file has an entry of somebody else.
        kept.credential.retain(|entry| entry.principal != "dev-administrator-2");
        shown.credential.retain(|entry| entry.principal != "dev-administrator-2");
        let (own, _) = Entry::make("seat-7", &[Role::Agent], None).expect("randomness");
        kept.credential.push(own);
        let agent = kept.credential[1].token_sha256.clone();
        assert_eq!(complete(&units, &mut kept, &mut shown), Ok(Vec::new()));
        assert_eq!(kept.credential[1].token_sha256, agent, "the others stay as they are");
        assert!(kept.credential.iter().any(|entry| entry.principal == "seat-7"));
        assert!(kept.credential.iter().any(|entry| entry.principal == "dev-administrator-2"));
    }

    #[test]
    fn a_token_that_is_lost_is_named() {
        let (mut kept, mut shown) = (File::default(), File::default());
        complete(&[], &mut kept, &mut shown).expect("randomness");
        let lost = complete(&[], &mut kept, &mut File::default()).expect("randomness");
        assert_eq!(lost.len(), kept.credential.len());
        assert!(lost.contains(&"dev-agent".to_owned()));
    }
}
