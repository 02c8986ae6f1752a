//! What people at the desk use. Each part owns its tables.

pub mod clients;
pub mod directory;
pub mod free_text;
pub mod reveal;
pub mod rules;
