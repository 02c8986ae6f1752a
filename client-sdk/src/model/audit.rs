//! Accesses to identities, audit records, and findings of a verification of the audit log.

use chrono::{DateTime, Utc};

use super::Caller;
use crate::convert::{open_enum, record};

open_enum! {
    /// The purpose of a reveal.
    RevealPurpose = RevealPurpose {
        /// To speak with the caller about the matter (联系来电人).
        Contact = "联系来电人",
        /// To verify the matter (核实诉求).
        Verify = "核实诉求",
        /// Because a law or a court demands it (依法调取).
        LegalDuty = "依法调取",
        /// To protect the caller or others from harm (紧急保护).
        Protect = "紧急保护",
    }
}

open_enum! {
    /// The occasion of an access to an identity.
    AccessOccasion = AccessOccasion {
        /// With a ticket that is not confidential.
        Ticket = "随工单查看",
        /// A ticket was found by its caller's telephone number or social credit code.
        LookUp = "按号码查询",
        /// It was revealed.
        Reveal = "披露",
        /// A ticket was found by the calling number of a call that an agent takes.
        Call = "接听来电",
        /// A message to the company was sent to its address.
        Message = "发送通知",
    }
}

record! {
    /// An identity that was revealed.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Revealed = RevealIdentityResponse {
        /// Who called; `None` if nobody was named.
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
    /// One access to an identity. It was recorded in the transaction that read the identity, and never changes.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    IdentityAccess = IdentityAccess {
        /// The ticket of the caller.
        ticket_number: String,
        /// When.
        access_time: DateTime<Utc>,
        /// Who was shown it.
        principal: String,
        /// The unit that it acted for; `None` for hotline staff.
        unit: Option<String>,
        /// The occasion.
        occasion: AccessOccasion,
        /// The purpose, if it was revealed.
        purpose: Option<RevealPurpose>,
        /// The reason in words, if it was revealed.
        note: Option<String>,
        /// Who approved it, if that was needed.
        approved_by: Option<String>,
    }
}

record! {
    /// An action that is no event of a ticket. It was recorded in the transaction that did it.
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
        /// The method of the contract, or the name of an automatic action.
        method: String,
        /// The result, as a JSON object.
        details: String,
    }
}

open_enum! {
    /// What is wrong with the audit log.
    AuditLogFault = AuditLogFault {
        /// The stored content differs from what was hashed.
        Altered = "内容被改动",
        /// It is missing.
        Missing = "缺失",
        /// It can't be read, or does not follow from the entry before it.
        Inconsistent = "前后不一致",
        /// The ticket's row does not have the hash of its last event.
        HeadAltered = "链尾哈希不符",
        /// The ticket's row differs from the fold of its events.
        RowAltered = "工单行被改动",
        /// The chain was longer: its end is missing.
        Truncated = "被截断",
        /// A checkpoint holds another hash for the end of this chain.
        CheckpointMismatch = "检查点不符",
        /// No checkpoint covers the end of the chain, and none is pending.
        CheckpointMissing = "缺少检查点",
        /// A checkpoint differs from what was hashed and signed.
        CheckpointAltered = "检查点被改动",
        /// A checkpoint does not follow the one before it.
        CheckpointOutOfOrder = "检查点次序错误",
        /// The chain heads under a checkpoint are not those that it was made from.
        CheckpointHeadsAltered = "检查点链尾被改动",
        /// A checkpoint has a wrong signature.
        SignatureWrong = "签名错误",
        /// A checkpoint is signed with a key that is not accepted.
        KeyUnknown = "密钥未知",
        /// The exported copy of a checkpoint differs from it.
        ExportMismatch = "导出副本不符",
    }
}

record! {
    /// A fault in the audit log, and where it is.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AuditLogFinding = AuditLogFinding {
        /// What is wrong.
        fault: AuditLogFault,
        /// The ticket with the fault, if it is one.
        ticket_number: Option<String>,
        /// The audit subject with the fault, if it is one.
        subject: Option<String>,
        /// The checkpoint with the fault; 0 if it is none.
        checkpoint_number: i64,
        /// The first event or record that is wrong; 0 if it is the ticket's row or everything.
        first_sequence: u32,
        /// The last event or record that may be wrong; 0 in the same cases.
        last_sequence: u32,
        /// The column of the ticket's row that is wrong, if it is one.
        column: Option<String>,
    }
}
