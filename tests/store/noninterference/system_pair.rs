//! A pair of systems that get the same calls.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use hotline_proto::v1::admin_service_server::AdminServiceServer;
use hotline_proto::v1::analysis_service_server::AnalysisServiceServer;
use hotline_proto::v1::assessment_service_server::AssessmentServiceServer;
use hotline_proto::v1::audit_service_server::AuditServiceServer;
use hotline_proto::v1::call_service_server::CallServiceServer;
use hotline_proto::v1::directory_service_server::DirectoryServiceServer;
use hotline_proto::v1::knowledge_service_server::KnowledgeServiceServer;
use hotline_proto::v1::message_service_server::MessageServiceServer;
use hotline_proto::v1::seat_service_server::SeatServiceServer;
use hotline_proto::v1::simulation_service_server::SimulationServiceServer;
use hotline_proto::v1::ticket_service_server::TicketServiceServer;
use hotline_proto::{METHODS, MethodRow, v1 as pb, v1::Role};
use hotline_server::access::{Authenticator, Caller, ClientCache, Permit};
use hotline_server::desk::attachment::Attachments;
use hotline_server::feed::{Feed, Start};
use hotline_server::oversight::verify::VerifyOptions;
use hotline_server::platform::Clock;
use hotline_server::rpc::Services;
use hotline_server::ticket::{Relation, Ticket, TicketNumber};
use prost::Message as _;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::service::Routes;
use tonic::{Request, Status, Streaming};

use super::answer::Answer;
use super::injected_bugs::{Bug, KnownCallers};
use super::staff_callers::{STAFF, credentials};
use crate::guards::raw_call::BytesCodec;
use crate::store::fixture::{Database, Hotline, default_policy, opening, staff, unit};
use crate::store::random::Random;
use crate::support::temp_dir::TempDir;

/// The two units of which one is accused: the first in the first system, the second in the second.
pub(super) const PAIR: [&str; 2] = ["district-haidian", "dept-market-regulation"];
/// Units without a part in that: they lead, assist and are informed.
pub(super) const LEAD: &str = "district-chaoyang";
pub(super) const ASSIST: &str = "dept-tax";
pub(super) const INFORM: &str = "dept-finance";

/// The difference between the systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Caller,
    Accused,
}

/// A caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Actor {
    Staff(&'static str),
    Unit(&'static str),
}

impl Actor {
    /// All callers.
    pub(super) fn every() -> Vec<Self> {
        let staff = STAFF.iter().map(|(name, _)| Self::Staff(name));
        staff.chain([PAIR[0], PAIR[1], LEAD, ASSIST, INFORM].map(Self::Unit)).collect()
    }

    pub(super) fn role(self) -> Role {
        match self {
            Self::Unit(_) => Role::Unit,
            Self::Staff(name) => STAFF.iter().find(|(one, _)| *one == name).expect("somebody").1,
        }
    }

    fn caller(self) -> Caller {
        let (principal, unit) = match self {
            Self::Staff(name) => (name.to_owned(), None),
            Self::Unit(code) => (format!("clerk-{code}"), Some(unit(code))),
        };
        Caller { principal, roles: vec![self.role()], unit, ..Caller::default() }
    }

    /// Whether the contract lets the caller know who called.
    fn may_know_caller(self, ticket: &Ticket) -> bool {
        if ticket.is_confidential {
            return false;
        }
        match self {
            Self::Unit(code) => {
                matches!(ticket.relation_of(&unit(code)), Some(Relation::Lead | Relation::Assist))
            }
            Self::Staff(_) => !matches!(self.role(), Role::Analyst | Role::Administrator | Role::Telephony),
        }
    }

    /// Whether the contract lets the caller know the accused unit: hotline staff who read tickets.
    pub(super) fn may_know_accused(self) -> bool {
        !matches!(self.role(), Role::Unit | Role::Telephony | Role::Administrator)
    }
}

/// One of the two.
pub(super) struct System {
    pub(super) hotline: Hotline,
    feed: Feed,
    /// Up to where the last stream was read.
    cursor: Mutex<String>,
    routes: Routes,
    /// What an injected bug knows of its callers.
    pub(super) callers: KnownCallers,
    bug: Option<Bug>,
    _database: Database,
    _files: TempDir,
}

impl System {
    async fn open(database: Database, bug: Option<Bug>) -> Self {
        let mut policy = default_policy();
        policy.ladder.remind_before_hours = 24;
        let hotline = Hotline::open_with(database.open().await, Clock::simulated(opening()), policy).await;
        let authenticator = Authenticator {
            file: credentials(),
            client_cache: ClientCache::open(hotline.store.clone()),
            oidc: None,
            store: hotline.store.clone(),
            clock: hotline.clock.clone(),
        };
        let feed = hotline.feed();
        let begun = feed.watch(&staff("WatchTickets"), Start::Now).await.expect("it opens");
        let cursor = Mutex::new(begun.cursor().expect("a cursor"));
        let files = TempDir::new("attachments");
        let services = Services::new(
            hotline.closed_loop.clone(),
            feed.clone(),
            hotline.simulation.clone(),
            Attachments::narrow(files.path().to_owned()),
            Some(Arc::new(authenticator)),
            VerifyOptions::default(),
        );
        let routes = Routes::new(TicketServiceServer::new(services.tickets))
            .add_service(DirectoryServiceServer::new(services.directory))
            .add_service(KnowledgeServiceServer::new(services.knowledge))
            .add_service(AssessmentServiceServer::new(services.assessment))
            .add_service(AnalysisServiceServer::new(services.analysis))
            .add_service(AdminServiceServer::new(services.admin))
            .add_service(CallServiceServer::new(services.calls))
            .add_service(MessageServiceServer::new(services.messages))
            .add_service(SeatServiceServer::new(services.seats))
            .add_service(AuditServiceServer::new(services.audit))
            .add_service(SimulationServiceServer::new(services.simulation));
        Self {
            hotline,
            feed,
            cursor,
            routes,
            callers: KnownCallers::default(),
            bug,
            _database: database,
            _files: files,
        }
    }

    async fn call(&self, permit: Permit, request: &[u8]) -> Answer {
        let row = permit.method();
        let mut client = Grpc::new(self.routes.clone());
        client.ready().await.expect("the services are ready");
        let mut call = Request::new(request.to_vec());
        call.extensions_mut().insert(permit);
        let path = PathAndQuery::from_static(row.path);
        let outcome = if row.is_stream {
            self.feed.sequencer().number_all().await.expect("the database is there");
            match client.server_streaming(call, path, BytesCodec).await {
                Ok(seats) if row.method == "WatchSeats" => super::calls::read_seats(seats).await,
                Ok(file) if row.method == "GetAttachment" => super::around::read_whole(file).await,
                Ok(opened) => self.read_until_caught_up(opened).await,
                Err(status) => Err(status),
            }
        } else {
            client.unary(call, path, BytesCodec).await
        };
        let answer = Answer::of(outcome);
        match self.bug {
            Some(bug) => bug.apply(self, row.method, request, answer).await,
            None => answer,
        }
    }
}

impl System {
    /// The cursor up to which the last stream was read.
    pub(super) fn cursor(&self) -> String {
        self.cursor.lock().expect("nobody panicked").clone()
    }

    /// Reads a stream up to the checkpoint that says that it has caught up. Its entries are one answer, without their
    /// cursors, which are sealed and differ for the same position of two databases.
    async fn read_until_caught_up(
        &self,
        opened: tonic::Response<Streaming<Vec<u8>>>,
    ) -> Result<tonic::Response<Vec<u8>>, Status> {
        let (metadata, mut stream, extensions) = opened.into_parts();
        let mut body = Vec::new();
        while let Some(message) = stream.message().await? {
            let mut entry = pb::WatchTicketsResponse::decode(message.as_slice()).expect("it can be read");
            assert!(!entry.cursor.is_empty(), "every entry has a cursor");
            let cursor = std::mem::take(&mut entry.cursor);
            entry.encode_length_delimited(&mut body).expect("it fits");
            if matches!(entry.entry, Some(pb::watch_tickets_response::Entry::Checkpoint(_))) {
                *self.cursor.lock().expect("nobody panicked") = cursor;
                break;
            }
        }
        Ok(tonic::Response::from_parts(metadata, body, extensions))
    }
}

/// Both systems, and the calls that were made.
pub(super) struct SystemPair {
    pub(super) mode: Mode,
    pub(super) seed: u64,
    pub(super) random: Random,
    pub(super) sides: [System; 2],
    /// The called methods, by path.
    pub(super) called: BTreeSet<&'static str>,
    /// The methods that succeeded, by name.
    pub(super) answered: BTreeSet<&'static str>,
    pub(super) compared: u64,
    trail: Vec<String>,
}

impl SystemPair {
    pub(super) async fn open(database: &Database, mode: Mode, seed: u64, bug: Option<Bug>) -> Self {
        let another = || match database {
            Database::Sqlite(_) => Database::sqlite(),
            Database::Postgres(_) => Database::postgres().expect("it is running"),
        };
        println!("seed {seed}");
        Self {
            mode,
            seed,
            random: Random::new(seed),
            sides: [System::open(another(), bug).await, System::open(another(), bug).await],
            called: BTreeSet::new(),
            answered: BTreeSet::new(),
            compared: 0,
            trail: Vec::new(),
        }
    }

    /// Clears the calls of earlier histories.
    pub(super) fn begin(&mut self) {
        self.trail.clear();
    }

    /// A ticket in the first system.
    pub(super) async fn find(&self, number: &str) -> Ticket {
        let number = TicketNumber::parse(number).expect("a number");
        self.sides[0].hotline.find(number).await
    }

    /// A request id, the same in both systems.
    pub(super) fn request_id(&mut self) -> String {
        self.random.uuid().to_string()
    }

    /// Calls both systems; returns the first one's answer. Compares the two, unless the caller may know the difference.
    pub(super) async fn call_both(
        &mut self,
        actor: Actor,
        method: &str,
        number: Option<&str>,
        may_know: bool,
        requests: [Vec<u8>; 2],
    ) -> Result<Option<Answer>, String> {
        let row = METHODS.iter().find(|row| row.method == method).expect("a method of the contract");
        let Ok(permit) = Permit::grant(actor.caller(), row) else { return Ok(None) };
        let may_know_caller = match number {
            Some(number) => actor.may_know_caller(&self.find(number).await),
            None => false,
        };
        self.trail.push(format!("{actor:?} {method} {}", number.unwrap_or_default()));
        let mut answers = self.answers(row, [permit.clone(), permit], &requests).await;
        if answers[0].code != answers[1].code {
            return Err(self.diverged(method, &answers));
        }
        if !may_know {
            let is_same_request = requests[0] == requests[1];
            let [first, second] = [0, 1].map(|side: usize| {
                let answer = answers[side].comparable(method, may_know_caller);
                // Warnings are about the request itself, which its sender knows.
                if is_same_request { answer } else { answer.without_warnings(method) }
            });
            self.compared += 1;
            if first != second {
                let trail = self.trail.join("\n");
                return Err(format!(
                    "{actor:?} tells the systems apart by {method}:\n{first:?}\n{second:?}\nafter\n{trail}"
                ));
            }
        }
        Ok(Some(answers.swap_remove(0)))
    }

    /// Calls each system as its own caller: the unit that is accused there, which knows what it does.
    pub(super) async fn call_each(
        &mut self,
        actor: [Actor; 2],
        method: &str,
        requests: [Vec<u8>; 2],
    ) -> Result<(), String> {
        let row = METHODS.iter().find(|row| row.method == method).expect("a method of the contract");
        self.trail.push(format!("{actor:?} {method}"));
        let permits = actor.map(|actor| Permit::grant(actor.caller(), row).expect("the role may"));
        let answers = self.answers(row, permits, &requests).await;
        if answers[0].code == answers[1].code {
            return Ok(());
        }
        Err(self.diverged(method, &answers))
    }

    /// The two histories have diverged, so nothing can be concluded: the suite made a wrong call.
    fn diverged(&self, method: &str, answers: &[Answer]) -> String {
        format!("the systems diverged by {method}: {answers:?}\nafter\n{}", self.trail.join("\n"))
    }

    async fn answers(
        &mut self,
        row: &'static MethodRow,
        permits: [Permit; 2],
        requests: &[Vec<u8>; 2],
    ) -> Vec<Answer> {
        self.called.insert(row.path);
        let mut answers = Vec::new();
        for ((side, permit), request) in self.sides.iter().zip(permits).zip(requests) {
            let clock = &side.hotline.clock;
            clock.advance_to(clock.now() + TimeDelta::seconds(1));
            answers.push(side.call(permit, request).await);
        }
        if answers[0].is_ok() {
            self.answered.insert(row.method);
        }
        answers
    }
}
