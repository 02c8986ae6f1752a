//! The programs of PostgreSQL that dump and restore, looked for and compared with the server, and their arguments as a shell
//! takes them.

use std::process::{Command, Stdio};

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::Failure;
use crate::platform::Store;

/// The major version of the server.
pub(super) async fn server_major(store: &Store) -> Result<u32, Failure> {
    let asked = Statement::from_string(DbBackend::Postgres, "SHOW server_version_num");
    let row = store.reader().query_one_raw(asked).await?;
    let version: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    let number: u32 = version.parse().map_err(|_| format!("the server's version is {version:?}"))?;
    Ok(number / 10_000)
}

/// Whether a program is in PATH and not older than the server; answers its version.
pub(super) fn check(program: &str, server_major: u32) -> Result<String, String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    let output =
        output.map_err(|_| format!("{program} is not in PATH; install PostgreSQL's client programs"))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let major = said.split(' ').find_map(|word| word.split('.').next()?.parse::<u32>().ok());
    match major {
        Some(major) if major >= server_major => Ok(said),
        Some(_) => Err(format!(
            "{said} is older than the server, PostgreSQL {server_major}, and can't dump or restore it"
        )),
        None => Err(format!("{program} names no version: {said:?}")),
    }
}

/// The address of a database without its password, quoted for a shell: what is printed ends up in logs and histories.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return quoted(url) };
    let (user, place) = rest.rsplit_once('@').map_or(("", rest), |(user, place)| (user, place));
    let user = user.split(':').next().unwrap_or_default();
    let at = if user.is_empty() { "" } else { "@" };
    let (place, query) = place.split_once('?').unwrap_or((place, ""));
    let kept: Vec<_> =
        query.split('&').filter(|one| !one.is_empty() && !one.starts_with("password=")).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    quoted(&format!("{scheme}://{user}{at}{place}{mark}{}", kept.join("&")))
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-:@=%+,".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_printed() {
        for (url, shown) in [
            ("postgres://ops:s3cret@db:5432/hotline", "postgres://ops@db:5432/hotline"),
            ("postgres://ops:p@ss@db/hotline", "postgres://ops@db/hotline"),
            ("postgres://db/hotline", "postgres://db/hotline"),
            (
                "postgres://ops@db/hotline?password=s3cret&sslmode=require",
                "'postgres://ops@db/hotline?sslmode=require'",
            ),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn a_word_is_one_word_to_a_shell() {
        assert_eq!(quoted("/a/b-1.dump"), "/a/b-1.dump");
        assert_eq!(quoted("it's; rm"), "'it'\\''s; rm'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let why = check("hotline-no-such-program", 15).expect_err("it is not there");
        assert!(why.contains("hotline-no-such-program is not in PATH"), "{why}");
    }
}
