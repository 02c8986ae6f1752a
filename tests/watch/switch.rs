//! A switch between clients and servers: a TCP proxy on loopback that connects each client to a server that answers,
//! and can cut the open connections.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Debug)]
struct Shared {
    servers: Mutex<Vec<SocketAddr>>,
    turn: AtomicUsize,
    open: AtomicU32,
    cuts: watch::Sender<u32>,
}

/// A switch, for as long as the runtime runs.
#[derive(Debug, Clone)]
pub(crate) struct Switch {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Switch {
    /// A switch to some servers.
    pub(crate) async fn to(endpoints: &[String]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            servers: Mutex::default(),
            turn: AtomicUsize::new(0),
            open: AtomicU32::new(0),
            cuts: watch::Sender::new(0),
        });
        let switch = Self { shared: Arc::clone(&shared), address };
        switch.connect_to(endpoints);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, Arc::clone(&shared)));
            }
        });
        switch
    }

    /// From now on connects to these servers.
    pub(crate) fn connect_to(&self, endpoints: &[String]) {
        let address = |endpoint: &String| {
            endpoint.trim_start_matches("http://").parse().expect("an endpoint has an address")
        };
        let mut servers = self.shared.servers.lock().unwrap_or_else(PoisonError::into_inner);
        *servers = endpoints.iter().map(address).collect();
    }

    /// The endpoint for clients.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts the open connections; returns how many there were.
    pub(crate) fn cut(&self) -> u32 {
        let open = self.shared.open.load(Ordering::SeqCst);
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
        open
    }
}

/// Forwards one connection to the first server that answers, until either side ends it or it is cut.
async fn carry(mut client: TcpStream, shared: Arc<Shared>) {
    let mut cuts = shared.cuts.subscribe();
    cuts.borrow_and_update();
    let servers = shared.servers.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let turn = shared.turn.fetch_add(1, Ordering::SeqCst);
    for place in 0..servers.len() {
        let Ok(mut server) = TcpStream::connect(servers[(turn + place) % servers.len()]).await else {
            continue;
        };
        shared.open.fetch_add(1, Ordering::SeqCst);
        // A broken connection is no error of this proxy.
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => {}
            _ = cuts.changed() => {}
        }
        shared.open.fetch_sub(1, Ordering::SeqCst);
        return;
    }
}
