//! The enterprise hotline: the closed loop of a company's request, from intake to the follow-up call.
//!
//! The rooms, from roof to cellar; a room uses only rooms below it:
//!
//! | room | what lives there |
//! |---|---|
//! | [`app`] | the composition root |
//! | [`oversight`] | what watches the loop: the runner of the ladder, supervision by hand, verification of the audit log |
//! | [`rpc`] | the gRPC services: decode, one use case, encode; and the layers in front of them |
//! | [`closed_loop`] | the verbs and the reads of tickets, one a file |
//! | [`desk`] | the other use cases, one a file: directory, rules, clients, identities, audit |
//! | [`ledger`] | the only door through which a ticket changes |
//! | [`net`] | listener, connection limits, TLS |
//! | [`identity`] | who called: encrypted, with the vault's keys and the access log |
//! | [`audit_log`] | hash chains over what happened, signed checkpoints, their export |
//! | [`access`] | who is speaking, what they may do |
//! | [`deadline`] | limits: calendar, policy, due instant, ladder |
//! | [`ticket`] | the noun: states, events, the fold |
//! | [`platform`] | clock, configuration, databases, units of work |
//! | [`migration`] | the shape of the database |

pub mod access;
pub mod app;
pub mod audit_log;
pub mod closed_loop;
pub mod deadline;
pub mod desk;
pub mod identity;
pub mod ledger;
pub mod migration;
pub mod net;
pub mod oversight;
pub mod platform;
pub mod rpc;
pub mod ticket;
