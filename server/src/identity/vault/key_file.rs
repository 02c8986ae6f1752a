//! The file of the vault's keys: every version, and which one is active. Whoever reads it can decrypt every identity.

use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::envelope::Suite;
use super::fault::VaultFault;
use super::key::{KeyVersion, SecretKey};
use crate::platform::{private_file, random};

/// Bytes of a secret; the suite's own keys are derived from it.
pub const SECRET_BYTES: usize = 32;
/// Versions that a file may hold.
const VERSIONS_MAX: usize = 64;

/// The header of a file that the server writes.
const HEAD: &str = "# The keys of the identity vault. Whoever reads this file can read who called. Keep it apart from copies of the\n\
    # database, and keep a copy of it: without it no identity can ever be read again.\n\n";

/// A key of a file.
#[derive(Clone)]
pub struct Key {
    /// Its version, 1 or more.
    pub version: KeyVersion,
    /// Its suite.
    pub suite: Suite,
    /// The secret that its keys are derived from.
    pub secret: SecretKey,
}

/// The keys of a file.
#[derive(Debug, Clone)]
pub struct KeyFile {
    /// The version that encrypts from now on.
    pub active: KeyVersion,
    /// Every version, rising.
    pub keys: Vec<Key>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    active: KeyVersion,
    key: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    version: KeyVersion,
    suite: String,
    secret: String,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("version", &self.version)
            .field("suite", &self.suite)
            .finish_non_exhaustive()
    }
}

impl Key {
    /// A new random key.
    ///
    /// # Errors
    /// [`VaultFault::Unavailable`] if the operating system gives no randomness.
    pub fn make(version: KeyVersion, suite: Suite) -> Result<Self, VaultFault> {
        let mut secret = Zeroizing::new(vec![0; SECRET_BYTES]);
        random::fill(&mut secret).map_err(|error| VaultFault::Unavailable(error.to_string()))?;
        Ok(Self { version, suite, secret })
    }
}

impl KeyFile {
    /// The first file: one key, which is active.
    ///
    /// # Errors
    /// [`VaultFault::Unavailable`] if the operating system gives no randomness.
    pub fn first(suite: Suite) -> Result<Self, VaultFault> {
        Ok(Self { active: 1, keys: vec![Key::make(1, suite)?] })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Its fault; never a secret.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map(Zeroizing::new);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    /// Its fault; never a secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        // The parser's message quotes the line, and so a secret.
        let file: File = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
            format!("line {} is not what a key file holds", before.matches('\n').count() + 1)
        })?;
        if file.key.is_empty() || file.key.len() > VERSIONS_MAX {
            return Err(format!("a key file has 1 to {VERSIONS_MAX} keys"));
        }
        let mut keys = file.key.iter().map(key_of).collect::<Result<Vec<_>, _>>()?;
        keys.sort_by_key(|key| key.version);
        if let Some(twice) = keys.windows(2).find(|pair| pair[0].version == pair[1].version) {
            return Err(format!("key {}: its version stands twice", twice[0].version));
        }
        if !keys.iter().any(|key| key.version == file.active) {
            return Err(format!("active: there is no key {}", file.active));
        }
        Ok(Self { active: file.active, keys })
    }

    /// Writes a file that only its owner can read, completely or not at all.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        private_file::write(path, self.text()?.as_bytes()).map_err(|error| named(path, &error))
    }

    /// Makes the file, unless it exists. If two servers start at once in one folder, both use the same file.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn make(&self, path: &Path) -> Result<(), String> {
        match private_file::make(path, self.text()?.as_bytes()) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(named(path, &error)),
            _ => Ok(()),
        }
    }

    fn text(&self) -> Result<Zeroizing<String>, String> {
        let entry = |key: &Key| Entry {
            version: key.version,
            suite: key.suite.name().to_owned(),
            secret: hex::encode(&key.secret),
        };
        let file = File { active: self.active, key: self.keys.iter().map(entry).collect() };
        let text = toml::to_string(&file).map(Zeroizing::new).map_err(|error| error.to_string())?;
        Ok(Zeroizing::new(format!("{HEAD}{}", text.as_str())))
    }
}

fn named(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn key_of(entry: &Entry) -> Result<Key, String> {
    let named = |what: String| format!("key {}: {what}", entry.version);
    let suite = Suite::of_name(&entry.suite)
        .ok_or_else(|| named(format!("the suite is one of {}", Suite::ALL.map(Suite::name).join(", "))))?;
    let secret = hex::decode(&entry.secret).ok().map(Zeroizing::new);
    let secret = secret.filter(|secret| secret.len() == SECRET_BYTES);
    let secret =
        secret.ok_or_else(|| named(format!("a secret is {} hexadecimal digits", 2 * SECRET_BYTES)))?;
    if entry.version == 0 || entry.version > i32::MAX.unsigned_abs() {
        return Err(named("a version is 1 or more".to_owned()));
    }
    Ok(Key { version: entry.version, suite, secret })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(version: u32, suite: &str, secret: &str) -> String {
        format!("[[key]]\nversion = {version}\nsuite = \"{suite}\"\nsecret = \"{secret}\"\n")
    }

    #[test]
    fn a_file_says_what_is_wrong_with_it_and_never_a_secret() {
        let secret = "5ec2e7".repeat(10) + "0123";
        let good = entry(1, "aes-256-gcm", &secret);
        assert!(KeyFile::parse(&format!("active = 1\n{good}")).is_ok());
        for (text, words) in [
            (format!("active = 2\n{good}"), "no key 2"),
            (format!("active = 1\n{good}{good}"), "stands twice"),
            (format!("active = 1\n{}", entry(1, "rot13", &secret)), "aes-256-gcm, sm4-gcm"),
            (format!("active = 1\n{}", entry(0, "sm4-gcm", &secret)), "1 or more"),
            (format!("active = 1\n{}", entry(1, "sm4-gcm", &secret[1..])), "64 hexadecimal"),
            (format!("active = 1\n{}", entry(1, "sm4-gcm", &secret.replace('5', "x"))), "64 hexadecimal"),
            (format!("active = 1\n{good}colour = \"{secret}\"\n"), "line "),
            (format!("active = 1\nsecret {secret}"), "line 2"),
            ("active = 1\nkey = []".to_owned(), "1 to 64"),
        ] {
            let error = KeyFile::parse(&text).expect_err("it is wrong");
            assert!(error.contains(words), "{error}");
            assert!(!error.contains(&secret[..12]), "{error}");
        }
    }

    #[test]
    fn a_file_comes_back_as_it_was_written() {
        let mut keys = KeyFile::first(Suite::Sm4Gcm).expect("randomness");
        keys.keys.push(Key::make(2, Suite::Aes256Gcm).expect("randomness"));
        keys.active = 2;
        let path = std::env::temp_dir().join(format!("hotline-vault-keys-{}.toml", std::process::id()));
        keys.write(&path).expect("it can be written");
        let read = KeyFile::read(&path);
        std::fs::remove_file(&path).expect("it was written");
        let read = read.expect("it can be read");
        assert_eq!(read.active, 2);
        let contents = |keys: &KeyFile| -> Vec<_> {
            keys.keys.iter().map(|key| (key.version, key.suite, key.secret.clone())).collect()
        };
        assert_eq!(contents(&read), contents(&keys));
    }
}
