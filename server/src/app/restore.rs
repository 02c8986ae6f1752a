//! `hotline-server restore`: puts a backup in the place of a lost database and prepares it to be served. Its chain of
//! checkpoints gets a signed entry, and numbers that may have been given out since are skipped. A PostgreSQL database
//! is restored by PostgreSQL's programs, whose commands are printed, and then prepared in place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::create_database::{Folders, Purpose};
use super::failure::Failure;
use super::private_folder::make_private;
use super::{audit_log, database, postgres_tools};
use crate::audit_log::export::{self, ExportOutcome};
use crate::audit_log::restores::{self, RestoreRequest};
use crate::audit_log::{ChainEnd, RestoreEntry};
use crate::deadline::Policy;
use crate::ledger::record_restore::record_restore;
use crate::migration;
use crate::oversight::AuditLogSigner;
use crate::oversight::export_checkpoints::check_fork;
use crate::platform::config::Config;
use crate::platform::text::has_visible;
use crate::platform::{Clock, Fault, Store, database_file, database_identity, private_file};
use crate::ticket::TicketNumber;

/// The longest name and the longest reason of a restore, in characters.
const BY_CHARS_MAX: usize = 128;
const REASON_CHARS_MAX: usize = 1_000;

/// The options of the command.
#[derive(Debug, Clone)]
pub struct RestoreOptions {
    /// The backup; `None` to restore in place.
    pub from: Option<PathBuf>,
    /// The database that the configuration names was restored already.
    pub is_in_place: bool,
    /// The database was lost again after the restore that it ends with.
    pub is_again: bool,
    /// The backup is a plain copy of files, and nobody can know whether it is complete.
    pub accepts_copy: bool,
    /// Who restores.
    pub by: String,
    /// Why.
    pub reason: String,
}

fn failure(fault: Fault) -> Failure {
    fault.detail.into()
}

/// Restores.
///
/// # Errors
/// If there is a database already. If the backup is damaged, belongs to another database, or can't be read.
pub async fn restore(
    config: &Config<Policy>,
    clock: &Clock,
    options: &RestoreOptions,
) -> Result<(), Failure> {
    for (what, text, most) in
        [("--by", &options.by, BY_CHARS_MAX), ("--reason", &options.reason, REASON_CHARS_MAX)]
    {
        if !has_visible(text) || text.chars().count() > most {
            return Err(format!("{what}: 1 to {most} characters, some of them visible").into());
        }
    }
    let folders = Folders::read(config, clock.is_simulated())?;
    match (&options.from, options.is_in_place) {
        (Some(from), false) if config.database.is_empty() => {
            restore_file(config, clock, options, from, &folders).await
        }
        (Some(from), false) => postgres_tools::print_restore(config, from).await,
        (None, true) => restore_in_place(config, clock, options, &folders).await,
        _ => Err("give either --from FILE or --in-place".into()),
    }
}

/// Puts a backup of the embedded database in its place.
async fn restore_file(
    config: &Config<Policy>,
    clock: &Clock,
    options: &RestoreOptions,
    from: &Path,
    folders: &Folders,
) -> Result<(), Failure> {
    let to = config.sqlite_path(clock.is_simulated());
    let mut in_the_way = database_file::leftovers(&to);
    in_the_way.extend(to.exists().then(|| to.clone()));
    if !in_the_way.is_empty() {
        let named: Vec<_> = in_the_way.iter().map(|path| path.display().to_string()).collect();
        return Err(format!(
            "{} lie where the backup is to go: stop the server and move them all away together; they may hold what the \
             backup does not",
            named.join(" and ")
        )
        .into());
    }
    if !database_file::exists(from) {
        return Err(format!("no backup at {}", from.display()).into());
    }
    database_file::check_before_open(from)?;
    let is_backup = database_file::is_backup(from).map_err(|error| format!("{}: {error}", from.display()))?;
    if !is_backup && !options.accepts_copy {
        return Err(format!(
            "{} was not made by `hotline-server backup`. A copy of the database file alone lacks what was acknowledged \
             last, which lies in its -wal. If that was copied beside it, or there is nothing better, add --accept-copy",
            from.display()
        )
        .into());
    }
    make_private(&config.data_dir)?;
    let part = to.with_extension("restoring");
    remove(&part);
    let restored = ready(config, clock, options, from, &part, folders).await;
    let (entry, lock) = match restored {
        Ok(restored) => restored,
        Err(failure) => {
            remove(&part);
            return Err(failure);
        }
    };
    private_file::give_name(&part, &to).map_err(|error| format!("{}: {error}", to.display()))?;
    drop(lock);
    print_restored(&to.display().to_string(), &entry);
    Ok(())
}

/// Removes the files of an earlier attempt.
fn remove(part: &Path) {
    for path in database_file::leftovers(part).into_iter().chain([part.to_owned()]) {
        // If a file can't be removed, the copy fails and reports it.
        let _ = std::fs::remove_file(path);
    }
}

/// Makes a complete, migrated database of a backup under another name. The store is closed, but its lock is still held.
async fn ready(
    config: &Config<Policy>,
    clock: &Clock,
    options: &RestoreOptions,
    from: &Path,
    part: &Path,
    folders: &Folders,
) -> Result<(RestoreEntry, Store), Failure> {
    database_file::fold(from, part).await?;
    if let Some(first) = database_file::damage(part).await.first() {
        return Err(format!("{} is damaged: {first}", from.display()).into());
    }
    // Its name differs from the database's only at the end, so both have the same lock, and no server can start
    // meanwhile.
    let store = Store::open_sqlite(part).await?;
    let entry = go_on(config, clock, options, &store, folders).await;
    store.close().await;
    let entry = entry?;
    if let Some(left) = database_file::leftovers(part).first() {
        return Err(format!("{} could not be folded into the database", left.display()).into());
    }
    Ok((entry, store))
}

/// Prepares the database that the configuration names, in place.
async fn restore_in_place(
    config: &Config<Policy>,
    clock: &Clock,
    options: &RestoreOptions,
    folders: &Folders,
) -> Result<(), Failure> {
    if !config.database.is_empty() {
        postgres_tools::nobody_serves(&config.database).await?;
    }
    let opened = database::open(config, clock, folders, Purpose::Restore).await?;
    if let Some(file) = &opened.file
        && let Some(first) = database_file::damage(file.path()).await.first()
    {
        return Err(format!("{} is damaged: {first}", file.path().display()).into());
    }
    let clock = match clock {
        Clock::Real => Clock::shared(&opened.store).await.map_err(failure)?,
        other => other.clone(),
    };
    let entry = go_on(config, &clock, options, &opened.store, folders).await;
    opened.store.close().await;
    print_restored("the database", &entry?);
    Ok(())
}

/// Migrates a restored database to the newest schema, compares it with the folders that it belongs to, and records the
/// restore.
async fn go_on(
    config: &Config<Policy>,
    clock: &Clock,
    options: &RestoreOptions,
    store: &Store,
    folders: &Folders,
) -> Result<RestoreEntry, Failure> {
    migration::migrate(store.migrating()).await?;
    let store = store.clone().hashing_with(audit_log::suite(config)?);
    if !database_identity::fits(&store, clock).await.map_err(failure)? {
        return Err("a simulation is no backup of real tickets, nor the other way round".into());
    }
    // A partly restored backup may lack its id.
    let wanted = folders.database_id().map(str::to_owned);
    let id = database_identity::give_database_id(&store, clock, wanted).await.map_err(failure)?;
    folders.check(Some(&id))?;
    let signer = AuditLogSigner {
        store: store.clone(),
        clock: clock.clone(),
        key: audit_log::signing_key(config, &store).await?,
        interval: audit_log::interval(config)?,
        export_dir: audit_log::export_dir(config)?,
    };
    let unfinished = if options.is_in_place { unfinished(&signer, options).await? } else { None };
    let entry = match unfinished {
        Some(entry) => entry,
        None => enter(&signer, options).await?,
    };
    if let Some(folder) = &signer.export_dir {
        let outcome = export::write_restore(folder, &entry);
        let outcome = outcome.map_err(|error| format!("{}: {error}", folder.display()))?;
        if outcome == ExportOutcome::Conflict {
            let number = entry.number;
            return Err(format!("the exported restore {number} differs from the one in the database").into());
        }
    }
    signer.check_exported().await?;
    folders.mark(&id, store.is_sqlite(), Purpose::Restore)?;
    Ok(entry)
}

/// An unfinished restore: recorded but not exported, because the command ended in between.
///
/// # Errors
/// If it is not signed with this hotline's key, or was requested with another name or reason. Somebody has then changed
/// the database.
async fn unfinished(
    signer: &AuditLogSigner,
    options: &RestoreOptions,
) -> Result<Option<RestoreEntry>, Failure> {
    let Some(folder) = &signer.export_dir else { return Ok(None) };
    let db = signer.store.reader();
    let (end, _) = restores::chain_end(db).await.map_err(failure)?;
    let last = restores::all(db).await.map_err(failure)?.pop();
    let exported = export::restores(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let is_unfinished = |entry: &RestoreEntry| {
        entry.end() == end && exported.iter().all(|(number, _)| *number != entry.number)
    };
    let Some(entry) = last.filter(is_unfinished) else { return Ok(None) };
    let number = entry.number;
    if !entry.is_hashed() || !entry.is_signed() || entry.public_key != signer.key.public_key() {
        return Err(format!(
            "restore {number} in the database is not signed with this signing key and is not finished: somebody has changed \
             the database"
        )
        .into());
    }
    if entry.by != options.by.trim() || entry.reason != options.reason.trim() {
        return Err(format!(
            "restore {number} by {} ({}) was begun and not exported; if that was you, repeat it with the same --by and --reason",
            entry.by, entry.reason
        )
        .into());
    }
    Ok(Some(entry))
}

async fn enter(signer: &AuditLogSigner, options: &RestoreOptions) -> Result<RestoreEntry, Failure> {
    let mut request = RestoreRequest {
        by: options.by.trim().to_owned(),
        reason: options.reason.trim().to_owned(),
        exported: ChainEnd::NONE,
        exported_restore: 0,
    };
    let mut issued = BTreeMap::new();
    let db = signer.store.reader();
    let (end, _) = restores::chain_end(db).await.map_err(failure)?;
    if let Some(folder) = &signer.export_dir {
        check_fork(&signer.store, folder, end).await?;
        issued = read_exported(&mut request, folder, end)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let last = restores::all(db).await.map_err(failure)?.pop().filter(|entry| entry.end() == end);
    if let Some(last) = last.filter(|_| options.is_in_place && !options.is_again) {
        return Err(format!(
            "restore {} is the last thing in this database: start the server. If it was served since and lost again, and this \
             is a backup from before that, add --again",
            last.number
        )
        .into());
    }
    let input = (signer.key.clone(), request, issued);
    let entered = signer.store.run(&signer.clock, input, async |work, (key, request, issued)| {
        record_restore(work, key, request, issued).await
    });
    entered.await.map_err(failure)
}

/// What the exported checkpoints hold that the database does not: the end of the chain, and the highest sequence of
/// each day that was given out.
fn read_exported(
    request: &mut RestoreRequest,
    folder: &Path,
    end: ChainEnd,
) -> std::io::Result<BTreeMap<NaiveDate, u32>> {
    let mut issued: BTreeMap<NaiveDate, u32> = BTreeMap::new();
    request.exported = export::chain_end(folder)?;
    let exported = export::restores(folder)?;
    request.exported_restore = exported.last().map_or(0, |(number, _)| *number);
    for number in export::checkpoint_numbers(folder)? {
        let Some((checkpoint, heads)) = export::read_checkpoint(folder, number)? else {
            return Err(std::io::Error::other(format!("checkpoint {number} can't be understood")));
        };
        let is_restored_end = number == end.through
            && !exported.iter().any(|(_, entry)| entry.as_ref().is_some_and(|entry| entry.hash == end.link));
        if is_restored_end && checkpoint.hash != end.link {
            return Err(std::io::Error::other(format!(
                "the exported checkpoint {number} is another one: this is a backup of another database, or its past was changed"
            )));
        }
        if number <= end.through {
            continue;
        }
        for number in heads.iter().filter_map(|head| TicketNumber::from_i64(head.ticket_number).ok()) {
            let highest = issued.entry(number.day()).or_default();
            *highest = Ord::max(*highest, number.sequence());
        }
    }
    Ok(issued)
}

#[expect(clippy::print_stdout, reason = "what was done is what the command is for")]
fn print_restored(what: &str, entry: &RestoreEntry) {
    println!("restored: {what}");
    println!("by {}: {}", entry.by, entry.reason);
    println!(
        "restore {}: the backup ends with checkpoint {}; checkpoints {} to {} are abandoned",
        entry.number,
        entry.last.through,
        entry.last.through + 1,
        entry.abandoned.through
    );
    println!("ticket numbers that are never given out: {}", entry.skipped_numbers);
    println!(
        "next: start the server, and run `hotline-server verify`; docs/backup.md says what else was lost"
    );
}
