//! A day of each job at the hotline by commands alone, against a real server. The outputs of some commands are compared
//! with the files in `golden/`; `HOTLINE_BLESS=1` writes them again.

mod office;
mod programs;

use std::fs;

use serde_json::Value;

use office::{LEAD, Office, golden};

/// The words of a command line without quotes.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_through_the_loop_by_commands_alone() {
    let office = Office::open().await;
    office.hire("unit-desk", &["--role", "unit", "--unit", LEAD]);
    let number = &*office.take_in("营业执照变更迟迟未办结");
    golden("ticket_list.txt", &office.output("dispatcher", &["ticket", "list", "--state", "received"]));
    golden("ticket_list.csv", &office.output("dispatcher", &["ticket", "list", "--output", "csv"]));
    office.output("dispatcher", &["ticket", "dispatch", number, "--lead", LEAD]);
    let returned = ["ticket", "return", number, "--reason", "incomplete", "--rule", "《派单目录》第三条"];
    office.output("unit-desk", &returned);
    office
        .output("dispatcher", &["ticket", "rule", number, "--ruling", "refuse", "--note", "属于本单位职责"]);
    office.output("unit-desk", &["ticket", "accept", number]);
    office.output("administrator", &["clock", "advance", "2026-06-01T12:00:00+08:00", "--yes"]);
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
            "2026-06-01T11:50:00+08:00",
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
            "2026-06-01T11:55:00+08:00",
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
    let line = format!(
        "ticket create --category consultation --call-id {call_id} --call-start-time 2026-06-01T09:58:00+08:00 \
         --subject 如何开办企业 --content 想了解流程。 --enterprise-name 模拟公司 --contact-name 某人 \
         --contact-phone 010-00001234"
    );
    let created = office.json("agent", &words(&line));
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
    let accesses = office.json("supervisor", &["audit", "accesses"]);
    assert!(!accesses.as_array().expect("a list").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_added_and_read_again() {
    let office = Office::open().await;
    let number = &*office.take_in("附证照照片");
    let (file, copy) = (office.home.path().join("说明.txt"), office.home.path().join("copy.txt"));
    fs::write(&file, "办理说明\n".repeat(20_000)).expect("a file");
    let (file, copy) = (file.to_str().expect("text"), copy.to_str().expect("text"));
    let added = office.json("agent", &["ticket", "attach", number, file, "--without-caller"]);
    let id = added["id"].as_str().expect("an id");
    assert_eq!((&added["file_name"], &added["media_type"]), (&"说明.txt".into(), &"text/plain".into()));
    assert_eq!(office.json("agent", &["ticket", "show", number])["attachments"][0]["id"], id);
    office.output("agent", &["ticket", "attachment", number, id, "-o", copy]);
    assert_eq!(fs::read(copy).expect("it was written"), fs::read(file).expect("it is there"));
    let (_, error) = office.failure("agent", &["ticket", "attachment", number, id, "-o", copy]);
    assert!(error.contains("exists already"), "{error}");
    let (_, error) = office.failure("dispatcher", &["ticket", "attachment", number, id, "-o", "other"]);
    assert!(error.contains("ATTACHMENT_NOT_READABLE"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slips_are_undone_and_overlaps_are_planned() {
    let office = Office::open().await;
    let overlapping = &*office.take_in("多部门职责不清");
    let line = format!(
        "ticket classify {overlapping} --category appeal --complexity complex --responsibility overlapping \
         --topic licence.change --district 110105"
    );
    office.output("agent", &words(&line));
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
async fn administrators_keep_texts_and_supervisors_find_silent_tickets() {
    let office = Office::open().await;
    office.hire("unit-desk", &["--role", "unit", "--unit", LEAD]);
    let put = ["text-template", "put", "return-duty", "--kind", "return", "--name", "非本单位职责"];
    let made = office.json("administrator", &[&put[..], &["--text", "不属于我单位职责。"]].concat());
    assert_eq!((&made["revision"], &made["kind"]), (&1.into(), &"RETURN".into()));
    let end = ["--text", "应由其他单位办理。", "--etag", "v1", "--until", "2026-06-03"];
    office.output("administrator", &[&put[..], &end].concat());
    let own = ["text-template", "put", "own-reply", "--kind", "caller-reply", "--name", "已答复"];
    let own = [&own[..], &["--text", "已电话告知。", "--text-en", "Told.", "--unit", LEAD]].concat();
    office.output("administrator", &own);
    golden("text_template_list.txt", &office.output("unit-desk", &["text-template", "list"]));
    let in_force = ["text-template", "list", "--at", "2026-06-04", "--hotline-only"];
    assert_eq!(office.json("agent", &in_force), Value::Array(Vec::new()));
    let (code, error) = office.failure("agent", &own);
    assert_eq!(code, 5, "an agent keeps no texts: {error}");

    let number = office.take_in("两天没有更新");
    office.output("administrator", &["clock", "advance", "2026-06-03T09:00:00+08:00", "--yes"]);
    office.take_in("刚刚受理");
    let silent = office.json("supervisor", &["ticket", "list", "--unchanged-since", "2026-06-02"]);
    assert_eq!(silent.as_array().map(Vec::len), Some(1));
    assert_eq!(silent[0]["number"], *number);
    assert_eq!(office.json("supervisor", &["ticket", "list", "--reopened"]), Value::Array(Vec::new()));
}
