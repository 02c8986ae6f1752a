//! The other side: a service of tonic and sqlx as one would write it first, with a transaction for each request and
//! three inserts in it, and an echo, which answers each `GetTicket` with the same ticket. A process of its own,
//! called through the SDK like the server, so that the callers cost the same on both sides.

use std::convert::Infallible;
use std::future::Future;
use std::io::{BufRead as _, BufReader};
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll};

use hotline_proto::v1 as pb;
use sea_orm::sqlx::postgres::{PgPool, PgPoolOptions};
use sea_orm::sqlx::{self, AssertSqlSafe};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::Service;

use super::pgbench;

/// Connections to the database.
const CONNECTIONS: u32 = 16;

/// The process of the peer; dropped, it ends.
#[derive(Debug)]
pub(crate) struct Peer {
    process: Child,
    /// Where it listens.
    pub(crate) endpoint: String,
}

impl Peer {
    /// Starts it on a database.
    pub(crate) fn start(database: &str) -> Self {
        let program = std::env::current_exe().expect("a process knows its program");
        let mut process = Command::new(program)
            .args(["--peer", database])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output is a pipe");
        BufReader::new(output).read_line(&mut line).expect("it says where it listens");
        Self { process, endpoint: line.trim_end().to_owned() }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Debug, Clone)]
struct PeerService {
    pool: PgPool,
    inserts: Arc<[String; 3]>,
    ticket: Arc<pb::Ticket>,
}

impl NamedService for PeerService {
    const NAME: &'static str = "hotline.v1.TicketService";
}

impl PeerService {
    async fn create(
        self,
        _: Request<pb::CreateTicketRequest>,
    ) -> Result<Response<pb::CreateTicketResponse>, Status> {
        let failed = |error: sqlx::Error| Status::unavailable(error.to_string());
        let mut transaction = self.pool.begin().await.map_err(failed)?;
        for insert in self.inserts.iter() {
            let insert = sqlx::query(AssertSqlSafe(insert.clone()));
            insert.execute(&mut *transaction).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)?;
        Ok(Response::new(pb::CreateTicketResponse {
            ticket: Some((*self.ticket).clone()),
            warnings: Vec::new(),
        }))
    }

    fn echo(&self) -> Response<pb::GetTicketResponse> {
        let ticket = Some((*self.ticket).clone());
        Response::new(pb::GetTicketResponse { ticket, ..pb::GetTicketResponse::default() })
    }
}

impl Service<http::Request<Body>> for PeerService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            Ok(if request.uri().path().ends_with("/CreateTicket") {
                let create = tower::service_fn(move |request| service.clone().create(request));
                tonic::server::Grpc::new(ProstCodec::default()).unary(create, request).await
            } else {
                let echo = tower::service_fn(move |_: Request<pb::GetTicketRequest>| {
                    let answer = service.echo();
                    async move { Ok::<_, Status>(answer) }
                });
                tonic::server::Grpc::new(ProstCodec::default()).unary(echo, request).await
            })
        })
    }
}

/// A ticket of about 1.3 KB, as `GetTicket` answers with one.
fn ticket() -> pb::Ticket {
    let time = Some(prost_types::Timestamp { seconds: 1_577_808_000, nanos: 0 });
    pb::Ticket {
        number: "1910120000178".to_owned(),
        etag: "1".to_owned(),
        state: 1,
        category: 2,
        complexity: 1,
        channel: 1,
        subject: "营业执照变更迟迟未办结".to_owned(),
        content: "x".repeat(1_000),
        intake_time: time,
        update_time: time,
        cycle: Some(pb::Cycle {
            number: 1,
            start_time: time,
            due_time: time,
            tier: 1,
            policy_version: "p-0123456789abcdef".to_owned(),
            calendar_version: "cn-2026.1".to_owned(),
            ..pb::Cycle::default()
        }),
        responsibility: 1,
        ..pb::Ticket::default()
    }
}

/// Serves until the process is killed.
pub(crate) async fn serve(database: &str) -> Result<(), String> {
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .test_before_acquire(false)
        .connect(database)
        .await
        .map_err(|error| error.to_string())?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
    println!("http://{}", listener.local_addr().map_err(|error| error.to_string())?);
    let service = PeerService { pool, inserts: Arc::new(pgbench::inserts()), ticket: Arc::new(ticket()) };
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let server = tonic::transport::Server::builder().add_service(service);
    server.serve_with_incoming(incoming).await.map_err(|error| error.to_string())
}
