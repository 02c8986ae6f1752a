//! Every text field of every request, with its treatment.

/// The treatment of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Staff write it about a ticket: screened on a confidential ticket.
    Screened,
    /// The caller's own at intake: masked before the first event; the original is encrypted.
    Masked,
    /// Who called: encrypted, and stored nowhere else.
    Encrypted,
    /// A unit writes it: never compared with the caller, because a refusal would confirm a right guess.
    Units,
    /// Its form leaves no room for words: a unit's code, a number, a version. A topic is screened too.
    Code,
    /// It is used in a query and never stored.
    QueryOnly,
    /// It concerns no ticket and no caller.
    Unrelated,
}

use Treatment::{Code, Encrypted, Masked, QueryOnly, Screened, Units, Unrelated};

/// Fields that every request may have, which are codes.
pub(super) const COMMON: [&str; 4] = ["request_id", "ticket_number", "etag", "page_token"];

/// Every other text field, by its request.
pub(super) const FIELDS: &[(&str, &[(&str, Treatment)])] = &[
    (
        "CreateTicketRequest",
        &[
            ("topic", Code),
            ("district", Code),
            ("industry", Masked),
            ("enterprise.name", Encrypted),
            ("enterprise.social_credit_code", Encrypted),
            ("contact.name", Encrypted),
            ("contact.phone", Encrypted),
            ("certificate.number", Encrypted),
            ("subject", Masked),
            ("content", Masked),
            ("source.system", Code),
            // The natural key; docs/adr/0021 says what a switch should not put into it. No unit reads it.
            ("source.reference", Code),
            ("accused_units", Code),
            ("follows_ticket_number", Code),
            ("call_id", Code),
            ("call_end_to_end_id", Code),
        ],
    ),
    (
        "AnswerTicketRequest",
        &[("content", Screened), ("articles.article", Screened), ("unanswered_question", Screened)],
    ),
    ("DeclineTicketRequest", &[("turn_to", Screened), ("note", Screened)]),
    (
        "ClassifyTicketRequest",
        &[("topic", Code), ("district", Code), ("accused_units", Code), ("note", Screened)],
    ),
    ("PlanTicketRequest", &[("text", Screened), ("lead_unit", Code), ("assist_units", Code)]),
    (
        "DispatchTicketRequest",
        &[
            ("lead_unit", Code),
            ("assist_units", Code),
            ("inform_units", Code),
            ("note", Screened),
            ("reason", Screened),
        ],
    ),
    // The reason is about units. It is refused by its form alone, because it belongs to no ticket.
    ("TransferTicketsRequest", &[("from_unit", Code), ("to_unit", Code), ("reason", Unrelated)]),
    ("ReturnTicketRequest", &[("rule", Units), ("proposed_unit", Code), ("note", Units)]),
    ("RuleOnReturnRequest", &[("note", Screened)]),
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
    ("CarryOverTicketRequest", &[("ask.next_steps", Units), ("decision.note", Screened)]),
    ("EscalateTicketRequest", &[("note", Screened)]),
    ("RecordContactAttemptRequest", &[("note", Screened)]),
    ("SubmitSurveyRequest", &[("comment", Screened)]),
    ("RecordRecheckRequest", &[("comment", Screened)]),
    ("ReworkTicketRequest", &[("note", Screened)]),
    ("WithdrawTicketRequest", &[("note", Screened)]),
    ("MergeTicketRequest", &[("into_ticket_number", Code)]),
    ("UnmergeTicketRequest", &[("from_ticket_number", Code), ("note", Screened)]),
    ("ReinstateTicketRequest", &[("note", Screened)]),
    ("ReopenTicketRequest", &[("note", Screened)]),
    ("RecordRepeatCallRequest", &[("repeat_ticket_number", Code), ("note", Screened)]),
    ("AddNoteRequest", &[("note", Screened)]),
    ("LinkTicketsRequest", &[("other_ticket_number", Code), ("note", Screened)]),
    ("AssignInsideRequest", &[("bureau", Units), ("clerk", Code), ("note", Units)]),
    ("UploadAttachmentRequest", &[("file_name", Screened), ("media_type", Code), ("sha256", Code)]),
    ("GetAttachmentRequest", &[("attachment_id", Code)]),
    ("AskCompanyRequest", &[("question", Screened), ("wanted", Screened)]),
    ("AddSupplementRequest", &[("content", Screened)]),
    ("RequestHelpRequest", &[("reason", Units), ("answer", Screened)]),
    ("RedactTicketRequest", &[("subject", Screened), ("content", Screened), ("note", Screened)]),
    (
        "UpdateCallerRequest",
        &[
            ("enterprise.name", Encrypted),
            ("enterprise.social_credit_code", Encrypted),
            ("contact.name", Encrypted),
            ("contact.phone", Encrypted),
            ("certificate.number", Encrypted),
            ("industry", Screened),
            ("update_mask.paths", Code),
        ],
    ),
    ("GetTicketRequest", &[("read_mask.paths", QueryOnly)]),
    (
        "ListTicketsRequest",
        &[
            ("filter.lead_unit", QueryOnly),
            ("filter.district", QueryOnly),
            ("filter.topic", QueryOnly),
            ("filter.social_credit_code", QueryOnly),
            ("filter.contact_phone", QueryOnly),
            ("filter.source.system", QueryOnly),
            ("filter.source.reference", QueryOnly),
            ("filter.assist_unit", QueryOnly),
            ("filter.assigned_to", QueryOnly),
            ("read_mask.paths", QueryOnly),
        ],
    ),
    (
        "SearchTicketsRequest",
        &[
            ("query", QueryOnly),
            ("filter.district", QueryOnly),
            ("filter.topic", QueryOnly),
            ("filter.lead_unit", QueryOnly),
            ("read_mask.paths", QueryOnly),
        ],
    ),
    ("ListDigestsRequest", &[("unit", QueryOnly)]),
    ("RevealIdentityRequest", &[("note", Screened)]),
    // The principal must be one that the hotline knows.
    ("ApproveRevealRequest", &[("principal", Code), ("note", Screened)]),
    ("GetUnitRequest", &[("code", QueryOnly)]),
    (
        "PutUnitRequest",
        &[
            ("unit.code", Code),
            ("unit.name", Unrelated),
            ("unit.name_en", Unrelated),
            ("unit.parent", Code),
            ("unit.district", Code),
            ("unit.etag", Code),
            ("unit.successor", Code),
            ("unit.policy_number", Code),
        ],
    ),
    ("ListCatalogueEntriesRequest", &[("topic", QueryOnly)]),
    ("PutCatalogueEntryRequest", &[("entry.topic", Code), ("entry.district", Code), ("entry.unit", Code)]),
    (
        "PutTopicRequest",
        &[
            ("topic.code", Code),
            ("topic.name", Unrelated),
            ("topic.name_en", Unrelated),
            ("topic.words", Unrelated),
            ("topic.successor", Code),
            ("topic.etag", Code),
        ],
    ),
    (
        "DraftArticleRequest",
        &[
            ("article", Code),
            ("content.title", Unrelated),
            ("content.standard_question", Unrelated),
            ("content.similar_questions", Unrelated),
            ("content.body", Unrelated),
            ("content.topics", Code),
            ("content.districts", Code),
            ("content.owner_unit", Code),
            ("content.source.document_name", Unrelated),
            ("content.source.document_number", Unrelated),
            ("content.source.link", Unrelated),
            ("note", Unrelated),
        ],
    ),
    (
        "ImportArticlesRequest",
        &[
            ("articles.article", Code),
            ("articles.content.title", Unrelated),
            ("articles.content.standard_question", Unrelated),
            ("articles.content.similar_questions", Unrelated),
            ("articles.content.body", Unrelated),
            ("articles.content.topics", Code),
            ("articles.content.districts", Code),
            ("articles.content.owner_unit", Code),
            ("articles.content.source.document_name", Unrelated),
            ("articles.content.source.document_number", Unrelated),
            ("articles.content.source.link", Unrelated),
            ("note", Unrelated),
        ],
    ),
    ("ReviewArticleRequest", &[("article", Code), ("note", Unrelated)]),
    ("PublishArticleRequest", &[("article", Code)]),
    ("RetireArticleRequest", &[("article", Code), ("note", Unrelated)]),
    ("GetArticleRequest", &[("article", QueryOnly)]),
    ("ListAffectedAnswersRequest", &[("article", QueryOnly)]),
    ("SearchArticlesRequest", &[("query", QueryOnly), ("district", QueryOnly), ("topic", QueryOnly)]),
    // Texts before intake are compared with a model and with tickets, and not stored.
    (
        "SuggestDispatchRequest",
        &[("subject", QueryOnly), ("content", QueryOnly), ("topic", QueryOnly), ("district", QueryOnly)],
    ),
    (
        "FindSimilarTicketsRequest",
        &[("subject", QueryOnly), ("content", QueryOnly), ("topic", QueryOnly), ("district", QueryOnly)],
    ),
    ("SuggestClassificationRequest", &[("subject", QueryOnly), ("content", QueryOnly)]),
    ("ReleaseFollowUpsRequest", &[("ticket_numbers", Code)]),
    ("ListKnowledgeGapsRequest", &[("unit", QueryOnly), ("topic", QueryOnly)]),
    // It is about a question, which belongs to no ticket any more.
    ("CloseKnowledgeGapRequest", &[("article", Code), ("note", Unrelated)]),
    ("ListArticlesRequest", &[("topic", QueryOnly), ("district", QueryOnly), ("owner_unit", QueryOnly)]),
    ("WatchTicketsRequest", &[("cursor", Code)]),
    ("PreviewDeadlineRequest", &[("policy_version", QueryOnly), ("calendar_version", QueryOnly)]),
    (
        "ReportCallRequest",
        &[
            ("key.system", Code),
            ("key.end_to_end_id", Code),
            ("key.reference", Code),
            ("details.calling_number", Encrypted),
            ("details.called_number", Unrelated),
            ("details.redirecting_number", Encrypted),
            ("details.trunk", Unrelated),
            // At most four keys of a telephone.
            ("details.menu_steps.keys", Code),
            ("details.menu_steps.label", Unrelated),
            ("details.queues.queue", Code),
            ("details.offers.seat", Code),
            ("details.legs.leg", Code),
            ("details.legs.seat", Code),
            ("details.legs.from_number", Encrypted),
            ("details.legs.to_number", Encrypted),
            ("details.end.cause", Unrelated),
            ("details.ratings.keys", Code),
            ("details.ratings.seat", Code),
        ],
    ),
    ("GetCallRequest", &[("call_id", QueryOnly)]),
    ("GetCallContextRequest", &[("call_id", QueryOnly)]),
    (
        "AttachRecordingRequest",
        &[
            ("key.system", Code),
            ("key.end_to_end_id", Code),
            ("key.reference", Code),
            ("recording.participant", Code),
            ("recording.reference", Encrypted),
            ("recording.sha256", Code),
        ],
    ),
    ("GetRecordingRequest", &[("call_id", QueryOnly), ("participant", QueryOnly)]),
    (
        "ListCallsRequest",
        &[
            ("filter.seat", QueryOnly),
            ("filter.calling_number", QueryOnly),
            ("filter.exchange_id", QueryOnly),
        ],
    ),
    ("RecordCallBackRequest", &[("call_id", Code)]),
    (
        "PutSeatRequest",
        &[
            ("seat.code", Code),
            ("seat.name", Unrelated),
            ("seat.skills", Code),
            ("seat.etag", Code),
            // Output only.
            ("seat.principal", Unrelated),
            ("seat.call_id", Unrelated),
        ],
    ),
    (
        "PutSkillRequest",
        &[
            ("skill.code", Code),
            ("skill.name", Unrelated),
            ("skill.name_en", Unrelated),
            ("skill.etag", Code),
        ],
    ),
    ("PutTemplateRequest", &[("template.text", Unrelated)]),
    ("ChooseMessagesRequest", &[("email", Encrypted)]),
    ("GetProgressRequest", &[("code", QueryOnly)]),
    (
        "ListIdentityAccessesRequest",
        &[("principal", QueryOnly), ("social_credit_code", QueryOnly), ("contact_phone", QueryOnly)],
    ),
    ("ListAuditRecordsRequest", &[("subject", QueryOnly), ("principal", QueryOnly), ("method", QueryOnly)]),
    ("GetPolicyRequest", &[("version", QueryOnly)]),
    ("GetCalendarRequest", &[("version", QueryOnly)]),
    (
        "ProposePolicyRequest",
        &[
            ("policy.intake.hours_open", Code),
            ("policy.intake.hours_close", Code),
            ("policy.messages.quiet_from", Code),
            ("policy.messages.quiet_until", Code),
            ("reason", Unrelated),
        ],
    ),
    (
        "ProposeCalendarRequest",
        &[
            ("years.notices", Unrelated),
            ("years.holidays.name", Unrelated),
            ("years.holidays.off_days", Code),
            ("years.holidays.work_days", Code),
            ("reason", Unrelated),
        ],
    ),
    ("WithdrawProposalRequest", &[("note", Unrelated)]),
    ("CreateClientRequest", &[("principal", Unrelated), ("unit", Code), ("note", Unrelated)]),
    ("GetClientRequest", &[("principal", QueryOnly)]),
    ("ListClientsRequest", &[("unit", QueryOnly)]),
    (
        "IssueCredentialRequest",
        &[
            ("principal", Unrelated),
            ("certificate.uri", Code),
            ("subject.issuer", Code),
            ("subject.subject", Code),
        ],
    ),
    ("RevokeCredentialRequest", &[("credential_id", Code), ("note", Unrelated)]),
    ("RevokeClientRequest", &[("principal", Unrelated), ("note", Unrelated)]),
];
