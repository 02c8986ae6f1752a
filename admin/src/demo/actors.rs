//! Everybody who works at the made-up hotline, each with a client of their own.

use std::collections::HashMap;

use hotline_client::{
    Calls, DevelopmentCredentials, HotlineClient, Knowledge, ListCatalogueEntries, Role, Simulation, Tickets,
};

use crate::failure::Failure;

/// The unit that gets what no entry of the catalogue names.
const FALLBACK: &str = "coordinator-investment-promotion";

/// The clients.
pub(super) struct Actors {
    pub(super) clock: Simulation,
    pub(super) exchange: Calls,
    pub(super) agent: Tickets,
    pub(super) dispatcher: Tickets,
    pub(super) coordinator: Tickets,
    pub(super) editor: Knowledge,
    pub(super) reviewer: Knowledge,
    units: HashMap<String, Tickets>,
    /// The unit of a topic in a district; an empty district is every other one.
    catalogue: HashMap<(String, String), String>,
}

impl Actors {
    /// Everybody, with the credentials of a development server.
    pub(super) async fn gather(
        anybody: &HotlineClient,
        credentials: &DevelopmentCredentials,
    ) -> Result<Self, Failure> {
        let about = |error: &dyn std::fmt::Display| Failure::about("development credentials", error);
        let of = |role| -> Result<HotlineClient, Failure> {
            let token = credentials.for_role(role).map_err(|error| about(&error))?;
            Ok(anybody.with_token(token)?)
        };
        let mut units = HashMap::new();
        for code in credentials.units() {
            let token = credentials.for_unit(code).map_err(|error| about(&error))?;
            units.insert(code.to_owned(), anybody.with_token(token)?.tickets());
        }
        let agent = of(Role::Agent)?;
        let mut entries = agent.directory().list_catalogue_entries(ListCatalogueEntries::default());
        let mut catalogue = HashMap::new();
        while let Some(entry) = entries.try_next().await? {
            catalogue.insert((entry.topic, entry.district.unwrap_or_default()), entry.unit);
        }
        Ok(Self {
            clock: of(Role::Administrator)?.simulation(),
            exchange: of(Role::Telephony)?.calls(),
            dispatcher: of(Role::Dispatcher)?.tickets(),
            coordinator: of(Role::Coordinator)?.tickets(),
            editor: agent.knowledge(),
            reviewer: of(Role::Supervisor)?.knowledge(),
            agent: agent.tickets(),
            units,
            catalogue,
        })
    }

    /// The unit that is responsible, if it has a credential.
    pub(super) fn unit_of(&self, topic: &str, district: &str) -> &str {
        let named = |district: &str| self.catalogue.get(&(topic.to_owned(), district.to_owned()));
        let unit = named(district).or_else(|| named("")).map_or(FALLBACK, String::as_str);
        if self.units.contains_key(unit) { unit } else { FALLBACK }
    }

    /// The client of a unit.
    pub(super) fn unit(&self, code: &str) -> Result<&Tickets, Failure> {
        let missing = || Failure::new(format!("there is no development credential for {code}"));
        self.units.get(code).or_else(|| self.units.get(FALLBACK)).ok_or_else(missing)
    }
}
