//! The invariants: what a restarted server and `hotline-server verify` must report about acknowledged changes.

use std::collections::BTreeMap;
use std::path::Path;

use hotline_client::{ListAuditRecords, ListCalls, ListDigests, ListIdentityAccesses, ListTickets};

use crate::faulty_server::{Clients, FaultyServer, retry_until_answered};
use crate::support::server::program;
use crate::workload::{Acknowledged, version_of};

/// More than the number of any stored object.
const MANY: usize = 10_000;

/// The stored state after the work: the same for every run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StoredState {
    /// Each ticket's events, by the call that it came from: name, actor and instant.
    events: BTreeMap<String, Vec<String>>,
    /// Each digest of the lead: rung and how many tickets.
    digests: Vec<String>,
    /// Each record of the audit log: method and principal.
    audit: Vec<String>,
    /// Who was shown an identity, and on which occasion. A repeated access is recorded again.
    reads: Vec<String>,
    /// Each call and how it ended, and the counts of its hour.
    calls: Vec<String>,
}

impl StoredState {
    /// The differences from another run; empty if there are none.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let calls = self.events.keys().chain(other.events.keys()).collect::<std::collections::BTreeSet<_>>();
        for call in calls {
            let (one, other) = (self.events.get(call), other.events.get(call));
            if one != other {
                found.push(format!("the ticket of {call} has {other:?} instead of {one:?}"));
            }
        }
        for (what, one, other) in [
            ("digests", &self.digests, &other.digests),
            ("audit records", &self.audit, &other.audit),
            ("readings", &self.reads, &other.reads),
            ("calls", &self.calls, &other.calls),
        ] {
            if one != other {
                found.push(format!("{what}: {other:?} instead of {one:?}"));
            }
        }
        found
    }
}

/// Reads the stored state.
pub(crate) async fn stored_state(clients: &Clients) -> Result<StoredState, String> {
    let tickets = clients.agent.tickets();
    let all =
        retry_until_answered("ListTickets", || tickets.list_tickets(ListTickets::default()).take_up_to(MANY))
            .await?;
    let mut stored_state = StoredState::default();
    for ticket in all {
        let events = retry_until_answered("ListTicketEvents", || {
            tickets.list_ticket_events(&ticket.number).take_up_to(MANY)
        })
        .await?;
        let whole = retry_until_answered("GetTicket", || tickets.get_ticket(&ticket.number)).await?;
        let call = whole.source.map_or_else(|| ticket.number.clone(), |source| source.reference);
        let line = |event: &hotline_client::TicketEvent| {
            format!("{} {} {:?} {}", event.sequence, event.detail.name(), event.actor, event.event_time)
        };
        let lines = events.iter().map(line).collect();
        if stored_state.events.insert(call.clone(), lines).is_some() {
            return Err(format!("the call {call} has two tickets"));
        }
    }
    let digests = retry_until_answered("ListDigests", || {
        clients.lead.tickets().list_digests(ListDigests::default()).take_up_to(MANY)
    })
    .await?;
    stored_state.digests = digests
        .iter()
        .map(|digest| format!("{} {:?} {}", digest.sequence, digest.rung, digest.tickets.len()))
        .collect();
    let audit = clients.administrator.audit();
    let records = retry_until_answered("ListAuditRecords", || {
        audit.list_audit_records(ListAuditRecords::default()).take_up_to(MANY)
    })
    .await?;
    // Some automatic actions may still be pending.
    stored_state.audit = records
        .iter()
        .filter(|record| record.principal != "system")
        .map(|record| format!("{} {:?}", record.method, record.principal))
        .collect();
    stored_state.audit.sort();
    // A reveal whose answer was lost is repeated, and each disclosure is recorded.
    stored_state.audit.dedup_by(|one, other| one == other && one.starts_with("RevealIdentity "));
    let audit = clients.supervisor.audit();
    let reads = retry_until_answered("ListIdentityAccesses", || {
        audit.list_identity_accesses(ListIdentityAccesses::default()).take_up_to(MANY)
    })
    .await?;
    stored_state.reads = reads.iter().map(|read| format!("{} {:?}", read.principal, read.occasion)).collect();
    stored_state.reads.sort();
    stored_state.reads.dedup();
    stored_state.calls = calls(clients).await?;
    Ok(stored_state)
}

/// The calls, and the counts of the hours in which they began.
async fn calls(clients: &Clients) -> Result<Vec<String>, String> {
    let calls = clients.supervisor.calls();
    let all = retry_until_answered("ListCalls", || calls.list_calls(ListCalls::default()).take_up_to(MANY));
    let all = all.await?;
    let line = |call: &hotline_client::Call| {
        format!("{:?} {:?} {:?}", call.key.reference, call.outcome, call.details.offers)
    };
    let mut lines: Vec<_> = all.iter().map(line).collect();
    if let Some(began) = all.iter().filter_map(|call| call.key.start_time).min() {
        let until = began + chrono::TimeDelta::hours(2);
        let level = retry_until_answered("GetServiceLevel", || calls.get_service_level(began, until)).await?;
        lines.push(format!("{:?}", level.total));
    }
    Ok(lines)
}

/// Checks that every acknowledged ticket exists, in the acknowledged version or a later one.
pub(crate) async fn acknowledged(clients: &Clients, tickets: &[Acknowledged]) -> Result<(), String> {
    for Acknowledged { number, version } in tickets {
        let tickets = clients.agent.tickets();
        let found = retry_until_answered("GetTicket", || tickets.get_ticket(number)).await;
        let found =
            found.map_err(|error| format!("{number} was acknowledged in version {version}: {error}"))?;
        let read = version_of(&found);
        if read < *version {
            return Err(format!("{number} was acknowledged in version {version} and is read in {read}"));
        }
    }
    Ok(())
}

/// Checks that `hotline-server verify` finds nothing, with the exported checkpoints.
pub(crate) fn verify(faulty: &FaultyServer) -> Result<(), String> {
    let mut command = program();
    command.arg("verify").arg("--export-dir").arg(faulty.exported.path());
    command.arg("--data-dir").arg(faulty.server.data_dir());
    command.args(["--simulated-clock", "2026-03-02T10:00:00+08:00"]);
    if let Some(url) = faulty.server.database() {
        command.args(["--database", url]);
    }
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    Err(format!("verify: {said}"))
}

/// The number of exported checkpoints.
pub(crate) fn exported(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}
