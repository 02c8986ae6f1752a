//! Files that are made and kept: compared with what is made now, and written anew on demand, so that a change of them
//! is seen by whoever reviews it.

use std::{env, fs};

use super::sources::root;

/// Set to 1, it writes the files instead of comparing them.
const BLESS: &str = "HOTLINE_BLESS";

/// Fails where a kept file is not what is made now.
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
