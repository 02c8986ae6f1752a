//! The reads of tickets.

mod explain_deadline;
mod get_attachment;
mod get_ticket;
mod list_digests;
mod list_own_intakes;
mod list_ticket_events;
mod list_tickets;
mod search_tickets;
mod states;
mod watch_tickets;
mod who_am_i;
