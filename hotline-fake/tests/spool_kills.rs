//! A telephony bridge with a spool is killed fifty times, and the hotline is away meanwhile: every call that the bridge
//! took has exactly one ticket.
//!
//! This program starts itself as the bridge. `--kills N` sets another number. A bridge that forgets an entry before it
//! has its ticket (`--injected-bug`) must be found.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use hotline_client::spool::{Spool, SpoolKey, SpoolOptions};
use hotline_client::{
    Category, Channel, Complexity, CreateTicket, HotlineClient, ListTickets, Role, Source, chrono,
};
use hotline_fake::FakeHotline;

/// Kills of a short run.
const KILLS: u32 = 50;
/// The hotline is away during every so many lives of the bridge.
const AWAY_EVERY: u32 = 5;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime can be made");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bridge", folder, endpoint, token, first, time] => {
            let first = first.parse().expect("a number");
            runtime.block_on(bridge(Path::new(folder), endpoint, token, first, time));
            ExitCode::SUCCESS
        }
        ["--kills", kills] => report(&runtime.block_on(run(kills.parse().expect("a number"), false)), false),
        ["--injected-bug"] => report(&runtime.block_on(run(KILLS, true)), true),
        // What cargo passes to every test program.
        ["--list", ..] => ExitCode::SUCCESS,
        _ => report(&runtime.block_on(run(KILLS, false)), false),
    }
}

fn report(outcome: &Result<String, String>, is_bug_expected: bool) -> ExitCode {
    match outcome {
        Ok(text) => println!("{text}"),
        Err(text) => println!("FAILED: {text}"),
    }
    if outcome.is_ok() == is_bug_expected { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The bridge: takes call after call, and prints the number of each one that is on disk.
async fn bridge(folder: &Path, endpoint: &str, token: &str, first: u32, time: &str) {
    let builder = HotlineClient::builder().endpoint(endpoint).token(token).deadline(Duration::from_secs(2));
    let client = builder.connect_lazy().expect("the settings are sound");
    let options = SpoolOptions::new(folder, SpoolKey::from_bytes(&[7; 32]).expect("a key")).per_second(200);
    let spool = Spool::open(client, options).expect("the spool opens after a crash");
    for number in first.. {
        let call = CreateTicket::new(
            Category::Appeal,
            Complexity::General,
            Channel::Telephone,
            "来电",
            "没有答复。",
        )
        .source(Source::new("switch-3", format!("call-{number}")))
        .call_start_time(time.parse::<chrono::DateTime<chrono::Utc>>().expect("a time"));
        spool.submit(call).await.expect("the disk takes it");
        println!("{number}");
    }
}

/// A bridge in a process of its own.
struct Bridge(Child);

impl Bridge {
    fn start(folder: &Path, endpoint: &str, token: &str, first: u32, time: &str) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = Command::new(program);
        command.args(["bridge", &folder.display().to_string(), endpoint, token, &first.to_string(), time]);
        Self(command.stdout(Stdio::piped()).spawn().expect("this program can be started"))
    }

    /// Kills it after it has taken so many calls; returns the last one that it said it took.
    fn kill_after(mut self, calls: usize) -> u32 {
        let mut lines = BufReader::new(self.0.stdout.take().expect("it has an output")).lines();
        let mut last = 0;
        for line in lines.by_ref().take(calls) {
            last = line.expect("its output can be read").parse().expect("a number");
        }
        self.0.kill().expect("it runs");
        self.0.wait().expect("it has ended");
        // What it said before it died counts, too.
        lines.map_while(Result::ok).filter_map(|line| line.parse().ok()).last().unwrap_or(last)
    }
}

async fn run(kills: u32, has_bug: bool) -> Result<String, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let mut fake = FakeHotline::start().await.map_err(|error| text(&error))?;
    let endpoint = format!("http://{}", fake.listen().await.map_err(|error| text(&error))?);
    let token = fake.token(Role::Telephony).map_err(|error| text(&error))?;
    let home = tempfile::tempdir().map_err(|error| text(&error))?;
    let mut next = 1;
    for life in 0..kills {
        if life % AWAY_EVERY == 0 {
            fake.stop().await;
            fake.pass_time(Duration::from_mins(10)).map_err(|error| text(&error))?;
        }
        fake.faults().lose_percent_of_answers(30);
        let time = fake.now().to_rfc3339();
        let bridge = Bridge::start(home.path(), &endpoint, token.reveal(), next, &time);
        let calls = 3 + (life as usize * 7) % 13;
        let killed = tokio::task::spawn_blocking(move || bridge.kill_after(calls)).await;
        next = killed.map_err(|error| text(&error))?.max(next - 1) + 1;
        if has_bug {
            lose_an_entry(home.path());
        }
        if life % AWAY_EVERY == AWAY_EVERY - 1 {
            fake.restart().await.map_err(|error| text(&error))?;
        }
    }
    fake.restart().await.map_err(|error| text(&error))?;
    fake.faults().clear();
    let client = fake.builder().token(token).connect_lazy().map_err(|error| text(&error))?;
    let options =
        SpoolOptions::new(home.path(), SpoolKey::from_bytes(&[7; 32]).map_err(|error| text(&error))?);
    let spool = Spool::open(client, options.per_second(1_000)).map_err(|error| text(&error))?;
    spool.drained().await;
    if !spool.set_aside().map_err(|error| text(&error))?.is_empty() {
        return Err("entries were set aside".to_owned());
    }
    check(&fake, next - 1, kills).await
}

/// Loses the file of an entry, as a spool would that removes it before it has its ticket.
fn lose_an_entry(folder: &Path) {
    let files = std::fs::read_dir(folder).expect("the folder is there").filter_map(Result::ok);
    let entry =
        files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "entry"));
    if let Some(path) = entry.max() {
        std::fs::remove_file(path).expect("it is there");
    }
}

/// Each call from 1 to `last` has exactly one ticket.
async fn check(fake: &FakeHotline, last: u32, kills: u32) -> Result<String, String> {
    let agent = fake.client(Role::Agent).map_err(|error| error.to_string())?;
    let mut tickets = BTreeMap::<u32, u32>::new();
    let mut listing = agent.tickets().list_tickets(ListTickets::default().page_size(200_u32));
    while let Some(ticket) = listing.try_next().await.map_err(|error| error.to_string())? {
        let reference = ticket.source.map(|source| source.reference).unwrap_or_default();
        let number = reference.trim_start_matches("call-").parse().map_err(|_| format!("{reference:?}"))?;
        *tickets.entry(number).or_default() += 1;
    }
    let without: Vec<_> = (1..=last).filter(|number| !tickets.contains_key(number)).collect();
    let several: Vec<_> = tickets.iter().filter(|(_, count)| **count > 1).map(|(number, _)| number).collect();
    if !without.is_empty() || !several.is_empty() {
        return Err(format!("of {last} calls, without a ticket: {without:?}, with several: {several:?}"));
    }
    let sent = fake.faults().calls("CreateTicket");
    Ok(format!(
        "{kills} kills, {last} calls taken, {} tickets, {sent} attempts: one ticket each",
        tickets.len()
    ))
}
