//! A server as it is often written: tonic and sqlx, three inserts in a transaction of its own for each request. It has
//! the tables of limit A, and neither authentication nor idempotency, encryption, rules or an audit log.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hotline_proto::v1::{CreateTicketRequest, CreateTicketResponse, GetTicketResponse, Ticket};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tonic::Status;

use super::{api, echo};

/// The best size of a pool on two cores.
const CONNECTIONS: u32 = 16;
/// An instant of intake, in microseconds.
const RECEIVED_AT: i64 = 1_790_000_000_000_000;

/// `CreateTicket`.
#[derive(Debug, Clone)]
struct Naive {
    pool: PgPool,
    next: Arc<AtomicI64>,
    /// The ticket that is returned, with another number each time.
    ticket: Ticket,
}

/// Serves on a database with the tables of limit A.
///
/// # Errors
/// If the database or the file of the response can't be read.
pub(crate) async fn serve(database: &str, reply: &Path) -> Result<(), String> {
    let GetTicketResponse { ticket, .. } = echo::read(reply)?;
    let ticket = ticket.ok_or("the response has no ticket")?;
    // A look at the connection before each use is one more round trip.
    let options = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
    let pool = options.connect(database).await.map_err(|error| error.to_string())?;
    let last: Option<i64> = sqlx::query_scalar("SELECT MAX(number) FROM ticket")
        .fetch_one(&pool)
        .await
        .map_err(|error| error.to_string())?;
    let next = Arc::new(AtomicI64::new(last.unwrap_or(0) + 1));
    api::serve(Naive { pool, next, ticket }).await
}

impl api::Method for Naive {
    type Request = CreateTicketRequest;
    type Response = CreateTicketResponse;

    async fn answer(&self, request: CreateTicketRequest) -> Result<CreateTicketResponse, Status> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let payload = format!("{{\"text\":\"{}\"}}", request.subject);
        self.insert(number, request, payload).await.map_err(|error| Status::internal(error.to_string()))?;
        let ticket = Ticket { number: number.to_string(), ..self.ticket.clone() };
        Ok(CreateTicketResponse { ticket: Some(ticket), warnings: Vec::new() })
    }
}

impl Naive {
    async fn insert(
        &self,
        number: i64,
        request: CreateTicketRequest,
        payload: String,
    ) -> Result<(), sqlx::Error> {
        let enterprise = request.enterprise.unwrap_or_default();
        let contact = request.contact.unwrap_or_default();
        let due_at = RECEIVED_AT + number;
        let mut transaction = self.pool.begin().await?;
        sqlx::query(
            "INSERT INTO ticket VALUES ($1, 1, 'received', 1, 1, 3, false, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
             'web-1', $11, false, NULL, 0, $12, $12, true, $12)",
        )
        .bind(number)
        .bind(request.topic)
        .bind(request.district)
        .bind(request.industry)
        .bind(enterprise.name)
        .bind(enterprise.social_credit_code)
        .bind(contact.name)
        .bind(contact.phone)
        .bind(request.subject)
        .bind(request.content)
        .bind(number.to_string())
        .bind(due_at)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("INSERT INTO ticket_event VALUES ($1, 1, $2, 'agent', $3)")
            .bind(number)
            .bind(due_at)
            .bind(payload)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO ticket_timer VALUES ($1, 2, $2)")
            .bind(number)
            .bind(due_at)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }
}
