//! A telephony bridge: reads calls as lines of JSON from standard input, spools each of them, and prints the ticket of
//! each call. It survives the hotline's absence and its own end.
//!
//! ```sh
//! echo '{"call":"call-7","start":"2026-11-30T10:00:00+08:00","number":"13800000000","text":"执照变更没有答复"}' |
//!     cargo run -p hotline-client --features spool --example create_from_call -- spool-folder spool.key
//! ```

use std::io::BufRead;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use hotline_client::chrono::{DateTime, Utc};
use hotline_client::spool::{Spool, SpoolEvent, SpoolKey, SpoolOptions};
use hotline_client::{
    Category, Channel, Complexity, Contact, CreateTicket, DevelopmentCredentials, HotlineClient, Role, Source,
};
use serde::Deserialize;

/// A call, as the switch reports it at its end.
#[derive(Debug, Deserialize)]
struct Call {
    /// The switch's id of the call, end to end.
    #[serde(rename = "call")]
    id: String,
    start: DateTime<Utc>,
    /// The calling number in any writing; empty if it is withheld.
    #[serde(default)]
    number: String,
    text: String,
}

impl Call {
    fn into_command(self, switch: &str) -> CreateTicket {
        let subject: String = self.text.chars().take(30).collect();
        CreateTicket::new(Category::Appeal, Complexity::General, Channel::Telephone, subject, self.text)
            // One call is one ticket, however often it is reported.
            .source(Source::new(switch, self.id))
            .call_start_time(self.start)
            .contact(Some(Contact::new("来电人", self.number)).filter(|contact| !contact.phone.is_empty()))
    }
}

/// Spools every call of the input, and waits until each has its ticket. Returns `call ticket` for each of them.
pub(crate) async fn take_calls(
    client: HotlineClient,
    folder: PathBuf,
    key: SpoolKey,
    input: impl BufRead,
) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let tickets = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&tickets);
    let options = SpoolOptions::new(folder, key).observer(move |event: &SpoolEvent<'_>| match event {
        SpoolEvent::Sent { source, created, .. } => {
            let line = format!("{} {}", source.reference, created.ticket.number);
            println!("{line}");
            noted.lock().expect("no observer panics").push(line);
        }
        // A person has to look at these. The text never holds a caller.
        SpoolEvent::SetAside { source, error, path, .. } => {
            eprintln!("call {} was set aside in {}: {error}", source.reference, path.display());
        }
        SpoolEvent::Delayed { error, waiting, .. } => eprintln!("{waiting} calls wait: {error}"),
        _ => {}
    });
    let spool = Spool::open(client, options)?;
    for line in input.lines() {
        let call: Call = serde_json::from_str(&line?)?;
        // From here on the call gets its ticket, even if this program ends now.
        spool.submit(call.into_command("switch-3")).await?;
    }
    spool.drained().await;
    let tickets = tickets.lock().expect("no observer panics").clone();
    Ok(tickets)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(key)) = (arguments.next(), arguments.next()) else {
        return Err("usage: create_from_call SPOOL-FOLDER KEY-FILE".into());
    };
    let credentials = DevelopmentCredentials::find()?;
    let client = HotlineClient::builder()
        .endpoint(credentials.endpoint())
        .token(credentials.for_role(Role::Telephony)?)
        .connect_lazy()?;
    take_calls(client, folder.into(), SpoolKey::read_or_create(key)?, std::io::stdin().lock()).await?;
    Ok(())
}
