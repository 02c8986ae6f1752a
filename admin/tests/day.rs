//! A day of each job at the hotline by commands alone, against a real server. The outputs of some commands are compared
//! with the files in `golden/`; `HOTLINE_BLESS=1` writes them again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::{DateTime, Utc};
use hotline_client::Role;
use hotline_fake::FakeHotline;
use serde_json::Value;
use tempfile::TempDir;

const LEAD: &str = "dept-market-regulation";

/// A server, and a folder with the token of everybody.
struct Office {
    fake: FakeHotline,
    endpoint: String,
    home: TempDir,
}

impl Office {
    async fn open() -> Self {
        let time: DateTime<Utc> = "2026-06-01T10:00:00+08:00".parse().expect("an instant");
        let fake = FakeHotline::start_at(time).await.expect("a hotline");
        let address = fake.listen().await.expect("a port");
        let home = tempfile::tempdir().expect("a folder");
        let office = Self { fake, endpoint: format!("http://{address}"), home };
        for role in Role::ALL.iter().filter(|role| **role != Role::Unit) {
            let token = office.fake.token(*role).expect("a development credential");
            fs::write(office.token(&role.to_string().to_lowercase()), token.reveal()).expect("a file");
        }
        office
    }

    fn token(&self, who: &str) -> PathBuf {
        self.home.path().join(format!("{who}.token"))
    }

    fn run(&self, who: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
        command.args(arguments).env_clear().env("HOME", self.home.path());
        command.env("HOTLINE_ENDPOINT", &self.endpoint).env("HOTLINE_TOKEN_FILE", self.token(who));
        tokio::task::block_in_place(|| command.output()).expect("the program can be run")
    }

    /// The standard output of a command that succeeds.
    fn output(&self, who: &str, arguments: &[&str]) -> String {
        let output = self.run(who, arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{who} {arguments:?}: {error}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// The same as JSON.
    fn json(&self, who: &str, arguments: &[&str]) -> Value {
        let output = self.output(who, &[arguments, &["--output", "json"]].concat());
        serde_json::from_str(&output).expect("JSON")
    }

    /// The exit code and the standard error of a command that fails.
    fn failure(&self, who: &str, arguments: &[&str]) -> (i32, String) {
        let output = self.run(who, arguments);
        let error = String::from_utf8(output.stderr).expect("text");
        (output.status.code().unwrap_or_default(), error)
    }

    /// A client with a token, made by the administrator.
    fn hire(&self, name: &str, flags: &[&str]) {
        let create = ["client", "create", name, "--kind", "staff", "--note", "new post"];
        self.output("administrator", &[&create[..], flags].concat());
        let file = self.token(name);
        let file = file.to_str().expect("text");
        self.output("administrator", &["client", "issue", name, "--token-file", file]);
    }

    fn take_in(&self, subject: &str) -> String {
        let ticket = self.json(
            "agent",
            &[
                "ticket",
                "create",
                "--category",
                "appeal",
                "--channel",
                "web",
                "--subject",
                subject,
                "--content",
                "提交的变更申请至今没有答复，请协助核实。",
                "--topic",
                "licence.change",
                "--district",
                "110105",
            ],
        );
        ticket["number"].as_str().expect("a number").to_owned()
    }
}

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("HOTLINE_BLESS").is_some() {
        fs::write(&path, text).expect("it can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_through_the_loop_by_commands_alone() {
    let office = Office::open().await;
    office.hire("unit-desk", &["--role", "unit", "--unit", LEAD]);
    let number = &*office.take_in("营业执照变更迟迟未办结");
    golden("ticket_list.txt", &office.output("dispatcher", &["ticket", "list", "--state", "received"]));
    golden("ticket_list.csv", &office.output("dispatcher", &["ticket", "list", "--output", "csv"]));
    office.output("dispatcher", &["ticket", "dispatch", number, "--lead", LEAD]);
    let returned = ["ticket", "return", number, "--reason", "not-our-place", "--rule", "《派单目录》第三条"];
    office.output("unit-desk", &returned);
    office
        .output("dispatcher", &["ticket", "rule", number, "--ruling", "refuse", "--note", "属于本单位职责"]);
    office.output("unit-desk", &["ticket", "accept", number]);
    office.output(
        "unit-desk",
        &[
            "ticket",
            "carry-over",
            number,
            "--next-steps",
            "等待检测",
            "--promised-time",
            "2026-06-20",
            "--inform-time",
            "2026-06-01T09:59:00+08:00",
        ],
    );
    office.output("dispatcher", &["ticket", "carry-over", number, "--grant"]);
    office.output(
        "unit-desk",
        &[
            "ticket",
            "feedback",
            number,
            "--reply",
            "已办结",
            "--official",
            "值班员",
            "--reply-time",
            "2026-06-01T09:59:30+08:00",
            "--actions",
            "核实并督促",
            "--result",
            "已换发执照",
            "--evidence",
            "京市监变字1号",
        ],
    );
    office.output("agent", &["ticket", "contact", number, "--note", "无人接听"]);
    let survey =
        ["ticket", "survey", number, "--responded", "yes", "--resolved", "no", "--satisfied", "dissatisfied"];
    golden("ticket_survey.txt", &office.output("agent", &survey));
    office.output("supervisor", &["ticket", "rework", number, "--note", "请再核实"]);
    office.output("supervisor", &["ticket", "escalate", number, "--escalation", "urge", "--note", "尽快"]);
    golden("ticket_show.txt", &office.output("agent", &["ticket", "show", number]));
    golden("ticket_events.txt", &office.output("agent", &["ticket", "events", number]));
    golden("ticket_explain.txt", &office.output("unit-desk", &["ticket", "explain", number]));
    let watched = office.output("supervisor", &["watch", "--snapshot", "--count", "2"]);
    golden("watch.txt", &watched);
}

#[tokio::test(flavor = "multi_thread")]
async fn telephony_agents_and_coordinators_do_their_work() {
    let office = Office::open().await;
    let part = r#"{"key": {"system": "switch-1", "end_to_end_id": null, "reference": "4711",
        "start_time": "2026-06-01T01:58:00Z"}, "part_time": "2026-06-01T01:59:00Z", "details": {"direction": "INBOUND"}}"#;
    let file = office.home.path().join("part.json");
    fs::write(&file, part).expect("a file");
    let reported = office.json("telephony", &["call", "report", file.to_str().expect("text")]);
    let call_id = reported["call_id"].as_str().expect("an id");
    let created = office.json(
        "agent",
        &[
            "ticket",
            "create",
            "--category",
            "consultation",
            "--call-id",
            call_id,
            "--call-start-time",
            "2026-06-01T09:58:00+08:00",
            "--subject",
            "如何开办企业",
            "--content",
            "想了解流程。",
            "--enterprise-name",
            "模拟公司",
            "--contact-name",
            "某人",
            "--contact-phone",
            "010-00001234",
        ],
    );
    let number = created["number"].as_str().expect("a number");
    assert_eq!(office.json("agent", &["call", "show", call_id])["ticket_numbers"][0], number);
    let shown = office.json("agent", &["ticket", "show", number, "--caller"]);
    assert_eq!(shown["caller"]["contact"]["name"], "某人");
    office.output("agent", &["ticket", "update-caller", number, "--contact-name", "另一人"]);
    office.output(
        "agent",
        &["ticket", "answer", number, "--content", "可网上办理。", "--unanswered-question", "多久？"],
    );
    assert_eq!(office.json("agent", &["knowledge", "gaps"]).as_array().map(Vec::len), Some(1));
    office.output("agent", &["knowledge", "close-gap", "1", "--note", "已答复"]);

    let overlapping = &*office.take_in("多部门职责不清");
    office.output(
        "agent",
        &[
            "ticket",
            "classify",
            overlapping,
            "--category",
            "appeal",
            "--complexity",
            "complex",
            "--responsibility",
            "overlapping",
            "--topic",
            "licence.change",
            "--district",
            "110105",
        ],
    );
    office.output("coordinator", &["ticket", "plan", overlapping, "--text", "先核实", "--lead", LEAD]);
    office.output("coordinator", &["ticket", "dispatch", overlapping, "--lead", LEAD]);

    let first = &*office.take_in("同一事项");
    let repeat = &*office.take_in("同一事项，再次来电");
    office.output("agent", &["ticket", "merge", repeat, "--into", first]);
    office.output("agent", &["ticket", "unmerge", repeat, "--from", first, "--note", "不是同一事项"]);
    office.output("agent", &["ticket", "withdraw", repeat, "--note", "企业撤回"]);
    office.output("agent", &["ticket", "reinstate", repeat, "--note", "误操作"]);
    office.output("agent", &["ticket", "decline", repeat, "--reason", "litigation", "--turn-to", "人民法院"]);
    let found = office.json("agent", &["ticket", "search", "同一事项"]);
    assert_eq!(found.as_array().map(Vec::len), Some(2), "{found}");
    let accesses = office.json("supervisor", &["audit", "accesses"]);
    assert!(!accesses.as_array().expect("a list").is_empty());
    assert_eq!(office.json("supervisor", &["audit", "verify"]), Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_change_rules_units_and_clients() {
    let office = Office::open().await;
    office.hire("second-administrator", &["--role", "administrator"]);
    let file = office.home.path().join("policy.toml");
    fs::write(&file, "[policy.ladder]\nsupervise_after_hours = 12\n").expect("a file");
    let file = file.to_str().expect("text");
    let propose = ["policy", "propose", file, "--reason", "half a day"];
    let tried = office.output("administrator", &[&propose[..], &["--dry-run"]].concat());
    assert!(tried.contains("ladder.supervise_after_hours: 24 -> 12"), "{tried}");
    let proposed = office.json("administrator", &propose);
    let proposal = proposed["number"].to_string();
    let (code, error) = office.failure("second-administrator", &["proposal", "approve", &proposal]);
    assert_eq!(code, 2, "it asks first: {error}");
    office.output("second-administrator", &["proposal", "approve", &proposal, "--yes"]);
    golden("proposal_list.txt", &office.output("administrator", &["proposal", "list"]));
    office.output("administrator", &["clock", "advance", "2026-06-02", "--yes"]);
    assert_eq!(office.json("agent", &["policy", "show"])["policy"]["ladder"]["supervise_after_hours"], 12);
    golden(
        "policy_preview.txt",
        &office.output(
            "agent",
            &[
                "policy",
                "preview",
                "--category",
                "appeal",
                "--complexity",
                "general",
                "--intake",
                "2026-06-02T10:00:00+08:00",
            ],
        ),
    );

    let create = [
        "unit",
        "create",
        "district-test",
        "--name",
        "测试区",
        "--group",
        "district",
        "--district",
        "110199",
    ];
    office.output("administrator", &create);
    office.output("administrator", &["unit", "update", "district-test", "--name-en", "Test"]);
    office.output(
        "administrator",
        &[
            "catalogue",
            "put",
            "--topic",
            "permit.food",
            "--district",
            "110199",
            "--unit",
            "district-test",
            "--from",
            "2026-06-03",
        ],
    );
    office.output("administrator", &["unit", "deactivate", "district-test", "--to-desk", "--yes"]);
    assert_eq!(office.json("agent", &["unit", "show", "district-test"])["active"], false);
    office.output("administrator", &["client", "revoke", "second-administrator", "--note", "left", "--yes"]);
    let (code, _) = office.failure("second-administrator", &["whoami"]);
    assert_eq!(code, 5);
    let resumed = office.json("administrator", &["clock", "resume", "--speed", "2"]);
    assert_eq!(resumed["speed"], 2);
}

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
        text += &format!(
            "[[credential]]\nprincipal = \"{principal}\"\nroles = [\"{role}\"]\n{unit}token = \"{token}\"\n"
        );
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
    let listed = office.json("agent", &["ticket", "list", "--limit", "0"]);
    assert!(listed.as_array().is_some_and(|tickets| tickets.len() >= 60), "repeats are tickets too");
    let (code, error) = office.failure("agent", &demo);
    assert_eq!(code, 6, "the server is not empty any more: {error}");
}
