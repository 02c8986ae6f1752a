//! What a group of commands needs to know besides its tickets, in one statement: which request ids and natural keys
//! stand for a ticket already, and which rules are in force.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::call_keys::{self, KeyedCall, KnownCall};
use super::rows::ticket::source_owner;
use crate::deadline::RuleKind;
use crate::platform::Fault;
use crate::platform::bulk_sql::ValuesSource;
use crate::platform::idempotency::RequestKey;
use crate::platform::row_security::AllowedTickets;
use crate::platform::writes::Columns;
use crate::ticket::{CallId, CallKey, Instant, Source, TicketNumber, columns};

/// The number of each kind of rows in the answer.
const REQUEST: i32 = 1;
const SOURCE: i32 = 2;
const RULES: i32 = 3;
const ALLOWED: i32 = 4;
const CALL: i32 = 5;
const NAMED_CALL: i32 = 6;
const TOPIC: i32 = 7;

/// The longest span between two starts of one call that a policy can set.
const SAME_CALL_WITHIN_MAX: TimeDelta = TimeDelta::days(1);

/// What is asked.
#[derive(Debug, Default)]
pub(crate) struct LookUp<'a> {
    /// Request ids.
    pub(crate) requests: Vec<&'a RequestKey>,
    /// Natural keys. A unit's own keys name what it took in itself, which is hardly ever in its scope. So they are
    /// asked before a unit of work is given a unit's scope.
    pub(crate) sources: Vec<&'a Source>,
    /// Keys of calls, before a scope too: a call's key is the natural key of its ticket.
    pub(crate) calls: Vec<CallKey>,
    /// Ids of calls.
    pub(crate) named_calls: Vec<&'a CallId>,
    /// Topics, with the instant at which they are to be in force.
    pub(crate) topics: Option<(Vec<&'a str>, Instant)>,
    /// The instant whose rules are asked.
    pub(crate) rules_at: Option<Instant>,
    /// The tickets that the transaction may read and write from then on, if it has a scope of units.
    pub(crate) allowed: Option<AllowedTickets>,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    requests: HashMap<(String, String), (String, TicketVersion)>,
    sources: HashMap<(String, String, String), TicketNumber>,
    calls: HashMap<String, Vec<CallRow>>,
    named_calls: HashSet<String>,
    /// The topics that are not in force.
    topics: HashMap<String, RetiredTopic>,
    /// The versions of policy and calendar in force.
    pub(crate) rules: Option<(String, String)>,
}

/// A topic that is not in force.
#[derive(Debug)]
pub(crate) struct RetiredTopic {
    /// The topic that stands for it now.
    pub(crate) successor: Option<String>,
}

/// A call with an asked id, and the ticket whose natural key it is.
#[derive(Debug)]
struct CallRow {
    call: KnownCall,
    ticket: Option<TicketNumber>,
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

    /// The call of the key at a place of [`LookUp::calls`], and the ticket whose natural key it is.
    pub(crate) fn call(
        &self,
        place: usize,
        key: &CallKey,
        same_call_within: TimeDelta,
    ) -> (KeyedCall, Option<TicketNumber>) {
        let rows = self.calls.get(&place.to_string()).map(Vec::as_slice).unwrap_or_default();
        let known: Vec<_> = rows.iter().map(|row| row.call.clone()).collect();
        let call = call_keys::choose(key, &known, same_call_within);
        let of_call = rows.iter().find(|row| row.call.id == call.id);
        (call, of_call.and_then(|row| row.ticket))
    }

    /// Whether there is a call with this id.
    pub(crate) fn has_call(&self, id: &CallId) -> bool {
        self.named_calls.contains(&id.0)
    }

    /// A topic that is known and not in force; `None` if it may be used.
    pub(crate) fn retired_topic(&self, topic: &str) -> Option<&RetiredTopic> {
        self.topics.get(topic)
    }
}

impl Found {
    /// Adds a call: its id, the place of its key, and the ticket of which it is the natural key.
    fn add_call(
        &mut self,
        (id, place, ticket): (String, String, String),
        began_at: i64,
        occurrence: i32,
    ) -> Result<(), Fault> {
        let number = Some(ticket).filter(|ticket| !ticket.is_empty()).map(|ticket| ticket.parse::<i64>());
        let number = number.transpose().map_err(|error| Fault::internal(format!("a number: {error}")))?;
        let ticket = number.map(columns::number).transpose()?;
        let began_at = columns::instant(began_at)?;
        let call = KnownCall { id: CallId(id), began_at, occurrence: occurrence.unsigned_abs() };
        self.calls.entry(place).or_default().push(CallRow { call, ticket });
        Ok(())
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
            let (kind, fourth): (i32, Option<i64>) = (row.try_get_by_index(0)?, row.try_get_by_index(4)?);
            let key = (text(1)?, text(2)?, text(3)?);
            if kind == CALL {
                let occurrence: Option<i32> = row.try_get_by_index(5)?;
                found.add_call(key, fourth.unwrap_or_default(), occurrence.unwrap_or_default())?;
                continue;
            }
            let number = fourth.map(columns::number).transpose()?;
            match (kind, number) {
                (REQUEST, number) => {
                    let version: Option<i32> = row.try_get_by_index(5)?;
                    let version = number.zip(version.map(i32::unsigned_abs));
                    found.requests.insert((key.0, key.1), (key.2, version));
                }
                (SOURCE, Some(number)) => {
                    // Only a call's source may have several tickets.
                    let first = found.sources.entry(key).or_insert(number);
                    *first = number.min(*first);
                }
                (NAMED_CALL, _) => {
                    found.named_calls.insert(key.0);
                }
                (TOPIC, _) => {
                    let successor = Some(key.1).filter(|successor| !successor.is_empty());
                    found.topics.insert(key.0, RetiredTopic { successor });
                }
                (RULES, _) if !key.0.is_empty() && !key.1.is_empty() => found.rules = Some((key.0, key.1)),
                (ALLOWED, _) => {}
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
        query.calls(&self.calls)?;
        query.named_calls(&self.named_calls)?;
        if let Some((topics, at)) = &self.topics {
            query.topics(topics, *at)?;
        }
        if let Some(at) = self.rules_at {
            let policy = query.version_at(RuleKind::Policy, at);
            let calendar = query.version_at(RuleKind::Calendar, at);
            query.parts.push(format!("SELECT {RULES}, {policy}, {calendar}, NULL, NULL, NULL"));
        }
        if let Some(allowed) = &self.allowed {
            query.values.push(allowed.setting().into());
            let place = query.values.len();
            let set = format!("set_config('{}', ${place}, true)", AllowedTickets::SETTING);
            query.parts.push(format!("SELECT {ALLOWED}, {set}, NULL, NULL, NULL, NULL"));
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

    /// Calls with the ids of some keys: those that begin near, and the last one of each id.
    fn calls(&mut self, calls: &[CallKey]) -> Result<(), Fault> {
        if calls.is_empty() {
            return Ok(());
        }
        let of = |value: fn(&CallKey) -> Value| calls.iter().map(value).collect();
        let places = (0..calls.len()).map(|place| place.to_string().into()).collect();
        let columns = vec![
            ("place", places),
            ("system", of(|key| key.system.as_str().into())),
            ("id_kind", of(|key| key.kind().into())),
            ("exchange_id", of(|key| key.exchange_id().into())),
            ("low", of(|key| call_keys::span(key, SAME_CALL_WITHIN_MAX)[0].into())),
            ("high", of(|key| call_keys::span(key, SAME_CALL_WITHIN_MAX)[1].into())),
        ];
        self.list("dialled (place, system, id_kind, exchange_id, low, high)", columns)?;
        let same_id = |table: &str| {
            format!(
                "{table}.exchange_id = dialled.exchange_id AND {table}.system = dialled.system \
                 AND {table}.id_kind = dialled.id_kind"
            )
        };
        let (known, latest) = (same_id("known"), same_id("latest"));
        self.parts.push(format!(
            "SELECT {CALL}, known.call_id, dialled.place, CAST(ticket.number AS VARCHAR(20)), known.began_at, \
             known.occurrence FROM dialled JOIN call_key AS known ON {known} \
             AND (known.began_at BETWEEN dialled.low AND dialled.high OR known.occurrence = \
             (SELECT max(latest.occurrence) FROM call_key AS latest WHERE {latest})) \
             LEFT JOIN ticket ON ticket.source_call = known.call_id AND ticket.source_owner = '' \
             AND ticket.source_call <> ''"
        ));
        Ok(())
    }

    fn named_calls(&mut self, calls: &[&CallId]) -> Result<(), Fault> {
        if calls.is_empty() {
            return Ok(());
        }
        let ids = calls.iter().map(|id| id.0.as_str().into()).collect();
        self.list("named_call (call_id)", vec![("call_id", ids)])?;
        self.parts.push(format!(
            "SELECT {NAMED_CALL}, call_key.call_id, NULL, NULL, NULL, NULL FROM named_call \
             JOIN call_key ON call_key.call_id = named_call.call_id"
        ));
        Ok(())
    }

    /// Those of some topics that are not in force at an instant.
    fn topics(&mut self, topics: &[&str], at: Instant) -> Result<(), Fault> {
        if topics.is_empty() {
            return Ok(());
        }
        let codes = topics.iter().map(|code| (*code).into()).collect();
        let instants = topics.iter().map(|_| at.timestamp_micros().into()).collect();
        self.list("named_topic (code, instant)", vec![("code", codes), ("instant", instants)])?;
        self.parts.push(format!(
            "SELECT {TOPIC}, topic.code, topic.successor, NULL, NULL, NULL FROM named_topic \
             JOIN topic ON topic.code = named_topic.code WHERE topic.effective_until <= named_topic.instant \
             OR topic.effective_from > named_topic.instant"
        ));
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
