//! Failpoints: the list names exactly the places in the code, and no release build contains them.

use std::collections::BTreeSet;
use std::process::Command;

use hotline_server::platform::failpoint::FAILPOINTS;

use super::sources;

/// The fewest places that the suite covers.
const FAILPOINTS_MIN: usize = 30;

#[test]
fn the_list_names_every_place_that_the_code_reaches() {
    let mut reached = BTreeSet::new();
    for source in sources::under("server/src") {
        if source.path.contains("/platform/failpoint") {
            continue;
        }
        for call in ["failpoint::reach(\"", "failpoint::inject(\""] {
            let places = source.text.match_indices(call).map(|(at, _)| &source.text[at + call.len()..]);
            reached.extend(places.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
        for field in ["before: \"", "after: \""] {
            let places = source.text.match_indices(field).map(|(at, _)| &source.text[at + field.len()..]);
            let places = places.filter_map(|rest| rest.split('"').next());
            reached.extend(places.filter(|place| place.starts_with("transaction.")).map(str::to_owned));
        }
    }
    let listed: BTreeSet<_> = FAILPOINTS.iter().map(|place| (*place).to_owned()).collect();
    assert_eq!(listed.len(), FAILPOINTS.len(), "a place is listed twice");
    assert_eq!(reached, listed);
    assert!(listed.len() >= FAILPOINTS_MIN);
}

/// A release is built from what cargo resolves without the development dependencies.
#[test]
fn no_release_build_contains_failpoints() {
    let tree = |edges: &str| {
        let mut tree = Command::new(env!("CARGO"));
        tree.args(["tree", "--offline", "--locked", "-p", "hotline-server", "--prefix", "none", "-e", edges]);
        let output = tree.current_dir(sources::root()).output().expect("cargo can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("cargo writes text")
    };
    let has_fail = |tree: &str| {
        tree.lines().any(|line| line.starts_with("fail v") || line.contains("feature \"failpoints\""))
    };
    assert!(!has_fail(&tree("normal,features")), "failpoints are compiled into a release");
    assert!(
        has_fail(&tree("normal,dev,features")),
        "the tests have no failpoints, so this guard sees nothing"
    );
}
