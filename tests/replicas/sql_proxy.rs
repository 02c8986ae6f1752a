//! A proxy between servers and PostgreSQL that rewrites the text of statements. So bugs in the SQL can be injected from
//! outside, without a change of the servers.
//!
//! It reads the frontend's half of the protocol (version 3, without TLS) and changes only the SQL of Parse and Query
//! messages; the other half is copied. If one side ends a connection, both sides end.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use crate::sql_rewrites::SqlRewrites;

/// The codes of the two requests for encryption, which come before the first message and get a one-byte answer.
const ENCRYPTION_REQUESTS: [u32; 2] = [80_877_103, 80_877_104];
/// The longest accepted message.
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Starts a proxy for as long as the process runs; returns the URL of the same database through it.
pub(crate) fn start(url: &str, rewrites: &Arc<SqlRewrites>) -> String {
    let (before, rest) = url.split_once('@').expect("a URL with a user");
    let (address, database) = rest.split_once('/').expect("a URL with a database");
    let address: SocketAddr = address.parse().expect("a URL with an address");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let own = listener.local_addr().expect("a bound socket has an address");
    let rewrites = Arc::clone(rewrites);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let rewrites = Arc::clone(&rewrites);
            thread::spawn(move || serve(&client, address, &rewrites));
        }
    });
    format!("{before}@{own}/{database}")
}

/// Serves one connection until either side ends it.
fn serve(client: &TcpStream, address: SocketAddr, rewrites: &SqlRewrites) {
    let Ok(server) = TcpStream::connect(address) else { return };
    let copies = client.try_clone().and_then(|client| Ok((client, server.try_clone()?)));
    let Ok((mut to_client, mut from_server)) = copies else { return };
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    thread::spawn(move || {
        let _ = io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
    // A killed server breaks off in the middle, which is no error of the proxy.
    let _ = forward(client, &server, rewrites);
    let _ = server.shutdown(Shutdown::Both);
}

/// Forwards the client's messages one by one.
fn forward(mut client: &TcpStream, mut server: &TcpStream, rewrites: &SqlRewrites) -> io::Result<()> {
    loop {
        let body = message(client)?;
        server.write_all(&framed(None, &body)?)?;
        let code = body.first_chunk().map(|code| u32::from_be_bytes(*code));
        if !code.is_some_and(|code| ENCRYPTION_REQUESTS.contains(&code)) {
            break;
        }
    }
    loop {
        let mut kind = [0];
        client.read_exact(&mut kind)?;
        let body = message(client)?;
        let body = match kind {
            [b'P'] => rewritten(&body, 1, rewrites),
            [b'Q'] => rewritten(&body, 0, rewrites),
            _ => body,
        };
        server.write_all(&framed(Some(kind[0]), &body)?)?;
    }
}

/// A message after its type, without its length.
fn message(mut client: &TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    let body = length.checked_sub(4).filter(|body| *body < MESSAGE_BYTES_MAX);
    let mut body = vec![0; body.ok_or_else(|| io::Error::other("not a message of PostgreSQL"))?];
    client.read_exact(&mut body)?;
    Ok(body)
}

fn framed(kind: Option<u8>, body: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(body.len() + 4).map_err(io::Error::other)?;
    Ok(kind.into_iter().chain(length.to_be_bytes()).chain(body.iter().copied()).collect())
}

/// A message whose SQL follows this many zero-terminated texts, with its SQL rewritten.
fn rewritten(body: &[u8], texts_before: usize, rewrites: &SqlRewrites) -> Vec<u8> {
    let mut texts = body.splitn(texts_before + 2, |byte| *byte == 0);
    let before: Vec<&[u8]> = texts.by_ref().take(texts_before).collect();
    let (Some(sql), Some(rest)) = (texts.next(), texts.next()) else { return body.to_vec() };
    let Ok(sql) = std::str::from_utf8(sql) else { return body.to_vec() };
    let sql = rewrites.rewrite(sql);
    before.into_iter().chain([sql.as_bytes(), rest]).collect::<Vec<_>>().join(&0)
}
