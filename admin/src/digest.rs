//! `hotline digest`: what the supervision ladder sent to units.

use hotline_client::Rung;

use crate::flags::names;
use crate::output::Column;
use crate::verbs::{list_verb, verbs};

const COLUMNS: &[Column] = &[
    ("UNIT", "unit"),
    ("NUMBER", "sequence"),
    ("TIME", "event_time"),
    ("RUNG", "rung"),
    ("TICKETS", "tickets"),
];

verbs! {
    /// Lists the digests of a unit, the oldest first.
    List = List, calls "ListDigests";
}

list_verb! {
    List = tickets.list_digests(ListDigests), COLUMNS => {
        /// Of this unit. A unit reads its own.
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
        /// Of this rung.
        #[arg(long, value_parser = names!(Rung))]
        rung: Option<Rung>,
        /// After this number, the last one that was read. Staff must also name the unit.
        #[arg(long = "after", value_name = "NUMBER", default_value_t = 0)]
        after_sequence: i64,
    }
}
