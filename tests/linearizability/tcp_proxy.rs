//! The links between clients and servers: TCP proxies on loopback that can delay answers and cut connections during a
//! call.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tonic::transport::{Channel, Endpoint};

/// Bytes that are read from a server at once.
const CHUNK_BYTES: usize = 16 << 10;

#[derive(Debug, Clone, Copy, Default)]
struct Control {
    /// How often the link was cut.
    cuts: u32,
    /// Whether answers are delayed.
    is_held: bool,
}

/// A link to one server.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) channel: Channel,
    control: watch::Sender<Control>,
}

impl Link {
    /// A link to an address, for as long as the runtime runs.
    pub(crate) async fn to(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = Endpoint::from_shared(format!("http://{}", listener.local_addr()?));
        let channel = endpoint.map_err(io::Error::other)?.connect_lazy();
        let (control, watched) = watch::channel(Control::default());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, watched.clone()));
            }
        });
        Ok(Self { channel, control })
    }

    /// Delays answers, or lets them pass again.
    pub(crate) fn hold(&self, is_held: bool) {
        self.control.send_modify(|control| control.is_held = is_held);
    }

    /// Cuts the open connections.
    pub(crate) fn cut(&self) {
        self.control.send_modify(|control| control.cuts += 1);
    }
}

/// Forwards one connection until either side ends it, or it is cut.
async fn carry(client: TcpStream, server: SocketAddr, mut control: watch::Receiver<Control>) {
    let cuts_before = control.borrow().cuts;
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    // If one half ends, the other ends too: a broken connection is no error of this proxy.
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        _ = answers(from_server, to_client, control.clone()) => {}
        _ = control.wait_for(|control| control.cuts != cuts_before) => {}
    }
}

/// Forwards the server's bytes while they are not delayed.
async fn answers(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    mut control: watch::Receiver<Control>,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let length = server.read(&mut chunk).await?;
        if length == 0 {
            return Ok(());
        }
        control.wait_for(|control| !control.is_held).await.map_err(io::Error::other)?;
        client.write_all(&chunk[..length]).await?;
    }
}
