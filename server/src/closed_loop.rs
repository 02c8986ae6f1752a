//! The verbs of the loop, one a file: what is asked, why it may be refused, and the pure decision that turns a command
//! and a ticket into events.
//!
//! Every command takes the same way, [`ClosedLoop::change`] or [`ClosedLoop::create_ticket`]. It waits for a group of
//! commands, which has one transaction with one instant. The transaction locks the tickets, looks for earlier answers
//! to the same request ids, and compares etags and states. It decides each command by itself, writes through the
//! ledger, and records the answers.

pub mod accept_ticket;
pub mod add_note;
pub mod add_supplement;
pub mod answer_ticket;
pub mod ask_company;
pub mod assign_inside;
mod caller_update;
pub mod carry_over_ticket;
pub mod change;
pub mod classify_ticket;
mod command;
mod command_group;
mod complete_caller;
pub mod conflict_recall;
mod create_fingerprint;
pub mod create_ticket;
pub mod decline_ticket;
pub mod dispatch_ticket;
pub mod draw;
mod duplicate_source;
#[cfg(test)]
pub(crate) mod fixture;
pub mod link_tickets;
pub mod merge_ticket;
pub mod plan_ticket;
pub mod queries;
pub mod record_contact_attempt;
pub mod record_recheck;
pub mod record_repeat_call;
pub mod redact_ticket;
pub mod reinstate_ticket;
pub mod reopen_ticket;
pub mod request_help;
mod request_record;
pub mod return_ticket;
pub mod rework_ticket;
pub mod rule_on_return;
mod screened_texts;
pub mod submit_feedback;
pub mod submit_survey;
mod text_hold;
pub mod transfer_decision;
mod undo_window;
pub mod unmerge_ticket;
pub mod update_caller;
pub mod upload_attachment;
pub mod verb;
pub mod withdraw_ticket;

pub use change::ClosedLoop;
pub(crate) use verb::not_found;
pub use verb::{Change, DecisionContext, Verb, check_state};

pub use crate::desk::free_text::FreeText;
