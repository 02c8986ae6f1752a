//! The targets: what is fed with bytes that nobody has looked at, and what must hold whatever the bytes are.
//!
//! A target panics where something is wrong; the engine of this suite and libFuzzer (`fuzz/`) both take that for a
//! finding. A target may keep what is dear to make, and nothing of one input shows in the next.

pub(crate) mod calls;
mod contract;
mod desk;
pub(crate) mod dice;
mod files;
mod foreign;
mod message;
mod numbers;
mod rules;
mod sealed;
mod signed;
#[path = "../../support/temp_dir.rs"]
mod temp_dir;
mod texts;

use dice::Dice;

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
    Target { name: "requests", run: calls::request, draw: calls::draw_request, words: message::WORDS },
    Target { name: "page_tokens", run: calls::page_token, draw: calls::draw_page_token, words: calls::KEYS },
    Target { name: "exchanges", run: calls::exchange, draw: calls::draw_exchange, words: calls::HEADERS },
    Target { name: "policies", run: rules::policy, draw: rules::draw_policy, words: rules::WORDS },
    Target { name: "calendars", run: rules::calendar, draw: rules::draw_calendar, words: rules::WORDS },
    Target {
        name: "configurations",
        run: files::configuration,
        draw: files::draw_configuration,
        words: files::KEYS,
    },
    Target {
        name: "credentials",
        run: files::credentials,
        draw: files::draw_credentials,
        words: files::KEYS,
    },
    Target { name: "key_files", run: files::key_file, draw: files::draw_key_file, words: files::KEYS },
    Target { name: "cells", run: sealed::cell, draw: sealed::draw_cell, words: &[] },
    Target { name: "seals", run: sealed::seal_lines, draw: sealed::draw_seal_lines, words: sealed::WORDS },
    Target { name: "tokens", run: signed::token, draw: signed::draw_token, words: signed::WORDS },
    Target { name: "key_sets", run: signed::key_set, draw: signed::draw_key_set, words: signed::WORDS },
    Target { name: "texts", run: texts::text, draw: texts::draw_text, words: texts::WORDS },
    Target { name: "numbers", run: numbers::number, draw: numbers::draw_number, words: numbers::WORDS },
    Target { name: "certificates", run: foreign::certificate, draw: foreign::draw_certificate, words: &[] },
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
