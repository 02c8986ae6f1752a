//! What a group of commands needs to know besides its tickets, in one statement: which request ids and natural keys
//! stand for a ticket already, and which rules are in force.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::rows::ticket::source_owner;
use crate::deadline::RuleKind;
use crate::platform::Fault;
use crate::platform::bulk_sql::ValuesSource;
use crate::platform::idempotency::RequestKey;
use crate::platform::writes::Columns;
use crate::ticket::{Instant, Source, TicketNumber, columns};

/// The number of each kind of rows in the answer.
const REQUEST: i32 = 1;
const SOURCE: i32 = 2;
const RULES: i32 = 3;

/// What is asked.
#[derive(Debug, Default)]
pub(crate) struct LookUp<'a> {
    /// Request ids.
    pub(crate) requests: Vec<&'a RequestKey>,
    /// Natural keys. A unit's own keys name what it took in itself, which is hardly ever in its scope. So they are
    /// asked before a unit of work is given a unit's scope.
    pub(crate) sources: Vec<&'a Source>,
    /// The instant whose rules are asked.
    pub(crate) rules_at: Option<Instant>,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    requests: HashMap<(String, String), (String, TicketVersion)>,
    sources: HashMap<(String, String, String), TicketNumber>,
    /// The versions of policy and calendar in force.
    pub(crate) rules: Option<(String, String)>,
}

/// A ticket in a version; `None` in the record of a command that changed no ticket.
type TicketVersion = Option<(TicketNumber, u32)>;

impl Found {
    /// The ticket and its version that an equal request left, if there was one.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED` if the id stands for another request.
    pub(crate) fn request(&self, key: &RequestKey) -> Result<TicketVersion, Fault> {
        let Some((fingerprint, version)) =
            self.requests.get(&(key.principal.clone(), key.request_id.to_string()))
        else {
            return Ok(None);
        };
        if *fingerprint != key.fingerprint {
            return Err(Fault::request_id_reused());
        }
        version.map(Some).ok_or_else(|| Fault::internal("a request record of another kind"))
    }

    /// The ticket with a natural key.
    pub(crate) fn source(&self, source: &Source) -> Option<TicketNumber> {
        let key = (source_owner(source), source.system.clone(), source.reference.clone());
        self.sources.get(&key).copied()
    }
}

impl LookUp<'_> {
    /// Asks the database; nothing if nothing is asked.
    ///
    /// # Errors
    /// What the database refuses with, or a row can't be read.
    pub(crate) async fn run(&self, db: &impl ConnectionTrait) -> Result<Found, Fault> {
        let mut found = Found::default();
        let Some(statement) = self.statement(db.get_database_backend())? else { return Ok(found) };
        for row in db.query_all_raw(statement).await? {
            let text =
                |place: usize| row.try_get_by_index::<Option<String>>(place).map(Option::unwrap_or_default);
            let number: Option<i64> = row.try_get_by_index(4)?;
            let number = number.map(columns::number).transpose()?;
            let key = (text(1)?, text(2)?, text(3)?);
            match (row.try_get_by_index::<i32>(0)?, number) {
                (REQUEST, number) => {
                    let version: Option<i32> = row.try_get_by_index(5)?;
                    let version = number.zip(version.map(i32::unsigned_abs));
                    found.requests.insert((key.0, key.1), (key.2, version));
                }
                (SOURCE, Some(number)) => {
                    found.sources.insert(key, number);
                }
                (RULES, _) if !key.0.is_empty() && !key.1.is_empty() => found.rules = Some((key.0, key.1)),
                _ => return Err(Fault::internal("a look-up returned an unknown row")),
            }
        }
        Ok(found)
    }

    fn statement(&self, backend: DbBackend) -> Result<Option<Statement>, Fault> {
        let mut query = Query { backend, lists: Vec::new(), parts: Vec::new(), values: Vec::new() };
        if !self.requests.is_empty() {
            let of =
                |value: fn(&RequestKey) -> String| self.requests.iter().map(move |key| value(key).into());
            let principals = of(|key| key.principal.clone()).collect();
            let ids = of(|key| key.request_id.to_string()).collect();
            query.list(
                "asked (principal, request_id)",
                vec![("principal", principals), ("request_id", ids)],
            )?;
            query.parts.push(format!(
                "SELECT {REQUEST}, record.principal, record.request_id, record.fingerprint, record.ticket_number, \
                 record.ticket_version FROM asked JOIN request_record AS record \
                 ON record.principal = asked.principal AND record.request_id = asked.request_id"
            ));
        }
        if !self.sources.is_empty() {
            let of =
                |value: fn(&Source) -> String| self.sources.iter().map(move |source| value(source).into());
            let names = [
                ("owner", of(source_owner).collect()),
                ("system", of(|source| source.system.clone()).collect()),
                ("reference", of(|source| source.reference.clone()).collect()),
            ];
            query.list("named (owner, system, reference)", names.into())?;
            query.parts.push(format!(
                "SELECT {SOURCE}, ticket.source_owner, ticket.source_system, ticket.source_reference, ticket.number, NULL \
                 FROM named JOIN ticket ON ticket.source_owner = named.owner AND ticket.source_system = named.system \
                 AND ticket.source_reference = named.reference"
            ));
        }
        if let Some(at) = self.rules_at {
            let policy = query.version_at(RuleKind::Policy, at);
            let calendar = query.version_at(RuleKind::Calendar, at);
            query.parts.push(format!("SELECT {RULES}, {policy}, {calendar}, NULL, NULL, NULL"));
        }
        Ok(query.finish())
    }
}

/// A statement in the making.
struct Query {
    backend: DbBackend,
    lists: Vec<String>,
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Query {
    fn list(&mut self, head: &str, columns: Columns) -> Result<(), Fault> {
        let source = match self.backend {
            DbBackend::Postgres => ValuesSource::from_arrays_at(self.values.len(), columns)?,
            _ => ValuesSource::from_rows(columns),
        };
        self.lists.push(format!("{head} AS ({})", source.sql));
        self.values.extend(source.values);
        Ok(())
    }

    /// The version of a kind of rules that is in force at an instant.
    fn version_at(&mut self, kind: RuleKind, at: Instant) -> String {
        self.values.push(at.timestamp_micros().into());
        let place = match self.backend {
            DbBackend::Postgres => format!("${}", self.values.len()),
            _ => "?".to_owned(),
        };
        format!(
            "(SELECT version FROM rule_in_force WHERE kind = {} AND effective_from <= {place} \
             ORDER BY effective_from DESC LIMIT 1)",
            kind.stored()
        )
    }

    fn finish(self) -> Option<Statement> {
        if self.parts.is_empty() {
            return None;
        }
        let lists =
            if self.lists.is_empty() { String::new() } else { format!("WITH {} ", self.lists.join(", ")) };
        let sql = format!("{lists}{}", self.parts.join(" UNION ALL "));
        Some(Statement::from_sql_and_values(self.backend, sql, self.values))
    }
}
