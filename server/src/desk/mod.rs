//! What people at the desk use. Each part owns its tables.

pub mod clients;
pub mod directory;
pub mod reveal;
pub mod rules;
pub mod writing;
