//! A telephony middleware that a vendor can start from. An exchange reports its calls by HTTP, in the shape of
//! Zammad's generic CTI interface (`newCall`, `answer`, `hangup`). The middleware reports them to the hotline, and
//! creates a ticket for each call that a seat has answered. It survives the hotline's absence and its own end: an
//! event is answered with 200 when it is on disk, and the exchange sends every other one again.
//!
//! ```sh
//! cargo run -p hotline-client --features spool --example telephony -- 127.0.0.1:8090 spool-folder spool.key switch-3
//! curl -d 'event=newCall&callId=4711&from=13800000000&to=12345&direction=in&time=1796120400' http://127.0.0.1:8090/
//! ```
//!
//! | file | what is in it |
//! |---|---|
//! | `main.rs` | the start: the connection to the hotline, the spool and the listener |
//! | `http.rs` | the HTTP adapter: one event a request |
//! | `event.rs` | the events of the exchange. Another exchange needs another version of this file |
//! | `middleware.rs` | what each event becomes: parts of a call, and a ticket |

mod event;
mod http;
mod middleware;

use std::error::Error;
use std::sync::Arc;

use hotline_client::spool::{Spool, SpoolEvent, SpoolKey, SpoolOptions};
use hotline_client::{DevelopmentCredentials, HotlineClient, Role};
use tokio::net::TcpListener;

use middleware::Middleware;

/// Entries that are sent in a second after an outage.
const PER_SECOND: u32 = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [listen, folder, key, system] = arguments.as_slice() else {
        return Err("usage: telephony LISTEN-ADDRESS SPOOL-FOLDER KEY-FILE SYSTEM".into());
    };
    let credentials = DevelopmentCredentials::find()?;
    let client = HotlineClient::builder()
        .endpoint(credentials.endpoint())
        .token(credentials.for_role(Role::Telephony)?)
        .connect_lazy()?;
    let options = SpoolOptions::new(folder, SpoolKey::read_or_create(key)?).per_second(PER_SECOND);
    let spool = Spool::open(client, options.observer(note))?;
    let listener = TcpListener::bind(listen.as_str()).await?;
    println!("listening on {}", listener.local_addr()?);
    http::serve(listener, Arc::new(Middleware::new(spool, system))).await
}

/// Prints what an operator has to know. No text names a caller.
fn note(event: &SpoolEvent<'_>) {
    match event {
        SpoolEvent::Sent { source, created, .. } => {
            println!("ticket {} of call {}", created.ticket.number, source.reference);
        }
        SpoolEvent::SetAside { source, error, path, .. } => {
            eprintln!("call {} was set aside in {}: {error}", source.reference, path.display());
        }
        SpoolEvent::Delayed { error, waiting, .. } => eprintln!("{waiting} entries wait: {error}"),
        _ => {}
    }
}
