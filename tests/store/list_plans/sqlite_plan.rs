//! Plans of SQLite, which says what it will do but not how many rows that takes.

use std::sync::atomic::{AtomicU32, Ordering};

use hotline_server::ledger::list;
use sea_orm::{ConnectionTrait, Statement};

use super::cases::{Case, PAGE};

/// Statements explained. A connection keeps what it has prepared, and an explanation does not notice that an index is
/// gone.
static EXPLAINED: AtomicU32 = AtomicU32::new(0);

/// What is wrong with a plan.
pub(super) async fn faults(db: &impl ConnectionTrait, statement: &Statement, case: &Case) -> Vec<String> {
    let mut explained = statement.clone();
    let number = EXPLAINED.fetch_add(1, Ordering::Relaxed);
    explained.sql = format!("EXPLAIN QUERY PLAN {} /* {number} */", statement.sql);
    let rows = match db.query_all_raw(explained).await {
        Ok(rows) => rows,
        // The branches of lists name their index.
        Err(error) if error.to_string().contains("no such index") => return vec![error.to_string()],
        Err(error) => panic!("{}: {error}", statement.sql),
    };
    let steps: Vec<String> = rows.iter().map(|row| row.try_get_by_index(3).expect("a step")).collect();
    judge(&steps, case)
}

fn judge(steps: &[String], case: &Case) -> Vec<String> {
    // The page of a merge is sorted once more by what it was merged by, and so are the few tickets that wait for a
    // call, by limit.
    let is_merge = steps.iter().any(|step| step == "CO-ROUTINE k");
    let filter = &case.query.filter;
    let is_by_limit = case.query.order == list::Order::DueFirst;
    // The few tickets that are held, reopened or of one caller are found in several places, so they are sorted in any
    // order.
    let is_of_several = filter.is_held || filter.is_reopened || !filter.caller.is_empty();
    let is_short = is_of_several || filter.has_calls_due && is_by_limit;
    let sorts = steps.iter().filter(|step| step.contains("TEMP B-TREE")).count();
    let mut faults = Vec::new();
    if case.sorted_max <= PAGE && sorts > usize::from(is_merge || is_short) {
        faults.push(format!("{sorts} sorts"));
    }
    for step in steps {
        let is_scan = step.starts_with("SCAN ") && step != "SCAN k" && step != "SCAN b";
        // In the order of its numbers, a table is read from the end, and a page ends the reading.
        let is_walk = case.name.starts_with("staff: nothing, NewestFirst") && step == "SCAN t";
        // A sort of a branch reads the branch alone.
        let is_branch = step.starts_with("SCAN (subquery-");
        if is_scan && !is_walk && !is_branch {
            faults.push(step.clone());
        }
    }
    faults
}
