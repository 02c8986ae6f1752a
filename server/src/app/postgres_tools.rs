//! PostgreSQL's programs to dump and restore: it finds them, compares their versions with the server, and prints their
//! commands for a shell.

use std::path::Path;
use std::process::{Command, Stdio};

use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Connection as _};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::database;
use super::failure::Failure;
use crate::deadline::Policy;
use crate::platform::Store;
use crate::platform::config::Config;
use crate::platform::database_hosts::DatabaseHost;

/// The major version of the server.
pub(super) async fn server_major(store: &Store) -> Result<u32, Failure> {
    let asked = Statement::from_string(DbBackend::Postgres, "SHOW server_version_num");
    let row = store.reader().query_one_raw(asked).await?;
    let version: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    let number: u32 = version.parse().map_err(|_| format!("the server's version is {version:?}"))?;
    Ok(number / 10_000)
}

/// Checks that a program is in PATH and not older than the server; returns its version.
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

/// The URL of a database without its password, quoted for a shell, because printed commands end up in logs and
/// histories.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return quoted(url) };
    let (user, place) = rest.rsplit_once('@').map_or(("", rest), |(user, place)| (user, place));
    let user = user.split(':').next().unwrap_or_default();
    let at = if user.is_empty() { "" } else { "@" };
    let (place, query) = place.split_once('?').unwrap_or((place, ""));
    let is_secret = |one: &&str| one.starts_with("password=") || one.starts_with("sslpassword=");
    let kept: Vec<_> = query.split('&').filter(|one| !one.is_empty() && !is_secret(one)).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    quoted(&format!("{scheme}://{user}{at}{place}{mark}{}", kept.join("&")))
}

/// A word, quoted for a shell.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-:@=%+,".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Checks that no server serves the database. A running server would not notice that it is restored.
pub(super) async fn nobody_serves(url: &str) -> Result<(), Failure> {
    let asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = \
                 'hotline-server'";
    let mut failure = None;
    let mut answers = 0_u32;
    for host in DatabaseHost::list(url)? {
        // A host that is away serves nobody, but one of them has to answer.
        let mut connection = match PgConnection::connect(host.url()).await {
            Ok(connection) => connection,
            Err(error) => {
                failure = Some(error);
                continue;
            }
        };
        let serving: i64 = sqlx::query_scalar(asked).fetch_one(&mut connection).await?;
        connection.close().await?;
        if serving > 0 {
            return Err("a hotline-server is connected to this database; stop it first".into());
        }
        answers += 1;
    }
    match failure {
        Some(error) if answers == 0 => Err(error.into()),
        _ => Ok(()),
    }
}

/// Checks that a PostgreSQL database can be restored, and prints the commands.
#[expect(clippy::print_stdout, reason = "the commands are what is asked for")]
pub(super) async fn print_restore(config: &Config<Policy>, from: &Path) -> Result<(), Failure> {
    if !from.exists() {
        return Err(format!("no backup at {}", from.display()).into());
    }
    let store = Store::open_postgres(&config.database, 1).await.map_err(|error| {
        format!("{error}; the database must be there and empty: create it as the owner of its tables")
    })?;
    let major = server_major(&store).await?;
    let is_filled = database::has_tables(&store).await?;
    store.close().await;
    if is_filled {
        return Err(
            "the database has tables already; restore into an empty one, and give the old one another name"
                .into(),
        );
    }
    let found = check("pg_restore", major);
    match &found {
        Ok(version) => println!("pg_restore: {version}, the server is PostgreSQL {major}"),
        Err(why) => println!("pg_restore: {why}"),
    }
    let url = without_password(&config.database);
    let file = quoted(&from.display().to_string());
    println!("run, with every server stopped, as the owner of the tables:");
    println!(
        "  pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname={url} {file}"
    );
    println!("  hotline-server restore --in-place --database {url} --by NAME --reason TEXT");
    println!(
        "  hotline-server migrate --serving-role ROLE --database {url}   # where servers have a role of their own"
    );
    found.map(drop).map_err(Failure::from)
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
