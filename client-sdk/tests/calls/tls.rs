//! Faults of TLS: each is named with the address and its cause, is not retried, and is never taken for a server that is
//! away. Over real TCP.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use hotline_client::{Builder, Connector as _, Error, ErrorKind, HotlineClient, WatchItem, WatchTickets};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::network::Network;
use crate::refusal;
use crate::scripted_streams::{ScriptedStreams, Step, checkpoint};

/// The frame that an HTTP/2 server begins with: SETTINGS, without any.
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        // Each has a name of its own, as authorities have.
        params.distinguished_name.push(DnType::CommonName, hotline_client::Uuid::new_v4().to_string());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn pem(&self) -> String {
        self.pem.clone()
    }

    /// A certificate for a name, and its key.
    fn issue(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// The certificates of clients, in the order of their connections.
type Seen = Arc<Mutex<Vec<Option<CertificateDer<'static>>>>>;

/// Accepts TLS, says that it speaks HTTP/2, and nothing more. Client certificates of `clients` are required if it is
/// given.
async fn serve(authority: &Authority, clients: Option<&Authority>) -> (SocketAddr, Seen) {
    let settings_alone = |mut stream: TlsStream<TcpStream>| async move {
        stream.write_all(&SETTINGS).await.unwrap();
        let mut bytes = [0; 64];
        while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
    };
    serve_with(authority, clients, settings_alone).await
}

/// Accepts TLS, and lets something serve each connection.
async fn serve_with<F>(
    authority: &Authority,
    clients: Option<&Authority>,
    serve: impl Fn(TlsStream<TcpStream>) -> F + Clone + Send + 'static,
) -> (SocketAddr, Seen)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (certificate, key) = authority.issue("localhost");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = match clients {
        None => builder.unwrap().with_no_client_auth(),
        Some(clients) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(clients.pem().as_bytes()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.unwrap().with_client_cert_verifier(verifier.unwrap())
        }
    };
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let mut config = builder.with_single_cert(chain, key).unwrap();
    config.alpn_protocols.push(b"h2".to_vec());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, noted, serve) = (acceptor.clone(), Arc::clone(&noted), serve.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    let chain = stream.get_ref().1.peer_certificates();
                    noted.lock().unwrap().push(chain.map(|chain| chain[0].clone().into_owned()));
                    serve(stream).await;
                }
            });
        }
    });
    (address, seen)
}

/// The files of a client's certificate, in a folder that is removed at the end.
struct CertificateFiles(PathBuf);

impl CertificateFiles {
    fn issue(clients: &Authority) -> Self {
        let home = std::env::temp_dir().join(format!("hotline-client-{}", hotline_client::Uuid::new_v4()));
        std::fs::create_dir(&home).unwrap();
        let files = Self(home);
        files.renew(clients);
        files
    }

    fn renew(&self, clients: &Authority) {
        let (pem, key_pem) = clients.issue("bridge");
        std::fs::write(self.0.join("client.pem"), pem).unwrap();
        std::fs::write(self.0.join("client.key"), key_pem).unwrap();
    }

    fn builder(&self, authority: &Authority, address: SocketAddr) -> Builder {
        HotlineClient::builder()
            .endpoint(format!("https://localhost:{}", address.port()))
            .certificate_authority(authority.pem())
            .client_certificate_files(self.0.join("client.pem"), self.0.join("client.key"))
    }
}

impl Drop for CertificateFiles {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn failure(builder: Builder) -> Error {
    let soon = Duration::from_secs(20);
    let connected = tokio::time::timeout(soon, builder.deadline(soon * 3).connect()).await;
    connected.expect("it is not retried").expect_err("nothing is trusted")
}

fn assert_permanent(error: &Error, address: SocketAddr, cause: &str) {
    let text = error.to_string();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Tls, false), "{text}");
    assert!(!error.is_unknown_outcome() && error.attempts() == 0);
    assert!(text.contains(&address.port().to_string()) && text.contains(cause), "{text}");
}

#[tokio::test]
async fn an_unknown_authority_a_wrong_name_and_a_plain_port_differ() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (address, _) = serve(&authority, None).await;
    let to = |host: &str| HotlineClient::builder().endpoint(format!("https://{host}:{}", address.port()));
    let error = failure(to("localhost").certificate_authority(other.pem())).await;
    assert_permanent(&error, address, "UnknownIssuer");
    let error = failure(to("127.0.0.1").certificate_authority(authority.pem())).await;
    assert_permanent(&error, address, "not valid for name");
    let error = failure(HotlineClient::builder().endpoint(format!("http://{address}"))).await;
    assert_permanent(&error, address, "speaks TLS");

    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain_address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        // They stay open, so that the answer is read before the end.
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            kept.push(stream);
        }
    });
    let builder = HotlineClient::builder().endpoint(format!("https://localhost:{}", plain_address.port()));
    let error = failure(builder.certificate_authority(authority.pem())).await;
    assert_permanent(&error, plain_address, "InvalidContentType");
}

#[tokio::test]
async fn a_missing_client_certificate_is_named() {
    let (authority, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let (address, _) = serve(&authority, Some(&clients)).await;
    let endpoint = format!("https://localhost:{}", address.port());
    let builder = || HotlineClient::builder().endpoint(&endpoint).certificate_authority(authority.pem());
    assert_permanent(&failure(builder()).await, address, "CertificateRequired");
    let (certificate, key) = strangers.issue("a stranger");
    let error = failure(builder().client_certificate(certificate, key)).await;
    assert_permanent(&error, address, "received fatal alert");
}

#[tokio::test]
async fn a_renewed_client_certificate_is_used_without_a_restart() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let (address, seen) = serve(&authority, Some(&clients)).await;
    let files = CertificateFiles::issue(&clients);
    let client = files.builder(&authority, address).connect().await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 1);
    files.renew(&clients);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    // Nobody answers; what matters is over which connection the call is sent.
    let _ = crate::put(&client.with_deadline(Duration::from_millis(200))).await;
    let seen = seen.lock().unwrap().clone();
    assert!(seen.len() == 2 && seen[0] != seen[1], "{} connections", seen.len());
}

#[tokio::test]
async fn a_stream_whose_client_certificate_expires_goes_on_with_the_renewed_one() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let expired = || refusal(tonic::Code::Unauthenticated, "UNAUTHENTICATED");
    let seen = Arc::new(OnceLock::<Seen>::new());
    let known = Arc::clone(&seen);
    let streams = ScriptedStreams::new(move |place, _| match place {
        0 => Ok(vec![checkpoint("c-1"), Step::End(expired())]),
        // The first connection stays that of the expired certificate.
        _ if known.get().unwrap().lock().unwrap().len() == 1 => Err(expired()),
        _ => Ok(vec![checkpoint("c-2")]),
    });
    let network = Network::to(streams);
    let passed_on = move |mut stream: TlsStream<TcpStream>| {
        let network = network.clone();
        async move {
            let mut server = network.connect("hotline", 443).await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut server).await;
        }
    };
    let (address, connections) = serve_with(&authority, Some(&clients), passed_on).await;
    seen.set(Arc::clone(&connections)).unwrap();
    let files = CertificateFiles::issue(&clients);
    let client = files.builder(&authority, address).connect().await.unwrap();
    let mut watch = client.tickets().watch_tickets(WatchTickets::default());
    assert_eq!(watch.next().await.unwrap(), WatchItem::Checkpoint);
    files.renew(&clients);
    assert_eq!(watch.next().await.expect("the new certificate is used at once"), WatchItem::Checkpoint);
    assert_eq!((watch.cursor().unwrap().as_str(), connections.lock().unwrap().len()), ("c-2", 2));
}
