//! Injected bugs that this suite must find: a transaction depth that stays at 1 after a failed commit, a command that
//! is acknowledged before its commit, and parts of a call that take each other's place.

use std::time::Duration;

use hotline_client::{CallOutcome, Category, Channel, Complexity, CreateTicket, DispatchTicket, Uuid};
use tokio::task::spawn_blocking;

use crate::faulty_server::{FaultyServer, LEAD};
use crate::options::Options;
use crate::support::server::Store;
use crate::support::wait::Pauses;
use crate::workload::Acknowledged;
use crate::{TestResult, invariants, workload};

/// Requests after the fault.
const REQUESTS: u32 = 20;
/// The longest time until the self-check finds a missing change.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The outcome of a server with a bug.
struct Outcome {
    /// Whether acknowledged changes were missing after a restart.
    is_lost: bool,
    /// Whether the self-check raised its alarm before.
    is_alarmed: bool,
}

/// Makes commits fail on a server, with or without a bug, and checks which acknowledged changes are left.
async fn run(bug: Option<&'static str>, assignments: &'static str) -> Result<Outcome, String> {
    let open = move || {
        let mut faulty = FaultyServer::open(Store::Sqlite);
        for assignment in bug.into_iter().chain([assignments]) {
            faulty.server.set_failpoint(assignment);
        }
        faulty
    };
    let mut faulty = spawn_blocking(open).await.map_err(|error| error.to_string())?;
    let clients = faulty.clients();
    let mut acknowledged = Vec::new();
    for _ in 0..REQUESTS {
        let create =
            CreateTicket::new(Category::Appeal, Complexity::General, Channel::Web, "询问进度", "没有答复。")
                .request_id(Uuid::new_v4());
        if let Ok(ticket) = clients.agent.tickets().create_ticket(create).await {
            acknowledged.push(Acknowledged::of(&ticket));
        }
        // A refusal is rolled back. With the depth that stays at 1, everything after it is lost.
        let unknown = DispatchTicket::new("2603020000018", LEAD);
        let refused = clients.dispatcher.tickets().dispatch_ticket(unknown).await;
        if refused.is_ok() {
            return Err("a ticket that does not exist was dispatched".to_owned());
        }
    }
    if acknowledged.is_empty() {
        return Err(format!("nothing was acknowledged; the server said:\n{}", faulty.server.said()));
    }
    let mut pauses = Pauses::within(WAIT_MAX);
    let is_alarmed = || faulty.server.said().contains("self-check failed");
    while bug.is_some() && !is_alarmed() && pauses.next().await {}
    let is_alarmed = is_alarmed();
    let restarted = spawn_blocking(move || {
        faulty.server.restart();
        faulty
    });
    let faulty = restarted.await.map_err(|error| error.to_string())?;
    let is_lost = invariants::acknowledged(&faulty.clients(), &acknowledged).await.is_err();
    Ok(Outcome { is_lost, is_alarmed })
}

/// Whether a call has all of its parts on a server, with or without a bug.
async fn is_call_whole(bug: Option<&'static str>) -> Result<bool, String> {
    let open = move || {
        let mut faulty = FaultyServer::open(Store::Sqlite);
        if let Some(bug) = bug {
            faulty.server.set_failpoint(bug);
        }
        faulty
    };
    let faulty = spawn_blocking(open).await.map_err(|error| error.to_string())?;
    let clients = faulty.clients();
    let id = workload::report_call(clients.clone()).await?;
    let call = clients.agent.calls().get_call(id).await.map_err(|error| error.to_string())?;
    let is_whole = call.details.offers.len() == 2 && call.outcome == Some(CallOutcome::Answered);
    spawn_blocking(move || drop(faulty)).await.map_err(|error| error.to_string())?;
    Ok(is_whole)
}

/// Runs each bug, and the same assignments without it.
pub(crate) async fn are_found(_: Options) -> TestResult {
    let mut wrong = Vec::new();
    for (bug, assignments) in [
        ("bug.depth_stays=return", "transaction.commit.before=5*off->1*return(full)"),
        ("bug.acknowledge_before_commit=return", "transaction.commit.before=10*off->8*return(error)"),
    ] {
        let sound = run(None, assignments).await?;
        if sound.is_lost || sound.is_alarmed {
            wrong.push(format!("without {bug} the server lost what it acknowledged, or said so"));
        }
        let broken = run(Some(bug), assignments).await?;
        if !broken.is_lost {
            wrong.push(format!("{bug} lost nothing"));
        }
        if !broken.is_alarmed {
            wrong.push(format!("the self-check did not find {bug}"));
        }
    }
    if !Box::pin(is_call_whole(None)).await? {
        wrong.push("without a bug a part of a call was lost".to_owned());
    }
    if Box::pin(is_call_whole(Some("bug.overwrite_calls=return"))).await? {
        wrong.push("a call whose parts take each other's place was whole".to_owned());
    }
    if wrong.is_empty() {
        Ok("lost commits are found by the restart and by the self-check, lost parts by the call".to_owned())
    } else {
        Err(wrong.join("; "))
    }
}
