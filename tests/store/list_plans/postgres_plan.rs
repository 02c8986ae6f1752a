//! Plans of PostgreSQL, with the rows that each step read.

use hotline_server::access::Scope;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};

use super::cases::Case;

/// A connection that explains.
pub(super) struct Session(DatabaseConnection);

/// A step of a plan, as a line of `EXPLAIN`.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    depth: usize,
    name: String,
    /// Rows that it gave and rows that it left out, over all its loops.
    rows: u64,
}

impl Session {
    /// Opens a connection beside the hotline's.
    pub(super) async fn open(url: &str) -> Self {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Self(Database::connect(options).await.expect("the owner may connect"))
    }

    async fn run(&self, sql: &str) {
        self.0.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn lines(&self, statement: Statement) -> Vec<String> {
        let sql = statement.sql.clone();
        let rows = self.0.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.iter().map(|row| row.try_get_by_index(0).expect("a line")).collect()
    }

    /// What is wrong with the plans of a statement in a scope: with its values, and prepared for any.
    pub(super) async fn faults(&self, statement: &Statement, case: &Case) -> Vec<String> {
        let (scope, unit) = match &case.scope {
            Scope::All => ("all", ""),
            Scope::Unit(unit) => ("unit", unit.as_str()),
        };
        self.run(&format!("SET hotline.scope = '{scope}'; SET hotline.unit = '{unit}'")).await;
        let explain = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)";
        let mut with_values = statement.clone();
        with_values.sql = format!("{explain} {}", statement.sql);
        let mut faults = judge(&self.lines(with_values).await, case);
        let values = statement.values.clone().map(|values| values.0).unwrap_or_default();
        let names: Vec<String> = (1..=values.len()).map(|number| format!("${number}")).collect();
        let arguments = if names.is_empty() { String::new() } else { format!("({})", names.join(", ")) };
        let execute = format!("{explain} EXECUTE page{arguments}");
        let execute = Statement::from_sql_and_values(DbBackend::Postgres, execute, values).to_string();
        self.run("SET plan_cache_mode = force_generic_plan").await;
        self.run(&format!("PREPARE page AS {}", statement.sql)).await;
        let generic = self.lines(Statement::from_string(DbBackend::Postgres, execute)).await;
        self.run("DEALLOCATE page; RESET plan_cache_mode").await;
        faults.extend(judge(&generic, case).into_iter().map(|fault| format!("prepared: {fault}")));
        faults
    }
}

/// The number behind a word.
fn number_after(line: &str, word: &str) -> Option<u64> {
    let (_, rest) = line.split_once(word)?;
    rest.split(|byte: char| !byte.is_ascii_digit()).next()?.parse().ok()
}

fn steps_of(lines: &[String]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in lines {
        let depth = line.len() - line.trim_start().len();
        if let Some(rows) = number_after(line, "(actual rows=") {
            let loops = number_after(line, " loops=").unwrap_or(1);
            let name = line.trim_start().trim_start_matches("->  ");
            let name = name.split(" (actual").next().unwrap_or_default().to_owned();
            steps.push(Step { depth, name, rows: rows * loops });
        } else if let Some(step) = steps.last_mut().filter(|_| line.contains("Rows Removed by")) {
            step.rows += number_after(line, ": ").unwrap_or(0);
        }
    }
    steps
}

fn judge(lines: &[String], case: &Case) -> Vec<String> {
    let steps = steps_of(lines);
    assert!(!steps.is_empty(), "no plan: {lines:?}");
    let mut faults = Vec::new();
    let mut read = 0;
    for (place, step) in steps.iter().enumerate() {
        if step.name.starts_with("Seq Scan") {
            faults.push(format!("{} ({} rows)", step.name, step.rows));
        }
        if step.name.contains("Scan") && !step.name.starts_with("Subquery Scan") {
            read += step.rows;
        }
        if step.name.starts_with("Sort") || step.name.starts_with("Incremental Sort") {
            let sorted = steps[place + 1..].iter().find(|below| below.depth > step.depth);
            let sorted = sorted.map_or(0, |below| below.rows);
            if sorted > case.sorted_max {
                faults.push(format!("{} of {sorted} rows", step.name));
            }
        }
    }
    if read > case.rows_max {
        faults.push(format!("{read} rows are read, and may be {}", case.rows_max));
    }
    faults
}
