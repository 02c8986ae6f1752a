//! Who called. It is kept apart from the ticket and its events.

/// Who called. Kept apart from the ticket and its events.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields; absent is `None`")]
pub struct CallerIdentity {
    pub enterprise_name: Option<String>,
    pub social_credit_code: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    /// The original subject, if a part of it was replaced on the ticket.
    pub subject: Option<String>,
    /// The original content, if a part of it was replaced on the ticket.
    pub content: Option<String>,
}

/// Shows whether anybody was named, but never who, because printed values end up in logs.
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
