//! The use cases beside the verbs: the directory, the knowledge base, the rules, the clients, calls, seats, rosters,
//! attachments, templates of texts and identities. Each part owns its tables and has one file for each method of the
//! contract.

pub mod absence;
pub mod attachment;
pub mod call;
pub mod clients;
pub mod directory;
pub mod free_text;
pub mod knowledge;
pub mod message;
pub mod reveal;
pub mod roster;
pub mod rules;
pub mod seat;
pub mod suggest;
pub mod text_template;
