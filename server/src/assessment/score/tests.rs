//! Tests of the scores: published tables, a second scorer that was written separately, and injected errors.

mod agreement;
mod documents;
mod fixture;
mod published;
pub(super) mod random_facts;
mod ranks;
mod reference;
mod rules;
