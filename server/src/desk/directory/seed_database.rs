//! Seeds a new database with the shipped directory, once. If there is any unit, nothing is changed, because the
//! operator's changes must not be undone.

use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};
use chrono_tz::Asia::Shanghai;
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

use super::catalogue::{self, CatalogueEntry};
use super::duties;
use super::seed::{SeedDirectory, SeedGroup, SeedUnit};
use super::topics;
use super::units::{self, Unit, UnitGroup};
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::UnitCode;

/// Seeds the shipped units, topics and catalogue if the database has no unit.
///
/// # Errors
/// Refusals of the database; an internal error if the shipped file is broken, which its tests exclude.
pub async fn seed_database(store: &Store, clock: &Clock) -> Result<(), Fault> {
    if is_seeded(store).await? {
        return Ok(());
    }
    let seed = SeedDirectory::shipped().map_err(|fault| Fault::internal(fault.to_string()))?;
    seed_with(store, clock, seed).await
}

/// Whether the database has a unit.
///
/// # Errors
/// Refusals of the database.
pub async fn is_seeded(store: &Store) -> Result<bool, Fault> {
    Ok(units::row::Entity::find().count(store.reader()).await? > 0)
}

/// Seeds a directory if the database has no unit.
///
/// # Errors
/// Refusals of the database.
pub async fn seed_with(store: &Store, clock: &Clock, seed: SeedDirectory) -> Result<(), Fault> {
    store.run(clock, seed, async |work, seed| seed_in(work, seed).await).await
}

async fn seed_in(work: &Work, seed: &SeedDirectory) -> Result<(), Fault> {
    if units::row::Entity::find().count(&work.tx).await? > 0 {
        return Ok(());
    }
    // Units without a parent first, so that every parent comes before its children.
    let (top, under): (Vec<_>, Vec<_>) = seed.units.iter().partition(|unit| unit.parent.is_none());
    for group in [top, under] {
        let rows: Vec<_> = group.into_iter().map(|unit| units::row_of(&unit_of(unit))).collect();
        if !rows.is_empty() {
            units::row::Entity::insert_many(rows).exec_without_returning(&work.tx).await?;
        }
    }
    let duties: Vec<_> = seed
        .duty_words()
        .map(|(unit, words)| duties::row::ActiveModel { unit: Set(unit.to_owned()), words: Set(words) })
        .collect();
    if !duties.is_empty() {
        duties::row::Entity::insert_many(duties).exec_without_returning(&work.tx).await?;
    }
    let leaves = seed.leaves().map(|topic| topics::row::ActiveModel {
        code: Set(topic.code.clone()),
        name: Set(topic.name.clone()),
        name_en: Set(topic.name_en.clone()),
        words: Set(seed.words_of(topic)),
        effective_from: Set(None),
        effective_until: Set(None),
        successor: Set(None),
        version: Set(1),
    });
    topics::row::Entity::insert_many(leaves).exec_without_returning(&work.tx).await?;
    let entries = seed
        .catalogue
        .iter()
        .map(|entry| {
            Ok(catalogue::row_of(&CatalogueEntry {
                topic: entry.topic.clone(),
                district: entry.district.clone(),
                unit: UnitCode(entry.unit.clone()),
                effective_from: midnight(entry.effective_from)?,
                effective_until: None,
            }))
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    catalogue::row::Entity::insert_many(entries).exec_without_returning(&work.tx).await?;
    Ok(())
}

fn unit_of(seed: &SeedUnit) -> Unit {
    Unit {
        code: UnitCode(seed.code.clone()),
        name: seed.name.clone(),
        name_en: seed.name_en.clone(),
        group: match seed.group {
            SeedGroup::Department => UnitGroup::Department,
            SeedGroup::District => UnitGroup::District,
            SeedGroup::PublicServiceEnterprise => UnitGroup::PublicServiceEnterprise,
            SeedGroup::Coordinator => UnitGroup::Coordinator,
        },
        parent: seed.parent.clone().map(UnitCode),
        district: seed.district.clone(),
        is_active: true,
        successor: None,
        policy_number: None,
        version: 1,
    }
}

/// The first instant of a day in Beijing.
fn midnight(day: NaiveDate) -> Result<DateTime<Utc>, Fault> {
    let local = Shanghai.from_local_datetime(&day.and_time(chrono::NaiveTime::MIN)).earliest();
    local
        .map(|local| local.to_utc())
        .ok_or_else(|| Fault::internal(format!("{day} has no beginning in Beijing")))
}
