//! A server, the people at it, and the command line as they call it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::{DateTime, Utc};
use hotline_client::Role;
use hotline_fake::FakeHotline;
use serde_json::Value;
use tempfile::TempDir;

/// The unit that handles the tickets.
pub(crate) const LEAD: &str = "dept-market-regulation";

/// A server, and a folder with the token of everybody.
pub(crate) struct Office {
    pub(crate) fake: FakeHotline,
    pub(crate) endpoint: String,
    pub(crate) home: TempDir,
}

impl Office {
    pub(crate) async fn open() -> Self {
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

    pub(crate) fn token(&self, who: &str) -> PathBuf {
        self.home.path().join(format!("{who}.token"))
    }

    pub(crate) fn run(&self, who: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
        command.args(arguments).env_clear().env("HOME", self.home.path());
        command.env("HOTLINE_ENDPOINT", &self.endpoint).env("HOTLINE_TOKEN_FILE", self.token(who));
        tokio::task::block_in_place(|| command.output()).expect("the program can be run")
    }

    /// The standard output of a command that succeeds.
    pub(crate) fn output(&self, who: &str, arguments: &[&str]) -> String {
        let output = self.run(who, arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{who} {arguments:?}: {error}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// The same as JSON.
    pub(crate) fn json(&self, who: &str, arguments: &[&str]) -> Value {
        let output = self.output(who, &[arguments, &["--output", "json"]].concat());
        serde_json::from_str(&output).expect("JSON")
    }

    /// The exit code and the standard error of a command that fails.
    pub(crate) fn failure(&self, who: &str, arguments: &[&str]) -> (i32, String) {
        let output = self.run(who, arguments);
        let error = String::from_utf8(output.stderr).expect("text");
        (output.status.code().unwrap_or_default(), error)
    }

    /// A client with a token, made by the administrator.
    pub(crate) fn hire(&self, name: &str, flags: &[&str]) {
        let create = ["client", "create", name, "--kind", "staff", "--note", "new post"];
        self.output("administrator", &[&create[..], flags].concat());
        let file = self.token(name);
        let file = file.to_str().expect("text");
        self.output("administrator", &["client", "issue", name, "--write-token", file]);
    }

    pub(crate) fn take_in(&self, subject: &str) -> String {
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

/// Compares a text with a golden file.
pub(crate) fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("HOTLINE_BLESS").is_some() {
        fs::write(&path, text).expect("it can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "{name}");
}
