//! Every text field of every request, with what becomes of it.

/// What becomes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Staff write it about a ticket: looked through on a confidential one.
    LookedThrough,
    /// The caller's own at intake: masked before the first event, and sealed as it was given.
    Masked,
    /// Who called: sealed, and stored nowhere else.
    Sealed,
    /// A unit writes it: compared with nothing, because a refusal would tell the unit that it has guessed right.
    Units,
    /// Its form leaves no room for words: a unit's code, a number, a version. A topic is looked through besides.
    Code,
    /// It is asked for and never stored.
    Asked,
    /// It is about no ticket and no caller.
    Aside,
}

use Treatment::{Aside, Asked, Code, LookedThrough, Masked, Sealed, Units};

/// Fields that every request may have, and that are codes.
pub(super) const COMMON: [&str; 4] = ["request_id", "ticket_number", "etag", "page_token"];

/// Every other text field, by its request.
pub(super) const FIELDS: &[(&str, &[(&str, Treatment)])] = &[
    (
        "CreateTicketRequest",
        &[
            ("topic", Code),
            ("district", Code),
            ("industry", Masked),
            ("enterprise.name", Sealed),
            ("enterprise.social_credit_code", Sealed),
            ("contact.name", Sealed),
            ("contact.phone", Sealed),
            ("subject", Masked),
            ("content", Masked),
            ("source.system", Code),
            // The natural key; docs/adr/0021 says what a switch should not put into it. No unit reads it.
            ("source.reference", Code),
            ("accused_units", Code),
        ],
    ),
    ("AnswerTicketRequest", &[("content", LookedThrough), ("articles.article", LookedThrough)]),
    ("DeclineTicketRequest", &[("turn_to", LookedThrough), ("note", LookedThrough)]),
    ("ClassifyTicketRequest", &[("topic", Code), ("district", Code), ("accused_units", Code)]),
    ("PlanTicketRequest", &[("text", LookedThrough), ("lead_unit", Code), ("assist_units", Code)]),
    (
        "DispatchTicketRequest",
        &[("lead_unit", Code), ("assist_units", Code), ("inform_units", Code), ("note", LookedThrough)],
    ),
    ("ReturnTicketRequest", &[("rule", Units), ("proposed_unit", Code), ("note", Units)]),
    ("RuleOnReturnRequest", &[("note", LookedThrough)]),
    (
        "SubmitFeedbackRequest",
        &[
            ("caller_reply.official", Units),
            ("caller_reply.content", Units),
            ("hotline_report.actions", Units),
            ("hotline_report.result", Units),
            ("hotline_report.evidence", Units),
        ],
    ),
    ("CarryOverTicketRequest", &[("ask.next_steps", Units), ("decision.note", LookedThrough)]),
    ("EscalateTicketRequest", &[("note", LookedThrough)]),
    ("RecordContactAttemptRequest", &[("note", LookedThrough)]),
    ("SubmitSurveyRequest", &[("comment", LookedThrough)]),
    ("ReworkTicketRequest", &[("note", LookedThrough)]),
    ("WithdrawTicketRequest", &[("note", LookedThrough)]),
    ("MergeTicketRequest", &[("into_ticket_number", Code)]),
    (
        "RedactTicketRequest",
        &[("subject", LookedThrough), ("content", LookedThrough), ("note", LookedThrough)],
    ),
    ("GetTicketRequest", &[("read_mask.paths", Asked)]),
    (
        "ListTicketsRequest",
        &[
            ("filter.lead_unit", Asked),
            ("filter.district", Asked),
            ("filter.topic", Asked),
            ("filter.social_credit_code", Asked),
            ("filter.contact_phone", Asked),
            ("read_mask.paths", Asked),
        ],
    ),
    ("ListDigestsRequest", &[("unit", Asked)]),
    ("RevealIdentityRequest", &[("note", LookedThrough)]),
    // The principal is one that the hotline knows.
    ("ApproveRevealRequest", &[("principal", Code), ("note", LookedThrough)]),
    ("GetUnitRequest", &[("code", Asked)]),
    (
        "PutUnitRequest",
        &[
            ("unit.code", Code),
            ("unit.name", Aside),
            ("unit.name_en", Aside),
            ("unit.parent", Code),
            ("unit.district", Code),
            ("unit.etag", Code),
        ],
    ),
    ("ListCatalogueEntriesRequest", &[("topic", Asked)]),
    ("PutCatalogueEntryRequest", &[("entry.topic", Code), ("entry.district", Code), ("entry.unit", Code)]),
    ("PreviewDeadlineRequest", &[("policy_version", Asked), ("calendar_version", Asked)]),
    (
        "ListIdentityAccessesRequest",
        &[("principal", Asked), ("social_credit_code", Asked), ("contact_phone", Asked)],
    ),
    ("ListAuditRecordsRequest", &[("subject", Asked), ("principal", Asked), ("method", Asked)]),
    ("GetPolicyRequest", &[("version", Asked)]),
    ("GetCalendarRequest", &[("version", Asked)]),
    (
        "ProposePolicyRequest",
        &[("policy.intake.hours_open", Code), ("policy.intake.hours_close", Code), ("reason", Aside)],
    ),
    (
        "ProposeCalendarRequest",
        &[
            ("years.notices", Aside),
            ("years.holidays.name", Aside),
            ("years.holidays.off_days", Code),
            ("years.holidays.work_days", Code),
            ("reason", Aside),
        ],
    ),
    ("WithdrawProposalRequest", &[("note", Aside)]),
    ("CreateClientRequest", &[("principal", Aside), ("unit", Code), ("note", Aside)]),
    ("GetClientRequest", &[("principal", Asked)]),
    ("ListClientsRequest", &[("unit", Asked)]),
    (
        "IssueCredentialRequest",
        &[
            ("principal", Aside),
            ("certificate.uri", Code),
            ("subject.issuer", Code),
            ("subject.subject", Code),
        ],
    ),
    ("RevokeCredentialRequest", &[("credential_id", Code), ("note", Aside)]),
    ("RevokeClientRequest", &[("principal", Aside), ("note", Aside)]),
];
