//! The replay example on twelve invented messages: its counts must equal counts by hand, on the natural and on the
//! working-day clock, and with policies side by side.

use std::process::{Command, Output, Stdio};
use std::{env, fs};

use serde_json::{Value, json};

use crate::support::example;
use crate::support::server::{Options, Server, Store};
use crate::support::temp_dir::TempDir;

on_every_store!(store: natural_days_match_a_count_by_hand, working_days_match_a_count_by_hand);

/// When the first message was sent: a Friday before the National Day holidays. Seven natural days end on 4 October at
/// ten, seven working days on 12 October at ten.
const SENT: &str = "2019-09-27T10:00:00+08:00";

/// The reply times for [`SENT`]: at a limit, at a rung, and one second after.
const REPLIED: [&str; 10] = [
    // The natural limit, and its rungs a day and two days later.
    "2019-10-04T10:00:00+08:00",
    "2019-10-04T10:00:01+08:00",
    "2019-10-05T10:00:00+08:00",
    "2019-10-05T10:00:01+08:00",
    "2019-10-06T10:00:00+08:00",
    "2019-10-06T10:00:01+08:00",
    // The working limit, and one second after it and its rungs.
    "2019-10-12T10:00:00+08:00",
    "2019-10-12T10:00:01+08:00",
    "2019-10-13T10:00:01+08:00",
    "2019-10-14T10:00:01+08:00",
];

/// A file with a byte order mark, a quoted line break, a message on a holiday, one that is answered at once, and an
/// invalid row.
fn messages() -> String {
    let mut rows = vec!["\u{feff}id,subject,sent_at,body,reply,replied_at".to_owned()];
    for (row, replied) in REPLIED.iter().enumerate() {
        rows.push(format!("{row},执照变更未办结,{SENT},\"申请已提交，\n至今没有答复。\",已办结。,{replied}"));
    }
    // Sent on a holiday: seven natural days end on the 8th at three, seven working days at the end of the 15th.
    rows.push(
        "10,停电,2019-10-01T15:00:00+08:00,\"厂房停电, 请核实\",已恢复。,2019-10-16T00:00:00+08:00".into(),
    );
    rows.push("11,咨询,2019-10-02T09:00:00+08:00,如何办理？,当场答复。,2019-10-02T09:00:00+08:00".into());
    rows.push("12,坏行,昨天,没有时间,无,2019-10-02T09:00:00+08:00".into());
    rows.join("\r\n")
}

/// Replays the messages; returns the counts, and the messages about rows.
async fn counts(store: Store, keys: &[(&str, &str)]) -> (Value, String) {
    let clock = Options::default().simulated_clock("2019-01-01T00:00:00+08:00");
    let options = keys.iter().fold(clock, |options, (key, value)| options.set(key, value));
    let server = Server::start(store, options);
    let input = server.data_dir().join("messages.csv");
    fs::write(&input, messages()).expect("the file can be written");
    let mut command = Command::new(example::program("replay"));
    command.arg("--input").arg(input).stdin(Stdio::null()).env_remove("HOTLINE_TOKEN");
    command.env_remove("HOTLINE_ENDPOINT");
    command.env("HOTLINE_CREDENTIALS", server.data_dir().join("development-credentials.toml"));
    let outcome = tokio::task::spawn_blocking(move || command.output().expect("the example can be run"));
    let outcome = outcome.await.expect("the example was run");
    let messages_about_rows = String::from_utf8(outcome.stderr).expect("it speaks UTF-8");
    assert!(outcome.status.success(), "{messages_about_rows}");
    let mut counts: Value = serde_json::from_slice(&outcome.stdout).expect("it prints JSON");
    let seconds = counts.as_object_mut().and_then(|counts| counts.remove("seconds"));
    assert!(seconds.is_some_and(|seconds| seconds.is_f64()), "it says how long it took");
    (counts, messages_about_rows)
}

/// The broken row follows ten records of two lines each, a header and two more.
const LEFT_OUT: &str = "line 24: left out: sent_at is not an RFC 3339 time";

async fn natural_days_match_a_count_by_hand(store: Store) {
    let (counts, messages_about_rows) = counts(store, &[]).await;
    // On time: the first reply, and the immediate one. Past the second rung: from the fourth reply on; past the third:
    // from the sixth on. The message of the holiday is past all of them.
    let expected = json!({
        "tickets": 12, "completed": 12, "on_time": 2, "late": 10, "urged": 10, "supervised": 8, "manual": 6,
    });
    assert_eq!(counts, expected);
    assert_eq!(messages_about_rows.trim(), LEFT_OUT);
}

/// No limit may end before that of a simpler request, so both count working days.
const WORKING_DAYS: [(&str, &str); 2] =
    [("policy.deadline.general.clock", "working"), ("policy.deadline.complex.clock", "working")];

async fn working_days_match_a_count_by_hand(store: Store) {
    let (counts, messages_about_rows) = counts(store, &WORKING_DAYS).await;
    // Late: the last three of the ten, one rung further each. The message of the holiday is answered exactly at its
    // limit.
    let expected = json!({
        "tickets": 12, "completed": 12, "on_time": 9, "late": 3, "urged": 3, "supervised": 2, "manual": 1,
    });
    assert_eq!(counts, expected);
    assert_eq!(messages_about_rows.trim(), LEFT_OUT);
}

/// Runs the example with policies; each is a file's name and its text.
fn what_if(policies: &[(&str, &str)], flags: &[&str]) -> Output {
    let home = TempDir::new("what-if");
    let input = home.path().join("messages.csv");
    fs::write(&input, messages()).expect("the file can be written");
    let mut command = Command::new(example::program("replay"));
    command.arg("--input").arg(input);
    for (name, text) in policies {
        let path = home.path().join(name);
        fs::write(&path, text).expect("the file can be written");
        command.arg("--policy").arg(path);
    }
    // The servers inherit its environment, and a developer's own must not change the result.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HOTLINE_")) {
        command.env_remove(name);
    }
    command.args(flags).stdin(Stdio::null()).output().expect("the example can be run")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("it speaks UTF-8")
}

const WORKING: (&str, &str) =
    ("working-days.toml", "[policy.deadline]\ngeneral.clock = \"working\"\ncomplex.clock = \"working\"\n");
/// All rungs fire within two hours.
const SHORT_LADDER: (&str, &str) =
    ("short-ladder.toml", "policy.ladder = { supervise_after_hours = 1, manual_after_hours = 2 }");

#[test]
fn a_policy_is_compared_with_the_one_in_force() {
    let outcome = what_if(&[WORKING], &[]);
    assert!(outcome.status.success(), "{}", text(&outcome.stderr));
    assert_eq!(text(&outcome.stderr).trim(), LEFT_OUT);
    let expected = "            in force  what if  difference
tickets           12       12           0
completed         12       12           0
on_time            2        9          +7
late              10        3          -7
urged             10        3          -7
supervised         8        2          -6
manual             6        1          -5
";
    assert_eq!(text(&outcome.stdout), expected);
}

#[test]
fn several_policies_are_compared_with_each_other() {
    let outcome = what_if(&[WORKING, SHORT_LADDER], &["--json"]);
    assert!(outcome.status.success(), "{}", text(&outcome.stderr));
    let mut found: Value = serde_json::from_slice(&outcome.stdout).expect("it prints JSON");
    for counts in ["/in_force", "/what_if/0/counts", "/what_if/1/counts"] {
        let counts = found.pointer_mut(counts).and_then(Value::as_object_mut).expect("counts");
        assert!(counts.remove("seconds").is_some_and(|seconds| seconds.is_f64()), "it says how long it took");
    }
    let counts = |[on_time, urged, supervised, manual]: [i32; 4], tickets: i32, late: i32| {
        json!({
            "tickets": tickets, "completed": tickets, "on_time": on_time, "late": late,
            "urged": urged, "supervised": supervised, "manual": manual,
        })
    };
    // On the short ladder the third reply comes a day after the second one, long past both rungs.
    let expected = json!({
        "in_force": counts([2, 10, 8, 6], 12, 10),
        "what_if": [
            {
                "policy": "working-days",
                "counts": counts([9, 3, 2, 1], 12, 3),
                "difference": counts([7, -7, -6, -5], 0, -7),
            },
            {
                "policy": "short-ladder",
                "counts": counts([2, 10, 9, 9], 12, 10),
                "difference": counts([0, 0, 1, 3], 0, 0),
            },
        ],
    });
    assert_eq!(found, expected);
}

#[test]
fn an_invalid_policy_is_refused_with_the_message_of_the_server() {
    for (text_of_policy, words) in [
        ("[policy.ladder]\nurge_after_hour = 3\n", "urge_after_hour"),
        ("[policy.deadline.general]\ndays = 0\n", "policy.deadline.general.days: 0 is outside 1 to 365"),
        ("[policy.deadline.general]\nclock = \"lunar\"\n", "lunar"),
        ("[limits]\ncalls_max = 1\n", "limits is no part of [policy]"),
        ("policy", "TOML parse error at line 1"),
    ] {
        let outcome = what_if(&[WORKING, ("slip.toml", text_of_policy)], &[]);
        let messages_about_rows = text(&outcome.stderr);
        assert!(!outcome.status.success(), "{text_of_policy} was taken");
        assert!(
            messages_about_rows.contains("slip.toml: ") && messages_about_rows.contains(words),
            "{text_of_policy}: {messages_about_rows}"
        );
        assert_eq!(text(&outcome.stdout), "");
    }
    let outcome = what_if(&[WORKING], &["--server", "/nowhere/hotline-server"]);
    let messages_about_rows = text(&outcome.stderr);
    assert!(!outcome.status.success(), "there is no such program");
    assert!(
        messages_about_rows.contains("no server at /nowhere/hotline-server; build it with\n  cargo build"),
        "{messages_about_rows}"
    );
}
