//! Who called. It is kept apart from the ticket and its events.

/// Who called. Kept apart from the ticket and its events.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields; absent is `None`")]
pub struct CallerIdentity {
    pub enterprise_name: Option<String>,
    pub social_credit_code: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    /// The subject as it was given, where something stands in for a part of it on the ticket.
    pub subject: Option<String>,
    /// The content as it was given, likewise.
    pub content: Option<String>,
}

/// Says that somebody was named, and never who: what is printed ends in a log.
impl std::fmt::Debug for CallerIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_empty() { "CallerIdentity(nobody)" } else { "CallerIdentity(not printed)" })
    }
}

impl CallerIdentity {
    /// Whether nobody was named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
