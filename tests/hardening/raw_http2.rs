//! HTTP/2 by hand: frames as bytes, so that a peer can send what no client library would.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any successful wait here.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(20);

/// The send buffer of a peer. By default Linux buffers up to 4 MB, which the server never sees.
const UNSENT_BYTES: u32 = 64 * 1024;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Types of frames.
pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

/// Flags; the first has two meanings.
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// The setting for the flow-control window of each stream.
pub(crate) const INITIAL_WINDOW: u16 = 4;
/// The largest window that there is.
pub(crate) const WINDOW_MAX: u32 = 0x7fff_ffff;

/// HPACK's reference to the last header in the dynamic table.
pub(crate) const FIRST_KEPT: u8 = 0xbe;

/// A frame that the server sent.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

/// A raw connection.
#[derive(Debug)]
pub(crate) struct RawHttp2 {
    pub(crate) stream: TcpStream,
    /// The number of the client's next stream.
    next: u32,
}

/// Connects from a local address; the standard library can't choose one.
pub(crate) fn connect(address: &str, from: IpAddr) -> io::Result<TcpStream> {
    let address: SocketAddr = address.parse().expect("an address");
    // On a separate thread, because the caller may run within another runtime.
    let connected = std::thread::scope(|scope| {
        let connecting = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
            runtime.block_on(async {
                let socket = tokio::net::TcpSocket::new_v4()?;
                socket.bind(SocketAddr::new(from, 0))?;
                socket.set_send_buffer_size(UNSENT_BYTES)?;
                socket.connect(address).await?.into_std()
            })
        });
        connecting.join().map_err(|_| io::Error::other("connecting panicked"))
    });
    let stream = connected??;
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(WAIT_MAX))?;
    stream.set_write_timeout(Some(WAIT_MAX))?;
    Ok(stream)
}

/// An HPACK integer with a prefix of seven bits.
fn number(value: usize, block: &mut Vec<u8>) {
    let Some(mut rest) = value.checked_sub(127) else {
        block.push(u8::try_from(value).expect("less than 127"));
        return;
    };
    block.push(127);
    while rest >= 128 {
        block.push(u8::try_from(rest % 128).expect("seven bits") | 128);
        rest /= 128;
    }
    block.push(u8::try_from(rest).expect("seven bits"));
}

/// A literal HPACK header; with `is_kept` the server adds it to its dynamic table.
pub(crate) fn header(name: &str, value: &str, is_kept: bool) -> Vec<u8> {
    let mut block = vec![if is_kept { 0x40 } else { 0 }];
    for text in [name, value] {
        number(text.len(), &mut block);
        block.extend(text.as_bytes());
    }
    block
}

/// The headers of a gRPC call.
pub(crate) fn call(path: &str, token: &str) -> Vec<u8> {
    let authorization = format!("Bearer {token}");
    [anonymous_call(path), header("authorization", &authorization, false)].concat()
}

/// The headers of a call without a credential.
pub(crate) fn anonymous_call(path: &str) -> Vec<u8> {
    [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "hotline"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ]
    .iter()
    .flat_map(|(name, value)| header(name, value, false))
    .collect()
}

/// A message with its gRPC prefix.
pub(crate) fn message(message: &impl prost::Message) -> Vec<u8> {
    let bytes = message.encode_to_vec();
    let length = u32::try_from(bytes.len()).expect("a small message").to_be_bytes();
    [&[0][..], &length, &bytes].concat()
}

/// The frame that enlarges the window of a stream, or of the connection with 0.
pub(crate) fn window_update(stream: u32, bytes: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &bytes.to_be_bytes())
}

/// A frame as bytes.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a small frame").to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

impl RawHttp2 {
    /// Connects and sends the preface with empty settings.
    pub(crate) fn open(address: &str, from: IpAddr) -> io::Result<Self> {
        Self::open_with(address, from, &[])
    }

    /// Connects with this flow-control window on each stream.
    pub(crate) fn open_with_window(address: &str, from: IpAddr, window: u32) -> io::Result<Self> {
        Self::open_with(address, from, &[&INITIAL_WINDOW.to_be_bytes()[..], &window.to_be_bytes()].concat())
    }

    fn open_with(address: &str, from: IpAddr, settings: &[u8]) -> io::Result<Self> {
        let stream = connect(address, from)?;
        let mut peer = Self { stream, next: 1 };
        peer.send(&[PREFACE, &frame(SETTINGS, 0, 0, settings)].concat())?;
        Ok(peer)
    }

    /// Calls with one message; returns the number of the stream.
    pub(crate) fn call(&mut self, block: &[u8], message: &[u8]) -> io::Result<u32> {
        let stream = self.begin(block, 0)?;
        self.send(&frame(DATA, END_STREAM, stream, message))?;
        Ok(stream)
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Takes the number of a new stream.
    pub(crate) fn take_stream(&mut self) -> u32 {
        self.next += 2;
        self.next - 2
    }

    /// Opens a stream with these headers; returns its number.
    pub(crate) fn begin(&mut self, block: &[u8], flags: u8) -> io::Result<u32> {
        let stream = self.take_stream();
        self.send(&frame(HEADERS, flags | END_HEADERS, stream, block))?;
        Ok(stream)
    }

    /// The next frame of the server.
    pub(crate) fn receive(&mut self) -> io::Result<Frame> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).expect("24 bits")];
        self.stream.read_exact(&mut payload)?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        Ok(Frame { kind: head[3], flags: head[4], stream, payload })
    }

    /// Reads until a frame fits or the connection ends; `None` if it ended without one.
    pub(crate) fn await_frame(&mut self, fits: impl Fn(&Frame) -> bool) -> Option<Frame> {
        loop {
            match self.receive() {
                Ok(frame) if fits(&frame) => return Some(frame),
                Ok(_) => {}
                Err(error) => {
                    let is_in_vain =
                        matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
                    assert!(!is_in_vain, "the server neither sent it nor ended the connection");
                    return None;
                }
            }
        }
    }
}
