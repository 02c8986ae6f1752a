//! `hotline-server restore`: puts a backup in the place of a database that was lost, and makes it go on: its chain of seals
//! gets a signed entry, and numbers that may have been given out since are skipped. A PostgreSQL database is restored by
//! PostgreSQL's programs, whose commands are printed, and made to go on in place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::founding::{Folders, Purpose};
use super::{Failure, database, make_private, postgres_tools, timeline};
use crate::deadline::Policy;
use crate::ledger::restores::{self, Request};
use crate::migration;
use crate::oversight::Notary;
use crate::platform::config::Config;
use crate::platform::{Clock, Fault, Store, database_file, deployment, private_file};
use crate::ticket::TicketNumber;
use crate::timeline::{ChainEnd, RestoreEntry, shipping};

/// The longest name and the longest reason of a restore, in characters.
const BY_CHARS_MAX: usize = 128;
const REASON_CHARS_MAX: usize = 1_000;

/// What an operator asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The backup; none to restore in place.
    pub from: Option<PathBuf>,
    /// The database that the configuration names was restored already.
    pub is_in_place: bool,
    /// The database was lost again since the restore with which it ends.
    pub is_again: bool,
    /// The backup is a plain copy of files, whose completeness nobody knows.
    pub accepts_copy: bool,
    /// Who restores.
    pub by: String,
    /// Why.
    pub reason: String,
}

fn ours(fault: Fault) -> Failure {
    fault.ours.into()
}

/// Restores.
///
/// # Errors
/// Where something lies in the place of the database; where the backup is damaged, of another database, or can't be read.
pub async fn restore(config: &Config<Policy>, clock: &Clock, asked: &Asked) -> Result<(), Failure> {
    for (what, text, most) in
        [("--by", &asked.by, BY_CHARS_MAX), ("--reason", &asked.reason, REASON_CHARS_MAX)]
    {
        if text.trim().is_empty() || text.chars().count() > most {
            return Err(format!("{what}: 1 to {most} characters").into());
        }
    }
    let folders = Folders::read(config, clock.is_simulated())?;
    match (&asked.from, asked.is_in_place) {
        (Some(from), false) if config.database.is_empty() => {
            restore_file(config, clock, asked, from, &folders).await
        }
        (Some(from), false) => postgres_tools::print_restore(config, from).await,
        (None, true) => restore_in_place(config, clock, asked, &folders).await,
        _ => Err("give either --from FILE or --in-place".into()),
    }
}

/// Puts a backup of the embedded database in its place.
async fn restore_file(
    config: &Config<Policy>,
    clock: &Clock,
    asked: &Asked,
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
    if !is_backup && !asked.accepts_copy {
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
    let restored = ready(config, clock, asked, from, &part, folders).await;
    let (entry, lock) = match restored {
        Ok(restored) => restored,
        Err(failure) => {
            remove(&part);
            return Err(failure);
        }
    };
    private_file::give_name(&part, &to).map_err(|error| format!("{}: {error}", to.display()))?;
    drop(lock);
    tell(&to.display().to_string(), &entry);
    Ok(())
}

/// Takes away what an earlier attempt left.
fn remove(part: &Path) {
    for path in database_file::leftovers(part).into_iter().chain([part.to_owned()]) {
        // What can't be removed is in the way of the copy, which says so.
        let _ = std::fs::remove_file(path);
    }
}

/// Makes a database of a backup under another name, whole and ready to be served. The store is closed; it still holds the
/// lock.
async fn ready(
    config: &Config<Policy>,
    clock: &Clock,
    asked: &Asked,
    from: &Path,
    part: &Path,
    folders: &Folders,
) -> Result<(RestoreEntry, Store), Failure> {
    database_file::fold(from, part).await?;
    if let Some(first) = database_file::damage(part).await.first() {
        return Err(format!("{} is damaged: {first}", from.display()).into());
    }
    // Its lock is that of the database, whose name differs by the end alone: no server starts meanwhile.
    let store = Store::open_sqlite(part).await?;
    let entry = go_on(config, clock, asked, &store, folders).await;
    store.close().await;
    let entry = entry?;
    if let Some(left) = database_file::leftovers(part).first() {
        return Err(format!("{} could not be folded into the database", left.display()).into());
    }
    Ok((entry, store))
}

/// Makes the database go on that stands where the configuration says.
async fn restore_in_place(
    config: &Config<Policy>,
    clock: &Clock,
    asked: &Asked,
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
        Clock::Real => Clock::shared(&opened.store).await.map_err(ours)?,
        other => other.clone(),
    };
    let entry = go_on(config, &clock, asked, &opened.store, folders).await;
    opened.store.close().await;
    tell("the database", &entry?);
    Ok(())
}

/// Brings a restored database to the newest shape, holds it against the folders that it belongs to, and enters the restore.
async fn go_on(
    config: &Config<Policy>,
    clock: &Clock,
    asked: &Asked,
    store: &Store,
    folders: &Folders,
) -> Result<RestoreEntry, Failure> {
    migration::migrate(store.migrating()).await?;
    let store = store.clone().hashing_with(timeline::suite(config)?);
    if !deployment::fits(&store, clock).await.map_err(ours)? {
        return Err("a simulation is no backup of real tickets, nor the other way round".into());
    }
    // A backup of an older release has no id yet.
    let wanted = folders.database_id().map(str::to_owned);
    let id = deployment::give_database_id(&store, clock, wanted).await.map_err(ours)?;
    folders.check(Some(&id))?;
    let notary = Notary {
        store: store.clone(),
        clock: clock.clone(),
        key: timeline::signing_key(config, &store).await?,
        interval: timeline::interval(config)?,
        ship_to: timeline::ship_to(config)?,
    };
    let unfinished = if asked.is_in_place { unfinished(&notary, asked).await? } else { None };
    let entry = match unfinished {
        Some(entry) => entry,
        None => enter(&notary, asked).await?,
    };
    if let Some(folder) = &notary.ship_to {
        let shipped = shipping::ship_restore(folder, &entry);
        let shipped = shipped.map_err(|error| format!("{}: {error}", folder.display()))?;
        if shipped == shipping::Shipped::Otherwise {
            return Err(format!("restore {} was shipped otherwise", entry.number).into());
        }
    }
    notary.check_shipped().await?;
    folders.mark(&id, store.is_sqlite(), Purpose::Restore)?;
    Ok(entry)
}

/// A restore that was entered and not shipped, because the command ended in between.
///
/// # Errors
/// Where it is not signed with this hotline's key, or was asked for in other words: somebody has changed the database then.
async fn unfinished(notary: &Notary, asked: &Asked) -> Result<Option<RestoreEntry>, Failure> {
    let Some(folder) = &notary.ship_to else { return Ok(None) };
    let db = notary.store.reader();
    let (end, _) = restores::chain_end(db).await.map_err(ours)?;
    let last = restores::all(db).await.map_err(ours)?.pop();
    let shipped = shipping::restores(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let is_unfinished = |entry: &RestoreEntry| {
        entry.end() == end && shipped.iter().all(|(number, _)| *number != entry.number)
    };
    let Some(entry) = last.filter(is_unfinished) else { return Ok(None) };
    let number = entry.number;
    if !entry.is_hashed() || !entry.is_signed() || entry.public_key != notary.key.public_key() {
        return Err(format!(
            "restore {number} in the database is not signed with this signing key and is not finished: somebody has changed \
             the database"
        )
        .into());
    }
    if entry.by != asked.by.trim() || entry.reason != asked.reason.trim() {
        return Err(format!(
            "restore {number} by {} ({}) was begun and not shipped; if that was you, repeat it with the same --by and --reason",
            entry.by, entry.reason
        )
        .into());
    }
    Ok(Some(entry))
}

async fn enter(notary: &Notary, asked: &Asked) -> Result<RestoreEntry, Failure> {
    let mut request = Request {
        by: asked.by.trim().to_owned(),
        reason: asked.reason.trim().to_owned(),
        shipped: ChainEnd::NONE,
        shipped_restore: 0,
        given: BTreeMap::new(),
    };
    let db = notary.store.reader();
    let (end, _) = restores::chain_end(db).await.map_err(ours)?;
    if let Some(folder) = &notary.ship_to {
        notary.check_fork(folder, end).await?;
        read_shipped(&mut request, folder, end).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let last = restores::all(db).await.map_err(ours)?.pop().filter(|entry| entry.end() == end);
    if let Some(last) = last.filter(|_| asked.is_in_place && !asked.is_again) {
        return Err(format!(
            "restore {} is the last thing in this database: start the server. If it was served since and lost again, and this \
             is a backup from before that, add --again",
            last.number
        )
        .into());
    }
    let key = notary.key.clone();
    let entered = notary.store.work(&notary.clock, move |work| {
        let (key, request) = (key.clone(), request.clone());
        Box::pin(async move { restores::record(work, &key, &request).await })
    });
    entered.await.map_err(ours)
}

/// What the shipped seals know that the database does not: the end of the chain, and the numbers that were given out.
fn read_shipped(request: &mut Request, folder: &Path, end: ChainEnd) -> std::io::Result<()> {
    request.shipped = shipping::end(folder)?;
    let shipped = shipping::restores(folder)?;
    request.shipped_restore = shipped.last().map_or(0, |(number, _)| *number);
    for number in shipping::numbers(folder)? {
        let Some((seal, heads)) = shipping::read(folder, number)? else {
            return Err(std::io::Error::other(format!("seal {number} can't be understood")));
        };
        let is_restored_end = number == end.through
            && !shipped.iter().any(|(_, entry)| entry.as_ref().is_some_and(|entry| entry.hash == end.link));
        if is_restored_end && seal.hash != end.link {
            return Err(std::io::Error::other(format!(
                "seal {number} was shipped otherwise: this is a backup of another database, or its past was changed"
            )));
        }
        if number <= end.through {
            continue;
        }
        for number in heads.iter().filter_map(|head| TicketNumber::from_i64(head.ticket_number).ok()) {
            let given: &mut BTreeMap<NaiveDate, u32> = &mut request.given;
            let highest = given.entry(number.day()).or_default();
            *highest = Ord::max(*highest, number.sequence());
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what was done is what the command is for")]
fn tell(what: &str, entry: &RestoreEntry) {
    println!("restored: {what}");
    println!("by {}: {}", entry.by, entry.reason);
    println!(
        "restore {}: the backup ends with seal {}; seals {} to {} are given up",
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
