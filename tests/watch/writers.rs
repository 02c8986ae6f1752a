//! Concurrent writers: each takes tickets in, dispatches them, sends some elsewhere, and lets the lead accept them. A
//! lost answer is asked for again with the same request id.

use std::time::Duration;

use hotline_client::{
    AcceptTicket, Category, Channel, Complexity, CreateTicket, DispatchTicket, Error, HotlineClient, Tickets,
    Uuid,
};

use crate::support::server::Server;

/// The units that get the tickets.
pub(crate) const UNITS: [&str; 2] = ["district-chaoyang", "district-haidian"];
/// How long a writer asks for one answer.
const WAIT_MAX: Duration = Duration::from_mins(2);
/// The pause before it asks again.
const PAUSE: Duration = Duration::from_millis(50);

/// The clients of all participants.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) agent: Tickets,
    pub(crate) dispatcher: Tickets,
    pub(crate) supervisor: Tickets,
    pub(crate) units: [Tickets; 2],
}

impl Clients {
    /// Clients of an endpoint, with the credentials that a server has made.
    pub(crate) fn of(endpoint: &str, setup_server: &Server) -> Self {
        let anybody = HotlineClient::builder().endpoint(endpoint).connect_lazy();
        let anybody = anybody.expect("an endpoint");
        let tickets =
            |token: String| anybody.with_token(token).expect("a token fits into a header").tickets();
        Self {
            agent: tickets(setup_server.token("agent")),
            dispatcher: tickets(setup_server.token("dispatcher")),
            supervisor: tickets(setup_server.token("supervisor")),
            units: UNITS.map(|unit| tickets(setup_server.unit_token(unit))),
        }
    }
}

/// Asks until there is an answer.
async fn answered<T, F>(call: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let begun = tokio::time::Instant::now();
    loop {
        match call().await {
            Err(error) if error.is_retryable() && begun.elapsed() < WAIT_MAX => {
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

/// Takes one ticket in.
async fn take_in(clients: &Clients) -> Result<String, Error> {
    let create = CreateTicket::new(
        Category::Appeal,
        Complexity::General,
        Channel::Web,
        "询问变更登记的进度",
        "提交材料后至今没有答复。",
    )
    .request_id(Uuid::new_v4());
    Ok(answered(|| clients.agent.create_ticket(create.clone())).await?.number)
}

/// Sends a ticket to a unit.
async fn send(clients: &Clients, number: &str, unit: &str) -> Result<(), Error> {
    let send = DispatchTicket::new(number, unit).request_id(Uuid::new_v4());
    answered(|| clients.dispatcher.dispatch_ticket(send.clone())).await.map(drop)
}

/// Takes one ticket in and sends it to a unit, which does the rest.
pub(crate) async fn give(clients: &Clients, unit: &str) -> Result<(), Error> {
    let number = take_in(clients).await?;
    send(clients, &number, unit).await
}

/// Takes one ticket in and brings it to its unit.
pub(crate) async fn write(clients: &Clients, place: u32) -> Result<String, Error> {
    let number = take_in(clients).await?;
    let last = usize::from(place.is_multiple_of(2));
    let sent_elsewhere = place.is_multiple_of(3).then_some(1 - last);
    for unit in sent_elsewhere.into_iter().chain([last]) {
        send(clients, &number, UNITS[unit]).await?;
    }
    let accept = AcceptTicket::new(&number).request_id(Uuid::new_v4());
    answered(|| clients.units[last].accept_ticket(accept.clone())).await?;
    Ok(number)
}
