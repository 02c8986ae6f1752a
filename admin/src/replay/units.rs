//! Which units handle the messages.

use std::collections::{BTreeMap, BTreeSet};

use hotline_client::{DevelopmentCredentials, HotlineClient, ListUnits, UnitGroup};

use super::messages::Message;

/// The unit that handles the tickets first, if there is a credential for it.
const UNIT: &str = "dept-market-regulation";

/// The codes of the units that messages name.
pub(super) async fn named_by(
    client: &HotlineClient,
    messages: &[Message],
) -> Result<BTreeMap<String, String>, String> {
    let mut named: BTreeSet<&str> = messages.iter().filter_map(|message| message.unit.as_deref()).collect();
    let mut codes = BTreeMap::new();
    if named.is_empty() {
        return Ok(codes);
    }
    let mut units = client.directory().list_units(ListUnits::default().active_only(true));
    while let Some(unit) = units.try_next().await.map_err(|error| error.to_string())? {
        for name in [&unit.code, &unit.name] {
            if named.remove(&**name) {
                codes.insert(name.clone(), unit.code.clone());
            }
        }
    }
    match named.first() {
        Some(unknown) => Err(format!("no active unit has the code or the name {unknown}")),
        None => Ok(codes),
    }
}

/// Departments that the credentials can act for: as many as are asked for, or all if there are fewer. One token for
/// everything acts for each.
pub(super) async fn choose(
    credentials: &DevelopmentCredentials,
    client: &HotlineClient,
    count: usize,
) -> Result<Vec<String>, String> {
    let at_hand: BTreeSet<&str> = credentials.units().collect();
    let departments = ListUnits::default().group(UnitGroup::Department).active_only(true);
    let mut departments = client.directory().list_units(departments);
    let mut units = Vec::new();
    while let Some(unit) = departments.try_next().await.map_err(|error| error.to_string())? {
        if at_hand.is_empty() || at_hand.contains(&*unit.code) {
            units.push(unit.code);
        }
    }
    if units.is_empty() {
        return Err("there is no department that the credentials act for".to_owned());
    }
    // The sort is stable: the others stay in the order of their codes.
    units.sort_by_key(|code| code != UNIT);
    units.truncate(count);
    Ok(units)
}
