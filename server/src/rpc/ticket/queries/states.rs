//! The states of a filter.

use crate::rpc::fields::Fields;
use crate::ticket::State;

/// The states of a filter. A longer list than there are states would only make the query, or the refusal, larger.
pub(super) fn read(numbers: &[i32], fields: &mut Fields) -> Vec<State> {
    if numbers.len() > State::ALL.len() {
        fields.wrong("filter.states", "names a state at most once");
        return Vec::new();
    }
    let states = numbers.iter().enumerate();
    states
        .map(|(place, number)| fields.choice(&format!("filter.states[{place}]"), *number, State::Received))
        .collect()
}
