//! The client of the enterprise hotline (北京 12345 企业热线): every method of the contract as a Rust method with plain
//! types.
//!
//! - [`HotlineClient`] connects; [`Tickets`], [`Calls`], [`Seats`], [`Directory`], [`Knowledge`], [`Admin`] and
//!   [`Simulation`] have one method for each of the contract's.
//! - Commands carry a request id automatically. If an answer is lost, they are sent again with the same id, so that
//!   nothing happens twice. Calls end within the client's deadline.
//! - Refusals are an [`Error`] with the contract's [`ErrorReason`], all wrong fields, and whether to retry.
//! - Lists are [`Listing`]s, fetched page by page as they are read.
//! - A [`TicketWatch`] streams what happens, over broken connections and restarts. A [`WorkQueue`] gives a unit its
//!   tickets.
//! - [`DevelopmentCredentials`] finds a token for first tries.
//!
//! A unit accepts a ticket and handles it:
//!
//! ```no_run
//! use hotline_client::{
//!     AcceptTicket, ErrorReason, HotlineClient, ListTickets, TicketState,
//! };
//!
//! # async fn example(token: &str) -> Result<(), hotline_client::Error> {
//! let client = HotlineClient::builder().endpoint("http://127.0.0.1:7312").token(token).connect().await?;
//! let which = ListTickets::default().states([TicketState::Dispatched]);
//! let mut sent = client.tickets().list_tickets(which);
//! while let Some(ticket) = sent.try_next().await? {
//!     match client.tickets().accept_ticket(AcceptTicket::new(&ticket.number)).await {
//!         Ok(ticket) => println!("{} is ours until {}", ticket.number, ticket.cycle.due_time),
//!         // We only assist here.
//!         Err(error) if error.reason() == Some(ErrorReason::LeadOnly) => {}
//!         Err(error) => return Err(error),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod absences;
mod admin;
mod analysis;
mod assessment;
mod audit;
mod call;
mod calls;
mod clients;
mod connect;
mod convert;
mod credentials;
mod directory;
mod error;
mod knowledge;
mod messages;
mod model;
mod observe;
mod options;
mod page;
mod policy_issues;
mod retry;
mod rpc;
mod seats;
mod simulation;
#[cfg(feature = "spool")]
pub mod spool;
mod text_templates;
mod tickets;
mod token;
mod topics;
mod trace;
mod transport;
mod watch;
mod work_queue;

pub use absences::SetAbsence;
pub use admin::{
    Admin, ApproveProposal, ListProposals, ProposeCalendar, ProposePolicy, Which, WithdrawProposal,
};
pub use analysis::{AnalyseTickets, Analysis, AnalysisFilter, ExportTickets, FindClusters};
pub use assessment::{
    ApprovePublication, ApproveScheme, Assessment, CorrectMonth, DecideExclusion, DecideObjection,
    FileObjection, LeaseFollowUps, ListFacts, ListObjections, ListScoreLines, ListUnitScores,
    ProposePublication, ProposeScheme, ReleaseFollowUps, RequestExclusion,
};
pub use audit::{Audit, ListAuditRecords, ListIdentityAccesses, VerifyAuditLog};
pub use calls::{AttachRecording, Calls, ForecastSeats, ListCalls, RecordCallBack, ReportCall};
pub use clients::{CreateClient, IssueCredential, ListClients, RevokeClient, RevokeCredential};
pub use connect::{Builder, HotlineClient, Language};
pub use convert::IntoField;
pub use credentials::{CredentialsError, DEFAULT_ENDPOINT, DevelopmentCredentials, Token};
pub use directory::{
    DeactivateUnit, Directory, ListCatalogueEntries, ListUnits, PreviewDeadline, PutCatalogueEntry, PutUnit,
};
pub use error::{Code, Error, ErrorKind, ErrorReason, FieldViolation, LocalizedMessage, UnknownName};
pub use knowledge::{
    CloseKnowledgeGap, DraftArticle, FindSimilarTickets, GetSuggestionQuality, ImportArticles, Knowledge,
    ListAffectedAnswers, ListArticles, ListKnowledgeGaps, PublishArticle, RetireArticle, ReviewArticle,
    SearchArticles, SuggestClassification, SuggestDispatch,
};
pub use messages::{ChooseMessages, Messages, PutTemplate};
pub use model::*;
pub use observe::{ClientEvent, Observer};
pub use options::CallOptions;
pub use page::{Listing, Page};
pub use policy_issues::{AnswerPolicyIssue, ListPolicyIssues, SendPolicyIssue};
pub use retry::RetryPolicy;
pub use seats::{
    AnswerCall, DeclineOffer, EndCall, ListSeats, OfferCall, PutRoster, PutSeat, PutShift, PutSkill,
    SeatItem, SeatSetup, SeatWatch, Seats, SetSeatStatus, SignIn, SignOut, TransferCall, TransferTarget,
};
pub use simulation::{Advanced, Simulation};
pub use text_templates::{ListTextTemplates, PutTextTemplate};
pub use tickets::*;
#[cfg(feature = "oidc")]
pub use token::oidc::OidcToken;
pub use token::{FileToken, TokenError, TokenFuture, TokenProvider};
pub use topics::PutTopic;
pub use trace::{InvalidTraceContext, TraceContext};
pub use transport::{BoxedStream, ByteStream, Connecting, Connector};
pub use uuid::Uuid;
pub use watch::{TicketWatch, WatchCursor, WatchItem, WatchStart, WatchTickets};
pub use work_queue::WorkQueue;
pub use {chrono, uuid};
