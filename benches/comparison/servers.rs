//! The servers that are compared, and those who call them.

use hotline_client::{
    ClientKind, CreateClient, HotlineClient, IssueCredential, Proof, PutUnit, Tickets, Unit, UnitGroup,
};

use super::support::postgres;
use super::support::server::{Options, Server, Store};

/// Connections of the callers: one takes no more than 128 calls at a time.
const CONNECTIONS: usize = 4;

/// A server, with connections to it.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) server: Server,
    connections: Vec<HotlineClient>,
}

/// A unit, as the one who speaks for it.
#[derive(Debug, Clone)]
pub(crate) struct UnitDesk {
    pub(crate) code: String,
    pub(crate) tickets: Tickets,
}

/// The limits on single callers are far away: one process stands for a city here.
fn options() -> Options {
    [
        ("limits.calls_max", "4096"),
        ("limits.calls_per_principal_max", "4096"),
        ("limits.calls_per_second_per_principal", "1000000"),
        ("limits.burst_per_principal", "1000000"),
        ("limits.bytes_per_second_per_connection", "4000000000"),
    ]
    .into_iter()
    .fold(Options::default(), |options, (key, value)| options.set(key, value))
}

/// Connects to an address several times.
pub(crate) async fn connect(endpoint: &str, token: &str) -> Vec<HotlineClient> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let client = HotlineClient::builder().endpoint(endpoint).token(token.to_owned());
        connections.push(client.connect().await.expect("it listens"));
    }
    connections
}

/// The tickets of each connection.
pub(crate) fn tickets(connections: &[HotlineClient]) -> Vec<Tickets> {
    connections.iter().map(HotlineClient::tickets).collect()
}

impl Target {
    /// Starts a server on an empty store, with other keys of the configuration.
    pub(crate) async fn start(store: Store, keys: &[(&str, &str)]) -> Self {
        let options = keys.iter().fold(options(), |options, (key, value)| options.set(key, value));
        let mut server = Server::start(store, options);
        if let Some(database) = server.database() {
            // The tests have every statement logged, which is no way to serve.
            let (_, name) = database.rsplit_once('/').expect("a URL ends with the name");
            let cluster = postgres::shared().expect("it is running");
            cluster.psql(database, &format!("ALTER DATABASE {name} RESET ALL"));
            server.restart();
        }
        Self::of(server).await
    }

    /// A server that runs.
    pub(crate) async fn of(server: Server) -> Self {
        let connections = connect(&server.endpoint(), &server.token("agent")).await;
        Self { server, connections }
    }

    /// The agents, one for each connection.
    pub(crate) fn agents(&self) -> Vec<Tickets> {
        tickets(&self.connections)
    }

    /// Those who have a role, one for each connection.
    pub(crate) fn with_role(&self, role: &str) -> Vec<Tickets> {
        let token = self.server.token(role);
        let with = |client: &HotlineClient| client.with_token(token.clone()).expect("a token of the server");
        self.connections.iter().map(|client| with(client).tickets()).collect()
    }

    /// Makes units with a client each.
    pub(crate) async fn make_units(&self, codes: &[String]) -> Vec<UnitDesk> {
        let token = self.server.token("administrator");
        let mut desks = Vec::new();
        for (code, client) in codes.iter().zip(self.connections.iter().cycle()) {
            let administrator = client.with_token(token.clone()).expect("a token of the server");
            let unit = Unit {
                code: code.clone(),
                name: "承办单位".to_owned(),
                name_en: None,
                group: UnitGroup::Department,
                parent: None,
                district: None,
                active: true,
                etag: None,
            };
            let put = administrator.directory().put_unit(PutUnit { unit, request_id: None }).await;
            put.expect("a new unit");
            let principal = format!("clerk-of-{code}");
            let create = CreateClient::for_unit(&principal, ClientKind::Machine, code, "comparison");
            administrator.admin().create_client(create).await.expect("a new client");
            let issue = IssueCredential::new(principal, Proof::Token);
            let issued = administrator.admin().issue_credential(issue).await;
            let token = issued.expect("a new credential").token.expect("it is shown once");
            let tickets = client.with_token(token).expect("a token of the server").tickets();
            desks.push(UnitDesk { code: code.clone(), tickets });
        }
        desks
    }
}
