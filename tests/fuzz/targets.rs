//! The targets: code that reads foreign bytes, and the properties that must hold for any bytes.
//!
//! A target panics if a property fails; the engine of this suite and libFuzzer (`fuzz/`) both report that as a finding.
//! A target may cache expensive objects, but no state of one input may affect the next.

mod certificates;
mod checkpoints;
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

use random::Random;

/// Code that reads foreign bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    /// The name of the target and of its corpus.
    pub(crate) name: &'static str,
    /// Runs one input; panics if a property fails.
    pub(crate) run: fn(&[u8]),
    /// Generates a valid or almost valid input.
    pub(crate) generate: fn(&mut Random) -> Vec<u8>,
    /// Parts of inputs, for mutations to insert.
    pub(crate) dictionary: &'static [&'static str],
}

/// Every target.
pub(crate) const TARGETS: &[Target] = &[
    Target {
        name: "requests",
        run: grpc_calls::request,
        generate: grpc_calls::generate_request,
        dictionary: message_generator::DICTIONARY,
    },
    Target {
        name: "page_tokens",
        run: grpc_calls::page_token,
        generate: grpc_calls::generate_page_token,
        dictionary: grpc_calls::KEYS,
    },
    Target {
        name: "exchanges",
        run: grpc_calls::exchange,
        generate: grpc_calls::generate_exchange,
        dictionary: grpc_calls::HEADERS,
    },
    Target {
        name: "policies",
        run: rules::policy,
        generate: rules::generate_policy,
        dictionary: rules::DICTIONARY,
    },
    Target {
        name: "calendars",
        run: rules::calendar,
        generate: rules::generate_calendar,
        dictionary: rules::DICTIONARY,
    },
    Target {
        name: "configurations",
        run: operator_files::configuration,
        generate: operator_files::generate_configuration,
        dictionary: operator_files::KEYS,
    },
    Target {
        name: "credentials",
        run: operator_files::credentials,
        generate: operator_files::generate_credentials,
        dictionary: operator_files::KEYS,
    },
    Target {
        name: "key_files",
        run: operator_files::key_file,
        generate: operator_files::generate_key_file,
        dictionary: operator_files::KEYS,
    },
    Target { name: "cells", run: encrypted::cell, generate: encrypted::generate_cell, dictionary: &[] },
    Target {
        name: "checkpoints",
        run: checkpoints::checkpoint_lines,
        generate: checkpoints::generate_checkpoint_lines,
        dictionary: checkpoints::DICTIONARY,
    },
    Target {
        name: "tokens",
        run: signed::token,
        generate: signed::generate_token,
        dictionary: signed::DICTIONARY,
    },
    Target {
        name: "key_sets",
        run: signed::key_set,
        generate: signed::generate_key_set,
        dictionary: signed::DICTIONARY,
    },
    Target {
        name: "texts",
        run: free_texts::text,
        generate: free_texts::generate_text,
        dictionary: free_texts::DICTIONARY,
    },
    Target {
        name: "normal_forms",
        run: free_texts::normal_form,
        generate: free_texts::generate_normal_form,
        dictionary: free_texts::UNUSUAL,
    },
    Target {
        name: "numbers",
        run: numbers::number,
        generate: numbers::generate_number,
        dictionary: numbers::DICTIONARY,
    },
    Target {
        name: "certificates",
        run: certificates::certificate,
        generate: certificates::generate_certificate,
        dictionary: &[],
    },
    Target {
        name: "phones",
        run: numbers::phone,
        generate: numbers::generate_phone,
        dictionary: numbers::DICTIONARY,
    },
    Target {
        name: "codes",
        run: numbers::code,
        generate: numbers::generate_code,
        dictionary: numbers::DICTIONARY,
    },
];

/// The target with a name.
pub(crate) fn of_name(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// One of some texts, as bytes.
fn one_of(random: &mut Random, texts: &[&str]) -> Vec<u8> {
    random.pick(texts).as_bytes().to_vec()
}
