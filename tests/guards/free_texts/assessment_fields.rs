//! Every text field of the requests of the assessment and the analysis, with its treatment.

use super::fields::Treatment::{self, Code, QueryOnly, Screened, Units, Unrelated};

/// The text fields, by their request.
pub(super) const FIELDS: &[(&str, &[(&str, Treatment)])] = &[
    ("GetUnitScoreRequest", &[("unit", QueryOnly), ("month", QueryOnly)]),
    ("ListUnitScoresRequest", &[("month", QueryOnly)]),
    ("ListScoreLinesRequest", &[("month", QueryOnly), ("unit", QueryOnly)]),
    ("ListFactsRequest", &[("first_day", QueryOnly), ("last_day", QueryOnly), ("unit", QueryOnly)]),
    ("ProposeSchemeRequest", &[("document", Unrelated), ("from_month", Code), ("reason", Unrelated)]),
    ("DryRunSchemeRequest", &[("month", Code)]),
    ("FileObjectionRequest", &[("line", Code), ("month", Code), ("reason", Units), ("evidence", Units)]),
    ("ListObjectionsRequest", &[("unit", QueryOnly), ("month", QueryOnly)]),
    ("DecideObjectionRequest", &[("note", Screened)]),
    (
        "RequestExclusionRequest",
        &[("line", Code), ("month", Code), ("reason", Screened), ("evidence", Screened), ("unit", Code)],
    ),
    ("DecideExclusionRequest", &[("note", Screened)]),
    ("ProposePublicationRequest", &[("month", Code), ("reason", Unrelated)]),
    ("ApprovePublicationRequest", &[("month", Code)]),
    ("CorrectMonthRequest", &[("month", Code), ("reason", Unrelated)]),
    ("GetPublishedMonthRequest", &[("month", QueryOnly)]),
    (
        "AnalyseTicketsRequest",
        &[
            ("first_day", QueryOnly),
            ("last_day", QueryOnly),
            ("filter.topic", QueryOnly),
            ("filter.district", QueryOnly),
            ("filter.industry", QueryOnly),
            ("filter.unit", QueryOnly),
        ],
    ),
    (
        "ExportTicketsRequest",
        &[
            ("first_day", QueryOnly),
            ("last_day", QueryOnly),
            ("filter.topic", QueryOnly),
            ("filter.district", QueryOnly),
            ("filter.industry", QueryOnly),
            ("filter.unit", QueryOnly),
        ],
    ),
    (
        "FindClustersRequest",
        &[
            ("first_day", QueryOnly),
            ("last_day", QueryOnly),
            ("filter.topic", QueryOnly),
            ("filter.district", QueryOnly),
            ("filter.industry", QueryOnly),
            ("filter.unit", QueryOnly),
        ],
    ),
    // The server refuses a number, a code or an address in the summary.
    (
        "SendPolicyIssueRequest",
        &[
            ("topic", Code),
            ("first_day", Code),
            ("last_day", Code),
            ("filter.topic", Code),
            ("filter.district", Code),
            ("filter.industry", Unrelated),
            ("filter.unit", Code),
            ("summary", Unrelated),
            ("unit", Code),
            ("answer_day", Code),
        ],
    ),
    ("AnswerPolicyIssueRequest", &[("text", Units), ("effective_day", Code)]),
    ("ListPolicyIssuesRequest", &[("unit", QueryOnly), ("first_day", QueryOnly), ("last_day", QueryOnly)]),
];
