//! The files that an operator writes: overlays of the configuration, credentials and the vault's keys. They are read,
//! or refused with a message that never holds a secret.

use hotline_server::access::Credentials;
use hotline_server::deadline::Policy;
use hotline_server::identity::vault::FileKeys;
use hotline_server::identity::vault::key_file::KeyFile;
use hotline_server::platform::config::{self, Overrides};
use std::fmt::Write as _;

use super::one_of;
use super::random::Random;
use super::temp_dir::TempDir;

/// Keys and values of these files.
pub(crate) const KEYS: &[&str] = &[
    "listen=127.0.0.1:0\n",
    "policy.deadline.general.days=7\n",
    "policy.intake.hours_open=08:30\n",
    "vault.suite=sm4-gcm\n",
    "limits.calls_max=",
    "[limits]\n",
    "[[credential]]\n",
    "principal = \"desk\"\n",
    "roles = [\"unit\"]\n",
    "unit = \"dept-tax\"\n",
    "token_sha256 = \"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd\"\n",
    "active = 1\n",
    "[[key]]\nversion = 1\nsuite = \"aes-256-gcm\"\n",
    "secret = \"5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e70123\"\n",
    "..",
    "=",
];

thread_local! {
    static FOLDER: TempDir = TempDir::new("fuzz-files");
}

/// An overlay: a file if it begins with a bracket or has one after a line break, otherwise `--set KEY=VALUE` line by
/// line.
pub(crate) fn configuration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut overrides = Overrides::default();
    if text.starts_with('[') || text.contains("\n[") {
        let path = FOLDER.with(|folder| folder.path().join("overlay.toml"));
        std::fs::write(&path, text).expect("it can be written");
        overrides.file = Some(path);
    } else {
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        overrides.keys = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    }
    match config::read::<Policy>(&overrides) {
        Ok(config) => {
            let _ = (config.metrics_listen(), config.is_loopback(), config.vault_keys_path());
            let _ = (config.credentials_path(), config.sqlite_path(true), config.policy.check());
        }
        Err(message) => assert!(!message.is_empty(), "a refusal says why"),
    }
}

pub(crate) fn generate_configuration(random: &mut Random) -> Vec<u8> {
    if random.percent(30) {
        return one_of(
            random,
            &[
                "[limits]\ncalls_max = 12\n",
                "listen = \"0.0.0.0:1\"\n[vault]\nsuite = \"sm4-gcm\"\nkeys = \"/k\"\n",
                "[policy.deadline.general]\ndays = 3\nclock = \"working\"\n",
                "[log]\nformat = \"json\"\n[colour]\nred = 1\n",
            ],
        );
    }
    (0..=random.below(3)).flat_map(|_| random.pick(&KEYS[..5]).as_bytes().to_vec()).collect()
}

/// A credentials file.
pub(crate) fn credentials(bytes: &[u8]) {
    let path = FOLDER.with(|folder| folder.path().join("credentials.toml"));
    std::fs::write(&path, bytes).expect("it can be written");
    match Credentials::read(&path) {
        Ok(credentials) => assert!(credentials.caller_of("").is_none(), "nobody is known by nothing"),
        Err(message) => assert!(!message.is_empty(), "a refusal says why"),
    }
}

pub(crate) fn generate_credentials(random: &mut Random) -> Vec<u8> {
    let mut text = String::new();
    for place in 0..=random.below(3) {
        let (role, unit) =
            random.pick(&[("agent", ""), ("unit", "unit = \"dept-tax\"\n"), ("owner", ""), ("unit", "")]);
        let digest = format!("{:02x}", place + random.below(2)).repeat(random.pick(&[32, 32, 32, 31]));
        write!(
            text,
            "[[credential]]\nprincipal = \"p{}\"\nroles = [\"{role}\"]\n{unit}token_sha256 = \"{digest}\"\n",
            random.below(3)
        )
        .expect("a string takes it");
    }
    text.into_bytes()
}

/// A key file; the error never holds a part of a secret.
pub(crate) fn key_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match KeyFile::parse(text) {
        Ok(file) => {
            let keys = FileKeys::of(&file).expect("sound keys can be used");
            assert_eq!(keys.now().proofs().map(|proofs| proofs.len()), Ok(file.keys.len()));
        }
        Err(message) => {
            let quoted = text.as_bytes().windows(16).filter(|part| part.iter().all(u8::is_ascii_hexdigit));
            for part in quoted {
                assert!(
                    !message.as_bytes().windows(16).any(|one| one == part),
                    "a secret is told: {message}"
                );
            }
        }
    }
}

pub(crate) fn generate_key_file(random: &mut Random) -> Vec<u8> {
    let mut text = format!("active = {}\n", 1 + random.below(3));
    for version in 1..=1 + random.below(3) {
        let suite = random.pick(&["aes-256-gcm", "sm4-gcm", "sm4-gcm", "rot13"]);
        let secret = format!("{:02x}", random.byte()).repeat(random.pick(&[32, 32, 32, 31]));
        write!(text, "[[key]]\nversion = {version}\nsuite = \"{suite}\"\nsecret = \"{secret}\"\n")
            .expect("a string takes it");
    }
    text.into_bytes()
}
