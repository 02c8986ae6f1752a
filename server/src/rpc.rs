//! The gRPC services: each method decodes its request, calls one use case and encodes the outcome (`handler`). Nothing
//! here opens a transaction, runs a query or decides anything.
//!
//! A call arrives through [`net`](crate::net) and passes the tower layers of [`layer`] before the method of its
//! service.
//!
//! | service | its methods |
//! |---|---|
//! | `TicketService` | [`ticket`]: the verbs in `ticket/verbs`, the reads in `ticket/queries` |
//! | `DirectoryService` | [`directory`] |
//! | `KnowledgeService` | [`knowledge`] |
//! | `CallService` | [`call`] |
//! | `AssessmentService` | [`assessment`] |
//! | `AnalysisService` | [`analysis`] |
//! | `SeatService` | [`seat`] |
//! | `MessageService` | [`message`] |
//! | `AdminService` | [`admin`] |
//! | `AuditService` | [`audit`] |
//! | `SimulationService` | [`simulation`] |

pub mod admin;
pub mod analysis;
pub mod assessment;
pub mod audit;
pub mod call;
pub mod descriptions;
pub mod directory;
mod enums;
mod explanation;
mod fields;
mod handler;
mod idempotent;
pub mod knowledge;
pub mod large_pages;
pub mod layer;
pub mod message;
mod page;
pub mod request_id;
mod scalars;
mod search_text;
pub mod seat;
pub mod services;
pub mod simulation;
pub mod status;
pub mod ticket;

pub use admin::AdminApi;
pub use analysis::AnalysisApi;
pub use assessment::AssessmentApi;
pub use audit::AuditApi;
pub use call::CallApi;
pub use directory::DirectoryApi;
pub use knowledge::KnowledgeApi;
pub use message::MessageApi;
pub use seat::SeatApi;
pub use services::Services;
pub use simulation::SimulationApi;
pub use ticket::TicketApi;
