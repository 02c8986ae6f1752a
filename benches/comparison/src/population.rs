//! The tickets of the short lists: mostly alike, and in every hundred a few that a filter has to find. The long lists
//! add copies of the common tickets only. So both lists give each filter the same answer, and a slow one has to search
//! for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use hotline_client::{Category, CreateTicket, Error, EscalateTicket, Escalation, HotlineClient, Token};
use tokio::task::JoinSet;

use super::handling::{Staff, Stage};
use super::product::Product;
use super::request::{appeal_of, phone};
use super::units::FIRST_UNIT;
use super::whole_loop::staff;

/// The tickets of a short list.
pub(crate) const TICKETS: u32 = 10_000;
/// The company of all tickets with the rare topic.
pub(crate) const RARE_COMPANY: u64 = 9_999_999;
/// The topic of one ticket in a hundred.
pub(crate) const RARE_TOPIC: &str = "licence.seal";
/// The district of one ticket in a hundred.
pub(crate) const RARE_DISTRICT: &str = "110119";
/// The lead unit of one ticket in a hundred.
pub(crate) const RARE_UNIT: &str = "district-yanqing";

/// Tasks that create tickets.
const CALLERS: u32 = 64;
/// The lead units of the common tickets.
const UNITS: [&str; 3] = [FIRST_UNIT, "district-haidian", "district-fengtai"];

/// What is special about a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    RareTopic,
    RareDistrict,
    Complaint,
    Held,
    RareUnit,
    Urged,
    /// Nothing; copies may be made of it.
    Common(Stage),
}

impl Kind {
    /// The kind of the ticket at a place.
    pub(crate) fn at(place: u32) -> Self {
        match place % 100 {
            0 => Self::RareTopic,
            1 => Self::RareDistrict,
            2 => Self::Complaint,
            3 => Self::Held,
            4 => Self::RareUnit,
            5 => Self::Urged,
            6..=15 => Self::Common(Stage::Closed),
            16..=20 => Self::Common(Stage::Completed),
            21..=25 => Self::Common(Stage::Accepted),
            26..=45 => Self::Common(Stage::Dispatched),
            _ => Self::Common(Stage::Created),
        }
    }
}

/// A common ticket, of which copies may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) number: String,
    pub(crate) stage: Stage,
}

/// Creates the tickets of a short list; returns the common ones.
///
/// # Errors
/// If a command fails.
pub(crate) async fn create(product: &Product) -> Result<Vec<Template>, String> {
    let token = |unit: &str| (unit.to_owned(), Token::from(product.unit_token(unit)));
    let common: Arc<[Staff]> = staff(product, &UNITS.map(token)).await?.into();
    let rare: Arc<[Staff]> = staff(product, &[token(RARE_UNIT)]).await?.into();
    let supervisor = product.clients("supervisor").await?.swap_remove(0);
    let next = Arc::new(AtomicU32::new(0));
    let mut creating = JoinSet::new();
    for caller in 0..CALLERS as usize {
        let (next, supervisor) = (Arc::clone(&next), supervisor.clone());
        let (common, rare) = (common[caller % common.len()].clone(), rare[caller % rare.len()].clone());
        creating.spawn(async move {
            let mut templates = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                if place >= TICKETS {
                    return Ok(templates);
                }
                templates.extend(create_one(place, &common, &rare, &supervisor).await?);
            }
        });
    }
    let mut all = Vec::new();
    while let Some(ended) = creating.join_next().await {
        let templates: Result<Vec<Template>, Error> = ended.map_err(|error| error.to_string())?;
        all.extend(templates.map_err(|error| error.to_string())?);
    }
    Ok(all)
}

/// Creates the ticket at a place; returns it if it is common.
async fn create_one(
    place: u32,
    common: &Staff,
    rare: &Staff,
    supervisor: &HotlineClient,
) -> Result<Option<Template>, Error> {
    let kind = Kind::at(place);
    let command = command(place, kind);
    let unit = place as usize;
    match kind {
        Kind::RareTopic | Kind::RareDistrict | Kind::Complaint | Kind::Held => {
            common.handle(command, unit, Stage::Created).await?;
        }
        Kind::RareUnit => {
            rare.handle(command, unit, Stage::Dispatched).await?;
        }
        Kind::Urged => {
            let ticket = common.handle(command, unit, Stage::Dispatched).await?;
            let urge = EscalateTicket::new(ticket.number, Escalation::Urge, "请尽快办理");
            supervisor.tickets().escalate_ticket(urge).await?;
        }
        Kind::Common(stage) => {
            let ticket = common.handle(command, unit, stage).await?;
            return Ok(Some(Template { number: ticket.number, stage }));
        }
    }
    Ok(None)
}

fn command(place: u32, kind: Kind) -> CreateTicket {
    let company = u64::from(place);
    let common = appeal_of(company);
    match kind {
        Kind::RareTopic => appeal_of(RARE_COMPANY).topic(RARE_TOPIC.to_owned()),
        Kind::RareDistrict => common.district(RARE_DISTRICT.to_owned()),
        Kind::Complaint => common.category(Category::ComplaintReport).confidential(false),
        // Its text has the caller's own number, so an agent has to redact it.
        Kind::Held => {
            let content = format!("{}请回电{}。", common.content, phone(company));
            common.category(Category::ComplaintReport).confidential(true).content(content)
        }
        Kind::RareUnit | Kind::Urged | Kind::Common(_) => common,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hundred_tickets_have_one_of_each_rare_kind() {
        for kind in
            [Kind::RareTopic, Kind::RareDistrict, Kind::Complaint, Kind::Held, Kind::RareUnit, Kind::Urged]
        {
            assert_eq!((700..800).filter(|place| Kind::at(*place) == kind).count(), 1, "{kind:?}");
        }
    }
}
