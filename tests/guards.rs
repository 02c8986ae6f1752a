//! The guards: rules of the code base that run as tests. Each reads the code, the contract or the running server, and none
//! knows more than the rule it stands for.

mod access_matrix;
mod code_rules;
mod code_text;
mod config_file;
mod contract;
mod descriptions;
mod error_page;
mod failpoints;
mod free_texts;
mod golden_file;
mod import_cycles;
mod import_order;
mod instants;
mod layer_names;
mod metrics_page;
mod module_graph;
pub(crate) mod raw_call;
mod relation_matrix;
mod rpc_files;
mod sample_commands;
mod sample_requests;
mod security_page;
mod sizes;
mod sources;
mod state_explorer;
mod state_machine;
mod verbs;
mod words;
