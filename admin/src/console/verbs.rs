//! All verbs of the console.

mod absences;
mod around;
mod assessment;
mod clients;
mod desk;
mod directory;
mod handling;
mod identity;
mod intake;
mod knowledge;
mod oversight;
mod rules;
mod seats;
mod slips;
mod text_templates;

use hotline_client::{Role, TicketState};

use super::verb::Verb;

const ALL: [&[Verb]; 15] = [
    handling::VERBS,
    desk::VERBS,
    oversight::VERBS,
    around::VERBS,
    intake::VERBS,
    slips::VERBS,
    identity::VERBS,
    knowledge::VERBS,
    rules::VERBS,
    clients::VERBS,
    directory::VERBS,
    assessment::VERBS,
    seats::VERBS,
    absences::VERBS,
    text_templates::VERBS,
];

/// The verb of a key.
pub(crate) fn find(key: &str) -> Option<&'static Verb> {
    ALL.into_iter().flatten().find(|verb| verb.key == key)
}

/// The verbs that somebody with these roles may use on a ticket in a state.
pub(crate) fn on_ticket(roles: &[Role], state: TicketState) -> impl Iterator<Item = &'static Verb> {
    ALL.into_iter().flatten().filter(move |verb| verb.is_for(roles) && verb.fits(state))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_verb_has_a_key_of_its_own() {
        let keys: Vec<_> = ALL.into_iter().flatten().map(|verb| verb.key).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    }
}
