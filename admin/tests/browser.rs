//! The console in a real browser: Chromium, driven by Playwright, goes through a day of each job and tries attacks. The
//! script is `browser/run.mjs`.
//!
//! If Chromium, Node or the packages are not installed, CI fails; on other machines it is reported that this was not
//! run. `.ci/run` installs them and names the folder of the packages in `HOTLINE_TEST_BROWSER`. With `HOTLINE_BLESS=1`
//! the screenshots in `docs/screens` are made again. `BROWSER_PART=progress` runs the parts whose names
//! begin so.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    ArticleState, ClientKind, CreateClient, IssueCredential, ListArticles, Proof, PublishArticle,
    ReviewArticle, ReviewDecision, RevokeClient, Role, Token,
};
use hotline_fake::FakeHotline;
use tempfile::TempDir;

#[path = "../../tests/support/wait.rs"]
#[expect(dead_code, reason = "one wait is enough here")]
mod wait;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser");
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/knowledge");
const SCREENS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/screens");
/// Those who sign in, and the credential of the page for companies.
const ROLES: [Role; 7] = [
    Role::Agent,
    Role::Dispatcher,
    Role::Coordinator,
    Role::Supervisor,
    Role::Analyst,
    Role::Administrator,
    Role::Telephony,
];
/// A clerk whose credential is revoked in the middle of the day.
const LEAVING: &str = "clerk-who-leaves";

/// The folder of the packages; `None` if something is not installed, but never in CI.
fn installed() -> Option<PathBuf> {
    let folder = std::env::var_os("HOTLINE_TEST_BROWSER").map(PathBuf::from);
    let cache = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/hotline-ci/browser"));
    let found = folder.or_else(cache).filter(|folder| folder.join("node_modules/playwright-core").is_dir());
    let found = found.filter(|_| Path::new("/usr/bin/chromium").exists());
    if found.is_none() {
        let how = "install chromium and fonts-noto-cjk, and `npm install --prefix FOLDER playwright-core axe-core`, \
                   and set HOTLINE_TEST_BROWSER=FOLDER";
        assert!(std::env::var_os("CI").is_none(), "the browser is missing; {how}");
        // Not eprintln!, which the test harness hides for every test that passes.
        let written = writeln!(std::io::stderr(), "NOT RUN: the tests with a browser; {how}.");
        written.expect("standard error is open");
    }
    found
}

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Writes the credentials as a development server leaves them.
fn write_credentials(fake: &FakeHotline, endpoint: &str, leaving: &Token, folder: &Path) -> PathBuf {
    let mut text = format!("endpoint = {endpoint:?}\n");
    let mut add = |principal: &str, role: &str, unit: Option<&str>, token: &Token| {
        let unit = unit.map(|unit| format!("unit = {unit:?}\n")).unwrap_or_default();
        let token = token.reveal();
        let entry = format!(
            "[[credential]]\nprincipal = {principal:?}\nroles = [{role:?}]\n{unit}token = {token:?}\n"
        );
        text.write_str(&entry).expect("a text grows");
    };
    let known = fake.credentials();
    for role in ROLES {
        let name = role.to_string().to_lowercase();
        add(&format!("dev-{name}"), &name, None, &known.for_role(role).expect("a credential"));
    }
    let second = known.for_principal("dev-administrator-2").expect("a second administrator");
    add("dev-administrator-2", "administrator", None, &second);
    for unit in known.units() {
        add(&format!("dev-unit-{unit}"), "unit", Some(unit), &known.for_unit(unit).expect("a unit"));
    }
    add(LEAVING, "unit", Some("leaving"), leaving);
    let path = folder.join("credentials.toml");
    fs::write(&path, text).expect("it can be written");
    path
}

/// Publishes the sample articles.
async fn publish_articles(fake: &FakeHotline, endpoint: &str, home: &TempDir) {
    let token = home.path().join("token");
    fs::write(&token, fake.token(Role::Agent).expect("an agent").reveal()).expect("it can be written");
    let mut import = Command::new(env!("CARGO_BIN_EXE_hotline"));
    import.args(["knowledge", "import", SAMPLES]).env_clear().env("HOME", home.path());
    import.env("HOTLINE_ENDPOINT", endpoint).env("HOTLINE_TOKEN_FILE", token);
    let done = tokio::task::block_in_place(|| import.output()).expect("the program runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let knowledge = fake.client(Role::Supervisor).expect("a supervisor").knowledge();
    let drafts = ListArticles::default().state(ArticleState::Draft);
    for draft in knowledge.list_articles(drafts).take_up_to(99).await.expect("a supervisor lists") {
        let review = ReviewArticle::of(&draft, ReviewDecision::Approved);
        let reviewed = knowledge.review_article(review).await.expect("it is approved");
        knowledge.publish_article(PublishArticle::of(&reviewed)).await.expect("it is published");
    }
}

/// Makes the clerk who leaves; returns its token.
async fn leaving_clerk(fake: &FakeHotline) -> Token {
    let admin = fake.client(Role::Administrator).expect("an administrator").admin();
    let create = CreateClient::for_unit(LEAVING, ClientKind::Staff, "district-haidian", "for the test");
    admin.create_client(create).await.expect("it is made");
    let issued = admin.issue_credential(IssueCredential::new(LEAVING, Proof::Token)).await;
    issued.expect("it is issued").token.expect("a token")
}

/// Starts a process; returns the first line that it prints.
fn first_line(mut command: Command) -> (Running, String) {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the process starts");
    let output = child.stdout.take().expect("an output");
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).expect("it prints a line");
    (running, line)
}

/// Starts the console; returns its address.
fn start_console(credentials: &Path, home: &Path) -> (Running, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
    command.args(["console", "--listen", "127.0.0.1:0"]).env_clear().env("HOME", home);
    command.env("HOTLINE_CREDENTIALS", credentials);
    let (running, line) = first_line(command);
    let address = line.split([' ', ',']).find(|word| word.starts_with("http://"));
    (running, address.unwrap_or_else(|| panic!("{line:?}")).to_owned())
}

/// The code in the first message about a ticket, from the file in which the messages stand.
async fn code_of(number: &str, messages: &Path) -> String {
    let sent = wait::find_within(wait::WAIT_MAX, async || {
        let text = fs::read_to_string(messages).unwrap_or_default();
        let lines = text.lines().filter(|line| line.contains(number));
        let mut words = lines
            .flat_map(|line| line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-'));
        // Two groups of four, as in 7K2M-94QX.
        words.find(|word| word.len() == 9 && word.as_bytes()[4] == b'-').map(str::to_owned)
    });
    let sent = sent.await;
    sent.unwrap_or_else(|| panic!("no code for {number}: {:?}", fs::read_to_string(messages)))
}

/// What the script asks for in a line that begins with `CONTROL`; returns the answer.
async fn control(fake: &mut FakeHotline, order: &str, leaving: &str, messages: &Path) -> String {
    match order.split_once(' ').unwrap_or((order, "")) {
        ("advance", hours) => {
            let hours = hours.parse().expect("hours");
            fake.advance(Duration::from_hours(hours)).await.expect("time passes");
        }
        ("down", _) => fake.stop().await,
        ("up", _) => fake.restart().await.expect("it comes back"),
        ("revoke", _) => {
            let admin = fake.client(Role::Administrator).expect("an administrator").admin();
            admin.revoke_client(RevokeClient::new(leaving, "for the test")).await.expect("it is revoked");
        }
        ("code", number) => return code_of(number, messages).await,
        (other, _) => panic!("the script asks for {other:?}"),
    }
    "done".to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_each_job_in_a_browser() {
    let Some(folder) = installed() else { return };
    let time: DateTime<Utc> = "2026-06-01T10:00:00+08:00".parse().expect("an instant");
    let home = tempfile::tempdir().expect("a folder");
    let messages = home.path().join("messages.jsonl");
    let keys = [("messages.gateway", messages.to_str().expect("a path in UTF-8"))];
    let mut fake = FakeHotline::start_with(time, &keys).await.expect("a hotline");
    let endpoint = format!("http://{}", fake.listen().await.expect("a port"));
    publish_articles(&fake, &endpoint, &home).await;
    let leaving = leaving_clerk(&fake).await;
    let credentials = write_credentials(&fake, &endpoint, &leaving, home.path());
    let (_console, address) = start_console(&credentials, home.path());
    let mut script = Command::new("node");
    script.arg(format!("{SCRIPTS}/run.mjs")).arg(&folder).arg(&address);
    script.args(std::env::var_os("BROWSER_PART"));
    script.env("SCREENS", if std::env::var_os("HOTLINE_BLESS").is_some() { SCREENS } else { "" });
    follow(script, &mut fake, LEAVING, &messages).await;
}

/// Runs a script, and does what it asks for.
async fn follow(mut script: Command, fake: &mut FakeHotline, leaving: &str, messages: &Path) {
    let spawned = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut script = Running(spawned.expect("node starts"));
    let mut orders = script.0.stdin.take().expect("an input");
    let output = BufReader::new(script.0.stdout.take().expect("an output"));
    let mut said = Vec::new();
    for line in output.lines() {
        let line = line.expect("the script says it in UTF-8");
        if let Some(order) = line.strip_prefix("CONTROL ") {
            let answer = control(fake, order, leaving, messages).await;
            writeln!(orders, "{answer}").expect("the script waits");
        } else {
            println!("{line}");
            said.push(line);
        }
    }
    let status = script.0.wait().expect("the script ends");
    let text = said.join("\n");
    assert!(status.success(), "{text}");
}

/// A port that is free now.
fn free_port() -> u16 {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    free.local_addr().expect("a bound socket has an address").port()
}

/// The folder of oidc-provider; `None` if it is not installed, but never in CI.
fn provider_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("HOTLINE_TEST_OIDC").map(PathBuf::from);
    let cache = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/hotline-ci/oidc"));
    let found = folder.or_else(cache).filter(|folder| folder.join("node_modules/oidc-provider").is_dir());
    if found.is_none() {
        let how = "`npm install --prefix FOLDER oidc-provider@8` and set HOTLINE_TEST_OIDC=FOLDER";
        assert!(std::env::var_os("CI").is_none(), "oidc-provider is missing; {how}");
        writeln!(std::io::stderr(), "NOT RUN: the sign-in at a provider; {how}.")
            .expect("standard error is open");
    }
    found
}

/// A little later than now. The clock of the hotline stands still, and a token must not come from its future.
#[expect(clippy::disallowed_methods, reason = "the tokens of the provider hold the time of this machine")]
fn soon() -> DateTime<Utc> {
    Utc::now() + TimeDelta::minutes(5)
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_sign_in_at_an_identity_provider() {
    let (Some(folder), Some(provider)) = (installed(), provider_folder()) else { return };
    let (issuer_port, port) = (free_port(), free_port());
    let (issuer, address) = (format!("http://127.0.0.1:{issuer_port}"), format!("http://127.0.0.1:{port}"));
    let mut node = Command::new("node");
    node.arg(format!("{SCRIPTS}/provider.mjs")).arg(provider).arg(issuer_port.to_string());
    node.arg(format!("{address}/sign-in/callback")).stdout(Stdio::piped()).stderr(Stdio::null());
    let (_provider, line) = first_line(node);
    assert_eq!(line.trim(), "listening");
    let jwks = format!("{issuer}/jwks");
    let keys =
        [("access.oidc.issuer", &*issuer), ("access.oidc.audience", "hotline"), ("access.oidc.jwks", &*jwks)];
    let mut fake = FakeHotline::start_with(soon(), &keys).await.expect("a hotline");
    let endpoint = format!("http://{}", fake.listen().await.expect("a port"));
    let admin = fake.client(Role::Administrator).expect("an administrator").admin();
    let create = CreateClient::new("li.wei", ClientKind::Staff, &[Role::Agent], "for the test");
    admin.create_client(create).await.expect("it is made");
    let subject = Proof::Subject { issuer: issuer.clone(), subject: "li-wei".into() };
    admin.issue_credential(IssueCredential::new("li.wei", subject)).await.expect("it is issued");
    let home = tempfile::tempdir().expect("a folder");
    let secret = home.path().join("secret");
    fs::write(&secret, "secret-of-the-console\n").expect("it can be written");
    let mut console = Command::new(env!("CARGO_BIN_EXE_hotline"));
    console.args(["console", "--listen", &format!("127.0.0.1:{port}"), "--server", &endpoint]);
    console.args(["--oidc-issuer", &issuer, "--oidc-client-id", "console", "--oidc-resource", "urn:hotline"]);
    console.arg("--oidc-secret-file").arg(secret).env_clear().env("HOME", home.path());
    let (_console, line) = first_line(console);
    assert!(line.contains(&address), "{line}");
    let mut script = Command::new("node");
    script.arg(format!("{SCRIPTS}/oidc.mjs")).arg(folder).arg(&address);
    follow(script, &mut fake, "li.wei", Path::new("")).await;
}
