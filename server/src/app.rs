//! The composition root: from a configuration to a server that answers calls, and to the commands that work on its
//! database.

mod attachments;
mod audit_log;
mod authenticator;
mod await_database;
mod background;
mod backup;
mod bounded_server;
mod check_config;
mod copy_open_file;
mod create_database;
mod database;
mod drain;
mod failure;
mod file_exposure;
mod health;
mod list_marks;
mod open;
mod postgres_tools;
mod private_folder;
mod restore;
mod router;
mod seed;
mod serve;
mod serve_in_process;
mod vault_keys;

pub use audit_log::{accepted_keys, print_checkpoints, verify};
pub use backup::backup;
pub use database::migrate;
pub use failure::Failure;
pub use file_exposure::check_config_file;
pub use list_marks::{MarkCount, list_marks};
pub use open::App;
pub use restore::{RestoreOptions, restore};
pub use vault_keys::change_vault_keys;
