//! Files that others on the machine can read or change: in service the server does not start, in development it warns.
//! Files that the server makes are readable only by their owner.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use hotline_client::ListTickets;

use super::command_line::run;
use super::test_env::{OPENING, TestEnv};
use crate::support::pki::{self, Authority, CertificateContent};
use crate::support::process::Process;
use crate::support::server::{Options, Store, program};
use crate::support::temp_dir::TempDir;

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("its mode can be changed");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

/// Everything that a server in service needs.
struct ServiceFiles {
    folder: TempDir,
    flags: Vec<String>,
}

const SECRETS: [&str; 4] = ["credentials.toml", "keys.toml", "signing.pem", "tls-key.pem"];

impl ServiceFiles {
    fn new() -> Self {
        let folder = TempDir::new("site");
        let path = |name: &str| folder.path().join(name);
        let credential = run(&["credential", "--principal", "root", "--role", "administrator"]);
        fs::write(path("credentials.toml"), credential.stdout).expect("it can be written");
        let authority = Authority::new("of servers");
        let pair = authority.sign(&CertificateContent::server());
        pki::write(folder.path(), "tls-key.pem", &pair.key);
        pki::write(folder.path(), "tls.pem", &pair.certificate);
        pki::write(folder.path(), "client-ca.pem", &authority.pem);
        let signing = path("signing.pem").display().to_string();
        assert!(run(&["signing-key", &signing]).status.success());
        let set = |key: &str, name: &str| format!("{key}={:?}", path(name).display().to_string());
        let keys = [
            set("access.credentials", "credentials.toml"),
            set("vault.keys", "keys.toml"),
            set("audit_log.signing_key", "signing.pem"),
            set("tls.certificate", "tls.pem"),
            set("tls.key", "tls-key.pem"),
            set("tls.client_ca", "client-ca.pem"),
        ];
        let mut flags = vec!["--data-dir".to_owned(), path("data").display().to_string()];
        flags.extend(keys.into_iter().flat_map(|set| ["--set".to_owned(), set]));
        let made: Vec<_> = ["vault-key"].into_iter().chain(flags.iter().map(String::as_str)).collect();
        assert!(run(&made).status.success());
        for name in SECRETS {
            chmod(&path(name), 0o600);
        }
        let founding =
            flags.chunks(2).filter(|pair| !pair[1].starts_with("tls.")).flatten().map(String::as_str);
        let founded = run(&["migrate"].into_iter().chain(founding).collect::<Vec<_>>());
        assert!(founded.status.success(), "{}", String::from_utf8_lossy(&founded.stderr));
        Self { folder, flags }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a server on a non-loopback address, by its configuration: only this machine can reach its port.
    fn start(&self) -> Process {
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0", "--set", "tls.terminated_by_proxy=true"]);
        // Behind a proxy, the proxy does TLS.
        let flags = self.flags.chunks(2).filter(|pair| !pair[1].starts_with("tls."));
        command.args(flags.flatten());
        Process::spawn(command)
    }

    fn refusal(&self) -> String {
        let mut process = self.start();
        assert_eq!(process.wait().code(), Some(1), "{}", process.output());
        let said = process.output();
        assert!(!said.contains("listening on"), "{said}");
        said
    }

    fn serves(&self) -> Process {
        let process = self.start();
        process.wait_for_line("serving", |line| line.starts_with("listening on ").then_some(()));
        process
    }
}

#[test]
fn in_service_a_secret_that_others_can_read_keeps_the_server_from_starting() {
    let files = ServiceFiles::new();
    let mut process = files.serves();
    assert!(!process.output().contains("exposed"), "{}", process.output());
    assert!(process.terminate().success());
    for made in ["data/hotline.sqlite", "data/hotline.sqlite-wal"] {
        if files.path(made).exists() {
            assert_eq!(mode(&files.path(made)), 0o600, "{made}");
        }
    }
    for (name, exposed, good) in [
        ("credentials.toml", 0o644, 0o600),
        ("keys.toml", 0o604, 0o640),
        ("signing.pem", 0o660, 0o400),
        ("data", 0o777, 0o700),
        ("data/hotline.sqlite", 0o644, 0o600),
    ] {
        chmod(&files.path(name), exposed);
        let said = files.refusal();
        let path = files.path(name).display().to_string();
        assert!(said.contains(&path) && said.contains("run chmod "), "{name}: {said}");
        chmod(&files.path(name), good);
    }
    files.serves();
}

#[test]
fn a_key_of_tls_or_an_authority_that_others_can_change_is_refused_too() {
    let files = ServiceFiles::new();
    let refused = |name: &str, exposed: u32, good: u32| {
        chmod(&files.path(name), exposed);
        let mut command = program();
        // An unassigned address, because only the steps before listening matter.
        command.args(["serve", "--listen", "192.0.2.1:1"]).args(&files.flags);
        let mut process = Process::spawn(command);
        assert_eq!(process.wait().code(), Some(1));
        chmod(&files.path(name), good);
        process.output()
    };
    assert!(
        refused("tls-key.pem", 0o644, 0o600).contains("tls-key.pem: other users can read it (mode 0644)")
    );
    assert!(refused("client-ca.pem", 0o666, 0o644).contains("client-ca.pem: other users can change it"));
    assert!(refused("tls.pem", 0o644, 0o644).contains("can't listen on"), "a certificate is no secret");
}

#[test]
fn a_folder_or_a_configuration_that_others_can_write_is_refused() {
    let files = ServiceFiles::new();
    chmod(files.folder.path(), 0o777);
    let said = files.refusal();
    assert!(said.contains("other users can replace the files in it (mode 0777); run chmod 755"), "{said}");
    chmod(files.folder.path(), 0o700);

    let file = files.path("hotline.toml");
    let (config, flag) = (file.display().to_string(), "--config".to_owned());
    let mut files = files;
    files.flags.extend([flag, config.clone()]);
    fs::write(&file, "[log]\nformat = \"json\"\n").expect("it can be written");
    chmod(&file, 0o646);
    assert!(files.refusal().contains("hotline.toml: other users can change it"));
    fs::write(&file, "database = \"postgres://hotline:secret@127.0.0.1:1/x\"\n").expect("it can be written");
    chmod(&file, 0o644);
    let said = files.refusal();
    assert!(said.contains("hotline.toml: other users can read it") && !said.contains("secret@"), "{said}");
}

#[test]
fn in_service_a_key_file_that_becomes_readable_is_complained_about_while_it_serves() {
    let files = ServiceFiles::new();
    let process = files.serves();
    chmod(&files.path("keys.toml"), 0o644);
    let words = "the vault's key file is not used";
    let line = process.wait_for_line(words, |line| line.contains(words).then(|| line.to_owned()));
    assert!(line.contains("run chmod 600"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_development_it_warns_and_serves() {
    let mut env = TestEnv::with(Store::Sqlite, Options::default().simulated_clock(OPENING));
    for name in [
        "vault-keys.toml",
        "signing-key.pem",
        "development-credentials.toml",
        "credentials.toml",
        "simulation.sqlite",
    ] {
        assert_eq!(mode(&env.server.data_dir().join(name)), 0o600, "{name} is made for its owner alone");
    }
    assert!(!env.server.output().contains("exposed"), "{}", env.server.output());
    env.server.terminate();
    chmod(&env.server.data_dir().join("vault-keys.toml"), 0o644);
    chmod(env.server.data_dir(), 0o777);
    env.server.restart();
    env.server.wait_for_line("vault-keys.toml: other users can read it");
    env.server.wait_for_line("other users can read and change it (mode 0777); run chmod 700");
    env.agent().list_tickets(ListTickets::default()).take_up_to(1).await.expect("it serves");
}
