//! `hotline knowledge` against a real server: the output is compared with the files in `golden/`. `HOTLINE_BLESS=1`
//! writes them again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::{DateTime, Utc};
use hotline_client::{
    ArticleState, HotlineClient, ListArticles, PublishArticle, ReviewArticle, ReviewDecision, Role,
};
use hotline_fake::FakeHotline;
use tempfile::TempDir;

/// The sample articles.
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/knowledge");
/// How many there are.
const SAMPLES_COUNT: usize = 40;

/// A server, and the folder of the person at the command line.
struct Desk {
    fake: FakeHotline,
    endpoint: String,
    home: TempDir,
}

impl Desk {
    async fn open() -> Self {
        let time: DateTime<Utc> = "2026-06-01T10:00:00+08:00".parse().expect("an instant");
        let fake = FakeHotline::start_at(time).await.expect("a hotline");
        let address = fake.listen().await.expect("a port");
        let home = tempfile::tempdir().expect("a folder");
        let token = fake.token(Role::Agent).expect("an agent");
        fs::write(home.path().join("token"), token.reveal()).expect("it can be written");
        Self { fake, endpoint: format!("http://{address}"), home }
    }

    fn client(&self, role: Role) -> HotlineClient {
        self.fake.client(role).expect("a development credential")
    }

    /// Runs the command line as an agent, without anything from the environment of the test.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command
            .env("HOTLINE_ENDPOINT", &self.endpoint)
            .env("HOTLINE_TOKEN_FILE", self.home.path().join("token"));
        // The server runs on threads of its own.
        tokio::task::block_in_place(|| command.output()).expect("the program can be run")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
        command.args(arguments).env_clear().env("HOME", self.home.path());
        command
    }

    /// The standard output of a command that succeeds.
    fn output(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {error}");
        assert_eq!(error, "", "{arguments:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// The standard error of a command that fails.
    fn error(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
        let error = String::from_utf8(output.stderr).expect("text");
        error.replace(&self.home.path().display().to_string(), "HOME")
    }

    /// A supervisor approves and publishes every draft of the agent.
    async fn publish_drafts(&self) {
        let knowledge = self.client(Role::Supervisor).knowledge();
        let drafts = ListArticles::default().state(ArticleState::Draft);
        for draft in knowledge.list_articles(drafts).take_up_to(99).await.expect("a supervisor lists") {
            let review = ReviewArticle::of(&draft, ReviewDecision::Approved);
            let reviewed = knowledge.review_article(review).await.expect("it is approved");
            knowledge.publish_article(PublishArticle::of(&reviewed)).await.expect("it is published");
        }
    }
}

/// Compares a text with a golden file.
fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("HOTLINE_BLESS").is_some() {
        fs::write(&path, text).expect("it can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "{name}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).expect("a folder");
    let paths = listed.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> =
        paths.filter(|path| path.file_name().is_some_and(|name| name != "README.md")).collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn the_samples_are_imported_once_and_exported_as_they_were() {
    let desk = Desk::open().await;
    let count = |text: &str, outcome: &str| text.lines().filter(|line| line.ends_with(outcome)).count();
    let tried = desk.output(&["knowledge", "import", SAMPLES, "--dry-run"]);
    assert_eq!(count(&tried, "created"), SAMPLES_COUNT);
    let drafts = ["knowledge", "list", "--state", "draft"];
    assert_eq!(desk.output(&drafts).lines().count(), 1, "a dry run writes nothing");
    let imported = desk.output(&["knowledge", "import", SAMPLES, "--note", "首批样例"]);
    golden("import.txt", &imported);
    assert_eq!(imported, tried, "the dry run said what would happen");
    let again = desk.output(&["knowledge", "import", SAMPLES]);
    assert_eq!(count(&again, "unchanged"), SAMPLES_COUNT);
    assert_eq!(desk.output(&drafts).lines().count(), SAMPLES_COUNT + 1);

    desk.publish_drafts().await;
    golden("list.txt", &desk.output(&["knowledge", "list"]));
    let folder = desk.home.path().join("export");
    let folder_name = folder.to_str().expect("text");
    golden("export.txt", &desk.output(&["knowledge", "export", folder_name]));
    let (samples, exported) = (files(Path::new(SAMPLES)), files(&folder));
    assert_eq!(exported.len(), SAMPLES_COUNT);
    for (sample, exported) in samples.iter().zip(&exported) {
        let [sample, exported] = [sample, exported].map(|path| fs::read_to_string(path).expect("a file"));
        assert_eq!(exported, sample);
    }
    let again = desk.output(&["knowledge", "import", folder_name]);
    assert_eq!(count(&again, "unchanged"), SAMPLES_COUNT);

    // A changed file becomes the next version.
    let changed = folder.join("late-payment.md");
    let text = fs::read_to_string(&changed).expect("a file").replace("60日", "六十日");
    fs::write(&changed, text).expect("it can be written");
    let imported = desk.output(&["knowledge", "import", folder_name]);
    let lines: Vec<_> = imported.lines().filter(|line| line.ends_with(" changed")).collect();
    assert_eq!(lines.len(), 1, "{imported}");
    assert!(lines[0].starts_with("late-payment") && lines[0].contains(" 2 "), "{imported}");
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_are_listed_and_shown_for_people_and_programs() {
    let desk = Desk::open().await;
    let folder = desk.home.path().join("some");
    fs::create_dir(&folder).expect("a folder");
    for name in ["company-name.md", "late-payment.md"] {
        fs::copy(Path::new(SAMPLES).join(name), folder.join(name)).expect("a sample");
    }
    desk.output(&["knowledge", "import", folder.to_str().expect("text")]);
    desk.publish_drafts().await;
    golden("show.txt", &desk.output(&["knowledge", "show", "company-name"]));
    golden(
        "show.json",
        &desk.output(&["--output", "json", "knowledge", "show", "late-payment", "--article-version", "1"]),
    );
    golden(
        "list.json",
        &desk.output(&["knowledge", "list", "--topic", "licence.registration", "--output", "json"]),
    );
    for (flags, expected) in [
        (&["--owner-unit", "dept-market-regulation"][..], "company-name"),
        (&["--expiring-before", "2027-07-01", "--topic", "operation.late-payment"], "late-payment"),
        (
            &[
                "--unused-since",
                "2026-06-02T00:00:00+08:00",
                "--district",
                "110105",
                "--topic",
                "licence.registration",
            ],
            "company-name",
        ),
    ] {
        let listed = desk.output(&[&["knowledge", "list"][..], flags].concat());
        let codes: Vec<_> = listed.lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(codes, [expected], "{flags:?}");
    }
    for flags in
        [&["--ownerless"][..], &["--expiring-before", "2026-12-31"], &["--unused-since", "2026-05-31"]]
    {
        assert_eq!(
            desk.output(&[&["knowledge", "list"][..], flags].concat()).lines().count(),
            1,
            "{flags:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_and_nothing_is_written() {
    let desk = Desk::open().await;
    let folder = desk.home.path().join("wrong");
    fs::create_dir(&folder).expect("a folder");
    let name = folder.to_str().expect("text");
    golden("no_articles.txt", &desk.error(&["knowledge", "import", name]));
    fs::write(folder.join("a1.md"), "# 没有题头\n").expect("a file");
    fs::write(folder.join("b1.md"), "+++\ntitle = \"甲\"\n+++\n正文\n").expect("a file");
    golden("wrong_files.txt", &desk.error(&["knowledge", "import", name]));
    fs::write(folder.join("a1.md"), "+++\ntitle = \"甲\"\nquestion = \"乙？\"\n+++\n正文\n").expect("a file");
    let refused = "+++\ntitle = \"\"\nquestion = \"乙？\"\n\n[source]\nlink = \"ftp://\"\n+++\n正文\n";
    fs::write(folder.join("b1.md"), refused).expect("a file");
    golden("refused_fields.txt", &desk.error(&["knowledge", "import", name]));
    let unknown = "+++\ntitle = \"甲\"\nquestion = \"乙？\"\ntopics = [\"no.such\"]\nowner_unit = \"dept-nowhere\"\n+++\n正文\n";
    fs::write(folder.join("b1.md"), unknown).expect("a file");
    golden("unknown_names.txt", &desk.error(&["knowledge", "import", name]));
    golden("not_found.txt", &desk.error(&["knowledge", "show", "a1"]));
    golden("not_found_zh.txt", &desk.error(&["--language", "zh", "knowledge", "show", "a1"]));
    assert_eq!(desk.output(&["knowledge", "list", "--state", "draft"]).lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_names_the_server_and_the_token() {
    let desk = Desk::open().await;
    let folder = desk.home.path().join(".config/hotline");
    fs::create_dir_all(&folder).expect("a folder");
    let token = desk.home.path().join("token");
    let profile = |name: &str, endpoint: &str| {
        format!("[profile.{name}]\nendpoint = \"{endpoint}\"\ntoken_file = \"{}\"\n", token.display())
    };
    let text = profile("default", &desk.endpoint) + &profile("away", "http://127.0.0.1:1");
    fs::write(folder.join("profiles.toml"), text).expect("a file");
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = desk.command(arguments);
        command.envs(variables.iter().copied());
        tokio::task::block_in_place(|| command.output()).expect("the program can be run")
    };
    let list = ["knowledge", "list"];
    assert!(run(&list, &[]).status.success(), "the default profile");
    let named = run(&list, &[("HOTLINE_PROFILE", "nobody")]);
    let error = String::from_utf8_lossy(&named.stderr).into_owned();
    assert_eq!(error, "error: there is no profile \"nobody\"; known profiles: away, default\n");
    let both = run(&list, &[("HOTLINE_PROFILE", "away"), ("HOTLINE_ENDPOINT", &desk.endpoint)]);
    assert!(both.status.success(), "the environment comes before the profile");
    let flag = run(
        &["knowledge", "list", "--endpoint", &desk.endpoint],
        &[("HOTLINE_ENDPOINT", "http://127.0.0.1:1")],
    );
    assert!(flag.status.success(), "a flag comes before the environment");
    let wrong = run(&list, &[("HOTLINE_TOKEN", "nobody")]);
    let error = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(error.starts_with("error: UNAUTHENTICATED: "), "{error}");
    assert!(!error.contains("nobody"), "a token is never printed: {error}");
}
