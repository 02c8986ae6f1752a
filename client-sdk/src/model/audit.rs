//! Accesses to identities, audit records, and what a verification of the audit log finds.

use chrono::{DateTime, Utc};

use super::Caller;
use crate::convert::{open_enum, record};

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
    AccessOccasion = AccessOccasion {
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
    IdentityAccess = IdentityAccess {
        /// The ticket whose caller it is.
        ticket_number: String,
        /// When.
        access_time: DateTime<Utc>,
        /// Who was shown it.
        principal: String,
        /// The unit that it acted for; `None` for hotline staff.
        unit: Option<String>,
        /// On which occasion.
        occasion: AccessOccasion,
        /// What for, where it was revealed.
        purpose: Option<RevealPurpose>,
        /// What for in words, where it was revealed.
        note: Option<String>,
        /// Who approved it, where that was needed.
        approved_by: Option<String>,
    }
}

record! {
    /// Somebody did something that is no event of a ticket. It was recorded in the transaction that did it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AuditRecord = AuditRecord {
        /// What it is about, for example `unit/dept-tax`.
        subject: String,
        /// 1 for the first of its subject, without gaps.
        sequence: u32,
        /// When.
        record_time: DateTime<Utc>,
        /// Who.
        principal: String,
        /// The unit that it acted for; `None` for hotline staff.
        unit: Option<String>,
        /// The method of the contract, or what the hotline did by itself.
        method: String,
        /// What came of it, as a JSON object.
        details: String,
    }
}

open_enum! {
    /// What is wrong with the audit log.
    AuditLogFault = AuditLogFault {
        /// What is there is not what was hashed.
        Altered,
        /// It is missing.
        Missing,
        /// It can't be read, or can't follow what stands before it.
        Inconsistent,
        /// The ticket's row does not have the hash of its last event.
        HeadAltered,
        /// The ticket's row is not what its events make of it.
        RowAltered,
        /// The chain was longer: its end is missing.
        Truncated,
        /// A checkpoint holds another hash for the end of this chain.
        CheckpointMismatch,
        /// No checkpoint covers the end of the chain, and none is pending.
        CheckpointMissing,
        /// A checkpoint is not what was hashed and signed.
        CheckpointAltered,
        /// A checkpoint does not follow the one before it.
        CheckpointOutOfOrder,
        /// The chain heads under a checkpoint are not those that it was made over.
        CheckpointHeadsAltered,
        /// A checkpoint has a wrong signature.
        SignatureWrong,
        /// A checkpoint is signed with a key that is not accepted.
        KeyUnknown,
        /// The exported copy of a checkpoint is another one.
        ExportMismatch,
    }
}

record! {
    /// Something that is wrong with the audit log, and where.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AuditLogFinding = AuditLogFinding {
        /// What is wrong.
        fault: AuditLogFault,
        /// The ticket that it is wrong with, if it is one.
        ticket_number: Option<String>,
        /// The subject of the audit that it is wrong with, if it is one.
        subject: Option<String>,
        /// The checkpoint that is wrong; 0 if it is none.
        checkpoint_number: i64,
        /// The first event or record that is wrong; 0 where it is the ticket's row or everything.
        first_sequence: u32,
        /// The last event or record that may be wrong; 0 as above.
        last_sequence: u32,
        /// The column of the ticket's row that is wrong, if it is one.
        column: Option<String>,
    }
}
