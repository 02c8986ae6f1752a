//! TLS as an operator configures it: which certificate is admitted, and what happens when the files change.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use hotline_client::{
    Builder, ClientKind, Code, CreateClient, Error, HotlineClient, IssueCredential, ListTickets, Proof, Role,
};
use rcgen::ExtendedKeyUsagePurpose;

use super::raw_http2::WAIT_MAX;
use super::{assert_calm, server};
use crate::support::pki::{self, Authority, CertificateContent, Pair};
use crate::support::process::Process;
use crate::support::server::{Server, program};
use crate::support::temp_dir::TempDir;

/// Enough for an admitted client; a client that is not admitted is retried until then.
const DEADLINE: Duration = Duration::from_secs(15);
const SHORT: Duration = Duration::from_secs(2);
const URI: &str = "hotline://principal/seat-system";

/// A folder with the TLS files, and the authorities that signed them.
pub(super) struct TlsFiles {
    servers: Authority,
    clients: Authority,
    folder: TempDir,
}

impl TlsFiles {
    pub(super) fn new() -> Self {
        let files = Self {
            servers: Authority::new("of servers"),
            clients: Authority::new("of clients"),
            folder: TempDir::new("tls"),
        };
        files.install(&files.servers.sign(&CertificateContent::server()));
        files.write("client-ca.pem", &files.clients.pem);
        files
    }

    fn write(&self, name: &str, pem: &str) -> PathBuf {
        pki::write(self.folder.path(), name, pem)
    }

    fn install(&self, pair: &Pair) {
        self.write("key.pem", &pair.key);
        self.write("certificate.pem", &pair.certificate);
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A valid client certificate.
    pub(super) fn client(&self) -> Pair {
        self.clients.sign(&CertificateContent::client(URI))
    }

    /// The authority that signs server certificates, in PEM.
    pub(super) fn server_authority(&self) -> &str {
        &self.servers.pem
    }
}

/// A server with TLS that requires no client certificate, with these keys.
pub(super) fn secure_server(files: &TlsFiles, keys: &[(&str, &str)]) -> Server {
    let (certificate, key) = (files.path("certificate.pem"), files.path("key.pem"));
    let tls = [("tls.certificate", certificate.as_str()), ("tls.key", key.as_str())];
    server(&[&tls, keys].concat())
}

/// A server that also has the authority of clients.
pub(super) fn mutual_server(files: &TlsFiles, keys: &[(&str, &str)]) -> Server {
    let client_ca = files.path("client-ca.pem");
    secure_server(files, &[&[("tls.client_ca", client_ca.as_str())], keys].concat())
}

/// Registers a client for [`URI`]: an agent, like the token that is sent with it.
pub(super) async fn register_client(files: &TlsFiles, server: &Server) {
    let administrator =
        HotlineClient::builder().endpoint(server.endpoint()).token(server.token("administrator"));
    let administrator =
        administrator.certificate_authority(&files.servers.pem).connect_lazy().expect("a client");
    let create = CreateClient::new("seat-system", ClientKind::Machine, &[Role::Agent], "seats");
    administrator.admin().create_client(create).await.expect("it is made");
    let proof = Proof::Certificate { uri: URI.into() };
    let issue = IssueCredential::new("seat-system", proof);
    administrator.admin().issue_credential(issue).await.expect("it is issued");
}

fn client(files: &TlsFiles, server: &Server) -> Builder {
    let builder = HotlineClient::builder().endpoint(server.endpoint()).token(server.token("agent"));
    builder.certificate_authority(&files.servers.pem).deadline(DEADLINE)
}

async fn list_once(builder: Builder) -> Result<(), Error> {
    let client = builder.connect_lazy().expect("it can be built");
    client.tickets().list_tickets(ListTickets::default()).try_next().await.map(drop)
}

/// The connection fails, at once or with the first call, because with TLS 1.3 a client learns late that its certificate
/// is refused. The hotline does not answer.
async fn assert_not_connected(builder: Builder, why: &str) {
    let error = list_once(builder.deadline(SHORT)).await.expect_err(why);
    // The client's error code depends on what it was doing.
    let is_broken = error.reason().is_none() && error.code() != Code::DeadlineExceeded;
    assert!(is_broken, "{why}: {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_knows_its_server_by_the_certificate() {
    let files = TlsFiles::new();
    let server = secure_server(&files, &[]);
    list_once(client(&files, &server)).await.expect("it is served");
    let wrong_authority = HotlineClient::builder().endpoint(server.endpoint()).token(server.token("agent"));
    assert_not_connected(wrong_authority.certificate_authority(&files.clients.pem), "another authority")
        .await;
    assert_not_connected(client(&files, &server).server_name("hotline.example"), "another name").await;
    let with_localhost = client(&files, &server).server_name("localhost");
    list_once(with_localhost).await.expect("the certificate has two names");
    let plaintext = server.endpoint().replace("https", "http");
    let plaintext = HotlineClient::builder().endpoint(plaintext).token(server.token("agent"));
    assert_not_connected(plaintext, "in the clear").await;
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_client_certificate_is_accepted() {
    let files = TlsFiles::new();
    let good = files.clients.sign(&CertificateContent::client(URI));
    let revoked = files.clients.sign(&CertificateContent { serial: 13, ..CertificateContent::client(URI) });
    files.write("crl.pem", &files.clients.revoke(&[&revoked]));
    let crl = files.path("crl.pem");
    let keys = [("tls.client_crl", crl.as_str())];
    let mut server = mutual_server(&files, &keys);
    // The first client has no registered certificate.
    register_client(&files, &server).await;
    server.restart_with(server.options().clone().set("tls.client_certificates", "required"));
    let with = |pair: &Pair| client(&files, &server).client_certificate(&pair.certificate, &pair.key);
    list_once(with(&good)).await.expect("a good certificate is let in");

    let stranger = Authority::new("of clients").sign(&CertificateContent::client(URI));
    let other_key = Pair { key: stranger.key.clone(), ..good.clone() };
    let expired =
        files.clients.sign(&CertificateContent { years: (2020, 2021), ..CertificateContent::client(URI) });
    let too_early =
        files.clients.sign(&CertificateContent { years: (2098, 2099), ..CertificateContent::client(URI) });
    let usage = ExtendedKeyUsagePurpose::ServerAuth;
    let of_a_server = files.clients.sign(&CertificateContent { usage, ..CertificateContent::client(URI) });
    let by_the_wrong_authority = files.servers.sign(&CertificateContent::client(URI));
    for (name, pair) in [
        ("another authority of the same name", &stranger),
        ("an authority for servers", &by_the_wrong_authority),
        ("expired", &expired),
        ("not yet valid", &too_early),
        ("a server's", &of_a_server),
        ("revoked", &revoked),
    ] {
        assert_not_connected(with(pair), name).await;
    }
    // A key that does not fit the certificate: the client itself refuses it.
    assert!(with(&other_key).connect_lazy().is_err());
    assert_not_connected(client(&files, &server), "none at all").await;
    list_once(with(&good)).await.expect("a good one still is");
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_optional_client_certificates_a_bad_one_is_refused() {
    let files = TlsFiles::new();
    let server = mutual_server(&files, &[]);
    register_client(&files, &server).await;
    list_once(client(&files, &server)).await.expect("a token is enough");
    let client_pair = files.clients.sign(&CertificateContent::client(URI));
    let with_both = client(&files, &server).client_certificate(&client_pair.certificate, &client_pair.key);
    list_once(with_both).await.expect("both are good");
    let unknown_pair = Authority::new("of nobody").sign(&CertificateContent::client(URI));
    let with_unknown_pair =
        client(&files, &server).client_certificate(&unknown_pair.certificate, &unknown_pair.key);
    assert_not_connected(with_unknown_pair, "a stranger's certificate").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_files_are_loaded_if_they_are_valid() {
    let mut files = TlsFiles::new();
    files.write("crl.pem", &files.clients.revoke(&[]));
    let crl = files.path("crl.pem");
    let server = mutual_server(&files, &[("tls.client_crl", crl.as_str())]);
    register_client(&files, &server).await;
    let revoked_pair = files.clients.sign(&CertificateContent::client(URI));
    let connected_client = client(&files, &server).connect().await.expect("the connection is accepted");
    list_once(client(&files, &server).client_certificate(&revoked_pair.certificate, &revoked_pair.key))
        .await
        .expect("not revoked");

    let old_authority = std::mem::replace(&mut files.servers, Authority::new("the next of servers"));
    files.install(&files.servers.sign(&CertificateContent::server()));
    files.write("crl.pem", &files.clients.revoke(&[&revoked_pair]));
    // Two files are two changes if the server checks between them; it must have seen the second one.
    let with_old = || client(&files, &server).certificate_authority(&old_authority.pem);
    let changes_are_used = async {
        while list_once(client(&files, &server).deadline(SHORT)).await.is_err() {}
        while list_once(
            with_old().client_certificate(&revoked_pair.certificate, &revoked_pair.key).deadline(SHORT),
        )
        .await
        .is_ok()
        {}
    };
    tokio::time::timeout(WAIT_MAX, changes_are_used).await.expect("what changed is used");
    server.wait_for_line("TLS files reloaded");
    let listed = connected_client.tickets().list_tickets(ListTickets::default()).try_next().await;
    assert!(listed.is_ok(), "a connection that stands is not touched: {listed:?}");

    files.write("key.pem", &revoked_pair.key);
    server.wait_for_line("reloading TLS files failed");
    list_once(client(&files, &server)).await.expect("the last good ones stay");
    assert!(!server.output().contains("PRIVATE KEY"));
}

/// Starts a server that must not serve; returns its message.
fn refusal(files: &TlsFiles, sets: &[String]) -> String {
    let mut command = program();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(files.folder.path());
    command.args(sets.iter().flat_map(|set| ["--set", set.as_str()]));
    let mut process = Process::spawn(command);
    assert_eq!(process.wait().code(), Some(1), "{sets:?}: {}", process.output());
    process.output()
}

#[test]
fn an_expired_or_unsigned_certificate_keeps_the_server_from_starting() {
    let files = TlsFiles::new();
    let path = |name: &str| files.path(name);
    let set = |key: &str, value: &str| format!("{key}={value}");
    let expired =
        files.servers.sign(&CertificateContent { years: (2020, 2021), ..CertificateContent::server() });
    files.write("expired-key.pem", &expired.key);
    files.write("expired.pem", &expired.certificate);
    let not_yet_valid =
        files.servers.sign(&CertificateContent { years: (2098, 2099), ..CertificateContent::server() });
    files.write("early-key.pem", &not_yet_valid.key);
    files.write("early.pem", &not_yet_valid.certificate);
    let old_ca =
        files.clients.sign(&CertificateContent { years: (2020, 2021), ..CertificateContent::client(URI) });
    files.write("old-ca.pem", &format!("{}{}", files.clients.pem, old_ca.certificate));
    files.write("foreign.pem", &Authority::new("of clients").revoke(&[]));
    let tls = |certificate: &str, key: &str| {
        vec![set("tls.certificate", &path(certificate)), set("tls.key", &path(key))]
    };
    let valid = || tls("certificate.pem", "key.pem");
    let client_ca = set("tls.client_ca", &path("client-ca.pem"));
    for (sets, expected) in [
        (tls("expired.pem", "expired-key.pem"), "tls.certificate: certificate 1 of the file"),
        (tls("expired.pem", "expired-key.pem"), "expired on 2021-01-01"),
        (tls("early.pem", "early-key.pem"), "is not valid before 2098-01-01"),
        ([valid(), vec![set("tls.client_ca", &path("old-ca.pem"))]].concat(), "tls.client_ca: certificate 2"),
        (
            [valid(), vec![client_ca, set("tls.client_crl", &path("foreign.pem"))]].concat(),
            "tls.client_crl: list 1",
        ),
    ] {
        let output = refusal(&files, &sets);
        assert!(output.contains(expected), "{sets:?}: {output}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_or_mismatched_replacement_is_not_used() {
    let files = TlsFiles::new();
    files.write("crl.pem", &files.clients.revoke(&[]));
    let crl = files.path("crl.pem");
    let keys = [("tls.client_crl", crl.as_str()), ("metrics.listen", "\"127.0.0.1:0\"")];
    let server = mutual_server(&files, &keys);
    list_once(client(&files, &server)).await.expect("it serves");
    let line = server.wait_for_line("metrics: http://");
    let address = line.trim_start_matches("metrics: http://").trim_end_matches("/metrics").to_owned();
    for name in ["certificate", "client_ca", "client_crl"] {
        let days = metric(&address, &format!("hotline_tls_{name}_expires_days"));
        assert!(days > 10_000.0, "{name}: {days}");
    }

    let valid = files.servers.sign(&CertificateContent::server());
    files.install(
        &files.servers.sign(&CertificateContent { years: (2020, 2021), ..CertificateContent::server() }),
    );
    server.wait_for_line("expired on 2021-01-01");
    list_once(client(&files, &server)).await.expect("the good one stays");
    files.install(&valid);
    files.write("crl.pem", &Authority::new("of clients").revoke(&[]));
    server.wait_for_line("was not made by an authority of tls.client_ca");
    list_once(client(&files, &server)).await.expect("the good ones stay");
    files.write("crl.pem", &files.clients.revoke(&[]));
    server.wait_for_line("TLS files reloaded");
    list_once(client(&files, &server)).await.expect("the new ones are used");
}

/// A metric without labels, as a collector reads it.
fn metric(address: &str, name: &str) -> f64 {
    let begun = Instant::now();
    loop {
        let mut peer = TcpStream::connect(address).expect("metrics are shown");
        let request = format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        peer.write_all(request.as_bytes()).expect("it can ask");
        let mut page = String::new();
        peer.read_to_string(&mut page).expect("it is answered");
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        if let Some(value) = line {
            return value.trim().parse().expect("a number");
        }
        assert!(begun.elapsed() < WAIT_MAX, "{name} is not shown: {page}");
    }
}

#[test]
fn mismatched_files_keep_the_server_from_starting() {
    let files = TlsFiles::new();
    let (certificate, key, ca) =
        (files.path("certificate.pem"), files.path("key.pem"), files.path("client-ca.pem"));
    let other_key_file = files.path("other.pem");
    files.write("other.pem", &files.clients.sign(&CertificateContent::client(URI)).key);
    let set = |key: &str, value: &str| format!("{key}={value}");
    let certificate_and_key = [set("tls.certificate", &certificate), set("tls.key", &key)];
    for (sets, expected) in [
        (vec![set("tls.certificate", &certificate)], "go together"),
        (
            vec![set("tls.certificate", &certificate), set("tls.key", &other_key_file)],
            "tls.certificate and tls.key",
        ),
        (vec![set("tls.certificate", "/nowhere.pem"), set("tls.key", &key)], "/nowhere.pem"),
        (vec![set("tls.certificate", &key), set("tls.key", &key)], "no certificate in PEM"),
        (vec![set("tls.client_ca", &ca)], "tls.client_ca"),
        ([&certificate_and_key[..], &[set("tls.client_certificates", "required")]].concat(), "tls.client_ca"),
        (
            [&certificate_and_key[..], &[set("tls.client_ca", &ca), set("tls.client_crl", &ca)]].concat(),
            "tls.client_crl",
        ),
        (
            [&certificate_and_key[..], &[set("tls.terminated_by_proxy", "true")]].concat(),
            "tls.terminated_by_proxy",
        ),
    ] {
        let output = refusal(&files, &sets);
        assert!(output.contains(expected), "{sets:?}: {output}");
    }
}
