//! Injected bugs in the database, like those of a server that forgets, overwrites, or reads the wrong rules.

use hotline_server::platform::Store;
use hotline_server::ticket::{Rung, Ticket};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};

use super::super::city_state::CityState;
use super::table_checks::{column, rows};
use crate::injected_bugs::InjectedBug;

/// Injects bugs.
#[derive(Debug)]
pub(super) struct BugInjector {
    bug: Option<InjectedBug>,
    /// The row that a stale server has read.
    stale: Option<(i32, String)>,
}

async fn execute(store: &Store, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<(), String> {
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    store.migrating().execute_raw(statement).await.map(drop).map_err(|error| error.to_string())
}

impl BugInjector {
    pub(super) const fn new(bug: Option<InjectedBug>) -> Self {
        Self { bug, stale: None }
    }

    /// A server forgets which rungs have fired.
    pub(super) async fn before_tick(
        &self,
        store: &Store,
        city_state: &CityState<'_>,
        due: &[usize],
    ) -> Result<(), String> {
        if self.bug != Some(InjectedBug::DoubleRung) {
            return Ok(());
        }
        let due = due.iter().map(|case| &city_state.cases[*case].ticket);
        for ticket in due.filter(|ticket| ticket.cycle.ladder_rung > Rung::None) {
            let forget = "UPDATE ticket SET document = json_set(document, '$.cycle.rung', 'none', \
                          '$.cycle.ladder_rung', 'none') WHERE number = $1";
            execute(store, forget, [ticket.number.as_i64().into()]).await?;
            let allow = "DELETE FROM rung_effect WHERE ticket_number = $1";
            execute(store, allow, [ticket.number.as_i64().into()]).await?;
        }
        Ok(())
    }

    /// A server reads a row, before another one changes it.
    pub(super) async fn before_change(&mut self, store: &Store, ticket: &Ticket) -> Result<(), String> {
        if self.bug == Some(InjectedBug::LostUpdate) {
            let sql = "SELECT version, document FROM ticket WHERE number = $1";
            let row = rows(store, sql, [ticket.number.as_i64().into()]).await?;
            self.stale =
                row.first().map(|row| Ok::<_, String>((column(row, 0)?, column(row, 1)?))).transpose()?;
        }
        Ok(())
    }

    /// It writes the row that it has read, without a check of the version.
    pub(super) async fn after_change(&mut self, store: &Store, ticket: &Ticket) -> Result<(), String> {
        let Some((version, document)) = self.stale.take() else { return Ok(()) };
        let sql = "UPDATE ticket SET version = $1, document = $2 WHERE number = $3";
        execute(store, sql, [version.into(), document.into(), ticket.number.as_i64().into()]).await
    }

    /// Gives every version of a rule the content of the newest one; returns whether this was injected.
    pub(super) async fn after_rules(&self, store: &Store, bug: InjectedBug) -> Result<bool, String> {
        if self.bug != Some(bug) {
            return Ok(false);
        }
        let (table, kind) =
            if bug == InjectedBug::MovedPolicy { ("policy_document", 1) } else { ("calendar_document", 2) };
        let sql = format!(
            "UPDATE {table} SET document = (SELECT document FROM {table} JOIN rule_in_force USING (version) \
             WHERE kind = {kind} ORDER BY effective_from DESC LIMIT 1)"
        );
        execute(store, &sql, []).await.map(|()| true)
    }
}
