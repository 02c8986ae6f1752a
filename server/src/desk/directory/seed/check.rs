//! Checks of a directory: codes are unique, every reference resolves, every topic leaf has a unit for any place, every
//! district has one government as its fallback, and there is one coordinator.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::SeedFault;
use super::file::{CODE_MAX_BYTES, DISTRICT_CODE_DIGITS, SeedDirectory, SeedGroup};

/// Checks a directory; refuses it with the first fault, in the order units, topics, catalogue, duties.
pub(super) fn check(directory: &SeedDirectory) -> Result<(), SeedFault> {
    let governments = check_units(directory)?;
    check_topics(directory)?;
    check_catalogue(directory, &governments)?;
    let mut known = BTreeSet::new();
    for duty in &directory.duties {
        if !directory.units.iter().any(|unit| unit.code == duty.unit) {
            return Err(unresolved("duty", &duty.unit));
        }
        insert_once(&mut known, duty.unit.as_str(), &duty.unit)?;
    }
    Ok(())
}

/// Checks the units and returns the government of every district by its division code.
fn check_units(directory: &SeedDirectory) -> Result<BTreeMap<&str, &str>, SeedFault> {
    let mut codes = BTreeSet::new();
    let mut governments = BTreeMap::new();
    for unit in &directory.units {
        check_code(&unit.code, '-')?;
        insert_once(&mut codes, unit.code.as_str(), &unit.code)?;
        match (unit.group, unit.district.as_deref()) {
            (SeedGroup::District, Some(district)) => {
                check_district(district)?;
                if governments.insert(district, unit.code.as_str()).is_some() {
                    return Err(SeedFault::Duplicate(district.to_owned()));
                }
            }
            (SeedGroup::District, None) | (_, Some(_)) => {
                return Err(SeedFault::Government(unit.code.clone()));
            }
            (_, None) => {}
        }
    }
    for unit in &directory.units {
        // A unit above itself would make every walk up the tree endless. Only one level is allowed.
        let parent = unit.parent.as_deref();
        if let Some(parent) = parent.filter(|parent| !codes.contains(parent) || *parent == unit.code) {
            return Err(unresolved(&unit.code, parent));
        }
    }
    match directory.units.iter().filter(|unit| unit.group == SeedGroup::Coordinator).count() {
        1 => Ok(governments),
        count => Err(SeedFault::Coordinators(count)),
    }
}

/// Checks the topics. A parent must come before its child, which also excludes cycles.
fn check_topics(directory: &SeedDirectory) -> Result<(), SeedFault> {
    let mut codes = BTreeSet::new();
    for topic in &directory.topics {
        check_code(&topic.code, '.')?;
        let parent = topic.parent.as_deref();
        if let Some(parent) = parent.filter(|parent| !codes.contains(parent)) {
            return Err(unresolved(&topic.code, parent));
        }
        insert_once(&mut codes, topic.code.as_str(), &topic.code)?;
    }
    Ok(())
}

fn check_catalogue(directory: &SeedDirectory, governments: &BTreeMap<&str, &str>) -> Result<(), SeedFault> {
    let units: BTreeSet<&str> = directory.units.iter().map(|unit| unit.code.as_str()).collect();
    let leaves: BTreeSet<&str> = directory.leaves().map(|topic| topic.code.as_str()).collect();
    let mut rows = BTreeSet::new();
    for entry in &directory.catalogue {
        let (topic, unit, district) = (entry.topic.as_str(), entry.unit.as_str(), entry.district.as_deref());
        if !leaves.contains(topic) {
            return Err(unresolved(topic, topic));
        }
        if !units.contains(unit) {
            return Err(unresolved(topic, unit));
        }
        if let Some(place) = district.filter(|place| !governments.contains_key(place)) {
            return Err(unresolved(topic, place));
        }
        insert_once(&mut rows, (topic, district, entry.effective_from), topic)?;
    }
    let anywhere: BTreeSet<&str> =
        rows.iter().filter(|(_, district, _)| district.is_none()).map(|(topic, ..)| *topic).collect();
    match leaves.difference(&anywhere).next() {
        Some(topic) => Err(SeedFault::Uncovered((*topic).to_owned())),
        None => Ok(()),
    }
}

/// Accepts non-empty parts of lower-case ASCII letters, digits and hyphens, with `separator` between them.
fn check_code(code: &str, separator: char) -> Result<(), SeedFault> {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if code.len() <= CODE_MAX_BYTES && code.split(separator).all(is_part) {
        Ok(())
    } else {
        Err(SeedFault::Code(code.to_owned()))
    }
}

fn check_district(code: &str) -> Result<(), SeedFault> {
    if code.len() == DISTRICT_CODE_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(SeedFault::Code(code.to_owned()))
    }
}

fn insert_once<T: Ord>(seen: &mut BTreeSet<T>, key: T, name: &str) -> Result<(), SeedFault> {
    if seen.insert(key) { Ok(()) } else { Err(SeedFault::Duplicate(name.to_owned())) }
}

pub(super) fn unresolved(row: &str, reference: &str) -> SeedFault {
    SeedFault::Unresolved { row: row.to_owned(), reference: reference.to_owned() }
}
