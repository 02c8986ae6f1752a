//! Checks whether others on the machine can read or change the files that a server uses. This is an error if it serves
//! other machines, and a warning in development (docs/adr/0026).

use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::deadline::Policy;
use crate::platform::config::Config;
use crate::platform::file_mode::{Need, exposure, replaceable};

/// The secrets in the data directory, if they are there.
const IN_DATA_DIR: [&str; 4] =
    ["credentials.toml", "development-credentials.toml", "vault-keys.toml", "signing-key.pem"];
/// The files of an embedded database, by the suffix of the name.
const OF_SQLITE: [&str; 3] = ["", "-wal", "-shm"];

/// Every file of a configuration, and what it holds.
fn files(config: &Config<Policy>, is_simulated: bool) -> Vec<(PathBuf, Need)> {
    let in_data_dir = |name: &str| (config.data_dir.join(name), Need::Secret);
    let mut files = vec![(config.data_dir.clone(), Need::Secret)];
    files.extend(IN_DATA_DIR.into_iter().map(in_data_dir));
    if config.database.is_empty() {
        files.extend(sqlite_files(&config.sqlite_path(is_simulated)).map(|path| (path, Need::Secret)));
    }
    let named = [
        (config.access.credentials.as_path(), Need::Secret),
        (&config.vault.keys, Need::Secret),
        (&config.audit_log.signing_key, Need::Secret),
        (&config.messages.signing_key, Need::Secret),
        (&config.messages.gateway_ca, Need::Trusted),
        (&config.attachments.s3.access_key_file, Need::Secret),
        (&config.attachments.s3.secret_key_file, Need::Secret),
        (&config.attachments.s3.ca, Need::Trusted),
        (&config.tls.key, Need::Secret),
        (&config.tls.certificate, Need::Trusted),
        (&config.tls.client_ca, Need::Trusted),
        (&config.tls.client_crl, Need::Trusted),
        (&config.audit_log.public_keys, Need::Trusted),
        (&config.access.oidc.ca, Need::Trusted),
        // If the keys come from a URL, there is no such file.
        (Path::new(&config.access.oidc.jwks), Need::Trusted),
    ];
    let is_named = |(path, _): &(&Path, Need)| !path.as_os_str().is_empty();
    files.extend(named.into_iter().filter(is_named).map(|(path, need)| (path.to_owned(), need)));
    files
}

/// The files of an embedded database.
pub(super) fn sqlite_files(path: &Path) -> impl Iterator<Item = PathBuf> {
    OF_SQLITE.into_iter().map(move |end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}

/// Checks every file.
///
/// # Errors
/// In service, every file that others can read, change or replace, with what to do.
pub(super) fn check(config: &Config<Policy>, is_simulated: bool) -> Result<(), Failure> {
    judge(config, &files(config, is_simulated))
}

/// Checks the configuration file. It decides whom the server trusts, and a password for the database makes it a secret.
///
/// # Errors
/// In service, if others can change or replace it, or read the password.
pub fn check_config_file(config: &Config<Policy>, file: &Path) -> Result<(), Failure> {
    let user = config.database.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
    let is_in_query = config.database.split_once('?').is_some_and(|(_, query)| {
        query.split('&').any(|one| one.starts_with("password=") || one.starts_with("sslpassword="))
    });
    let has_password = is_in_query || user.is_some_and(|(user, _)| user.contains(':'));
    let need = if has_password { Need::Secret } else { Need::Trusted };
    judge(config, &[(file.to_owned(), need)])
}

fn judge(config: &Config<Policy>, files: &[(PathBuf, Need)]) -> Result<(), Failure> {
    let mut exposed: Vec<String> = Vec::new();
    for (path, need) in files {
        for found in [exposure(path, *need), replaceable(path)] {
            let found = found
                .unwrap_or_else(|error| Some(format!("{}: its mode can't be read: {error}", path.display())));
            // Many files are in one folder.
            exposed.extend(found.filter(|found| !exposed.contains(found)));
        }
    }
    if config.is_in_service() && !exposed.is_empty() {
        return Err(exposed.join("; ").into());
    }
    for exposed in exposed {
        tracing::warn!(
            error = exposed,
            "a file of the server is exposed; a server in service refuses to start"
        );
    }
    Ok(())
}
