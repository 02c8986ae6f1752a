//! A provider of messages for tests: an HTTP server that answers as a test asks, checks each signature, and sends a
//! message with a known id only once.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use super::server::Options;
use super::temp_dir::TempDir;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// What the provider got.
#[derive(Debug, Default)]
struct Received {
    /// The messages of all requests, in their order.
    requests: Vec<Value>,
    /// The messages that were sent on: one for each id.
    sent: Vec<Value>,
    /// The answers to the next requests; 200 or 409 if there is none.
    answers: VecDeque<Answer>,
}

/// How the provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// With a status, without sending the message on.
    Status(u16),
    /// It sends the message on, and closes the connection without an answer.
    Lost,
}

/// The provider.
pub(crate) struct MessageGateway {
    address: SocketAddr,
    received: Arc<Mutex<Received>>,
    folder: TempDir,
}

fn lock(received: &Mutex<Received>) -> MutexGuard<'_, Received> {
    received.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MessageGateway {
    /// A provider that accepts everything.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let received = Arc::<Mutex<Received>>::default();
        let shared = Arc::clone(&received);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        let folder = TempDir::new("gateway");
        let key = folder.path().join("signing-key");
        fs::write(&key, SECRET).expect("the folder is there");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("the file is there");
        Self { address, received, folder }
    }

    /// Options of a server that sends its messages here.
    pub(crate) fn options(&self, options: Options) -> Options {
        let key = self.folder.path().join("signing-key");
        options
            .set("messages.gateway", &format!("\"http://{}/messages\"", self.address))
            .set("messages.signing_key", &format!("{:?}", key.display().to_string()))
    }

    /// Answers the next requests in this way.
    pub(crate) fn answer_next(&self, answers: impl IntoIterator<Item = Answer>) {
        lock(&self.received).answers.extend(answers);
    }

    /// The messages of all requests.
    pub(crate) fn requests(&self) -> Vec<Value> {
        lock(&self.received).requests.clone()
    }

    /// The messages that companies got.
    pub(crate) fn sent(&self) -> Vec<Value> {
        lock(&self.received).sent.clone()
    }
}

/// Whether a signature is `t=SECONDS,v1=HEX` over `SECONDS.BODY`.
fn is_signed(signature: &str, body: &str) -> bool {
    let Some((time, hex)) = signature.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")) else {
        return false;
    };
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key of any length");
    hex::encode(mac.chain_update(format!("{time}.{body}")).finalize().into_bytes()) == hex
}

/// Serves the requests of a connection.
fn serve(stream: TcpStream, received: &Mutex<Received>) {
    let Ok(reading) = stream.try_clone() else { return };
    let (mut reader, mut stream) = (BufReader::new(reading), stream);
    while let Some((head, body)) = read_request(&mut reader) {
        let header = |name: &str| head.iter().find_map(|(key, value)| (key == name).then(|| value.clone()));
        let message: Value = serde_json::from_str(&body).unwrap_or_default();
        let signature = header("hotline-signature").unwrap_or_default();
        let status = if is_signed(&signature, &body) && header("hotline-message-id") == text(&message, "id") {
            match answer(received, &message) {
                Some(status) => status,
                None => return,
            }
        } else {
            401
        };
        let answered = write!(stream, "HTTP/1.1 {status} Answer\r\ncontent-length: 0\r\n\r\n");
        if answered.is_err() {
            return;
        }
    }
}

/// A text of a message.
pub(crate) fn text(message: &Value, field: &str) -> Option<String> {
    message.get(field).and_then(Value::as_str).map(str::to_owned)
}

/// The status of the answer; `None` for no answer.
fn answer(received: &Mutex<Received>, message: &Value) -> Option<u16> {
    let mut received = lock(received);
    received.requests.push(message.clone());
    let planned = received.answers.pop_front();
    if let Some(Answer::Status(status)) = planned {
        return Some(status);
    }
    let is_known = received.sent.iter().any(|sent| text(sent, "id") == text(message, "id"));
    if !is_known {
        received.sent.push(message.clone());
    }
    match planned {
        Some(Answer::Lost) => None,
        _ if is_known => Some(409),
        _ => Some(200),
    }
}

type Head = Vec<(String, String)>;

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(Head, String)> {
    let mut line = String::new();
    let mut head = Head::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            head.push((name.to_lowercase(), value.to_owned()));
        }
    }
    let length = head.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).ok()?))
}
