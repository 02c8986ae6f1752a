//! TLS as an operator sets it up: who is let in by which certificate, and what happens when the files change.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use hotline_client::{
    Builder, ClientKind, Code, CreateClient, Error, HotlineClient, IssueCredential, ListTickets, Proof, Role,
};
use rcgen::ExtendedKeyUsagePurpose;

use super::raw_http2::PATIENCE;
use super::{assert_calm, server};
use crate::support::pki::{self, Authority, Pair, Says};
use crate::support::process::Process;
use crate::support::server::{Server, program};
use crate::support::temp_dir::TempDir;

/// Enough for what is let in; what is not is tried again until then.
const DEADLINE: Duration = Duration::from_secs(15);
const SHORT: Duration = Duration::from_secs(2);
const URI: &str = "hotline://principal/seat-system";

/// A folder with the files of TLS, and the authorities that signed them.
pub(super) struct House {
    servers: Authority,
    clients: Authority,
    folder: TempDir,
}

impl House {
    pub(super) fn new() -> Self {
        let house = Self {
            servers: Authority::new("of servers"),
            clients: Authority::new("of clients"),
            folder: TempDir::new("tls"),
        };
        house.install(&house.servers.sign(&Says::server()));
        house.write("client-ca.pem", &house.clients.pem);
        house
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

    /// A good client's certificate.
    pub(super) fn client(&self) -> Pair {
        self.clients.sign(&Says::client(URI))
    }

    /// The authority that signs server certificates, in PEM.
    pub(super) fn server_authority(&self) -> &str {
        &self.servers.pem
    }
}

/// A server with TLS that asks nobody for a certificate, and these keys.
pub(super) fn secure_server(house: &House, keys: &[(&str, &str)]) -> Server {
    let (certificate, key) = (house.path("certificate.pem"), house.path("key.pem"));
    let tls = [("tls.certificate", certificate.as_str()), ("tls.key", key.as_str())];
    server(&[&tls, keys].concat())
}

/// One that knows the authority of clients too.
pub(super) fn mutual_server(house: &House, keys: &[(&str, &str)]) -> Server {
    let client_ca = house.path("client-ca.pem");
    secure_server(house, &[&[("tls.client_ca", client_ca.as_str())], keys].concat())
}

/// Has the hotline know who shows [`URI`]: an agent, as the token that is shown beside it is.
pub(super) async fn know(house: &House, server: &Server) {
    let administrator =
        HotlineClient::builder().endpoint(server.endpoint()).token(server.token("administrator"));
    let administrator =
        administrator.certificate_authority(&house.servers.pem).connect_lazy().expect("a client");
    let create = CreateClient::new("seat-system", ClientKind::Machine, &[Role::Agent], "seats");
    administrator.admin().create_client(create).await.expect("it is made");
    let proof = Proof::Certificate { uri: URI.into() };
    let issue = IssueCredential::new("seat-system", proof);
    administrator.admin().issue_credential(issue).await.expect("it is issued");
}

fn client(house: &House, server: &Server) -> Builder {
    let builder = HotlineClient::builder().endpoint(server.endpoint()).token(server.token("agent"));
    builder.certificate_authority(&house.servers.pem).deadline(DEADLINE)
}

async fn call(builder: Builder) -> Result<(), Error> {
    let client = builder.connect_lazy().expect("it can be built");
    client.tickets().list_tickets(ListTickets::default()).try_next().await.map(drop)
}

/// The connection fails: at once, or with the first call, because of TLS 1.3 a client hears late that its certificate is
/// not taken. It is not the hotline that answers.
async fn assert_kept_out(builder: Builder, why: &str) {
    let error = call(builder.deadline(SHORT)).await.expect_err(why);
    // Which code the client makes of that depends on what it was doing.
    let is_broken = error.reason().is_none() && error.code() != Code::DeadlineExceeded;
    assert!(is_broken, "{why}: {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_knows_its_server_by_the_certificate() {
    let house = House::new();
    let server = secure_server(&house, &[]);
    call(client(&house, &server)).await.expect("it is served");
    let stranger = HotlineClient::builder().endpoint(server.endpoint()).token(server.token("agent"));
    assert_kept_out(stranger.certificate_authority(&house.clients.pem), "another authority").await;
    assert_kept_out(client(&house, &server).server_name("hotline.example"), "another name").await;
    let by_name = client(&house, &server).server_name("localhost");
    call(by_name).await.expect("the certificate has two names");
    let in_the_clear = server.endpoint().replace("https", "http");
    let in_the_clear = HotlineClient::builder().endpoint(in_the_clear).token(server.token("agent"));
    assert_kept_out(in_the_clear, "in the clear").await;
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_client_certificate_is_let_in() {
    let house = House::new();
    let good = house.clients.sign(&Says::client(URI));
    let revoked = house.clients.sign(&Says { serial: 13, ..Says::client(URI) });
    house.write("crl.pem", &house.clients.revoke(&[&revoked]));
    let crl = house.path("crl.pem");
    let keys = [("tls.client_crl", crl.as_str())];
    let mut server = mutual_server(&house, &keys);
    // Whoever is the first has no certificate that the hotline knows.
    know(&house, &server).await;
    server.restart_with(server.options().clone().set("tls.client_certificates", "required"));
    let with = |pair: &Pair| client(&house, &server).client_certificate(&pair.certificate, &pair.key);
    call(with(&good)).await.expect("a good certificate is let in");

    let stranger = Authority::new("of clients").sign(&Says::client(URI));
    let other_key = Pair { key: stranger.key.clone(), ..good.clone() };
    let expired = house.clients.sign(&Says { years: (2020, 2021), ..Says::client(URI) });
    let too_early = house.clients.sign(&Says { years: (2098, 2099), ..Says::client(URI) });
    let usage = ExtendedKeyUsagePurpose::ServerAuth;
    let of_a_server = house.clients.sign(&Says { usage, ..Says::client(URI) });
    let by_the_wrong_authority = house.servers.sign(&Says::client(URI));
    for (name, pair) in [
        ("another authority of the same name", &stranger),
        ("an authority for servers", &by_the_wrong_authority),
        ("expired", &expired),
        ("not yet valid", &too_early),
        ("a server's", &of_a_server),
        ("revoked", &revoked),
    ] {
        assert_kept_out(with(pair), name).await;
    }
    // A key that is not the certificate's: the client itself does not take it.
    assert!(with(&other_key).connect_lazy().is_err());
    assert_kept_out(client(&house, &server), "none at all").await;
    call(with(&good)).await.expect("a good one still is");
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_certificates_are_asked_for_a_bad_one_is_worse_than_none() {
    let house = House::new();
    let server = mutual_server(&house, &[]);
    know(&house, &server).await;
    call(client(&house, &server)).await.expect("a token is enough");
    let good = house.clients.sign(&Says::client(URI));
    let with_both = client(&house, &server).client_certificate(&good.certificate, &good.key);
    call(with_both).await.expect("both are good");
    let stranger = Authority::new("of nobody").sign(&Says::client(URI));
    let shown = client(&house, &server).client_certificate(&stranger.certificate, &stranger.key);
    assert_kept_out(shown, "a stranger's certificate").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_change_are_followed_as_far_as_they_are_sound() {
    let mut house = House::new();
    house.write("crl.pem", &house.clients.revoke(&[]));
    let crl = house.path("crl.pem");
    let server = mutual_server(&house, &[("tls.client_crl", crl.as_str())]);
    know(&house, &server).await;
    let pair = house.clients.sign(&Says::client(URI));
    let standing = client(&house, &server).connect().await.expect("it is let in");
    call(client(&house, &server).client_certificate(&pair.certificate, &pair.key))
        .await
        .expect("not revoked");

    let old = std::mem::replace(&mut house.servers, Authority::new("the next of servers"));
    house.install(&house.servers.sign(&Says::server()));
    house.write("crl.pem", &house.clients.revoke(&[&pair]));
    // Two files are two changes, if the server looks between them; the second one it must have seen.
    let with_old = || client(&house, &server).certificate_authority(&old.pem);
    let following = async {
        while call(client(&house, &server).deadline(SHORT)).await.is_err() {}
        while call(with_old().client_certificate(&pair.certificate, &pair.key).deadline(SHORT)).await.is_ok()
        {
        }
    };
    tokio::time::timeout(PATIENCE, following).await.expect("what changed is used");
    server.wait_for_line("certificates read again");
    let listed = standing.tickets().list_tickets(ListTickets::default()).try_next().await;
    assert!(listed.is_ok(), "a connection that stands is not touched: {listed:?}");

    house.write("key.pem", &pair.key);
    server.wait_for_line("changed certificates are not used");
    call(client(&house, &server)).await.expect("the last good ones stay");
    assert!(!server.output().contains("PRIVATE KEY"));
}

/// Starts a server that must not serve, and gives what it says.
fn refusal(house: &House, sets: &[String]) -> String {
    let mut command = program();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(house.folder.path());
    command.args(sets.iter().flat_map(|set| ["--set", set.as_str()]));
    let mut process = Process::spawn(command);
    assert_eq!(process.wait().code(), Some(1), "{sets:?}: {}", process.output());
    process.output()
}

#[test]
fn what_is_expired_or_of_no_authority_keeps_the_server_from_starting() {
    let house = House::new();
    let path = |name: &str| house.path(name);
    let set = |key: &str, value: &str| format!("{key}={value}");
    let expired = house.servers.sign(&Says { years: (2020, 2021), ..Says::server() });
    house.write("expired-key.pem", &expired.key);
    house.write("expired.pem", &expired.certificate);
    let early = house.servers.sign(&Says { years: (2098, 2099), ..Says::server() });
    house.write("early-key.pem", &early.key);
    house.write("early.pem", &early.certificate);
    let old_ca = house.clients.sign(&Says { years: (2020, 2021), ..Says::client(URI) });
    house.write("old-ca.pem", &format!("{}{}", house.clients.pem, old_ca.certificate));
    house.write("foreign.pem", &Authority::new("of clients").revoke(&[]));
    let tls = |certificate: &str, key: &str| {
        vec![set("tls.certificate", &path(certificate)), set("tls.key", &path(key))]
    };
    let good = || tls("certificate.pem", "key.pem");
    let client_ca = set("tls.client_ca", &path("client-ca.pem"));
    for (sets, words) in [
        (tls("expired.pem", "expired-key.pem"), "tls.certificate: certificate 1 of the file"),
        (tls("expired.pem", "expired-key.pem"), "expired on 2021-01-01"),
        (tls("early.pem", "early-key.pem"), "is not valid before 2098-01-01"),
        ([good(), vec![set("tls.client_ca", &path("old-ca.pem"))]].concat(), "tls.client_ca: certificate 2"),
        (
            [good(), vec![client_ca, set("tls.client_crl", &path("foreign.pem"))]].concat(),
            "tls.client_crl: list 1",
        ),
    ] {
        let said = refusal(&house, &sets);
        assert!(said.contains(words), "{sets:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_that_is_expired_or_does_not_fit_is_not_used() {
    let house = House::new();
    house.write("crl.pem", &house.clients.revoke(&[]));
    let crl = house.path("crl.pem");
    let keys = [("tls.client_crl", crl.as_str()), ("metrics.listen", "\"127.0.0.1:0\"")];
    let server = mutual_server(&house, &keys);
    call(client(&house, &server)).await.expect("it serves");
    let shown = server.wait_for_line("metrics: http://");
    let address = shown.trim_start_matches("metrics: http://").trim_end_matches("/metrics").to_owned();
    for name in ["certificate", "client_ca", "client_crl"] {
        let days = metric(&address, &format!("hotline_tls_{name}_expires_days"));
        assert!(days > 10_000.0, "{name}: {days}");
    }

    let good = house.servers.sign(&Says::server());
    house.install(&house.servers.sign(&Says { years: (2020, 2021), ..Says::server() }));
    server.wait_for_line("expired on 2021-01-01");
    call(client(&house, &server)).await.expect("the good one stays");
    house.install(&good);
    house.write("crl.pem", &Authority::new("of clients").revoke(&[]));
    server.wait_for_line("was not made by an authority of tls.client_ca");
    call(client(&house, &server)).await.expect("the good ones stay");
    house.write("crl.pem", &house.clients.revoke(&[]));
    server.wait_for_line("certificates read again");
    call(client(&house, &server)).await.expect("the new ones are used");
}

/// A metric without labels, as a collector reads it.
fn metric(address: &str, name: &str) -> f64 {
    let begun = Instant::now();
    loop {
        let mut peer = TcpStream::connect(address).expect("metrics are shown");
        let request = format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        peer.write_all(request.as_bytes()).expect("it can ask");
        let mut shown = String::new();
        peer.read_to_string(&mut shown).expect("it is answered");
        let line = shown.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        if let Some(value) = line {
            return value.trim().parse().expect("a number");
        }
        assert!(begun.elapsed() < PATIENCE, "{name} is not shown: {shown}");
    }
}

#[test]
fn files_that_do_not_fit_keep_the_server_from_starting() {
    let house = House::new();
    let (certificate, key, ca) =
        (house.path("certificate.pem"), house.path("key.pem"), house.path("client-ca.pem"));
    let other = house.path("other.pem");
    house.write("other.pem", &house.clients.sign(&Says::client(URI)).key);
    let set = |key: &str, value: &str| format!("{key}={value}");
    let both = [set("tls.certificate", &certificate), set("tls.key", &key)];
    for (sets, words) in [
        (vec![set("tls.certificate", &certificate)], "go together"),
        (vec![set("tls.certificate", &certificate), set("tls.key", &other)], "tls.certificate and tls.key"),
        (vec![set("tls.certificate", "/nowhere.pem"), set("tls.key", &key)], "/nowhere.pem"),
        (vec![set("tls.certificate", &key), set("tls.key", &key)], "no certificate in PEM"),
        (vec![set("tls.client_ca", &ca)], "tls.client_ca"),
        ([&both[..], &[set("tls.client_certificates", "required")]].concat(), "tls.client_ca"),
        ([&both[..], &[set("tls.client_ca", &ca), set("tls.client_crl", &ca)]].concat(), "tls.client_crl"),
        ([&both[..], &[set("tls.ended_by_proxy", "true")]].concat(), "tls.ended_by_proxy"),
    ] {
        let said = refusal(&house, &sets);
        assert!(said.contains(words), "{sets:?}: {said}");
    }
}
