//! The expected answer for every method × role, written by hand. A method without a row fails, and so does a role that
//! the contract adds or removes. Then each cell is tried on a real server, and each method without a credential.

use std::collections::BTreeMap;

use hotline_proto::v1::Role;
use hotline_proto::{METHODS, MethodRow};
use tonic::Code;
use tonic::transport::{Channel, Endpoint};
use tonic_types::StatusExt as _;

use super::raw_call;
use crate::support::server::{Options, Server, Store};

/// The roles, in the order of the columns.
pub(super) const ROLES: [(&str, Role); 8] = [
    ("telephony", Role::Telephony),
    ("agent", Role::Agent),
    ("dispatcher", Role::Dispatcher),
    ("coordinator", Role::Coordinator),
    ("unit", Role::Unit),
    ("supervisor", Role::Supervisor),
    ("analyst", Role::Analyst),
    ("administrator", Role::Administrator),
];

/// Who may call what: `x` may, `.` may not.
const MATRIX: &str = "
                                        telephony agent dispatcher coordinator unit supervisor analyst administrator
TicketService/CreateTicket                  x       x       .          .        x       .         .         .
TicketService/AnswerTicket                  .       x       .          .        .       .         .         .
TicketService/DeclineTicket                 .       x       .          .        .       .         .         .
TicketService/ClassifyTicket                .       x       x          .        .       x         .         .
TicketService/PlanTicket                    .       .       .          x        .       .         .         .
TicketService/DispatchTicket                .       .       x          x        .       x         .         .
TicketService/AcceptTicket                  .       .       .          .        x       .         .         .
TicketService/ReturnTicket                  .       .       .          .        x       .         .         .
TicketService/RuleOnReturn                  .       .       x          .        .       .         .         .
TicketService/SubmitFeedback                .       .       .          .        x       .         .         .
TicketService/CarryOverTicket               .       .       x          .        x       .         .         .
TicketService/EscalateTicket                .       .       .          .        .       x         .         .
TicketService/RecordContactAttempt          .       x       .          .        .       .         .         .
TicketService/SubmitSurvey                  .       x       .          .        .       .         .         .
TicketService/RecordRecheck                 .       x       .          .        .       .         .         .
TicketService/ReworkTicket                  .       x       .          .        .       x         .         .
TicketService/WithdrawTicket                .       x       .          .        .       .         .         .
TicketService/MergeTicket                   .       x       .          .        .       .         .         .
TicketService/RedactTicket                  .       x       .          .        .       .         .         .
TicketService/UpdateCaller                  x       x       .          .        .       .         .         .
TicketService/UnmergeTicket                 .       x       .          .        .       x         .         .
TicketService/ReinstateTicket               .       x       .          .        .       x         .         .
TicketService/ReopenTicket                  .       x       .          .        .       x         .         .
TicketService/RecordRepeatCall              .       x       .          .        .       .         .         .
TicketService/AddNote                       .       x       x          x        x       x         .         .
TicketService/AssignInside                  .       .       .          .        x       .         .         .
TicketService/AskCompany                    .       x       .          .        x       .         .         .
TicketService/AddSupplement                 x       x       .          .        x       .         .         .
TicketService/RequestHelp                   .       .       .          .        x       x         .         .
TicketService/LinkTickets                   .       x       .          .        .       x         .         .
TicketService/UploadAttachment              .       x       .          .        x       .         .         .
TicketService/GetAttachment                 .       x       x          x        x       x         .         .
TicketService/GetTicket                     .       x       x          x        x       x         x         .
TicketService/ListTickets                   .       x       x          x        x       x         x         .
TicketService/ListTicketEvents              .       x       x          x        x       x         x         .
TicketService/SearchTickets                 .       x       x          x        x       x         x         .
TicketService/ListOwnIntakes                .       .       .          .        x       .         .         .
TicketService/ListAwaitingDispatch          .       .       x          x        x       x         .         .
TicketService/AdviseDispatch                .       .       .          .        x       .         .         .
TicketService/GetAdviceQuality              .       .       x          .        .       x         x         x
TicketService/ListDigests                   .       .       x          .        x       x         .         .
TicketService/WatchTickets                  .       x       x          x        x       x         x         .
TicketService/RevealIdentity                .       x       .          .        .       x         .         .
TicketService/ApproveReveal                 .       .       .          .        .       x         .         .
TicketService/TransferTickets               .       .       .          .        .       x         .         x
TicketService/GetTransfer                   .       .       .          .        .       x         .         x
TicketService/WhoAmI                        x       x       x          x        x       x         x         x
TicketService/ExplainDeadline               .       x       x          x        x       x         x         .
DirectoryService/ListUnits                  .       x       x          x        x       x         x         x
DirectoryService/GetUnit                    .       x       x          x        x       x         x         x
DirectoryService/PutUnit                    .       .       .          .        .       .         .         x
DirectoryService/ListCatalogueEntries       .       x       x          x        x       x         x         x
DirectoryService/PutCatalogueEntry          .       .       .          .        .       .         .         x
DirectoryService/PutTopic                   .       .       .          .        .       .         .         x
DirectoryService/ListTopics                 .       x       x          x        x       x         x         x
DirectoryService/PreviewDeadline            .       x       x          x        x       x         x         x
DirectoryService/PutSeat                    .       .       .          .        .       .         .         x
DirectoryService/PutSkill                   .       .       .          .        .       .         .         x
DirectoryService/ListSkills                 x       x       .          .        .       x         .         x
DirectoryService/PutShift                   .       .       .          .        .       .         .         x
DirectoryService/ListShifts                 x       x       .          .        .       x         .         x
DirectoryService/PutRoster                  .       .       .          .        .       .         .         x
DirectoryService/ListRosters                .       .       x          .        x       x         .         x
DirectoryService/SetAbsence                 .       .       .          .        x       .         .         .
DirectoryService/ListAbsences               .       .       .          .        x       .         .         .
DirectoryService/PutTextTemplate            .       .       .          .        .       .         .         x
DirectoryService/ListTextTemplates          .       x       x          x        x       x         .         x
KnowledgeService/DraftArticle               .       x       .          .        x       x         .         x
KnowledgeService/ImportArticles             .       x       .          .        .       x         .         x
KnowledgeService/ReviewArticle              .       x       .          .        .       x         .         x
KnowledgeService/PublishArticle             .       .       .          .        .       x         .         x
KnowledgeService/RetireArticle              .       .       .          .        .       x         .         x
KnowledgeService/GetArticle                 .       x       x          x        x       x         x         x
KnowledgeService/ListArticles               .       x       x          x        x       x         x         x
KnowledgeService/SearchArticles              .       x       x          x        x       x         x         x
KnowledgeService/ListAffectedAnswers        .       x       .          .        .       x         .         .
KnowledgeService/ListKnowledgeGaps          .       x       .          .        x       x         x         x
KnowledgeService/CloseKnowledgeGap          .       x       .          .        x       x         .         x
KnowledgeService/SuggestClassification      .       x       x          x        .       x         .         .
KnowledgeService/SuggestDispatch            .       x       x          x        .       x         .         .
KnowledgeService/FindSimilarTickets         .       x       x          x        .       x         .         .
KnowledgeService/GetSuggestionQuality       .       .       .          .        .       x         x         x
CallService/ReportCall                      x       .       .          .        .       .         .         .
CallService/GetCall                         .       x       .          .        .       x         .         .
CallService/ListCalls                       .       x       .          .        .       x         .         .
AssessmentService/ListFollowUps             .       x       .          .        .       x         .         .
AssessmentService/LeaseFollowUps            .       x       .          .        .       .         .         .
AssessmentService/ReleaseFollowUps          .       x       .          .        .       .         .         .
AssessmentService/GetUnitScore              .       .       .          .        x       x         x         .
AssessmentService/ListUnitScores            .       .       .          .        .       x         x         .
AssessmentService/ListScoreLines            .       .       .          .        x       x         x         .
AssessmentService/ListFacts                 .       .       .          .        .       x         x         .
AssessmentService/ProposeScheme             .       .       .          .        .       x         .         x
AssessmentService/DryRunScheme              .       .       .          .        .       x         .         x
AssessmentService/ApproveScheme             .       .       .          .        .       x         .         x
AssessmentService/ListSchemes               .       .       .          .        x       x         x         x
AssessmentService/FileObjection             .       .       .          .        x       .         .         .
AssessmentService/ListObjections            .       .       .          .        x       x         x         .
AssessmentService/DecideObjection           .       .       .          .        .       x         .         .
AssessmentService/RequestExclusion          .       .       .          .        .       x         .         .
AssessmentService/DecideExclusion           .       .       .          .        .       x         .         .
AssessmentService/ProposePublication        .       .       .          .        .       x         x         .
AssessmentService/ApprovePublication        .       .       .          .        .       x         .         .
AssessmentService/CorrectMonth              .       .       .          .        .       x         x         .
AssessmentService/GetPublishedMonth         .       .       .          .        x       x         x         .
AssessmentService/ListPublishedMonths       .       .       .          .        x       x         x         .
AnalysisService/AnalyseTickets              .       .       .          .        .       x         x         .
AnalysisService/ExportTickets               .       .       .          .        .       x         x         .
AnalysisService/FindClusters                .       .       .          .        .       x         x         .
AnalysisService/SendPolicyIssue             .       .       .          .        .       x         x         .
AnalysisService/AnswerPolicyIssue           .       .       .          .        x       .         .         .
AnalysisService/ListPolicyIssues            .       .       .          .        x       x         x         .
CallService/GetCallContext                  .       x       .          .        .       x         .         .
CallService/AttachRecording                 x       .       .          .        .       .         .         .
CallService/GetRecording                    .       x       .          .        .       x         .         .
CallService/GetServiceLevel                 .       .       .          .        .       x         x         .
CallService/ForecastSeats                   .       .       .          .        .       x         x         .
CallService/ListCallBacks                   .       x       .          .        .       x         .         .
CallService/RecordCallBack                  .       x       .          .        .       x         .         .
SeatService/SignIn                          .       x       .          .        .       .         .         .
SeatService/SignOut                         .       x       .          .        .       x         .         .
SeatService/SetSeatStatus                   .       x       .          .        .       .         .         .
SeatService/Heartbeat                       .       x       .          .        .       .         .         .
SeatService/TransferCall                    .       x       .          .        .       .         .         .
SeatService/OfferCall                       x       .       .          .        .       .         .         .
SeatService/AnswerCall                      x       .       .          .        .       .         .         .
SeatService/DeclineOffer                    .       x       .          .        .       .         .         .
SeatService/EndCall                         x       .       .          .        .       .         .         .
SeatService/ListSeats                       x       x       .          .        .       x         .         x
SeatService/WatchSeats                      x       .       .          .        .       x         .         .
MessageService/PutTemplate                  .       .       .          .        .       .         .         x
MessageService/ListTemplates                .       x       .          .        .       x         .         x
MessageService/ChooseMessages               .       x       .          .        .       .         .         .
MessageService/ListMessages                 .       x       x          .        .       x         .         .
MessageService/GetProgress                  x       x       .          .        .       .         .         .
AdminService/GetPolicy                      .       x       x          x        x       x         x         x
AdminService/GetCalendar                    .       x       x          x        x       x         x         x
AdminService/ListRulesInForce               .       x       x          x        x       x         x         x
AdminService/ProposePolicy                  .       .       .          .        .       .         .         x
AdminService/ProposeCalendar                .       .       .          .        .       .         .         x
AdminService/DryRunProposal                 .       .       .          .        .       .         .         x
AdminService/ApproveProposal                .       .       .          .        .       .         .         x
AdminService/WithdrawProposal               .       .       .          .        .       .         .         x
AdminService/GetProposal                    .       .       .          .        .       x         .         x
AdminService/ListProposals                  .       .       .          .        .       x         .         x
AdminService/ListTicketDifferences          .       .       .          .        .       x         .         x
AdminService/CreateClient                   .       .       .          .        .       .         .         x
AdminService/GetClient                      .       .       .          .        .       .         .         x
AdminService/ListClients                    .       .       .          .        .       .         .         x
AdminService/IssueCredential                .       .       .          .        .       .         .         x
AdminService/RevokeCredential               .       .       .          .        .       .         .         x
AdminService/RevokeClient                   .       .       .          .        .       .         .         x
AuditService/ListIdentityAccesses              .       .       .          .        .       x         .         x
AuditService/ListAuditRecords               .       .       .          .        .       .         .         x
AuditService/VerifyAuditLog                 .       .       .          .        .       x         .         x
SimulationService/GetTime                   x       x       x          x        x       x         x         x
SimulationService/AdvanceTo                 .       .       .          .        .       .         .         x
SimulationService/ResumeClock               .       .       .          .        .       .         .         x
";

/// Answers that show that an empty request was admitted.
const LET_IN: [(Code, &str); 6] = [
    (Code::Ok, ""),
    (Code::InvalidArgument, "INVALID_FIELDS"),
    (Code::NotFound, "UNIT_NOT_FOUND"),
    (Code::FailedPrecondition, "NO_SIMULATION"),
    (Code::FailedPrecondition, "NOT_SIGNED_IN"),
    (Code::FailedPrecondition, "NOT_ON_DUTY"),
];

/// The rows of the matrix by `Service/Method`, each with one cell for each role.
fn matrix() -> BTreeMap<&'static str, Vec<bool>> {
    let mut lines = MATRIX.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let header = lines.find(|line| !line.is_empty()).expect("a header");
    assert_eq!(header, ROLES.map(|(name, _)| name), "the columns");
    let cell = |cell: &&str| match *cell {
        "x" => true,
        "." => false,
        other => panic!("{other:?} is no cell"),
    };
    lines
        .filter(|line| !line.is_empty())
        .map(|line| (line[0], line[1..].iter().map(cell).collect()))
        .collect()
}

pub(super) fn name_of(row: &MethodRow) -> String {
    format!("{}/{}", row.service, row.method)
}

/// Sends an empty request to a method; returns the code and the reason.
async fn call(channel: &Channel, path: &'static str, authorization: Option<&str>) -> (Code, String) {
    match raw_call::call(channel, path, authorization, Vec::new()).await {
        Ok(_) => (Code::Ok, String::new()),
        Err(status) => {
            let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
            (status.code(), reason)
        }
    }
}

#[test]
fn the_contract_matches_the_access_matrix() {
    let expected = matrix();
    let allowed =
        |row: &MethodRow| ROLES.iter().map(|(_, role)| row.roles.contains(role)).collect::<Vec<_>>();
    let contract: BTreeMap<_, _> = METHODS.iter().map(|row| (name_of(row), allowed(row))).collect();
    for (method, cells) in &contract {
        assert_eq!(Some(cells), expected.get(method.as_str()), "{method}: contract, matrix");
    }
    assert_eq!(contract.len(), expected.len(), "the matrix has a row too many");
    assert!(METHODS.iter().all(|row| row.roles.iter().all(|role| ROLES.iter().any(|(_, one)| one == role))));
}

#[tokio::test]
async fn the_server_answers_every_role_at_every_method_as_expected() {
    let server = Server::start(Store::Sqlite, Options::default());
    let endpoint = Endpoint::from_shared(server.endpoint()).expect("an endpoint");
    let channel = endpoint.connect().await.expect("the server listens");
    let tokens = ROLES.map(|(role, _)| format!("Bearer {}", server.token(role)));
    let expected = matrix();
    for row in METHODS {
        let cells = &expected[name_of(row).as_str()];
        for (((role, _), token), is_allowed) in ROLES.iter().zip(&tokens).zip(cells) {
            let (code, reason) = call(&channel, row.path, Some(token)).await;
            let answer = (code, reason.as_str());
            if *is_allowed {
                assert!(LET_IN.contains(&answer), "{} as {role}: {answer:?}", row.path);
            } else {
                let refused = (Code::PermissionDenied, "ROLE_NOT_ALLOWED");
                assert_eq!(answer, refused, "{} as {role}", row.path);
            }
        }
    }
}

#[tokio::test]
async fn no_method_is_served_without_a_known_credential() {
    let options = Options::default().set("limits.failed_authentications_per_minute_per_peer", "0");
    let server = Server::start(Store::Sqlite, options);
    let endpoint = Endpoint::from_shared(server.endpoint()).expect("an endpoint");
    let channel = endpoint.connect().await.expect("the server listens");
    let token = server.token("administrator");
    let wrong_scheme = format!("Basic {token}");
    let altered = format!("Bearer {token}x");
    let strangers = [
        None,
        Some(""),
        Some("Bearer "),
        Some("Bearer nobody"),
        Some(&*token),
        Some(&*wrong_scheme),
        Some(&*altered),
    ];
    for row in METHODS {
        for stranger in strangers {
            let (code, reason) = call(&channel, row.path, stranger).await;
            let refused = (Code::Unauthenticated, "UNAUTHENTICATED");
            assert_eq!((code, reason.as_str()), refused, "{} with {stranger:?}", row.path);
        }
    }
}
