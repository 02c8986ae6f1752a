//! Faults of TLS: each is named with the address and its cause, is not retried, and is never taken for a server that is
//! away. Over real TCP.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hotline_client::{Builder, Error, ErrorKind, HotlineClient};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

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
            let (acceptor, noted) = (acceptor.clone(), Arc::clone(&noted));
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let chain = stream.get_ref().1.peer_certificates();
                    noted.lock().unwrap().push(chain.map(|chain| chain[0].clone().into_owned()));
                    stream.write_all(&SETTINGS).await.unwrap();
                    let mut bytes = [0; 64];
                    while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
                }
            });
        }
    });
    (address, seen)
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
    let home = std::env::temp_dir().join(format!("hotline-client-{}", hotline_client::Uuid::new_v4()));
    std::fs::create_dir(&home).unwrap();
    let (certificate, key) = (home.join("client.pem"), home.join("client.key"));
    let issue = || {
        let (pem, key_pem) = clients.issue("bridge");
        std::fs::write(&certificate, pem).unwrap();
        std::fs::write(&key, key_pem).unwrap();
    };
    issue();
    let client = HotlineClient::builder()
        .endpoint(format!("https://localhost:{}", address.port()))
        .certificate_authority(authority.pem())
        .client_certificate_files(&certificate, &key)
        .connect()
        .await
        .unwrap();
    assert_eq!(seen.lock().unwrap().len(), 1);
    issue();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    // Nobody answers; what matters is over which connection the call is sent.
    let _ = crate::put(&client.with_deadline(Duration::from_millis(200))).await;
    let seen = seen.lock().unwrap().clone();
    assert!(seen.len() == 2 && seen[0] != seen[1], "{} connections", seen.len());
    std::fs::remove_dir_all(&home).unwrap();
}
