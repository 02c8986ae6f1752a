//! What a command is to its group, and what becomes of it.

use crate::platform::Fault;

/// A command that can share a transaction.
pub trait GroupedCommand: std::fmt::Debug + Send + Sync + 'static {
    /// What it answers.
    type Answer: std::fmt::Debug + Send + 'static;

    /// Commands of different lanes never share a transaction.
    fn lane(&self) -> u8;

    /// Who runs it. If a principal's commands fail often in the database, they run alone.
    fn principal(&self) -> &str;

    /// Hashes of what no two commands in flight may have in common. A collision costs a wait and nothing else.
    fn keys(&self) -> Vec<u64>;
}

/// What became of a command in its group's transaction.
#[derive(Debug)]
pub enum Verdict<A> {
    /// Its answer, once the transaction is committed.
    Answer(A),
    /// It was refused and has written nothing.
    Refused(Fault),
    /// It could not be decided without waiting for somebody else's lock. It runs again, in a group of one, which waits.
    RunAlone,
}
