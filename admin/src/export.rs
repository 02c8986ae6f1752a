//! `hotline export`: records as CSV, XLSX or Parquet. No record names a caller or shows a text.
//!
//! Pages go to `FILE.part` as they arrive, and `FILE.part.json` keeps the token of the next page. So an export that was
//! broken off goes on with `--resume`. When all pages are there, they are written as `FILE` in the format asked for.

mod analysis;
mod column;
mod condition;
mod csv_file;
mod facts;
mod format;
mod lines;
mod pages;
mod parquet_file;
mod part_file;
mod target;
mod ticket_row;
mod tickets;
pub(crate) mod xlsx_file;

use crate::verbs::verbs;

verbs! {
    /// Exports the tickets that came in on some days. For supervisors and analysts.
    Tickets = tickets::Tickets, calls "ExportTickets", "AnalyseTickets", "WhoAmI";
    /// Exports what each case of a unit counts in a month. For supervisors, analysts and the unit itself.
    Lines = lines::Lines, calls "ListScoreLines";
    /// Exports the facts behind the scores: what each unit did with each ticket in each handling cycle. For supervisors
    /// and analysts.
    Facts = facts::Facts, calls "ListFacts";
    /// Exports counts in groups, as `hotline analysis tickets` prints them. For supervisors and analysts.
    Analysis = analysis::Analysis, calls "AnalyseTickets";
}
