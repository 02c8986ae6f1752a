//! What people at the desk use besides the verbs: the directory, the rules, the clients, identities and the audit. Each
//! part owns its tables and has one file per method of the contract.

pub mod audit;
pub mod clients;
pub mod directory;
pub mod reveal;
pub mod rules;
pub mod writing;
