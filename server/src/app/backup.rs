//! `hotline-server backup`: copies the embedded database while it is served, or checks and prints the command that
//! dumps a PostgreSQL database. It prints what else must be kept; docs/backup.md says the same.

use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::failure::Failure;
use super::postgres_tools;
use crate::audit_log::restores;
use crate::deadline::Policy;
use crate::migration;
use crate::platform::config::Config;
use crate::platform::{Clock, Store, database_file, database_identity, private_file};

/// Connections to PostgreSQL while its backup is prepared.
const CONNECTIONS: u32 = 1;

/// Makes a backup, or prints the command that makes it.
///
/// # Errors
/// If the database can't be read, or the backup can't be written, is there already, or is not sound.
#[expect(clippy::print_stdout, reason = "what was made is what the command is for")]
pub async fn backup(config: &Config<Policy>, clock: &Clock, to: Option<PathBuf>) -> Result<(), Failure> {
    let day = clock.now().format("%Y%m%dT%H%M%SZ");
    if !config.database.is_empty() {
        let to = to.unwrap_or_else(|| PathBuf::from(format!("hotline-{day}.dump")));
        return print_dump(config, &to).await;
    }
    let from = config.sqlite_path(clock.is_simulated());
    if !database_file::exists(&from) {
        return Err(format!("no database at {}", from.display()).into());
    }
    let to = to.unwrap_or_else(|| PathBuf::from(format!("hotline-{day}.sqlite")));
    database_file::check_before_open(&from)?;
    if to.exists() {
        return Err(
            format!("{} is there already; a backup is never written over another", to.display()).into()
        );
    }
    // Only a complete copy gets the final file name.
    let part = part_of(&to);
    let made = make(&from, &part, &to).await;
    if made.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    println!("backup: {}", to.display());
    println!("{}", made?);
    print_others(config);
    Ok(())
}

fn part_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    to.with_file_name(name)
}

/// Copies, checks the copy, renames it, and prints what is in it.
async fn make(from: &Path, part: &Path, to: &Path) -> Result<String, Failure> {
    database_file::copy(from, part).await?;
    if let Some(first) = database_file::damage(part).await.first() {
        return Err(format!("the copy of {} is damaged: {first}", from.display()).into());
    }
    let said = describe(part).await?;
    private_file::give_name(part, to).map_err(|error| format!("{}: {error}", to.display()))?;
    Ok(said)
}

async fn describe(file: &Path) -> Result<String, Failure> {
    let store = Store::read_sqlite(file).await?;
    let said = contents(&store).await;
    store.close().await;
    said
}

/// The id of the database, and how far its tickets and checkpoints go.
async fn contents(store: &Store) -> Result<String, Failure> {
    let db = store.reader();
    migration::refuse_unknown_steps(db).await?;
    let id = database_identity::database_id(db).await.map_err(|fault| fault.detail)?;
    let (end, _) = restores::chain_end(db).await.map_err(|fault| fault.detail)?;
    let asked = Statement::from_string(db.get_database_backend(), "SELECT count(*) FROM ticket");
    let row = db.query_one_raw(asked).await?;
    let tickets: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    let id = id.unwrap_or_else(|| "without an id".to_owned());
    Ok(format!("database {id}: {tickets} tickets, checkpoints up to {}", end.through))
}

/// Prints what else is needed, because without it a backup of the database is useless.
#[expect(clippy::print_stdout, reason = "what to keep is part of what the command is for")]
fn print_others(config: &Config<Policy>) {
    println!("keep as well, each in a place of its own, and the keys never beside the backup:");
    println!("  vault keys: {}", config.vault_keys_path().display());
    let named = &config.audit_log.signing_key;
    let is_named = !named.as_os_str().is_empty();
    let signing = if is_named { named.clone() } else { config.data_dir.join("signing-key.pem") };
    println!("  signing key: {}", signing.display());
    if let Some(credentials) = config.credentials_path() {
        println!("  credentials: {}", credentials.display());
    }
    if config.audit_log.export_dir.as_os_str().is_empty() {
        println!(
            "  exported checkpoints: none; set audit_log.export_dir, or a restore can't know what was lost"
        );
    } else {
        println!("  exported checkpoints: {}", config.audit_log.export_dir.display());
    }
}

/// Checks that a PostgreSQL database can be dumped, and prints the command.
#[expect(clippy::print_stdout, reason = "the command is what is asked for")]
async fn print_dump(config: &Config<Policy>, to: &Path) -> Result<(), Failure> {
    let store = Store::read_postgres(&config.database, CONNECTIONS).await?;
    let said = contents(&store).await?;
    let major = postgres_tools::server_major(&store).await?;
    let asked = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
    let row = store.reader().query_one_raw(Statement::from_string(DbBackend::Postgres, asked)).await?;
    let passes: bool = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(false);
    store.close().await;
    let found = postgres_tools::check("pg_dump", major);
    println!("{said}");
    match &found {
        Ok(version) => println!("pg_dump: {version}, the server is PostgreSQL {major}"),
        Err(why) => println!("pg_dump: {why}"),
    }
    let url = postgres_tools::without_password(&config.database);
    let file = postgres_tools::quoted(&to.display().to_string());
    println!("run:");
    if passes {
        println!("  pg_dump --format=custom --file={file} {url}");
    } else {
        println!("  # this role is held to row-level security; so that it reads every row:");
        println!(
            "  PGOPTIONS='-c hotline.scope=all' pg_dump --enable-row-security --format=custom --file={file} {url}"
        );
    }
    println!("  pg_restore --list {file}   # it can be read");
    print_others(config);
    found.map(drop).map_err(Failure::from)
}
