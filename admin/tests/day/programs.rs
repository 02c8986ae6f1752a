//! What scripts rely on: exit codes, the doctor, and a small demonstration.

use std::fs;

use hotline_client::Role;
use serde_json::Value;

use crate::office::{LEAD, Office, golden};

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_their_exit_codes_and_name_the_flags() {
    let office = Office::open().await;
    let number = &*office.take_in("营业执照变更");
    let create = [
        "ticket",
        "create",
        "--category",
        "appeal",
        "--channel",
        "web",
        "--subject",
        "",
        "--content",
        "x",
        "--topic",
        "no.such",
        "--social-credit-code",
        "1",
    ];
    let (code, error) = office.failure("agent", &create);
    assert_eq!(code, 3, "{error}");
    golden("ticket_refused.txt", &error);
    let (_, error) = office.failure("agent", &[&create[..], &["--language", "zh"]].concat());
    golden("ticket_refused_zh.txt", &error);
    for (who, arguments, expected) in [
        ("agent", &["ticket", "show", "2606010000000"][..], 3),
        ("agent", &["ticket", "dispatch", number, "--lead", LEAD], 5),
        ("dispatcher", &["ticket", "dispatch", number, "--lead", LEAD, "--etag", "9"], 7),
        ("agent", &["ticket", "survey", number, "--resolved", "yes"], 6),
        ("agent", &["unit", "show", "no-such-unit"], 4),
        ("agent", &["ticket", "list", "--state", "nowhere"], 2),
        ("agent", &["ticket", "list", "--endpoint", "http://127.0.0.1:1", "--quiet"], 8),
        ("administrator", &["client", "revoke", "dev-agent", "--note", "x"], 2),
    ] {
        let (code, error) = office.failure(who, arguments);
        assert_eq!(code, expected, "{arguments:?}: {error}");
    }
    let profile = office.home.path().join(".config/hotline/profiles.toml");
    fs::create_dir_all(profile.parent().expect("a folder")).expect("a folder");
    fs::write(&profile, "[profile.default]\nkey_file = \"k\"\n").expect("a file");
    assert_eq!(office.failure("agent", &["status"]).0, 2, "a key without its certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_reports_for_people_and_scripts() {
    let office = Office::open().await;
    let output = office.run("agent", &["doctor", "--output", "json"]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let status = |check: &str| {
        let checks = found.as_array().expect("a list").iter();
        checks.clone().find(|one| one["check"] == check).map(|one| one["status"].clone())
    };
    assert_eq!(status("server"), Some(Value::from("ok")));
    assert_eq!(status("clock"), Some(Value::from("warning")), "a simulated clock");
    let config = office.home.path().join("hotline.toml");
    fs::write(&config, "listen = \"0.0.0.0:7312\"\ndata_dir = \"/no/such/folder\"\n").expect("a file");
    let arguments = ["doctor", "--offline", "--config", config.to_str().expect("text")];
    let (code, error) = office.failure("agent", &arguments);
    assert_eq!(code, 10, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_demonstration_fills_an_empty_server() {
    let office = Office::open().await;
    let file = office.home.path().join("credentials.toml");
    let credentials = office.fake.credentials();
    let mut text = format!("endpoint = \"{}\"\n", office.endpoint);
    let mut add = |principal: &str, role: &str, unit: &str, token: &str| {
        let entry = format!(
            "[[credential]]\nprincipal = \"{principal}\"\nroles = [\"{role}\"]\n{unit}token = \"{token}\"\n"
        );
        text.push_str(&entry);
    };
    for role in Role::ALL.iter().filter(|role| **role != Role::Unit) {
        let name = role.to_string().to_lowercase();
        add(&name, &name, "", credentials.for_role(*role).expect("a credential").reveal());
    }
    for unit in credentials.units() {
        add(
            unit,
            "unit",
            &format!("unit = \"{unit}\"\n"),
            credentials.for_unit(unit).expect("a credential").reveal(),
        );
    }
    fs::write(&file, text).expect("a file");
    let demo = ["demo", "--requests", "60", "--days", "30", "--credentials", file.to_str().expect("text")];
    let summary = office.json("agent", &[&demo[..], &["--speed", "0"]].concat());
    assert_eq!((&summary["simulation"], &summary["tickets"]), (&Value::from(true), &Value::from(60)));
    assert_eq!(summary["refused"], serde_json::json!({}), "{summary}");
    assert!(summary["articles"].as_u64().is_some_and(|count| count > 20), "{summary}");
    let ratio = summary["ratio"].as_f64().expect("a ratio");
    assert!((1.0..30.0).contains(&ratio), "the run is bounded by the time of its own steps: {summary}");
    let listed = office.json("agent", &["ticket", "list", "--limit", "0"]);
    assert!(listed.as_array().is_some_and(|tickets| tickets.len() >= 60), "repeats are tickets too");
    let (code, error) = office.failure("agent", &demo);
    assert_eq!(code, 6, "the server is not empty any more: {error}");
}
