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
    vault_keys_are_rotated_while_the_server_runs,
    a_server_without_the_right_keys_does_not_start,
    a_tampered_identity_is_not_shown,
);

/// Data of a caller that occurs in no other test.
const MARKS: [&str; 4] = ["金丝雀示例商贸", "91110105MA00HTNE0R", "金丝雀女士", "13977778888"];
/// The phone in its normal form.
const PHONE: &str = "+8613977778888";

fn with_marks(request: CreateTicket) -> CreateTicket {
    request
        .enterprise(Enterprise { name: MARKS[0].into(), social_credit_code: Some(MARKS[1].into()) })
        .contact(Contact { name: MARKS[2].into(), phone: MARKS[3].into() })
}

/// The folders of a server's database: of the whole cluster only its own files and the write-ahead log, because the
/// other tests have their databases there too.
fn database_folders(server: &Server) -> Vec<PathBuf> {
    let Some(database) = server.database() else { return vec![server.data_dir().to_owned()] };
    let cluster = postgres::shared().expect("PostgreSQL is installed");
    cluster.psql(database, "CHECKPOINT");
    let data = PathBuf::from(cluster.psql(database, "SHOW data_directory"));
    let id = cluster.psql(database, "SELECT oid FROM pg_database WHERE datname = current_database()");
    vec![data.join("base").join(id), data.join("pg_wal")]
}

/// The files in folders that hold one of these texts. It uses `grep`, because a cluster's files are large.
fn found_in(folders: &[PathBuf], texts: &[&str]) -> Vec<String> {
    let output = Command::new("grep")
        .env("LC_ALL", "C")
        .args(["--recursive", "--files-with-matches", "--text", "--fixed-strings"])
        .args(texts.iter().map(|text| format!("--regexp={text}")))
        .args(folders)
        .output()
        .expect("grep can be run");
    // A file may be removed meanwhile, but a folder must be there.
    assert!(folders.iter().all(|folder| folder.is_dir()), "{folders:?}");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// The life of a ticket whose caller is named.
async fn use_identities(env: &TestEnv) -> String {
    let appeal_number = env.take_in(with_marks(appeal())).await.number;
    env.dispatch(&appeal_number, LEAD).await;
    env.agent().get_ticket_with_caller(&appeal_number).await.expect("it is there");
    env.unit(LEAD).get_ticket_with_caller(&appeal_number).await.expect("it is there");
    let request_id = Some(Uuid::from_u128(815));
    let report_number = env.take_in(with_marks(complaint()).request_id(request_id)).await.number;
    env.take_in(with_marks(complaint()).request_id(request_id)).await;
    let lookup = ListTickets::default().contact_phone(MARKS[3]);
    assert_eq!(env.agent().list_tickets(lookup).take_up_to(9).await.expect("a look-up").len(), 1);
    let reveal = RevealIdentity::new(&report_number, RevealPurpose::Contact, "联系举报人");
    refused(env.agent().reveal_identity(reveal).await, ErrorReason::SecondPersonNeeded);
    appeal_number
}

async fn no_page_of_the_database_holds_an_identity(store: Store) {
    let options = Options::default().simulated_clock(OPENING).set("log.filter", "\"trace\"");
    let mut env = TestEnv::with(store, options);
    let appeal_number = use_identities(&env).await;
    env.advance(TimeDelta::days(30)).await;
    let folders = database_folders(&env.server);
    let subject = env.ticket(&appeal_number).await.subject;
    assert_ne!(found_in(&folders, &[&subject]), Vec::<String>::new(), "an unencrypted text is found");
    let secrets = [MARKS[0], MARKS[2], MARKS[3], PHONE];
    assert_eq!(found_in(&folders, &secrets), Vec::<String>::new());
    env.server.terminate();
    let log = env.server.output();
    for mark in secrets {
        let line = log.lines().find(|line| line.contains(mark));
        assert_eq!(line, None, "{mark} is in the log");
    }
    assert_eq!(
        found_in(&database_folders(&env.server), &secrets),
        Vec::<String>::new(),
        "nor after the shutdown"
    );
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
    let view = env.agent().get_ticket_with_caller(number).await.expect("it is there");
    view.caller.and_then(|caller| caller.contact).map(|contact| contact.phone)
}

async fn vault_keys_are_rotated_while_the_server_runs(store: Store) {
    let mut env = TestEnv::open(store);
    let appeal_number = use_identities(&env).await;
    assert!(vault_key(&env.server, &[]).contains("versions [1, 2], active 1"));
    env.server.wait_for_line("vault keys changed");
    assert_eq!(phone_of(&env, &appeal_number).await.as_deref(), Some(MARKS[3]), "under the first key");
    assert!(vault_key(&env.server, &["--activate", "2"]).contains("active 2"));
    // Both tickets with a caller, from AES to SM4.
    let line = env.server.wait_for_line("identities re-encrypted");
    assert!(line.contains("count=2"), "{line}");
    assert_eq!(phone_of(&env, &appeal_number).await.as_deref(), Some(MARKS[3]), "under the second key");
    let lookup = ListTickets::default().contact_phone(MARKS[3]);
    let found = env.agent().list_tickets(lookup).take_up_to(9).await.expect("a look-up");
    assert_eq!(found.len(), 1, "the lookup index uses the second key, too");
    env.server.kill();
    env.server.restart();
    assert_eq!(phone_of(&env, &appeal_number).await.as_deref(), Some(MARKS[3]), "after a restart");
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
    use_identities(&env).await;
    env.server.terminate();
    let file = env.server.data_dir().join("vault-keys.toml");
    let original_keys = fs::read(&file).expect("the server has made it");
    let refuses = |expected: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline-server"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--simulated-clock", OPENING]);
        command.arg("--data-dir").arg(env.server.data_dir());
        command.args(env.server.database().map(|url| format!("--database={url}")));
        let output = command.output().expect("the program can be run");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && message.contains(expected), "{message}");
    };
    // Without the file no other one is made; another file is refused.
    fs::remove_file(&file).expect("it was there");
    refuses("vault-keys.toml is missing");
    let other_dir = TempDir::new("other-keys");
    make_keys(other_dir.path(), 2);
    let other_keys = other_dir.path().join("vault-keys.toml");
    fs::copy(&other_keys, &file).expect("it can be copied");
    refuses("vault key 1 is another one");
    let other_text = fs::read_to_string(&file).expect("it is there");
    let second_key = other_text.split("[[key]]").nth(2).expect("two keys");
    fs::write(&file, format!("active = 2\n\n[[key]]{second_key}")).expect("it can be written");
    refuses("vault key 1 is missing");
    fs::write(&file, "active = 1").expect("it can be written");
    refuses("is not what a key file holds");
    fs::write(&file, original_keys).expect("it can be written");
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
fn sql_for(server: &Server, sql: &str) -> String {
    let words = |suite, cut, empty| sql.replace("SUITE", suite).replace("CUT", cut).replace("EMPTY", empty);
    if server.database().is_some() {
        return words("set_byte(contact_phone, 0, 2)", "substr(contact_phone, 1, 20)", "''::bytea");
    }
    words("CAST(X'02' || substr(contact_phone, 2) AS BLOB)", "substr(contact_phone, 1, 20)", "X''")
}

async fn a_tampered_identity_is_not_shown(store: Store) {
    let mut env = TestEnv::open(store);
    for (case, statement) in TAMPERINGS {
        let [tampered, untouched] =
            [env.take_in(with_marks(appeal())).await.number, env.take_in(with_marks(appeal())).await.number];
        let statement = statement.replace("ticket_number = 1", &format!("ticket_number = {tampered}"));
        let statement = statement.replace("ticket_number = 2", &format!("ticket_number = {untouched}"));
        let statement = sql_for(&env.server, &statement);
        assert_eq!(execute(&env.server, &statement).await, 1, "{case}");
        refused(env.agent().get_ticket_with_caller(&tampered).await, ErrorReason::Internal);
        let line = env.server.wait_for_line(&format!("the identity of {tampered}"));
        assert!(
            line.contains("an encrypted field is not the one that was encrypted there"),
            "{case}: {line}"
        );
        assert!(
            env.agent()
                .get_ticket_with_caller(&untouched)
                .await
                .expect("another ticket's opens")
                .caller
                .is_some(),
            "{case}"
        );
        // No identity was read, so no access is recorded.
        let accesses = hotline_client::ListIdentityAccesses::default().ticket_number(tampered);
        let accesses = env.client("supervisor").audit().list_identity_accesses(accesses).take_up_to(9).await;
        assert_eq!(accesses.expect("a supervisor reads the list"), [], "{case}");
    }
    env.server.terminate();
}
