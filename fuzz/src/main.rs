//! The targets of `tests/fuzz` under libFuzzer, which keeps the inputs that reach new code. `FUZZ_TARGET` names the
//! target; `fuzz/run` sets it. `docs/fuzzing.md` says how to use it.

#![no_main]

#[path = "../../tests/fuzz"]
mod suite {
    pub(crate) mod targets;
}

use std::sync::OnceLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use suite::targets::random::Random;
use suite::targets::{Target, grpc_calls, of_name};

/// The percentage of inputs that are generated and get a word of the dictionary. libFuzzer changes the rest in its own
/// ways.
const GENERATED_PERCENT: usize = 3;
const DICTIONARY_PERCENT: usize = 15;

static TARGET: OnceLock<&'static Target> = OnceLock::new();

fn target() -> &'static Target {
    TARGET.get_or_init(|| {
        grpc_calls::page_tokens_fit().expect("page tokens get past their digest");
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        of_name(&name).unwrap_or_else(|| panic!("FUZZ_TARGET is {name:?}, which is no target"))
    })
}

fuzz_target!(init: { target(); }, |bytes: &[u8]| (target().run)(bytes));

fuzz_mutator!(|bytes: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let target = target();
    let mut random = Random::of(u64::from(seed), target.name);
    let way = random.below(100);
    let other = if way < GENERATED_PERCENT {
        (target.generate)(&mut random)
    } else if way < GENERATED_PERCENT + DICTIONARY_PERCENT && !target.dictionary.is_empty() {
        let mut input = bytes[..size].to_vec();
        let (place, word) = (random.below(size + 1), random.pick(target.dictionary));
        input.splice(place..place, word.bytes());
        input
    } else {
        return fuzzer_mutate(bytes, size, max_size);
    };
    let length = other.len().min(max_size);
    bytes[..length].copy_from_slice(&other[..length]);
    length
});
