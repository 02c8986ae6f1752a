//! A network in memory, which a test can take down, freeze or fill with other protocols.

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hotline_client::{Connecting, Connector};
use tokio::io::{AsyncWriteExt as _, DuplexStream, copy_bidirectional, duplex};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::transport::Server;

/// The bytes that a stream holds before its writer waits.
const BUFFER_BYTES: usize = 64 * 1024;

/// What a connection to a host meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// The server.
    Up,
    /// Nobody listens.
    Refused,
    /// Somebody accepts, and says nothing.
    Silent,
    /// Somebody who speaks HTTP/1.
    Http1,
    /// Somebody who accepts and closes.
    Closing,
}

/// The network. Clones are the same network.
#[derive(Clone)]
pub(crate) struct Network {
    incoming: UnboundedSender<io::Result<DuplexStream>>,
    /// The link of each host; others are up.
    links: Arc<Mutex<Vec<(String, Link)>>>,
    dials: Arc<AtomicUsize>,
    /// The ends of silent peers, which must stay open.
    silent: Arc<Mutex<Vec<DuplexStream>>>,
    /// Freezes the open connections.
    freezing: Arc<Notify>,
}

impl Network {
    /// A network to a service.
    pub(crate) fn to<S>(service: S) -> Self
    where
        S: tower_service::Service<
                http::Request<Body>,
                Response = http::Response<Body>,
                Error = Infallible,
                Future: Send,
            > + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
    {
        let (incoming, streams) = unbounded_channel();
        let streams = UnboundedReceiverStream::new(streams);
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(streams));
        Self {
            incoming,
            links: Arc::default(),
            dials: Arc::default(),
            silent: Arc::default(),
            freezing: Arc::default(),
        }
    }

    /// From now on not a byte moves over the connections that are open, in either direction. No end is told. New
    /// connections work.
    pub(crate) fn freeze_open_connections(&self) {
        self.freezing.notify_waiters();
    }

    /// A stream to the server, which passes bytes on until it is frozen.
    fn pass_on(&self) -> io::Result<DuplexStream> {
        let (near, mut outer) = duplex(BUFFER_BYTES);
        let (mut inner, far) = duplex(BUFFER_BYTES);
        self.incoming.send(Ok(far)).map_err(io::Error::other)?;
        let freezing = Arc::clone(&self.freezing);
        tokio::spawn(async move {
            let frozen = freezing.notified();
            tokio::select! {
                _ = copy_bidirectional(&mut outer, &mut inner) => {}
                // Both ends stay open.
                () = frozen => std::future::pending().await,
            }
        });
        Ok(near)
    }

    /// What connections to a host meet from now on.
    pub(crate) fn set(&self, host: &str, link: Link) {
        let mut links = self.links.lock().unwrap();
        links.retain(|(known, _)| known != host);
        links.push((host.to_owned(), link));
    }

    /// How often a client has tried to connect.
    pub(crate) fn dials(&self) -> usize {
        self.dials.load(Ordering::SeqCst)
    }

    fn link(&self, host: &str) -> Link {
        let links = self.links.lock().unwrap();
        links.iter().find(|(known, _)| known == host).map_or(Link::Up, |(_, link)| *link)
    }
}

impl Connector for Network {
    fn connect<'a>(&'a self, host: &'a str, _port: u16) -> Connecting<'a> {
        self.dials.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let (near, mut far) = duplex(BUFFER_BYTES);
            match self.link(host) {
                Link::Up => return Ok(Box::new(self.pass_on()?) as _),
                Link::Refused => return Err(io::ErrorKind::ConnectionRefused.into()),
                Link::Silent => self.silent.lock().unwrap().push(far),
                Link::Http1 => {
                    far.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
                    self.silent.lock().unwrap().push(far);
                }
                Link::Closing => drop(far),
            }
            Ok(Box::new(near) as _)
        })
    }
}
