//! Generated files in the repository: compared with the present output, and written again on demand, so that reviewers
//! see changes.

use std::{env, fs};

use super::sources::root;

/// If it is 1, the files are written instead of compared.
const BLESS: &str = "HOTLINE_BLESS";

/// Fails if a stored file differs from the present output.
pub(crate) fn check(path: &str, made: &str) {
    let full = root().join(path);
    if env::var(BLESS).is_ok_and(|value| value == "1") {
        fs::create_dir_all(full.parent().expect("it lies in a folder")).expect("the folder can be made");
        fs::write(&full, made).unwrap_or_else(|error| panic!("{path}: {error}"));
        return;
    }
    let kept = fs::read_to_string(&full).unwrap_or_default();
    if kept == made {
        return;
    }
    let line = kept.lines().zip(made.lines()).take_while(|(kept, made)| kept == made).count();
    panic!(
        "{path} is stale from line {} on\n  kept: {}\n  made: {}\nrun `{BLESS}=1 cargo test guards`, and review \
         what changed",
        line + 1,
        kept.lines().nth(line).unwrap_or("(the end)"),
        made.lines().nth(line).unwrap_or("(the end)"),
    );
}
