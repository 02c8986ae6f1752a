//! The text fields of the requests about seats and units on duty, with their treatment.

use super::fields::Treatment::{self, Code, Encrypted, QueryOnly, Units, Unrelated};

/// Every text field, by its request.
pub(super) const FIELDS: &[(&str, &[(&str, Treatment)])] = &[
    (
        "PutShiftRequest",
        &[
            ("shift.code", Code),
            ("shift.name", Unrelated),
            ("shift.open_time_of_day", Code),
            ("shift.close_time_of_day", Code),
            ("shift.etag", Code),
        ],
    ),
    (
        "PutRosterRequest",
        &[
            ("roster.code", Code),
            ("roster.name", Unrelated),
            ("roster.unit", Code),
            ("roster.topics", Code),
            ("roster.open_time_of_day", Code),
            ("roster.close_time_of_day", Code),
            ("roster.etag", Code),
        ],
    ),
    // What a person makes of it is screened with the command that it becomes a part of.
    (
        "PutTextTemplateRequest",
        &[
            ("template.code", Code),
            ("template.name", Unrelated),
            ("template.name_en", Unrelated),
            ("template.text", Unrelated),
            ("template.text_en", Unrelated),
            ("template.topic", Code),
            ("template.unit", Code),
            ("template.etag", Code),
        ],
    ),
    ("ListTextTemplatesRequest", &[("topic", QueryOnly)]),
    // Read by the unit alone.
    ("SetAbsenceRequest", &[("clerk", Code), ("substitute", Code)]),
    (
        "AdviseDispatchRequest",
        &[
            ("advice.ticket_number", Code),
            // Output only.
            ("advice.unit", Code),
            ("advice.rule", Units),
            ("advice.note", Units),
        ],
    ),
    ("GetAdviceQualityRequest", &[("month", QueryOnly)]),
    ("SignInRequest", &[("seat", Code)]),
    ("SignOutRequest", &[("seat", Code)]),
    ("TransferCallRequest", &[("call_id", Code), ("skill", Code), ("three_way.unit", Code)]),
    (
        "OfferCallRequest",
        &[("call_id", Code), ("skill", Code), ("call_back.number", Encrypted), ("call_back.wish", Encrypted)],
    ),
    ("AnswerCallRequest", &[("call_id", Code), ("seat", Code)]),
    ("DeclineOfferRequest", &[("call_id", Code)]),
    ("EndCallRequest", &[("call_id", Code)]),
    ("ListSeatsRequest", &[("skill", QueryOnly)]),
];
