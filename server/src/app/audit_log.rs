//! The settings of the audit log as a running hotline needs them, and the operators' commands: verify it, and print its
//! checkpoints.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::failure::Failure;
use super::private_folder::make_private;
use crate::audit_log::checkpoint::to_lines;
use crate::audit_log::signing_key::PublicKey;
use crate::audit_log::{SigningKey, read_checkpoints, restores};
use crate::deadline::Policy;
use crate::migration;
use crate::oversight::AuditLogSigner;
use crate::oversight::verify::{
    Finding, FindingKind, FindingPlace, VerifyOptions, VerifyReport, completeness, verify_all,
};
use crate::platform::config::Config;
use crate::platform::hashing::HashSuite;
use crate::platform::{Clock, OpenFile, Store, database_file, database_marker};

/// Concurrent readers of tickets.
const READERS: usize = 3;
/// Connections to PostgreSQL during a verification: one for each reader of tickets, for the audit records and for the
/// checkpoints.
const CONNECTIONS: u32 = 5;
/// The most findings that are printed.
const PRINTED_MAX: usize = 1_000;
/// Checkpoints that one query reads for printing.
const CHECKPOINTS_PAGE: u64 = 50;
/// The shortest and the longest time between two checkpoints, in seconds.
const INTERVAL_SECONDS: std::ops::RangeInclusive<u64> = 1..=3_600;

/// The suite of the configuration.
///
/// # Errors
/// If it names none.
pub(super) fn suite(config: &Config<Policy>) -> Result<HashSuite, Failure> {
    let names = || HashSuite::ALL.map(HashSuite::name).join(", ");
    HashSuite::of_name(&config.audit_log.suite)
        .ok_or_else(|| format!("audit_log.suite: one of {}", names()).into())
}

/// The pause between two checkpoints.
///
/// # Errors
/// If it is out of bounds.
pub(super) fn interval(config: &Config<Policy>) -> Result<Duration, Failure> {
    let seconds = config.audit_log.checkpoint_interval_seconds;
    if !INTERVAL_SECONDS.contains(&seconds) {
        let (least, most) = INTERVAL_SECONDS.into_inner();
        return Err(format!("audit_log.checkpoint_interval_seconds: {least} to {most}").into());
    }
    Ok(Duration::from_secs(seconds))
}

/// The folder that checkpoints are exported to, if any.
///
/// # Errors
/// If it is not there.
pub(super) fn export_dir(config: &Config<Policy>) -> Result<Option<PathBuf>, Failure> {
    let folder = Some(&config.audit_log.export_dir).filter(|path| !path.as_os_str().is_empty());
    if let Some(missing) = folder.filter(|folder| !folder.is_dir()) {
        return Err(format!("audit_log.export_dir: no folder at {}", missing.display()).into());
    }
    Ok(folder.cloned())
}

/// The key that checkpoints are signed with: the operator's, or one for development in the data directory.
///
/// A key is made if the database has no checkpoints. If an embedded database has checkpoints, a missing file is a lost
/// key, and a new key would hide the loss. Several servers of one PostgreSQL may each have a key of their own.
///
/// # Errors
/// If it can't be read or made, or is missing although it has signed checkpoints.
pub(super) async fn signing_key(config: &Config<Policy>, store: &Store) -> Result<SigningKey, Failure> {
    let signers = read_checkpoints::last_signers(store.reader()).await.map_err(|fault| fault.detail)?;
    let key = open_signing_key(config, &signers)?;
    let public_key = key.public_key();
    if !signers.is_empty() && !signers.contains(&public_key) {
        let before: Vec<_> = signers.iter().map(ToString::to_string).collect();
        tracing::warn!(
            %public_key,
            signed_before = before.join(", "),
            "the signing key signed no recent checkpoint: it is new or belongs to another server"
        );
    }
    Ok(key)
}

fn open_signing_key(config: &Config<Policy>, signers: &[PublicKey]) -> Result<SigningKey, Failure> {
    let named = config.audit_log.signing_key.as_path();
    if !named.as_os_str().is_empty() {
        return Ok(SigningKey::open(named)?);
    }
    let path = config.data_dir.join("signing-key.pem");
    if !path.exists() {
        if let Some(last) = signers.first().filter(|_| config.database.is_empty()) {
            let path = path.display();
            return Err(format!(
                "{path} is missing, and the checkpoints of this database are signed (last with {last}); restore the file, or, \
                 if the key is lost, make another with `hotline-server signing-key {path}` and keep the old public key \
                 for `verify`"
            )
            .into());
        }
        make_private(&config.data_dir)?;
        // Another server that starts with the same folder may have made it meanwhile.
        SigningKey::make_file(&path)
            .map(drop)
            .or_else(|fault| if path.exists() { Ok(()) } else { Err(fault) })?;
    }
    Ok(SigningKey::open(&path)?)
}

/// The accepted public keys of a file. If no file is named, every key is accepted.
///
/// # Errors
/// If it can't be read.
pub fn accepted_keys(file: &Path) -> Result<Vec<PublicKey>, Failure> {
    if file.as_os_str().is_empty() {
        return Ok(Vec::new());
    }
    let named = |error: String| format!("{}: {error}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
    Ok(PublicKey::parse_all(&text).map_err(named)?)
}

/// Opens the database to read it, beside a server that serves it.
pub(super) async fn open_to_read(config: &Config<Policy>, clock: &Clock) -> Result<Store, Failure> {
    if config.database.is_empty() {
        database_file::check_before_open(&config.sqlite_path(clock.is_simulated()))?;
        let store = Store::read_sqlite(&config.sqlite_path(clock.is_simulated())).await?;
        migration::refuse_unknown_steps(store.reader()).await?;
        return Ok(store);
    }
    let store = Store::read_postgres(&config.database, CONNECTIONS).await?;
    migration::refuse_unknown_steps(store.reader()).await?;
    Ok(store)
}

/// Refuses to serve a database that is older than its exported checkpoints, or has another past. Such a server would
/// give out ticket numbers a second time.
///
/// # Errors
/// What was exported and is missing, and what to do.
pub(super) async fn check_exported(signer: &AuditLogSigner) -> Result<(), Failure> {
    let found = signer.check_exported().await;
    found.map_err(|error| {
        format!(
            "{error}. If a backup was put back, or a standby took over that lacked the last changes, run `hotline-server \
             restore --in-place`; if nobody did that, somebody has changed the database: docs/backup.md"
        )
        .into()
    })
}

/// Verifies the whole audit log and prints what is wrong with it; returns whether it is sound.
///
/// # Errors
/// If the database or the copies can't be read.
#[expect(clippy::print_stdout, reason = "what is found is what the command is for")]
pub async fn verify(
    config: &Config<Policy>,
    clock: &Clock,
    options: &VerifyOptions,
) -> Result<bool, Failure> {
    let path = config.database.is_empty().then(|| config.sqlite_path(clock.is_simulated()));
    let file = path.as_ref().and_then(|path| OpenFile::at(path).ok()).map(OpenFile::without_log);
    let mut findings = Vec::new();
    if let Some(file) = &file {
        database_file::check_before_open(file.path())?;
        for line in database_file::damage(file.path()).await {
            println!("{}: {line}", file.path().display());
            findings.push(Finding::new(FindingPlace::Database, FindingKind::Malformed));
        }
        findings.truncate(1);
    }
    let is_damaged = !findings.is_empty();
    let began = Instant::now();
    let verified = match read_all(config, clock, options, &mut findings).await {
        Ok(verified) => verified,
        // Damaged data may not be readable at all. That is a finding too.
        Err(failure) if is_damaged => {
            println!("what is left can't be read: {failure}");
            VerifyReport::default()
        }
        Err(failure) => return Err(failure),
    };
    let took = began.elapsed().as_secs_f64();
    if file.is_some_and(|file| file.check().is_err()) {
        findings.push(Finding::new(FindingPlace::Database, FindingKind::Replaced));
    }
    findings.extend(verified.findings().cloned());
    let count = findings.len();
    for finding in findings.iter().take(PRINTED_MAX) {
        println!("{finding}");
    }
    if count > PRINTED_MAX {
        println!("and {} more", count - PRINTED_MAX);
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = verified.tickets.links as f64 / took.max(f64::EPSILON);
    println!(
        "{} tickets, {} events, {} identity accesses, {} records, {} checkpoints in {took:.1} s ({rate:.0} events/s); findings: {count}",
        verified.tickets.chains,
        verified.tickets.links,
        verified.tickets.accesses,
        verified.subjects.links,
        verified.checkpoints.chains
    );
    if options.public_keys.is_empty() {
        println!("the keys that signed were not compared with any: name them with --public-key");
    }
    Ok(count == 0)
}

/// Verifies what can be read, and adds the findings from the tables and the markers about the database as a whole.
async fn read_all(
    config: &Config<Policy>,
    clock: &Clock,
    options: &VerifyOptions,
    findings: &mut Vec<Finding>,
) -> Result<VerifyReport, Failure> {
    let store = open_to_read(config, clock).await?;
    let error = |fault: crate::platform::Fault| Failure::from(fault.detail);
    let expected = migration::tables().await?;
    let missing = completeness::missing_tables(store.reader(), &expected).await.map_err(error)?;
    let verified = if missing.is_empty() {
        let export_dir = export_dir(config)?;
        let folders =
            [Some(&config.data_dir), export_dir.as_ref(), options.export_dir.as_ref()].into_iter().flatten();
        let markers =
            folders.map(|folder| database_marker::read(&database_marker::path(folder, clock.is_simulated())));
        let markers = markers.collect::<Result<Vec<_>, _>>()?;
        findings.extend(completeness::findings(&store, markers.iter().flatten()).await.map_err(error)?);
        print_restores(&store).await.map_err(error)?;
        verify_all(&store, options, READERS).await.map_err(error)
    } else {
        // The rest would be read from missing tables.
        findings.extend(missing);
        Ok(VerifyReport::default())
    };
    store.close().await;
    verified
}

/// Prints the restores of the database. None of them is a fault, but operators must know about each.
#[expect(clippy::print_stdout, reason = "what is found is what the command is for")]
async fn print_restores(store: &Store) -> Result<(), crate::platform::Fault> {
    for entry in restores::all(store.reader()).await? {
        let at = chrono::DateTime::from_timestamp_micros(entry.restored_at).unwrap_or_default();
        println!(
            "restore {} at {} by {}: {}; the backup ended with checkpoint {}, checkpoints up to {} are abandoned",
            entry.number,
            at.to_rfc3339(),
            entry.by,
            entry.reason,
            entry.last.through,
            entry.abandoned.through
        );
    }
    Ok(())
}

/// Prints the checkpoints after a number as they are exported.
///
/// # Errors
/// If the database can't be read.
#[expect(clippy::print_stdout, reason = "the checkpoints are what the command is for")]
pub async fn print_checkpoints(
    config: &Config<Policy>,
    clock: &Clock,
    mut after: i64,
) -> Result<(), Failure> {
    let store = open_to_read(config, clock).await?;
    loop {
        let page = read_checkpoints::page(store.reader(), after, CHECKPOINTS_PAGE)
            .await
            .map_err(|fault| fault.detail)?;
        for (checkpoint, heads) in &page {
            print!("{}", to_lines(checkpoint, heads)?);
            after = checkpoint.number;
        }
        if page.is_empty() {
            store.close().await;
            return Ok(());
        }
    }
}
