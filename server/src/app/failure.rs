//! Why the server or one of its commands does not run.

/// An error that ends the program; its text is printed.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
