//! How long the redaction of one text takes, by its length.
//!
//! ```sh
//! cargo bench -p hotline-server --bench redaction -- --texts 2000
//! ```
//!
//! Texts of a length are made of the samples of `tests/redaction`, each beginning with another one. Others repeat one
//! part: digits, cue words, characters that are read as others. Each text is screened as at intake, with a caller and
//! without one. The bound is the longest time of any text of the greatest length.

#[path = "../../tests/redaction/corpus.rs"]
mod corpus;

use std::hint::black_box;
use std::time::{Duration, Instant};

use clap::Parser;
use hotline_server::ticket::CallerIdentity;
use hotline_server::ticket::pii;

use self::corpus::Sample;

/// Lengths in characters; the last one is the longest that the contract takes.
const LENGTHS: [usize; 3] = [500, 1_000, 10_000];
/// Texts that are screened before the clock counts.
const WARM_UP: usize = 50;
/// Texts of one part, repeated.
const DENSE: [&str; 10] = [
    "13800138000",
    "1 ",
    "0",
    "电话",
    "电话8",
    "①②③",
    "一三八，",
    "a@b.c ",
    "91110105MA00HTNE0R",
    "微信号a1b2c3",
];

/// How long the redaction of a text takes.
#[derive(Debug, Clone, Parser)]
struct Options {
    /// Texts of each length.
    #[arg(long, default_value_t = 2_000)]
    texts: usize,
    /// Cargo passes it to every benchmark.
    #[arg(long = "bench", hide = true)]
    _bench: bool,
}

/// A text of so many characters, made of samples from one on.
fn text_from(samples: &[Sample], first: usize, length: usize) -> String {
    let mut text = String::new();
    let mut chars = 0;
    for sample in samples.iter().cycle().skip(first % samples.len()) {
        if chars >= length {
            break;
        }
        text.push_str(&sample.text);
        text.push('。');
        chars += sample.text.chars().count() + 1;
    }
    text.chars().take(length).collect()
}

/// The times of texts, the shortest first.
fn times(texts: &[String], caller: &CallerIdentity) -> Vec<Duration> {
    for text in texts.iter().take(WARM_UP) {
        black_box(pii::mask(text, caller));
    }
    let time = |text: &String| {
        let begun = Instant::now();
        black_box(pii::mask(black_box(text), caller));
        begun.elapsed()
    };
    let mut times: Vec<Duration> = texts.iter().map(time).collect();
    times.sort();
    times
}

/// The time below which a share of the times lies, in hundredths.
fn share(times: &[Duration], hundredths: usize) -> Duration {
    times[(times.len() - 1) * hundredths / 100]
}

fn print(what: &str, length: usize, texts: &[String], caller: &CallerIdentity) {
    let times = times(texts, caller);
    let [median, p99, longest] =
        [50, 99, 100].map(|hundredths| share(&times, hundredths).as_secs_f64() * 1e6);
    println!("{length:>6} | {what:<22} | {median:>9.1} | {p99:>9.1} | {longest:>9.1}");
}

fn main() {
    let options = Options::parse();
    let mut samples = corpus::read(include_str!("../../tests/redaction/own.txt"));
    samples.extend(corpus::read(include_str!("../../tests/redaction/blind.txt")));
    // Both files take turns.
    samples.sort_by_key(|sample| (sample.line, sample.places.len()));
    let named =
        |sample: &Sample| sample.caller.contact_name.is_some() && sample.caller.enterprise_name.is_some();
    let caller = samples.iter().find(|sample| named(sample)).map(|sample| sample.caller.clone());
    let callers = [("no caller", CallerIdentity::default()), ("a caller", caller.unwrap_or_default())];
    println!("length | texts                  | median µs |    p99 µs |    max µs");
    for length in LENGTHS {
        let texts: Vec<_> = (0..options.texts).map(|first| text_from(&samples, first, length)).collect();
        let dense: Vec<_> = DENSE
            .iter()
            .flat_map(|part| std::iter::repeat_n(part, 20))
            .map(|part| part.repeat(length).chars().take(length).collect::<String>())
            .collect();
        for (who, caller) in &callers {
            print(&format!("samples, {who}"), length, &texts, caller);
            print(&format!("one part, {who}"), length, &dense, caller);
        }
    }
}
