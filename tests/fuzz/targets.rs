//! The targets: what is fed with bytes that nobody has looked at, and what must hold whatever the bytes are.
//!
//! A target panics where something is wrong; the engine of this suite and libFuzzer (`fuzz/`) both take that for a
//! finding. A target may keep what is dear to make, and nothing of one input shows in the next.

mod certificates;
mod descriptor;
mod encrypted;
mod free_texts;
pub(crate) mod grpc_calls;
mod message_generator;
mod numbers;
mod offline_server;
mod operator_files;
pub(crate) mod random;
mod rules;
mod signed;
#[path = "../support/temp_dir.rs"]
mod temp_dir;

use random::Dice;

/// Something that takes bytes from outside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    /// Its name, and that of its corpus.
    pub(crate) name: &'static str,
    /// Takes one input; panics where something is wrong.
    pub(crate) run: fn(&[u8]),
    /// Draws an input that is sound, or nearly so.
    pub(crate) draw: fn(&mut Dice) -> Vec<u8>,
    /// What inputs are made of, for mutations to put in.
    pub(crate) words: &'static [&'static str],
}

/// Every target.
pub(crate) const TARGETS: &[Target] = &[
    Target {
        name: "requests",
        run: grpc_calls::request,
        draw: grpc_calls::draw_request,
        words: message_generator::WORDS,
    },
    Target {
        name: "page_tokens",
        run: grpc_calls::page_token,
        draw: grpc_calls::draw_page_token,
        words: grpc_calls::KEYS,
    },
    Target {
        name: "exchanges",
        run: grpc_calls::exchange,
        draw: grpc_calls::draw_exchange,
        words: grpc_calls::HEADERS,
    },
    Target { name: "policies", run: rules::policy, draw: rules::draw_policy, words: rules::WORDS },
    Target { name: "calendars", run: rules::calendar, draw: rules::draw_calendar, words: rules::WORDS },
    Target {
        name: "configurations",
        run: operator_files::configuration,
        draw: operator_files::draw_configuration,
        words: operator_files::KEYS,
    },
    Target {
        name: "credentials",
        run: operator_files::credentials,
        draw: operator_files::draw_credentials,
        words: operator_files::KEYS,
    },
    Target {
        name: "key_files",
        run: operator_files::key_file,
        draw: operator_files::draw_key_file,
        words: operator_files::KEYS,
    },
    Target { name: "cells", run: encrypted::cell, draw: encrypted::draw_cell, words: &[] },
    Target {
        name: "seals",
        run: encrypted::seal_lines,
        draw: encrypted::draw_seal_lines,
        words: encrypted::WORDS,
    },
    Target { name: "tokens", run: signed::token, draw: signed::draw_token, words: signed::WORDS },
    Target { name: "key_sets", run: signed::key_set, draw: signed::draw_key_set, words: signed::WORDS },
    Target { name: "texts", run: free_texts::text, draw: free_texts::draw_text, words: free_texts::WORDS },
    Target { name: "numbers", run: numbers::number, draw: numbers::draw_number, words: numbers::WORDS },
    Target {
        name: "certificates",
        run: certificates::certificate,
        draw: certificates::draw_certificate,
        words: &[],
    },
    Target { name: "codes", run: numbers::code, draw: numbers::draw_code, words: numbers::WORDS },
];

/// The target of a name.
pub(crate) fn of_name(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// One of some texts, as bytes.
fn one_of(dice: &mut Dice, texts: &[&str]) -> Vec<u8> {
    dice.pick(texts).as_bytes().to_vec()
}
