//! Readings of identities: who was shown who called, when and why.

use chrono::{DateTime, Utc};

use super::Caller;
use crate::wire::{open_enum, record};

open_enum! {
    /// What an identity is revealed for.
    RevealPurpose = RevealPurpose {
        /// To speak with the caller about the matter (联系来电人).
        Contact,
        /// To verify the matter (核实诉求).
        Verify,
        /// Because a law or a court demands it (依法调取).
        LegalDuty,
        /// To protect the caller or others from harm (紧急保护).
        Protect,
    }
}

open_enum! {
    /// On which occasion an identity was read.
    ReadOccasion = ReadOccasion {
        /// With a ticket that is not confidential.
        Ticket,
        /// A ticket was found by its caller's telephone number or social credit code.
        LookUp,
        /// It was revealed.
        Reveal,
    }
}

record! {
    /// An identity that was revealed.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Revealed = RevealIdentityResponse {
        /// Who called; `None` where nobody was named.
        caller: Option<Caller>,
    }
}

record! {
    /// A reveal that a second person approved.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    RevealApproved = ApproveRevealResponse {
        /// Until when it can be used, once.
        expire_time: DateTime<Utc>,
    }
}

record! {
    /// One reading of an identity. It was recorded in the transaction that read, and never changes.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    IdentityRead = IdentityRead {
        /// The ticket whose caller it is.
        ticket_number: String,
        /// When.
        read_time: DateTime<Utc>,
        /// Who was shown it.
        principal: String,
        /// The unit that it acted for; `None` for hotline staff.
        unit: Option<String>,
        /// On which occasion.
        occasion: ReadOccasion,
        /// What for, where it was revealed.
        purpose: Option<RevealPurpose>,
        /// What for in words, where it was revealed.
        note: Option<String>,
        /// Who approved it, where that was needed.
        approved_by: Option<String>,
    }
}
