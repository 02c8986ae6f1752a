//! Search: the tickets of a scope whose texts have the words of a query, the best first.
//!
//! - **Terms.** A text becomes pairs of neighbouring Chinese characters, single characters, and words of letters and
//!   digits with their beginnings (`lexer`). There is no dictionary, so a new street or brand is found like any word.
//! - **Only redacted text is indexed**: what staff may read, and what units may read if it differs (`document`).
//! - **The index** follows the feed by position ([`Indexer`]). What it has not reached yet is read and ranked directly
//!   (`tail`), so a caller finds what it has just written. A create writes nothing for search.
//! - **The rank** of a ticket depends on its own texts and on the weights of the query's terms (`impact`, `query`). For
//!   staff a rare term weighs more. For a unit all terms weigh the same, because the weights would tell it how often a
//!   word occurs in tickets that it may not see.
//! - **Visibility** is decided by the rows of tickets when the page is read (`find`). The index decides nothing.

mod block;
mod document;
mod find;
mod impact;
mod indexer;
mod lexer;
mod query;
mod rank;
mod ranked_text;
mod read;
mod rows;
mod simplified;
mod snippet;
mod tail;
mod telling_terms;

pub use self::document::text_fingerprint;
pub use self::find::{FoundPage, Hit, PageStart, TicketSearch, find};
pub use self::indexer::{IndexPass, Indexer};
pub use self::query::{QUERY_CHARS_MAX, SearchTerms};
pub use self::ranked_text::{RankedText, TextQuery};
pub use self::snippet::{Snippet, snippet};
pub use self::telling_terms::telling_terms;
