//! An analyst counts, exports and reports by commands alone, against a real server. A count by hand of the export
//! agrees with the analysis, and each figure of the report is reached ticket by ticket.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::{DateTime, Utc};
use hotline_client::{Category, Channel, Complexity, CreateTicket, DispatchTicket, Role};
use hotline_fake::FakeHotline;
use serde_json::Value;
use tempfile::TempDir;

const LEAD: &str = "dept-market-regulation";
const DAYS: [&str; 4] = ["--from", "2019-10-01", "--to", "2019-10-31"];
/// How often the analysis is asked until it has followed the feed. Each time takes a process.
const ATTEMPTS: usize = 200;
/// The headings of the column that a row's command counts.
const COUNT_HEADINGS: [&str; 6] = ["本期", "收到", "合计", "在办", "工单", "主办工单"];

/// A server, and a folder with tokens and files.
struct Analysts {
    fake: FakeHotline,
    endpoint: String,
    home: TempDir,
}

impl Analysts {
    async fn open() -> Self {
        let time: DateTime<Utc> = "2019-10-12T10:00:00+08:00".parse().expect("an instant");
        let fake = FakeHotline::start_at(time).await.expect("a hotline");
        let address = fake.listen().await.expect("a port");
        let home = tempfile::tempdir().expect("a folder");
        let analysts = Self { fake, endpoint: format!("http://{address}"), home };
        for role in [Role::Agent, Role::Analyst] {
            let token = analysts.fake.token(role).expect("a development credential");
            fs::write(analysts.path(&role.to_string().to_lowercase()), token.reveal()).expect("a file");
        }
        let unit = analysts.fake.credentials().for_unit(LEAD).expect("the token of a unit");
        fs::write(analysts.path("unit"), unit.reveal()).expect("a file");
        analysts
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn run(&self, who: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
        command.args(arguments).env_clear().env("HOME", self.home.path()).current_dir(self.home.path());
        command.env("HOTLINE_ENDPOINT", &self.endpoint).env("HOTLINE_TOKEN_FILE", self.path(who));
        tokio::task::block_in_place(|| command.output()).expect("the program can be run")
    }

    fn output(&self, who: &str, arguments: &[&str]) -> String {
        let output = self.run(who, arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{who} {arguments:?}: {error}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn analysis(&self, flags: &[&str]) -> Value {
        let output = self
            .output("analyst", &[&["analysis", "tickets", "--output", "json"], &DAYS[..], flags].concat());
        serde_json::from_str(&output).expect("JSON")
    }

    /// Some tickets: one completed and surveyed, one returned, and others that nobody has yet.
    async fn take_in(&self) {
        let (agent, dispatcher) = (self.client(Role::Agent), self.client(Role::Dispatcher));
        let mut numbers = Vec::new();
        for (topic, district) in [
            ("licence.change", "110105"),
            ("licence.change", "110105"),
            ("licence.change", "110108"),
            ("permit.food", "110105"),
            ("", ""),
        ] {
            let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let request = CreateTicket::new(
                Category::Appeal,
                Complexity::General,
                Channel::Web,
                "=迟迟未办结",
                "请协助核实。",
            )
            .topic(given(topic))
            .district(given(district));
            numbers.push(agent.tickets().create_ticket(request).await.expect("an agent takes it in").number);
        }
        let [done, returned, ..] = &numbers[..] else { panic!("five tickets") };
        for number in [done, returned] {
            let command = DispatchTicket::new(number, LEAD);
            dispatcher.tickets().dispatch_ticket(command).await.expect("it is dispatched");
        }
        let rule = [
            "ticket",
            "return",
            returned,
            "--reason",
            "not-our-place",
            "--rule",
            "《派单目录》第三条",
            "--proposed-unit",
            "district-haidian",
        ];
        self.output("unit", &rule);
        self.output("unit", &["ticket", "accept", done]);
        let feedback = [
            "ticket",
            "feedback",
            done,
            "--reply",
            "已办结",
            "--official",
            "值班员",
            "--reply-time",
            "2019-10-12T10:00:00+08:00",
            "--actions",
            "核实并督促",
            "--result",
            "已换发执照",
            "--evidence",
            "京市监变字1号",
        ];
        self.output("unit", &feedback);
        let survey =
            ["ticket", "survey", done, "--responded", "yes", "--resolved", "yes", "--satisfied", "basically"];
        self.output("agent", &survey);
        let followed = (0..ATTEMPTS).any(|_| {
            let answer = self.analysis(&[]);
            answer["entries_behind"] == 0 && answer["total"]["tickets"] == 5
        });
        assert!(followed, "the analysis follows the feed");
    }

    fn client(&self, role: Role) -> hotline_client::HotlineClient {
        self.fake.client(role).expect("a development credential")
    }

    /// The records of a file of the export.
    fn records(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(self.path(file)).expect("CSV");
        reader.deserialize().map(|record| record.expect("a record")).collect()
    }
}

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("HOTLINE_BLESS").is_some() {
        fs::write(&path, text).expect("it can be written");
    }
    assert_eq!(text, fs::read_to_string(&path).unwrap_or_default(), "{name}");
}

/// The commands of a report in Markdown, each with the count of its row.
fn commands(report: &str) -> Vec<(String, usize)> {
    let (mut place, mut found) = (None, Vec::new());
    for line in report.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        if cells.last() == Some(&"背后的工单") {
            place = cells.iter().position(|cell| COUNT_HEADINGS.contains(cell));
        } else if let Some(command) = cells.last().and_then(|cell| cell.strip_prefix('`')?.strip_suffix('`'))
        {
            let count = cells[place.expect("a table has a count")].parse().expect("a count");
            found.push((command.to_owned(), count));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_by_hand_of_the_export_agrees() {
    let analysts = Analysts::open().await;
    analysts.take_in().await;
    let export = [&["export", "tickets", "--to-file", "tickets.csv"], &DAYS[..]].concat();
    assert_eq!(analysts.output("analyst", &export), "");
    let records = analysts.records("tickets.csv");
    assert_eq!(records.len(), 5);
    for (dimension, column) in [
        ("topic", "topic"),
        ("topic-branch", "topic_branch"),
        ("district", "district"),
        ("unit", "unit"),
        ("age", "age"),
        ("hour-of-week", "hour_of_week"),
        ("day", "day"),
        ("week", "week"),
    ] {
        let mut by_hand: BTreeMap<&str, i64> = BTreeMap::new();
        for record in &records {
            *by_hand.entry(&record[column]).or_default() += 1;
        }
        let answer = analysts.analysis(&["--by", dimension]);
        let groups = answer["groups"].as_array().expect("a list").iter();
        let counted: BTreeMap<&str, i64> = groups
            .map(|group| {
                (group["value_1"].as_str().expect("a text"), group["tickets"].as_i64().expect("a count"))
            })
            .collect();
        assert_eq!(counted, by_hand, "{dimension}");
    }
    let total = &analysts.analysis(&[])["total"]["counts"];
    let yes = |column: &str| records.iter().filter(|record| record[column] == "yes").count();
    assert_eq!(total["open"], yes("is_open"));
    assert_eq!(total["completed"], yes("is_completed"));
    assert_eq!(total["completed_on_time"], yes("is_on_time"));
    let returned = records.iter().filter(|record| record["returns"] != "0").count();
    assert_eq!((&total["returned"], returned), (&Value::from(1), 1));
    let satisfied = records.iter().filter(|record| record["satisfied"] == "BASICALLY").count();
    assert_eq!((&total["satisfied_yes"], satisfied), (&Value::from(1), 1));

    let by_topic =
        [&["analysis", "tickets", "--by", "topic", "--compare", "--order", "tickets"], &DAYS[..]].concat();
    golden("analysis_tickets.txt", &analysts.output("analyst", &by_topic));
    golden(
        "analysis_tickets.csv",
        &analysts.output("analyst", &[&by_topic[..], &["--output", "csv"]].concat()),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_figure_of_a_report_is_reached_ticket_by_ticket() {
    let analysts = Analysts::open().await;
    analysts.take_in().await;
    let report = |form: &str, language: &str| {
        let flags = ["report", "weekly", "--week", "2019-W41", "--format", form, "--language", language];
        let file = format!("report.{form}");
        analysts.output("analyst", &[&flags[..], &["--to-file", &file]].concat());
        fs::read(analysts.path(&file)).expect("a report")
    };
    let page = String::from_utf8(report("md", "zh")).expect("text");
    let commands = commands(&page);
    assert!(commands.len() > 50, "{page}");
    for (command, count) in commands {
        let words: Vec<_> = command.split(' ').skip(1).collect();
        analysts.output("analyst", &words);
        assert_eq!(analysts.records("tickets.csv").len(), count, "{command}");
    }
    a_month_lists_what_has_the_same_cause(&analysts);
    assert!(String::from_utf8(report("html", "en")).expect("text").contains("<svg"));
    assert!(report("xlsx", "zh").starts_with(b"PK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_the_format_that_was_asked_for() {
    let analysts = Analysts::open().await;
    analysts.take_in().await;
    for (format, start) in [("csv", &b"\xef\xbb\xbfnumber"[..]), ("xlsx", b"PK"), ("parquet", b"PAR1")] {
        let bom: &[&str] = if format == "csv" { &["--bom"] } else { &[] };
        let flags = ["export", "tickets", "--format", format, "--to-file", "file"];
        analysts.output("analyst", &[&flags[..], &DAYS, bom].concat());
        assert!(fs::read(analysts.path("file")).expect("a file").starts_with(start), "{format}");
    }
    let lines = ["export", "lines", "--unit", LEAD, "--month", "2019-10", "--to-file", "lines.csv"];
    analysts.output("analyst", &lines);
    assert!(analysts.records("lines.csv").iter().all(|record| record["unit"] == LEAD));
    facts_agree_with_the_score(&analysts);
    let groups = ["export", "analysis", "--by", "topic", "--to-file", "groups.csv"];
    analysts.output("analyst", &[&groups[..], &DAYS].concat());
    let tickets: i64 = analysts
        .records("groups.csv")
        .iter()
        .map(|record| record["tickets"].parse::<i64>().expect("a count"))
        .sum();
    assert_eq!(tickets, 5);
    let resume = ["export", "tickets", "--resume", "--to-file", "nothing.csv"];
    let output = analysts.run("analyst", &[&resume[..], &DAYS].concat());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && error.contains("there is no export to resume"), "{error}");
    let refused = analysts.run("agent", &[&["export", "tickets", "--to-file", "x.csv"], &DAYS[..]].concat());
    assert_eq!(refused.status.code(), Some(5), "an agent may not export");
}

/// Each rate of the shipped scheme, counted by hand from the exported facts, is the one of the score.
fn facts_agree_with_the_score(analysts: &Analysts) {
    let export = ["export", "facts", "--to-file", "facts.csv"];
    analysts.output("analyst", &[&export[..], &DAYS].concat());
    let facts = analysts.records("facts.csv");
    assert_eq!(facts.len(), 5, "each of the tickets has one cycle");
    let score = analysts.output("analyst", &["score", "show", LEAD, "2019-10", "--output", "json"]);
    let score: Value = serde_json::from_str(&score).expect("JSON");
    let items = score["score"]["items"].as_array().expect("a list");
    for (key, column, counted) in [
        ("response", "responded", &["YES"][..]),
        ("resolution", "resolved", &["YES"]),
        ("satisfaction", "satisfied", &["SATISFIED", "BASICALLY"]),
    ] {
        let of_unit = facts.iter().filter(|fact| {
            let surveyed = fact["survey_time"].starts_with("2019-10-");
            fact["unit"] == LEAD && surveyed && fact["excluded"] == "no"
        });
        let answered: Vec<_> =
            of_unit.filter(|fact| !["", "WOULD_NOT_ANSWER"].contains(&&*fact[column])).collect();
        let yes = answered.iter().filter(|fact| counted.contains(&&*fact[column])).count();
        let item = items.iter().find(|item| item["key"] == key).expect("an item of the shipped scheme");
        let expected = (Value::from(yes.to_string()), Value::from(answered.len()));
        let rate = &item["adjusted"];
        assert_eq!((&rate["numerator"], &rate["denominator"]), (&expected.0, &expected.1), "{key}");
        assert_eq!(answered.len(), 1, "one company was asked");
    }
    assert_eq!(facts.iter().filter(|fact| fact["is_on_time"] == "yes").count(), 1);
}

/// The five tickets say the same, so they are one cluster, and its command lists them.
fn a_month_lists_what_has_the_same_cause(analysts: &Analysts) {
    let flags = ["report", "monthly", "--month", "2019-10", "--format", "md", "--language", "zh"];
    analysts.output("analyst", &[&flags[..], &["--to-file", "month.md"]].concat());
    let page = fs::read_to_string(analysts.path("month.md")).expect("a report");
    let mut of_clusters = commands(&page);
    of_clusters.retain(|(command, _)| command.contains(" --where number="));
    let [(command, count)] = &of_clusters[..] else { panic!("one cluster: {page}") };
    let words: Vec<_> = command.split(' ').skip(1).collect();
    analysts.output("analyst", &words);
    assert_eq!((*count, analysts.records("tickets.csv").len()), (5, 5), "{command}");
    let clusters = [&["analysis", "clusters"][..], &DAYS].concat();
    golden("analysis_clusters.txt", &analysts.output("analyst", &clusters));
}
