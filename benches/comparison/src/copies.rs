//! Makes a list long: copies the rows of common tickets inside the database, each under a number of its own, spread
//! over a year. It copies every table of tickets but those that no list reads: events, access logs, digests.

use std::fmt::Write as _;
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};

use super::handling::Stage;
use super::population::Template;
use super::support::postgres;
use super::ticket_number;

/// Tables that no list reads.
const SKIPPED: [&str; 8] = [
    "ticket_event",
    "rung_effect",
    "identity_access",
    "reveal_approval",
    "pending_head",
    "checkpoint_entry",
    "digest_ticket",
    "request_record",
];

/// The copies that are made with one set of statements.
const BATCH: u32 = 20_000;
/// The days over which the copies are spread, before and after today.
const DAYS: u32 = 180;
/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// One copy: of which ticket, under which number, and how much later or earlier, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Copy {
    template: i64,
    number: i64,
    shift_us: i64,
}

/// An open connection.
enum Database {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Adds copies to a database that no server uses: of the file in a folder, or of a PostgreSQL database.
///
/// # Errors
/// If the database refuses.
pub(crate) async fn add(
    home: &Path,
    url: Option<&str>,
    templates: &[Template],
    count: u32,
) -> Result<(), String> {
    let mut database = Database::open(home, url).await.map_err(|error| error.to_string())?;
    database.copy(&Templates::of(templates), count).await.map_err(|error| error.to_string())
}

/// Updates the statistics of a database that no server uses, and writes its pages to its files.
///
/// # Errors
/// If the database refuses.
pub(crate) async fn settle(home: &Path, url: Option<&str>) -> Result<(), String> {
    let mut database = Database::open(home, url).await.map_err(|error| error.to_string())?;
    let statements = match database {
        Database::Postgres(_) => ["VACUUM ANALYZE", "CHECKPOINT"],
        Database::Sqlite(_) => ["ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"],
    };
    for statement in statements {
        database.execute(statement).await.map_err(|error| format!("{statement}: {error}"))?;
    }
    Ok(())
}

impl Database {
    async fn open(home: &Path, url: Option<&str>) -> Result<Self, sqlx::Error> {
        if let Some(url) = url {
            return Ok(Self::Postgres(PgConnection::connect(&postgres::as_superuser(url)).await?));
        }
        let url = format!("sqlite://{}?mode=rw", home.join("hotline.sqlite").display());
        Ok(Self::Sqlite(SqliteConnection::connect(&url).await?))
    }

    async fn execute(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let statement = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Postgres(connection) => connection.execute(statement).await.map(|_| ()),
            Self::Sqlite(connection) => connection.execute(statement).await.map(|_| ()),
        }
    }

    /// The first column of a query's rows.
    async fn texts(&mut self, sql: &str) -> Result<Vec<String>, sqlx::Error> {
        let statement = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Postgres(connection) => {
                let rows = sqlx::query(statement).fetch_all(connection).await?;
                rows.iter().map(|row| row.try_get(0)).collect()
            }
            Self::Sqlite(connection) => {
                let rows = sqlx::query(statement).fetch_all(connection).await?;
                rows.iter().map(|row| row.try_get(0)).collect()
            }
        }
    }

    async fn copy(&mut self, templates: &Templates, count: u32) -> Result<(), sqlx::Error> {
        // Rows that refer to each other are copied together, so no key has to be checked, and nothing is kept if the
        // machine fails meanwhile.
        let before: &[&str] = match self {
            Self::Postgres(_) => &["SET session_replication_role = replica", "SET synchronous_commit = off"],
            Self::Sqlite(_) => {
                &["PRAGMA foreign_keys = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -200000"]
            }
        };
        for statement in before {
            self.execute(statement).await?;
        }
        self.execute("CREATE TEMPORARY TABLE copy (template BIGINT, number BIGINT, shift_us BIGINT)").await?;
        let mut statements = Vec::new();
        for table in self.tables().await? {
            statements.push(self.statement(&table).await?);
        }
        let mut first = 0;
        while first < count {
            let batch: Vec<_> =
                (first..count.min(first + BATCH)).map(|place| templates.copy_at(place)).collect();
            self.execute("BEGIN").await?;
            self.execute("DELETE FROM copy").await?;
            for part in batch.chunks(1_000) {
                self.execute(&insert(part)).await?;
            }
            for statement in &statements {
                self.execute(statement).await?;
            }
            self.execute("COMMIT").await?;
            first += BATCH;
        }
        Ok(())
    }

    /// The tables to copy, the tickets first.
    async fn tables(&mut self) -> Result<Vec<String>, sqlx::Error> {
        let query = match self {
            Self::Postgres(_) => {
                "SELECT table_name::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND column_name = 'ticket_number' ORDER BY table_name"
            }
            Self::Sqlite(_) => {
                "SELECT tables.name FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns \
                 WHERE tables.type = 'table' AND columns.name = 'ticket_number' ORDER BY tables.name"
            }
        };
        let mut tables = vec!["ticket".to_owned()];
        tables
            .extend(self.texts(query).await?.into_iter().filter(|table| !SKIPPED.contains(&table.as_str())));
        Ok(tables)
    }

    /// The statement that copies the rows of a table.
    async fn statement(&mut self, table: &str) -> Result<String, sqlx::Error> {
        let query = match self {
            Self::Postgres(_) => format!(
                "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = '{table}' AND is_generated = 'NEVER' \
                 ORDER BY ordinal_position"
            ),
            Self::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
        };
        let columns = self.texts(&query).await?;
        let values: Vec<_> = columns.iter().map(|column| self.value(column)).collect();
        let key = if table == "ticket" { "number" } else { "ticket_number" };
        Ok(format!(
            "INSERT INTO {table} ({}) SELECT {} FROM copy JOIN {table} AS old ON old.{key} = copy.template",
            columns.join(", "),
            values.join(", ")
        ))
    }

    /// The value of a column in a copy.
    fn value(&self, column: &str) -> String {
        // Limits are only moved into the future, so that no timer is due.
        let later = match self {
            Self::Postgres(_) => "GREATEST(copy.shift_us, 0)",
            Self::Sqlite(_) => "MAX(copy.shift_us, 0)",
        };
        match column {
            "number" | "ticket_number" => "copy.number".to_owned(),
            "received_at" => "old.received_at + copy.shift_us".to_owned(),
            "due_at" | "claim_after" => format!("old.{column} + {later}"),
            "document" => {
                "replace(old.document, CAST(copy.template AS TEXT), CAST(copy.number AS TEXT))".to_owned()
            }
            // Nobody looks for the callers of copies, but their index has as many entries as with callers.
            "code_index" | "phone_index" => match self {
                Self::Postgres(_) => format!(
                    "substring(sha256(old.{column} || convert_to(copy.number::text, 'UTF8')) \
                     for length(old.{column}))"
                ),
                Self::Sqlite(_) => {
                    format!(
                        "CASE WHEN old.{column} IS NULL THEN NULL ELSE randomblob(length(old.{column})) END"
                    )
                }
            },
            other => format!("old.{other}"),
        }
    }
}

/// The numbers of the tickets to copy.
struct Templates {
    closed: Vec<i64>,
    others: Vec<i64>,
}

impl Templates {
    fn of(templates: &[Template]) -> Self {
        let (closed, others): (Vec<_>, Vec<_>) =
            templates.iter().partition(|template| template.stage == Stage::Closed);
        let numbers = |templates: Vec<&Template>| {
            let number =
                |template: &Template| template.number.parse().expect("a ticket number has 13 digits");
            templates.into_iter().map(number).collect()
        };
        Self { closed: numbers(closed), others: numbers(others) }
    }

    /// The copy at a place. Seven of ten are closed tickets, as in a database of some years.
    fn copy_at(&self, place: u32) -> Copy {
        let fitting = if place % 10 < 7 { &self.closed } else { &self.others };
        let template = fitting[place as usize / 10 % fitting.len()];
        let day = i64::from(place % (2 * DAYS)) - i64::from(DAYS);
        // No copy is of today, whose numbers the server gives out.
        let day = if day >= 0 { day + 1 } else { day };
        let number = ticket_number::shifted(template, day, place / (2 * DAYS) + 1);
        Copy { template, number, shift_us: day * DAY_US }
    }
}

/// The statement that inserts copies to be made.
fn insert(copies: &[Copy]) -> String {
    let mut sql = "INSERT INTO copy VALUES ".to_owned();
    for (place, copy) in copies.iter().enumerate() {
        let comma = if place == 0 { "" } else { ", " };
        write!(sql, "{comma}({}, {}, {})", copy.template, copy.number, copy.shift_us)
            .expect("a text can be written to");
    }
    sql
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn copies_have_numbers_of_their_own_on_other_days() {
        let of = |number: &str, stage| Template { number: number.to_owned(), stage };
        let templates = [of("2611300000010", Stage::Closed), of("2611300000021", Stage::Created)];
        let templates = Templates::of(&templates);
        let copies: Vec<_> = (0..5_000).map(|place| templates.copy_at(place)).collect();
        let numbers: HashSet<_> = copies.iter().map(|copy| copy.number).collect();
        assert_eq!(numbers.len(), copies.len());
        assert!(copies.iter().all(|copy| copy.number / 10_000_000 != 261_130 && copy.shift_us != 0));
        let closed = copies.iter().filter(|copy| copy.template == 2_611_300_000_010).count();
        assert_eq!(closed, 3_500);
    }
}
