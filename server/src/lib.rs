//! The enterprise hotline: the closed loop of a company's request, from intake to the follow-up call.
//!
//! The modules, from top to bottom. A module uses only modules below it:
//!
//! | module | what is there |
//! |---|---|
//! | [`app`] | the composition root: opens everything, serves, and stops |
//! | [`rpc`] | the gRPC services: decode, one use case, encode; and the layers in front of them |
//! | [`oversight`] | background jobs, escalation by hand, the audit and its verification |
//! | [`assessment`] | what the work of a unit in a month was worth |
//! | [`closed_loop`] | the verbs and the reads of tickets, one a file |
//! | [`desk`] | the other use cases, one a file: directory, knowledge base, rules, clients, identities, audit |
//! | [`feed`] | every event and digest by position, and the streams that follow it |
//! | [`ledger`] | the ticket: the only writer of its rows, its reads, its timers and digests |
//! | [`net`] | listener, connection limits, TLS |
//! | [`identity`] | who called: encrypted by the vault, disclosed with an entry in the access log |
//! | [`audit_log`] | records, hash chains, signed checkpoints and their export |
//! | [`access`] | authentication of callers, permits, and what each caller may see |
//! | [`deadline`] | limits: calendar, policy, due instant, ladder |
//! | [`ticket`] | the ticket: states, events, and how events fold into it |
//! | [`platform`] | clock, configuration, databases, units of work |
//! | [`migration`] | the schema of the database |

pub mod access;
pub mod app;
pub mod assessment;
pub mod audit_log;
pub mod closed_loop;
pub mod deadline;
pub mod desk;
pub mod feed;
pub mod identity;
pub mod ledger;
pub mod migration;
pub mod net;
pub mod oversight;
pub mod platform;
pub mod rpc;
pub mod ticket;
