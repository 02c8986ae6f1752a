//! How bytes reach a server: over TCP, or over a connector of the user's, for example through a proxy or in memory.
//! TLS and HTTP/2 are spoken above it.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// A stream of bytes in both directions. Every type that can be read, written and sent is one.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// A stream of bytes of any kind.
pub type BoxedStream = Box<dyn ByteStream>;

/// A stream that is being opened.
pub type Connecting<'a> = Pin<Box<dyn Future<Output = io::Result<BoxedStream>> + Send + 'a>>;

/// Opens the streams of bytes of a client. The default is TCP.
///
/// ```
/// use hotline_client::{Connecting, Connector, HotlineClient};
///
/// /// Connects through a tunnel on this machine, whatever the endpoint's host is.
/// struct Tunnel;
///
/// impl Connector for Tunnel {
///     fn connect<'a>(&'a self, _host: &'a str, port: u16) -> Connecting<'a> {
///         Box::pin(async move {
///             let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
///             Ok(Box::new(stream) as _)
///         })
///     }
/// }
///
/// let builder = HotlineClient::builder().endpoint("http://hotline.example:7312").connector(Tunnel);
/// # let _ = builder;
/// ```
pub trait Connector: Send + Sync + 'static {
    /// Opens a stream to a host and port. TLS, where the endpoint is `https`, is added above it. The attempt is given
    /// up after the client's connect time-out.
    fn connect<'a>(&'a self, host: &'a str, port: u16) -> Connecting<'a>;
}

/// TCP. The name is resolved anew for each connection, and all its addresses are tried.
#[derive(Debug)]
pub(super) struct Tcp {
    /// The time limit of one address if there are several.
    pub(super) address_timeout: Duration,
}

impl Connector for Tcp {
    fn connect<'a>(&'a self, host: &'a str, port: u16) -> Connecting<'a> {
        Box::pin(async move {
            let mut last = None;
            for address in lookup_host((host, port)).await? {
                match timeout(self.address_timeout, TcpStream::connect(address)).await {
                    Ok(Ok(stream)) => {
                        stream.set_nodelay(true)?;
                        return Ok(Box::new(stream) as BoxedStream);
                    }
                    Ok(Err(error)) => last = Some(error),
                    Err(_) => {
                        last = Some(io::Error::new(io::ErrorKind::TimedOut, "the connection timed out"));
                    }
                }
            }
            Err(last.unwrap_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the name has no address")))
        })
    }
}
