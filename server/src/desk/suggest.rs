//! Suggestions: the topic of a text and the units for it, with the words that decided. People decide; nothing is
//! classified or dispatched by a suggestion.
//!
//! A linear model on hashed n-grams of characters learns from this hotline's confirmed decisions. As long as there are
//! none, a label's own words stand in (`cold_start`). Only redacted texts are read, and a model's bytes depend on
//! nothing but them.

pub mod asked;
pub mod calibration;
pub mod cause_groups;
pub mod cold_start;
mod features;
pub mod find_similar_tickets;
pub mod get_suggestion_quality;
pub mod learn;
pub mod log;
pub mod model;
mod model_bytes;
pub mod redacted;
pub mod similar;
pub mod similarity;
pub mod stored_models;
pub mod suggest_classification;
pub mod suggest_dispatch;
pub mod suggestions;
mod training;
pub mod why;

pub use model_bytes::NotAModel;
pub use suggestions::Suggestions;
