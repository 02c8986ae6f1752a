//! The guards: rules of the house that run as tests. Each reads the code, the contract or the running server, and none
//! knows more than the rule it stands for.

mod access_matrix;
mod asked;
mod config_file;
mod contract;
mod deeds;
mod error_page;
mod failpoints;
mod free_texts;
mod golden;
mod layers;
mod metrics_page;
mod relation_matrix;
mod room_order;
mod security_page;
mod sizes;
mod sources;
mod state_machine;
mod verbs;
mod walk;
pub(crate) mod wire;
