//! The programs around the hotline: Kamailio, `SIPp` as callers and as seats, and the middleware.

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::process::Process;

const CONFIGURATION: &str = include_str!("kamailio.cfg");
const CALLER: &str = include_str!("caller.xml");
const SEATS: &str = include_str!("seats.xml");
/// How long a caller speaks, in milliseconds.
const SPEAKS_MS: &str = "300";
/// The name of the exchange.
pub(crate) const SYSTEM: &str = "kamailio-1";

/// The programs that are not installed.
pub(crate) fn missing() -> Vec<&'static str> {
    let mut missing = Vec::new();
    for program in ["kamailio", "sipp"] {
        if Command::new(program).arg("-v").output().is_err() {
            missing.push(program);
        }
    }
    let mut folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    if !folders.any(|folder| folder.path().join("kamailio/modules/http_client.so").exists()) {
        missing.push("http_client of kamailio-utils-modules");
    }
    missing
}

fn udp_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has a port");
    socket.local_addr().expect("it is bound").port()
}

/// An address on loopback that nothing listens on.
pub(crate) fn tcp_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    listener.local_addr().expect("it is bound").to_string()
}

/// The exchange with its seats.
pub(crate) struct Exchange {
    home: PathBuf,
    sip_port: u16,
    pub(crate) kamailio: Process,
    _seats: Process,
}

impl Exchange {
    /// Starts it in a folder. It reports to a middleware.
    pub(crate) fn start(home: &Path, middleware: &str) -> Self {
        let (sip_port, seats_port) = (udp_port(), udp_port());
        let configuration = CONFIGURATION
            .replace("SIP_PORT", &sip_port.to_string())
            .replace("SEATS_PORT", &seats_port.to_string())
            .replace("MIDDLEWARE", middleware);
        let write = |name: &str, text: &str| {
            let path = home.join(name);
            fs::write(&path, text).expect("the folder is writable");
            path
        };
        let configuration = write("kamailio.cfg", &configuration);
        let mut seats = Command::new("sipp");
        seats.arg("-sf").arg(write("seats.xml", SEATS)).args(["-i", "127.0.0.1", "-nostdin"]);
        seats.args(["-p", &seats_port.to_string()]).current_dir(home);
        let mut kamailio = Command::new("kamailio");
        kamailio.arg("-f").arg(configuration).args(["-DD", "-E", "-m", "64", "-M", "8", "-Y"]).arg(home);
        let (kamailio, seats) = (Process::spawn(kamailio), Process::spawn(seats));
        Self { home: home.to_owned(), sip_port, kamailio, _seats: seats }
    }

    /// Starts the callers.
    pub(crate) fn call(&self, calls: u32, rate: u32) -> Process {
        let mut numbers = "SEQUENTIAL\n".to_owned();
        for call in 0..calls {
            writeln!(numbers, "1380{call:07};").expect("a text takes lines");
        }
        let file = |name: &str, text: &str| {
            let path = self.home.join(name);
            fs::write(&path, text).expect("the folder is writable");
            path
        };
        let mut callers = Command::new("sipp");
        callers.arg("-sf").arg(file("caller.xml", CALLER)).arg("-inf").arg(file("numbers.csv", &numbers));
        callers.args(["-i", "127.0.0.1", "-p", &udp_port().to_string(), "-nostdin", "-d", SPEAKS_MS]);
        callers.args(["-m", &calls.to_string(), "-r", &rate.to_string()]).current_dir(&self.home);
        callers.arg(format!("127.0.0.1:{}", self.sip_port));
        Process::spawn(callers)
    }
}

/// Its processes end with their parent only if that is asked to end.
impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.kamailio.has_ended() {
            self.kamailio.signal("TERM");
            self.kamailio.wait_for_line_or_end(|_| None::<()>);
        }
    }
}

/// How the middleware is started.
#[derive(Debug, Clone)]
pub(crate) struct Middleware {
    pub(crate) program: PathBuf,
    pub(crate) address: String,
    pub(crate) home: PathBuf,
    pub(crate) endpoint: String,
    pub(crate) token: String,
}

impl Middleware {
    /// Starts it, and waits until it listens.
    pub(crate) fn start(&self) -> Process {
        let mut command = Command::new(&self.program);
        command.arg(&self.address).arg(self.home.join("spool")).arg(self.home.join("spool.key")).arg(SYSTEM);
        command.env("HOTLINE_TOKEN", &self.token).env("HOTLINE_ENDPOINT", &self.endpoint);
        let process = Process::spawn(command);
        process.wait_for_line("its address", |line| line.starts_with("listening on ").then_some(()));
        process
    }
}
