//! A slow link to the server: a TCP proxy that passes on a limited number of bytes a second.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::support::server::Server;

/// The bytes that the link passes on each second, in each direction.
const BYTES_PER_SECOND: u32 = 256_000;
/// The bytes that it passes on at once: a twentieth of a second.
const CHUNK_BYTES: usize = 12_800;

/// Passes on what one side sends until either side closes.
fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = vec![0; CHUNK_BYTES];
    while let Ok(read) = from.read(&mut buffer)
        && read > 0
        && to.write_all(&buffer[..read]).is_ok()
    {
        let read = u32::try_from(read).expect("a chunk is small");
        thread::sleep(Duration::from_secs(1) * read / BYTES_PER_SECOND);
    }
}

/// Opens a link for one connection. Returns the address to connect to.
pub(super) fn open(server: &Server) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("a listener has an address").to_string();
    let server = server.address().to_owned();
    thread::spawn(move || {
        let (client, _) = listener.accept().expect("the client connects");
        let server = TcpStream::connect(server).expect("the server listens");
        let requests =
            (client.try_clone().expect("a second handle"), server.try_clone().expect("a second handle"));
        thread::spawn(move || pass_on(requests.0, requests.1));
        pass_on(server, client);
    });
    address
}
