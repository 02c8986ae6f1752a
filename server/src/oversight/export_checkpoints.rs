//! Ships seals and restores to the folder of `timeline.ship_to`, and says when the database is not the one that was shipped
//! from: an older copy of it that was put back without `hotline-server restore`, or another past.

use std::path::Path;

use super::Notary;
use crate::ledger::{restores, seals};
use crate::platform::failpoint;
use crate::timeline::shipping::{self, Shipped};
use crate::timeline::{ChainEnd, RestoreEntry};

/// Seals read at once for shipping.
const SHIP_PAGE: u64 = 20;

impl Notary {
    /// Ships the seals that do not lie in the folder yet, and the restores between them; answers how many seals.
    ///
    /// # Errors
    /// In our words: where the database or the folder can't be reached; what [`Notary::check_shipped`] finds.
    pub async fn ship(&self) -> Result<u64, String> {
        let Some(folder) = &self.ship_to else { return Ok(0) };
        self.check_shipped().await?;
        let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
        let mut behind = shipping::numbers(folder).map_err(wrong)?.last().copied().unwrap_or(0);
        let there = shipping::restores(folder).map_err(wrong)?;
        let mut pending = restores::all(self.store.reader()).await.map_err(|fault| fault.ours)?;
        pending.retain(|entry| there.iter().all(|(number, _)| *number != entry.number));
        let mut shipped = 0;
        loop {
            let page =
                seals::page(self.store.reader(), behind, SHIP_PAGE).await.map_err(|fault| fault.ours)?;
            for (seal, heads) in &page {
                ship_restores(folder, pending.iter().filter(|entry| entry.last.through < seal.number))?;
                failpoint::reach("checkpoint.export").await.map_err(|error| error.to_string())?;
                match shipping::ship(folder, seal, heads).map_err(wrong)? {
                    Shipped::Written => shipped += 1,
                    Shipped::AsBefore => {}
                    Shipped::Otherwise => return Err(format!("seal {} was shipped otherwise", seal.number)),
                }
                failpoint::reach("checkpoint.exported").await.map_err(|error| error.to_string())?;
                behind = seal.number;
            }
            if page.is_empty() {
                ship_restores(folder, pending.iter())?;
                return Ok(shipped);
            }
        }
    }

    /// Whether the database holds what was shipped: the last seal, or a restore that gave it up, and every restore.
    ///
    /// # Errors
    /// In our words: what was shipped and is not there; where the database or the folder can't be reached.
    pub async fn check_shipped(&self) -> Result<(), String> {
        let Some(folder) = &self.ship_to else { return Ok(()) };
        let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
        // The folder first: what was shipped has been in the database before.
        let last = shipping::numbers(folder).map_err(wrong)?.last().copied();
        let shipped = shipping::restores(folder).map_err(wrong)?;
        let stored = restores::all(self.store.reader()).await.map_err(|fault| fault.ours)?;
        let is_sound = |entry: &&RestoreEntry| entry.is_hashed() && entry.is_signed();
        let stored: Vec<_> = stored.iter().filter(is_sound).collect();
        for entry in &stored {
            let is_shipped = shipped.iter().any(|(number, _)| *number == entry.number);
            if !is_shipped && last.is_some_and(|last| last > entry.last.through) {
                return Err(format!(
                    "restore {} is in the database and was not shipped; `hotline-server restore --in-place` finishes it",
                    entry.number
                ));
            }
        }
        for (number, copy) in &shipped {
            let copy = copy.as_ref().ok_or_else(|| format!("the shipped restore {number} can't be read"))?;
            match stored.iter().find(|entry| entry.number == *number) {
                Some(entry) if *entry == copy => {}
                Some(_) => return Err(format!("restore {number} was shipped otherwise")),
                None if stored.iter().any(|entry| entry.gives_up_restore(copy)) => {}
                None => return Err(format!("restore {number} was shipped and is not in the database")),
            }
        }
        let Some(last) = last.filter(|last| !stored.iter().any(|entry| entry.gives_up(*last))) else {
            return Ok(());
        };
        let found = seals::page(self.store.reader(), last - 1, 1).await.map_err(|fault| fault.ours)?;
        match found.first() {
            Some((seal, heads)) if seal.number == last => {
                let copy = shipping::read(folder, last).map_err(wrong)?;
                let is_same = copy.is_some_and(|(copy, under)| copy == *seal && under == *heads);
                if is_same { Ok(()) } else { Err(format!("seal {last} was shipped otherwise")) }
            }
            _ => Err(format!("seal {last} was shipped and is not in the database")),
        }
    }

    /// Refuses a restore of a database that has gone on under seal numbers that another one had shipped. A restore gives up
    /// seals behind the database's last one, and these lie before it.
    ///
    /// # Errors
    /// In our words: where the database forked; where it or the folder can't be read.
    pub async fn check_fork(&self, folder: &Path, end: ChainEnd) -> Result<(), String> {
        let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
        let Some(last) = shipping::numbers(folder).map_err(wrong)?.last().copied() else { return Ok(()) };
        let db = self.store.reader();
        let stored = restores::all(db).await.map_err(|fault| fault.ours)?;
        if last > end.through || stored.iter().any(|entry| entry.gives_up(last)) {
            return Ok(());
        }
        let copy = shipping::read(folder, last).map_err(wrong)?;
        let found = seals::page(db, last - 1, 1).await.map_err(|fault| fault.ours)?.into_iter().next();
        if copy.is_some() && copy == found {
            return Ok(());
        }
        Err(format!(
            "seal {last} in the database is another one than the seal that was shipped: this database has gone on by itself, up \
             to seal {}. Keep {} as evidence and name an empty folder in timeline.ship_to",
            end.through,
            folder.display()
        ))
    }
}

fn ship_restores<'a>(folder: &Path, entries: impl Iterator<Item = &'a RestoreEntry>) -> Result<(), String> {
    for entry in entries {
        let shipped = shipping::ship_restore(folder, entry);
        let shipped = shipped.map_err(|error| format!("{}: {error}", folder.display()))?;
        if shipped == Shipped::Otherwise {
            return Err(format!("restore {} was shipped otherwise", entry.number));
        }
    }
    Ok(())
}
