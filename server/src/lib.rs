//! The enterprise hotline: the closed loop of a company's request, from intake to the follow-up call.
//!
//! The rooms, from roof to cellar; a room uses only rooms below it:
//!
//! | room | what lives there |
//! |---|---|
//! | [`hotline`] | the whole put together |
//! | [`rpc`] | the gRPC services: decode, one use case, encode; and the layers in front of them |
//! | [`oversight`] | what watches the loop: the runner of the ladder, supervision by hand |
//! | [`closed_loop`] | the verbs and the reads of tickets, one a file |
//! | [`desk`] | the other use cases, one a file: directory, rules, clients, identities, audit |
//! | [`ledger`] | the only door through which a ticket changes |
//! | [`access`] | who is speaking, what they may do |
//! | [`deadline`] | what is owed, by when |
//! | [`ticket`] | the noun: states, events, the fold |
//! | [`timeline`] | the chains of what happened, and the seals over them |
//! | [`vault`] | what is sealed, and with which keys |
//! | [`platform`] | clock, configuration, databases, units of work |
//! | [`migration`] | the shape of the database |

pub mod access;
pub mod closed_loop;
pub mod deadline;
pub mod desk;
pub mod hotline;
pub mod ledger;
pub mod migration;
pub mod oversight;
pub mod platform;
pub mod rpc;
pub mod ticket;
pub mod timeline;
pub mod vault;
