//! A hotline in this process: its own database, a simulated clock, the verbs, the runner.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hotline_proto::v1::Role;
use hotline_server::access::{Caller, Permit, Scope, permit};
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::closed_loop::create_ticket::{CreateTicket, NamedCall};
use hotline_server::closed_loop::dispatch_ticket::DispatchTicket;
use hotline_server::closed_loop::{Change, ClosedLoop, Verb};
use hotline_server::deadline::{Calendar, Policy, RuleBook};
use hotline_server::desk::directory::seed_database::seed_database;
use hotline_server::feed::{Feed, StreamLimits};
use hotline_server::identity::registered_keys;
use hotline_server::identity::vault::key_file::{Key, KeyFile, SECRET_BYTES};
use hotline_server::identity::vault::{FileKeys, Suite, Vault};
use hotline_server::ledger::{self, Ledger};
use hotline_server::migration;
use hotline_server::oversight::{Recount, Runner, Simulation};
use hotline_server::platform::config;
use hotline_server::platform::idempotency::RequestKey;
use hotline_server::platform::{Clock, Fault, Store};
use hotline_server::ticket::{
    CallerIdentity, Category, Channel, Complexity, EventRecord, Responsibility, Ticket, TicketNumber,
    UnitCode,
};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement};
use uuid::Uuid;

use crate::support::temp_dir::TempDir;
use crate::support::{migrated_database, postgres};

/// Connections of a store on PostgreSQL.
const CONNECTIONS: u32 = 6;

/// A new database for one test.
#[derive(Debug)]
pub(super) enum Database {
    Sqlite(TempDir),
    Postgres(String),
}

impl Database {
    /// A file in its own directory.
    pub(super) fn sqlite() -> Self {
        Self::Sqlite(TempDir::new("store"))
    }

    /// A database in the cluster of this process, in which the migrations have run; `None` on a developer's machine
    /// without PostgreSQL.
    pub(super) fn postgres() -> Option<Self> {
        postgres::shared().map(|cluster| Self::Postgres(migrated_database::create(cluster)))
    }

    /// An empty database of the same kind.
    pub(super) fn empty_one(&self) -> Self {
        match self {
            Self::Sqlite(_) => Self::sqlite(),
            Self::Postgres(_) => Self::Postgres(postgres::shared().expect("it is running").database()),
        }
    }

    /// The SQLite file.
    pub(super) fn file(home: &TempDir) -> PathBuf {
        home.path().join("hotline.sqlite")
    }

    /// Opens it as a server does.
    pub(super) async fn open(&self) -> Store {
        match self {
            Self::Sqlite(home) => Store::open_sqlite(&Self::file(home)).await,
            Self::Postgres(url) => Store::open_postgres(url, CONNECTIONS).await,
        }
        .expect("the database can be opened")
    }

    /// The output of psql; only for PostgreSQL.
    pub(super) fn psql(&self, sql: &str) -> String {
        let Self::Postgres(url) = self else { panic!("only PostgreSQL has psql") };
        // psql runs as a process, which this thread waits for.
        tokio::task::block_in_place(|| postgres::shared().expect("it is running").psql(url, sql))
    }

    /// How many sessions wait for a lock; only for PostgreSQL.
    pub(super) fn waiting_for_locks(&self) -> u32 {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        self.psql(waiting).parse().expect("a count is a number")
    }

    /// Ends every connection; only for PostgreSQL.
    pub(super) fn kill_backends(&self) -> usize {
        let Self::Postgres(url) = self else { panic!("only PostgreSQL has backends") };
        tokio::task::block_in_place(|| postgres::shared().expect("it is running").kill_backends(url))
    }
}

/// The shipped policy.
pub(super) fn default_policy() -> Policy {
    #[derive(serde::Deserialize)]
    struct Shipped {
        policy: Policy,
    }
    toml::from_str::<Shipped>(config::DEFAULT).expect("the shipped configuration can be read").policy
}

/// Noon in Beijing on the day the enterprise line opened.
pub(super) fn opening() -> DateTime<Utc> {
    "2019-10-12T12:00:00+08:00".parse().expect("an instant")
}

/// A hotline and all its parts.
#[derive(Debug, Clone)]
pub(super) struct Hotline {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) ledger: Ledger,
    pub(super) closed_loop: ClosedLoop,
    pub(super) runner: Runner,
    pub(super) simulation: Simulation,
}

impl Hotline {
    /// Opens a database under the shipped policy at the hotline's opening.
    pub(super) async fn open(database: &Database) -> Self {
        Self::open_with(database.open().await, Clock::simulated(opening()), default_policy()).await
    }

    /// Prepares a store as a server does at its start.
    pub(super) async fn open_with(store: Store, clock: Clock, policy: Policy) -> Self {
        migration::ready(store.migrating()).await.expect("the database can be readied");
        seed_database(&store, &clock).await.expect("the directory can be seeded");
        assert_eq!(policy.check(), Ok(()));
        let calendar = Calendar::shipped().expect("the calendar is sound");
        let rules = RuleBook::open(&store, &clock, policy, calendar).await.expect("the rules can be stored");
        let ledger = Ledger::new(rules, vault(&store, &clock).await);
        let closed_loop = ClosedLoop::new(store.clone(), clock.clone(), ledger.clone());
        let recount = Recount::default();
        let runner = Runner { store: store.clone(), clock: clock.clone(), ledger: ledger.clone(), recount };
        let simulation = Simulation::new(runner.clone());
        Self { store, clock, ledger, closed_loop, runner, simulation }
    }

    /// A feed of this hotline, as another server would have.
    pub(super) fn feed(&self) -> Feed {
        // The simulated clock stands still, and a loaded machine must not make a test read again.
        let decision_age_max = Duration::from_mins(10);
        self.feed_with(StreamLimits { all_max: 100, of_principal_max: 100, decision_age_max })
    }

    /// A feed with these limits.
    pub(super) fn feed_with(&self, limits: StreamLimits) -> Feed {
        Feed::new(self.store.clone(), self.clock.clone(), self.ledger.vault().clone(), limits)
    }

    /// Takes a request in with a new request id.
    pub(super) async fn create(&self, create: CreateTicket) -> Ticket {
        let created = self.closed_loop.create_ticket(staff("CreateTicket"), new_key(), create).await;
        created.expect("the request can be taken in")
    }

    /// Takes in this many simple appeals.
    pub(super) async fn create_appeals(&self, count: u32) -> Vec<Ticket> {
        let mut tickets = Vec::new();
        for number in 0..count {
            tickets.push(self.create(appeal(&format!("appeal {number}"))).await);
        }
        tickets
    }

    /// Runs a command with a new request id and without an etag.
    pub(super) async fn change<V: Verb>(
        &self,
        permit: Permit,
        number: TicketNumber,
        verb: V,
    ) -> Result<Ticket, Fault> {
        self.closed_loop.change(permit, Change { key: new_key(), number, etag: None, verb }).await
    }

    /// The stored ticket.
    pub(super) async fn find(&self, number: TicketNumber) -> Ticket {
        let found = ledger::read::find(self.store.reader(), &Scope::All, number).await;
        found.expect("the row can be read").expect("the ticket is there")
    }

    /// Its events.
    pub(super) async fn events(&self, number: TicketNumber) -> Vec<EventRecord> {
        ledger::read::events(self.store.reader(), number, 0, 10_000).await.expect("the events can be read")
    }

    /// Advances the clock; every timer before the new instant fires at its own.
    pub(super) async fn advance(&self, by: TimeDelta) -> u64 {
        self.simulation.advance_to(self.clock.now() + by).await.expect("the clock can be advanced")
    }

    /// Rows of a query.
    pub(super) async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let reader = self.store.reader();
        let statement = Statement::from_string(reader.get_database_backend(), sql);
        reader.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The one number that a query returns.
    pub(super) async fn count(&self, sql: &str) -> i64 {
        self.rows(sql).await[0].try_get_by_index(0).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Everything that is stored about tickets, as text; equal if nothing was written.
    pub(super) async fn dump(&self) -> Vec<String> {
        let mut dump = Vec::new();
        for (table, columns) in [
            ("ticket", "number version state rung due_at is_open lead_unit document"),
            ("ticket_event", "ticket_number sequence occurred_at principal payload"),
            ("ticket_unit", "unit ticket_number relation due_at"),
            ("ticket_timer", "ticket_number cycle rung due_at"),
            ("rung_effect", "ticket_number cycle round rung fired_at"),
            ("digest_ticket", "ticket_number cycle round rung unit due_at fired_at digest_sequence"),
            ("digest", "unit sequence rung gathered_at ticket_count"),
            ("encrypted_identity", "ticket_number is_confidential key_version"),
            ("request_record", "principal request_id fingerprint ticket_number ticket_version"),
        ] {
            let texts = columns.split(' ').map(|column| format!("COALESCE(CAST({column} AS TEXT), '-')"));
            let line = texts.collect::<Vec<_>>().join(" || '|' || ");
            for row in self.rows(&format!("SELECT {line} FROM {table} ORDER BY 1")).await {
                let line: String = row.try_get_by_index(0).expect("a line");
                dump.push(format!("{table}: {line}"));
            }
        }
        dump
    }
}

/// A staff key with a new request id.
#[expect(clippy::disallowed_methods, reason = "the id of a request is its caller's, and tests are callers")]
pub(super) fn new_key() -> RequestKey {
    key(Uuid::now_v7())
}

/// A staff key.
pub(super) fn key(request_id: Uuid) -> RequestKey {
    RequestKey { principal: "staff".to_owned(), request_id, fingerprint: "the same request".to_owned() }
}

fn grant(method: &str, caller: Caller) -> Permit {
    let services = ["TicketService", "KnowledgeService", "AssessmentService"];
    let mut paths = services.iter().map(|service| format!("/hotline.v1.{service}/{method}"));
    let method = paths.find_map(|path| permit::method_of(&path)).expect("the contract has the method");
    Permit::grant(caller, method).expect("the role may call the method")
}

/// The permit of a staff member with all staff roles.
pub(super) fn staff(method: &str) -> Permit {
    let roles = vec![Role::Agent, Role::Dispatcher, Role::Coordinator, Role::Supervisor];
    grant(method, Caller { principal: "staff".to_owned(), roles, ..Caller::default() })
}

/// The permit of another staff member with all staff roles.
pub(super) fn second_staff(method: &str) -> Permit {
    let roles = vec![Role::Agent, Role::Dispatcher, Role::Coordinator, Role::Supervisor];
    grant(method, Caller { principal: "second staff".to_owned(), roles, ..Caller::default() })
}

/// The permit of a clerk of a unit.
pub(super) fn clerk(method: &str, unit: &UnitCode) -> Permit {
    let principal = format!("clerk of {unit}");
    grant(
        method,
        Caller { principal, roles: vec![Role::Unit], unit: Some(unit.clone()), ..Caller::default() },
    )
}

/// A unit's code.
pub(super) fn unit(code: &str) -> UnitCode {
    UnitCode(code.to_owned())
}

/// A dispatch only to this unit.
pub(super) fn dispatch(lead: &UnitCode) -> DispatchTicket {
    let (lead_unit, note) = (lead.clone(), String::new());
    DispatchTicket {
        lead_unit,
        assist_units: Vec::new(),
        inform_units: Vec::new(),
        note,
        reason: String::new(),
    }
}

/// A classification as a complex appeal.
pub(super) fn as_complex() -> ClassifyTicket {
    ClassifyTicket {
        category: Category::Appeal,
        complexity: Complexity::Complex,
        has_several_units: false,
        responsibility: Responsibility::Clear,
        topic: None,
        district: None,
        accused_units: Vec::new(),
        note: "a reason".to_owned(),
    }
}

/// The key that every hotline of these tests has, so that one decrypts what another has encrypted.
pub(super) fn key_file() -> KeyFile {
    let key = Key { version: 1, suite: Suite::Aes256Gcm, secret: vec![7; SECRET_BYTES].into() };
    KeyFile { active: 1, keys: vec![key] }
}

async fn vault(store: &Store, clock: &Clock) -> Vault {
    let keys = FileKeys::of(&key_file()).expect("a sound key");
    let proofs = keys.now().proofs().expect("proofs");
    registered_keys::register(store, clock, proofs)
        .await
        .expect("the database is there")
        .expect("its own key");
    Vault::new(Arc::new(keys))
}

/// A general appeal about this subject, from the web.
pub(super) fn appeal(subject: &str) -> CreateTicket {
    CreateTicket {
        category: Category::Appeal,
        complexity: Complexity::General,
        has_several_units: false,
        topic: None,
        district: Some("110105".to_owned()),
        industry: None,
        subject: subject.to_owned(),
        content: format!("{subject}, at length"),
        channel: Channel::Web,
        source: None,
        call_began_at: None,
        named_call: NamedCall::default(),
        chosen_confidential: None,
        accused_units: Vec::new(),
        follows: None,
        identity: CallerIdentity { contact_name: Some("王女士".to_owned()), ..CallerIdentity::default() },
    }
}
