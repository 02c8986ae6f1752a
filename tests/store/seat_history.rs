//! What happened to calls at seats, and the rules that it must not break.

use std::collections::HashMap;

use hotline_server::ticket::CallId;

/// What an exchange sees of the calls: when each was offered first, and who answered it.
#[derive(Debug, Default)]
pub(super) struct History {
    /// The calls in the order in which they arrived.
    pub(super) arrived: Vec<CallId>,
    /// The calls in the order of their first offers.
    pub(super) first_offers: Vec<CallId>,
    /// The seats that answered a call.
    pub(super) answers: HashMap<CallId, Vec<String>>,
}

impl History {
    /// What breaks the rules: calls that were offered before earlier ones, and calls with several seats.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let place: HashMap<_, _> = self.arrived.iter().enumerate().map(|(place, id)| (id, place)).collect();
        let mut last = None;
        for id in &self.first_offers {
            let here = place.get(id).copied();
            if here < last {
                faults.push(format!("call {here:?} was offered after call {last:?}"));
            }
            last = here;
        }
        for (id, seats) in &self.answers {
            if seats.len() != 1 {
                faults.push(format!("call {id} was answered by {seats:?}"));
            }
        }
        faults
    }
}
