//! The text fields of the requests about units on duty, with their treatment.

use super::fields::Treatment::{self, Code, QueryOnly, Units, Unrelated};

/// Every text field, by its request.
pub(super) const FIELDS: &[(&str, &[(&str, Treatment)])] = &[
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
];
