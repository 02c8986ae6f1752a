//! The vault: who called is encrypted in the database, and stays readable while keys change under a running server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::TimeDelta;
use hotline_client::{
    Contact, CreateTicket, Enterprise, ErrorReason, ListTickets, RevealIdentity, RevealPurpose, Uuid,
};

use super::test_env::{LEAD, OPENING, TestEnv, appeal, complaint, execute, refused};
use crate::support::postgres;
use crate::support::server::{Options, Server, Store};
use crate::support::temp_dir::TempDir;

on_every_store!(store:
    no_page_of_the_database_holds_an_identity,
    keys_change_while_the_server_runs,
    a_server_without_the_right_keys_does_not_start,
    a_cell_that_was_tampered_with_is_not_shown,
);

/// Data of a caller that occurs in no other test.
const MARKS: [&str; 4] = ["金丝雀示例商贸", "91110105MA00HTNE0R", "金丝雀女士", "13977778888"];
/// The phone in its normal form.
const PHONE: &str = "+8613977778888";

fn marked(request: CreateTicket) -> CreateTicket {
    CreateTicket {
        enterprise: Some(Enterprise { name: MARKS[0].into(), social_credit_code: Some(MARKS[1].into()) }),
        contact: Some(Contact { name: MARKS[2].into(), phone: MARKS[3].into() }),
        ..request
    }
}

/// The folder of a server's database or of its cluster.
fn database_folder(server: &Server) -> PathBuf {
    let Some(database) = server.database() else { return server.data_dir().to_owned() };
    let cluster = postgres::shared().expect("PostgreSQL is installed");
    cluster.psql(database, "CHECKPOINT");
    cluster.psql(database, "SHOW data_directory").into()
}

/// The files in a folder that hold one of these texts. It uses `grep`, because a cluster's files are large.
fn found_in(folder: &Path, texts: &[&str]) -> Vec<String> {
    let output = Command::new("grep")
        .env("LC_ALL", "C")
        .args(["--recursive", "--files-with-matches", "--text", "--fixed-strings", "--no-messages"])
        .args(texts.iter().map(|text| format!("--regexp={text}")))
        .arg(folder)
        .output()
        .expect("grep can be run");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// The life of a ticket whose caller is named.
async fn live(env: &TestEnv) -> String {
    let open = env.take_in(marked(appeal())).await.number;
    env.dispatch(&open, LEAD).await;
    env.agent().get_ticket(&open).await.expect("it is there");
    env.unit(LEAD).get_ticket(&open).await.expect("it is there");
    let request_id = Some(Uuid::from_u128(815));
    let report = env.take_in(CreateTicket { request_id, ..marked(complaint()) }).await.number;
    env.take_in(CreateTicket { request_id, ..marked(complaint()) }).await;
    let which = ListTickets { contact_phone: Some(MARKS[3].into()), ..Default::default() };
    assert_eq!(env.agent().list_tickets(which).take_up_to(9).await.expect("a look-up").len(), 1);
    let reveal = RevealIdentity::new(&report, RevealPurpose::Contact, "联系举报人");
    refused(env.agent().reveal_identity(reveal).await, ErrorReason::SecondPersonNeeded);
    open
}

async fn no_page_of_the_database_holds_an_identity(store: Store) {
    let options = Options::default().simulated_clock(OPENING).set("log.filter", "\"trace\"");
    let mut env = TestEnv::with(store, options);
    let open = live(&env).await;
    env.advance(TimeDelta::days(30)).await;
    let folder = database_folder(&env.server);
    let subject = env.ticket(&open).await.subject;
    assert_ne!(found_in(&folder, &[&subject]), Vec::<String>::new(), "what is not encrypted is found");
    let secrets = [MARKS[0], MARKS[2], MARKS[3], PHONE];
    assert_eq!(found_in(&folder, &secrets), Vec::<String>::new());
    env.server.terminate();
    let logged = env.server.output();
    for mark in secrets {
        let line = logged.lines().find(|line| line.contains(mark));
        assert_eq!(line, None, "{mark} stands in the logs");
    }
    assert_eq!(found_in(&database_folder(&env.server), &secrets), Vec::<String>::new(), "nor after its end");
}

/// Changes the keys of a server's file as an operator does.
fn vault_key(server: &Server, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_hotline-server"))
        .args(["vault-key", "--data-dir"])
        .arg(server.data_dir())
        .args(["--set", "vault.suite=\"sm4-gcm\""])
        .args(arguments)
        .output()
        .expect("the program can be run");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout).expect("it writes UTF-8")
}

async fn phone_of(env: &TestEnv, number: &str) -> Option<String> {
    let view = env.agent().get_ticket(number).await.expect("it is there");
    view.caller.and_then(|caller| caller.contact).map(|contact| contact.phone)
}

async fn keys_change_while_the_server_runs(store: Store) {
    let mut env = TestEnv::open(store);
    let open = live(&env).await;
    assert!(vault_key(&env.server, &[]).contains("versions [1, 2], active 1"));
    env.server.wait_for_line("vault keys changed");
    assert_eq!(phone_of(&env, &open).await.as_deref(), Some(MARKS[3]), "under the first key");
    assert!(vault_key(&env.server, &["--activate", "2"]).contains("active 2"));
    // Both tickets with a caller, from AES to SM4.
    let line = env.server.wait_for_line("identities re-encrypted");
    assert!(line.contains("count=2"), "{line}");
    assert_eq!(phone_of(&env, &open).await.as_deref(), Some(MARKS[3]), "under the second key");
    let which = ListTickets { contact_phone: Some(MARKS[3].into()), ..Default::default() };
    let found = env.agent().list_tickets(which).take_up_to(9).await.expect("a look-up");
    assert_eq!(found.len(), 1, "its index is of the second key, too");
    env.server.kill();
    env.server.restart();
    assert_eq!(phone_of(&env, &open).await.as_deref(), Some(MARKS[3]), "after a restart");
}

/// Makes a key file with this many keys.
fn make_keys(folder: &Path, keys: usize) {
    for _ in 0..keys {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline-server"));
        let made =
            command.args(["vault-key", "--data-dir"]).arg(folder).output().expect("the program can be run");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = fs::File::options();
    let open = options.create(true).write(true).truncate(true).mode(0o600).open(path);
    std::io::Write::write_all(&mut open.expect("it can be made"), bytes).expect("it can be written");
}

async fn a_server_without_the_right_keys_does_not_start(store: Store) {
    let mut env = TestEnv::open(store);
    live(&env).await;
    env.server.terminate();
    let file = env.server.data_dir().join("vault-keys.toml");
    let kept = fs::read(&file).expect("the server has made it");
    let refuses = |words: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline-server"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--simulated-clock", OPENING]);
        command.arg("--data-dir").arg(env.server.data_dir());
        command.args(env.server.database().map(|url| format!("--database={url}")));
        let output = command.output().expect("the program can be run");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && complaint.contains(words), "{complaint}");
    };
    // Without the file no other one is made; another file is refused.
    fs::remove_file(&file).expect("it was there");
    refuses("vault-keys.toml is missing");
    let other = TempDir::new("other-keys");
    make_keys(other.path(), 2);
    let two_keys = other.path().join("vault-keys.toml");
    fs::copy(&two_keys, &file).expect("it can be copied");
    refuses("vault key 1 is another one");
    let two = fs::read_to_string(&file).expect("it is there");
    let second = two.split("[[key]]").nth(2).expect("two keys");
    fs::write(&file, format!("active = 2\n\n[[key]]{second}")).expect("it can be written");
    refuses("vault key 1 is missing");
    fs::write(&file, "active = 1").expect("it can be written");
    refuses("is not what a key file holds");
    fs::write(&file, kept).expect("it can be written");
    env.server.restart();
    env.agent().list_tickets(ListTickets::default()).take_up_to(1).await.expect("it serves again");
}

/// The ways to tamper with the cells of two tickets, as SQL; `1` and `2` are their numbers.
const TAMPERINGS: [(&str, &str); 6] = [
    (
        "two cells of a ticket are exchanged",
        "UPDATE encrypted_identity SET contact_name = contact_phone, contact_phone = contact_name WHERE ticket_number = 1",
    ),
    (
        "a cell of another ticket",
        "UPDATE encrypted_identity SET contact_phone = (SELECT contact_phone FROM encrypted_identity WHERE ticket_number = 2) \
         WHERE ticket_number = 1",
    ),
    (
        "the whole row of another ticket",
        "UPDATE encrypted_identity SET (wrapped_key, enterprise_name, social_credit_code, contact_name, contact_phone) = \
         (SELECT wrapped_key, enterprise_name, social_credit_code, contact_name, contact_phone \
         FROM encrypted_identity WHERE ticket_number = 2) WHERE ticket_number = 1",
    ),
    ("another suite byte", "UPDATE encrypted_identity SET contact_phone = SUITE WHERE ticket_number = 1"),
    ("a cell cut short", "UPDATE encrypted_identity SET contact_phone = CUT WHERE ticket_number = 1"),
    ("an empty cell", "UPDATE encrypted_identity SET contact_phone = EMPTY WHERE ticket_number = 1"),
];

/// A tampering in the database's dialect.
fn in_words_of(server: &Server, sql: &str) -> String {
    let words = |suite, cut, empty| sql.replace("SUITE", suite).replace("CUT", cut).replace("EMPTY", empty);
    if server.database().is_some() {
        return words("set_byte(contact_phone, 0, 2)", "substr(contact_phone, 1, 20)", "''::bytea");
    }
    words("CAST(X'02' || substr(contact_phone, 2) AS BLOB)", "substr(contact_phone, 1, 20)", "X''")
}

async fn a_cell_that_was_tampered_with_is_not_shown(store: Store) {
    let mut env = TestEnv::open(store);
    for (what, statement) in TAMPERINGS {
        let [one, two] =
            [env.take_in(marked(appeal())).await.number, env.take_in(marked(appeal())).await.number];
        let statement = statement.replace("ticket_number = 1", &format!("ticket_number = {one}"));
        let statement = statement.replace("ticket_number = 2", &format!("ticket_number = {two}"));
        let statement = in_words_of(&env.server, &statement);
        assert_eq!(execute(&env.server, &statement).await, 1, "{what}");
        refused(env.agent().get_ticket(&one).await, ErrorReason::Internal);
        let line = env.server.wait_for_line(&format!("the identity of {one}"));
        assert!(
            line.contains("an encrypted field is not the one that was encrypted there"),
            "{what}: {line}"
        );
        assert!(
            env.agent().get_ticket(&two).await.expect("another ticket's opens").caller.is_some(),
            "{what}"
        );
        // Nothing was read, so no access is listed.
        let reads = hotline_client::ListIdentityAccesses { ticket_number: Some(one), ..Default::default() };
        let reads = env.client("supervisor").audit().list_identity_accesses(reads).take_up_to(9).await;
        assert_eq!(reads.expect("a supervisor reads the list"), [], "{what}");
    }
    env.server.terminate();
}
