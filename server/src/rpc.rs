//! The gRPC services: each method decodes its request, calls one use case and encodes the outcome (`handler`). Nothing
//! here opens a transaction, runs a query or decides anything.
//!
//! A call passes, from outside in: the [`transport`]'s limits, the bounds on what waits to be sent ([`send_limit`]), the check
//! that it is gRPC ([`protocol`]), the layer that completes whatever is refused ([`refusals`]), the [`call`] layer (the
//! caller's deadline, shedding, the language of refusals), the count of failed [`guesses`], the [`entrance`] (who is
//! speaking, may they), the caller's share by [`rate`], then the method of its service.
//!
//! | service | its methods |
//! |---|---|
//! | `TicketService` | [`ticket`]: the verbs in `ticket/verbs`, the reads in `ticket/queries` |
//! | `DirectoryService` | [`directory`] |
//! | `AdminService` | [`admin`] |
//! | `AuditService` | [`audit`] |
//! | `SimulationService` | [`simulation`] |

pub mod admin;
mod admitted;
pub mod anonymous;
pub mod audit;
pub mod call;
mod debts;
pub mod directory;
pub mod entrance;
mod enums;
mod explanation;
mod fields;
pub mod guesses;
mod handler;
mod idempotent;
pub mod large_pages;
mod page;
pub mod protocol;
pub mod rate;
mod refusal_log;
pub mod refusals;
pub mod request_id;
mod scalars;
pub mod send_limit;
pub mod services;
pub mod simulation;
pub mod status;
pub mod ticket;
pub mod transport;

pub use admin::AdminApi;
pub use audit::AuditApi;
pub use directory::DirectoryApi;
pub use services::Services;
pub use simulation::SimulationApi;
pub use ticket::TicketApi;
