//! Files stay small enough to be read in one go, and open with what they promise.

use super::sources;

/// Lines of a file at most.
const LINES_MAX: usize = 400;
/// Longer files, each with the reason for it.
const LONGER: [(&str, &str); 0] = [];
/// Words that name nothing.
const EMPTY_WORDS: [&str; 6] = ["util", "utils", "helper", "helpers", "common", "manager"];

#[test]
fn no_file_is_too_long_to_be_read_in_one_go() {
    let sizes = sources::every().into_iter().map(|source| (source.text.lines().count(), source.path));
    let longer: Vec<_> = sizes.filter(|(lines, _)| *lines > LINES_MAX).collect();
    let listed = |path: &str| LONGER.iter().any(|(one, _)| *one == path);
    let wrong: Vec<_> = longer.iter().filter(|(_, path)| !listed(path)).collect();
    assert!(wrong.is_empty(), "more than {LINES_MAX} lines: {wrong:?}");
    assert_eq!(longer.len(), LONGER.len(), "a file is listed that is not longer any more");
}

#[test]
fn every_file_opens_with_what_it_promises() {
    for source in sources::every() {
        let first = source.text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 10, "{} opens with {first:?}", source.path);
    }
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    for source in sources::every() {
        let says_nothing =
            source.path.trim_end_matches(".rs").split(['/', '_']).find(|word| EMPTY_WORDS.contains(word));
        assert_eq!(says_nothing, None, "{}", source.path);
    }
}

#[test]
fn nothing_is_allowed_only_expected_and_no_test_is_left_out() {
    // Put together here, so that this file does not hold what it looks for.
    let banned = ["allow", "ignore"].map(|word| (format!("#[{word}"), format!("#![{word}")));
    for source in sources::every() {
        let code = sources::without_comments(&source.text);
        for (outer, inner) in &banned {
            assert!(!code.contains(outer) && !code.contains(inner), "{} has {outer}", source.path);
        }
    }
}
