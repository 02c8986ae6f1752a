//! Which index a list of staff walks. Each index has the order of the list behind a value and a state, so a list is
//! the merge of branches: one for each value and state that it asks for. A branch reads a page at most, whatever the
//! table holds.

use sea_orm::Value;

use super::query::{Order, TicketFilter};
use crate::ledger::rows;
use crate::ticket::{Category, Rung, State};

/// Where a list reads from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Walk {
    /// The tickets of one caller, found by the blind indexes of identities.
    Caller,
    /// The tickets whose repeats wait for a call: a few, with an index.
    Few,
    /// The tickets that are held, or open again: a few, which are in more than one queue of an index. They are sorted.
    Queues,
    /// The open tickets that have not changed since an instant, by their last change.
    Silent,
    /// The tickets of a source, of an assisting unit, with a request for help, or that changed since an instant. The
    /// database chooses the index.
    Any,
    /// The tickets of a lead unit, by limit.
    LeadUnit(String),
    /// All tickets, by number.
    Numbers,
    /// The merge of the branches of these states for these values of a column.
    Branches {
        /// The column, as a name in SQL.
        column: &'static str,
        /// Its values.
        values: Vec<Value>,
        /// The states.
        states: Vec<State>,
    },
}

/// Which filter chooses the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Driver {
    Topic,
    LeadUnit,
    Rung,
    District,
    Category,
}

impl Driver {
    /// The filter that leaves the fewest tickets, as a rule; the category, of which there are three, if there is no
    /// other.
    const fn of(filter: &TicketFilter) -> Self {
        if filter.topic.is_some() {
            Self::Topic
        } else if filter.lead_unit.is_some() {
            Self::LeadUnit
        } else if rung_filter(filter).is_some() {
            Self::Rung
        } else if filter.district.is_some() {
            Self::District
        } else {
            Self::Category
        }
    }
}

/// The rung that a filter asks for, if it asks for any: each ticket has at least none.
pub(super) const fn rung_filter(filter: &TicketFilter) -> Option<Rung> {
    match filter.rung_at_least {
        Some(Rung::None) => None,
        rung => rung,
    }
}

/// The states that a filter leaves, each once: a limit, silence and another cycle are asked of open tickets alone.
pub(super) fn states_of(filter: &TicketFilter) -> Vec<State> {
    let all = State::ALL.into_iter();
    let asked = all.filter(|state| filter.states.is_empty() || filter.states.contains(state));
    let is_of_open = filter.open_and_due_before.is_some()
        || filter.open_and_updated_before.is_some()
        || filter.is_reopened;
    asked.filter(|state| !is_of_open || state.is_open()).collect()
}

impl Walk {
    /// The walk of a list of staff.
    pub(super) fn of(filter: &TicketFilter, order: Order) -> Self {
        if !filter.caller.is_empty() {
            return Self::Caller;
        }
        if order == Order::SilentFirst {
            return Self::Silent;
        }
        if filter.has_calls_due {
            return Self::Few;
        }
        if filter.is_held || filter.is_reopened {
            return Self::Queues;
        }
        let is_any = filter.source.is_some() || filter.assist_unit.is_some() || filter.has_help_open;
        if is_any || filter.updated_from.is_some() {
            return Self::Any;
        }
        let is_any_state = filter.states.is_empty() && filter.open_and_due_before.is_none();
        let driver = Driver::of(filter);
        if order == Order::NewestFirst
            && driver == Driver::Category
            && filter.category.is_none()
            && is_any_state
        {
            return Self::Numbers;
        }
        let text = |value: &Option<String>| value.iter().map(|value| value.as_str().into()).collect();
        let (column, values) = match driver {
            Driver::Topic => ("topic", text(&filter.topic)),
            Driver::LeadUnit if order == Order::DueFirst => {
                return Self::LeadUnit(filter.lead_unit.clone().unwrap_or_default());
            }
            Driver::LeadUnit => ("lead_unit", text(&filter.lead_unit)),
            Driver::Rung => {
                let from = rows::rung_number(rung_filter(filter).unwrap_or(Rung::Reminded));
                ("rung", (from..=rows::rung_number(Rung::Manual)).map(Value::from).collect())
            }
            Driver::District => ("district", text(&filter.district)),
            Driver::Category => {
                let all = [Category::Consultation, Category::Appeal, Category::ComplaintReport].into_iter();
                let asked = all.filter(|one| filter.category.is_none_or(|category| category == *one));
                ("category", asked.map(|one| rows::category_number(one).into()).collect())
            }
        };
        Self::Branches { column, values, states: states_of(filter) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::Instant;

    fn branches(filter: &TicketFilter, order: Order) -> (&'static str, usize, usize) {
        match Walk::of(filter, order) {
            Walk::Branches { column, values, states } => (column, values.len(), states.len()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_list_has_a_branch_for_each_value_and_state() {
        let all = TicketFilter::default();
        let topic = TicketFilter { topic: Some("t".to_owned()), ..all.clone() };
        let due = TicketFilter { open_and_due_before: Some(Instant::UNIX_EPOCH), ..all.clone() };
        let twice = vec![State::Closed, State::Handling, State::Closed];
        let rung = TicketFilter { rung_at_least: Some(Rung::Supervised), ..all.clone() };
        for (filter, order, expected) in [
            (all.clone(), Order::DueFirst, ("category", 3, 11)),
            (topic.clone(), Order::NewestFirst, ("topic", 1, 11)),
            (TicketFilter { states: twice.clone(), ..topic }, Order::DueFirst, ("topic", 1, 2)),
            (due.clone(), Order::DueFirst, ("category", 3, 5)),
            (TicketFilter { states: twice, ..due.clone() }, Order::NewestFirst, ("category", 3, 1)),
            (TicketFilter { states: vec![State::Closed], ..due }, Order::NewestFirst, ("category", 3, 0)),
            (rung.clone(), Order::NewestFirst, ("rung", 2, 11)),
            (TicketFilter { district: Some("110105".to_owned()), ..rung }, Order::DueFirst, ("rung", 2, 11)),
            (
                TicketFilter { rung_at_least: Some(Rung::None), ..all.clone() },
                Order::DueFirst,
                ("category", 3, 11),
            ),
            (
                TicketFilter { category: Some(Category::Appeal), ..all.clone() },
                Order::NewestFirst,
                ("category", 1, 11),
            ),
        ] {
            assert_eq!(branches(&filter, order), expected, "{filter:?}, {order:?}");
        }
        assert_eq!(Walk::of(&all, Order::NewestFirst), Walk::Numbers);
        let silent =
            TicketFilter { open_and_updated_before: Some(Instant::UNIX_EPOCH), is_held: true, ..all.clone() };
        assert_eq!((Walk::of(&silent, Order::SilentFirst), states_of(&silent).len()), (Walk::Silent, 5));
        let again = TicketFilter { is_reopened: true, ..all.clone() };
        assert_eq!((Walk::of(&again, Order::DueFirst), states_of(&again).len()), (Walk::Queues, 5));
        let lead = TicketFilter { lead_unit: Some("u".to_owned()), ..all };
        assert_eq!(branches(&lead, Order::NewestFirst), ("lead_unit", 1, 11));
        assert_eq!(Walk::of(&lead, Order::DueFirst), Walk::LeadUnit("u".to_owned()));
    }
}
