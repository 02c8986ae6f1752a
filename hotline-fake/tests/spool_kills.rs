//! A telephony bridge with a spool is killed fifty times while it sends: with a request or with an answer on its way.
//! It is killed ten times more while the hotline is away for ten minutes of its clock. Every call that the bridge took
//! has exactly one ticket.
//!
//! This program starts itself as the bridge. `--kills N` sets another number. A bridge that forgets an entry before it
//! has its ticket (`--injected-bug`) must be found; that runs in the gate, too.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::time::Duration;

use hotline_client::spool::{Spool, SpoolKey, SpoolOptions};
use hotline_client::{
    Category, Channel, Complexity, CreateTicket, HotlineClient, ListTickets, Role, Source, chrono,
};
use hotline_fake::FakeHotline;

/// Kills of a short run.
const KILLS: u32 = 50;
/// After so many kills of a bridge that sends, the hotline is away during the next life.
const AWAY_EVERY: u32 = 5;
/// The most calls that a bridge takes in one life.
const CALLS_MAX: u32 = 25;
/// The longest wait for a bridge to send what it should be killed at.
const SEND_WAIT_MAX: Duration = Duration::from_mins(1);

/// The output of a bridge.
type Taken = Lines<BufReader<ChildStdout>>;

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
        _ => {
            let sound = report(&runtime.block_on(run(KILLS, false)), false);
            if sound != ExitCode::SUCCESS {
                return sound;
            }
            report(&runtime.block_on(run(KILLS / 5, true)), true)
        }
    }
}

fn report(outcome: &Result<String, String>, is_bug_expected: bool) -> ExitCode {
    match (outcome, is_bug_expected) {
        (Ok(text), false) => println!("{text}"),
        (Err(text), true) => println!("the injected bug is found: {text}"),
        (Ok(text), true) => println!("FAILED: the injected bug is not found: {text}"),
        (Err(text), false) => println!("FAILED: {text}"),
    }
    if outcome.is_ok() == is_bug_expected { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The bridge: takes call after call, and prints the number of each one that is on disk. It never ends.
async fn bridge(folder: &Path, endpoint: &str, token: &str, first: u32, time: &str) {
    let builder = HotlineClient::builder().endpoint(endpoint).token(token).deadline(Duration::from_secs(2));
    let client = builder.connect_lazy().expect("the settings are sound");
    let options = SpoolOptions::new(folder, SpoolKey::from_bytes(&[7; 32]).expect("a key")).per_second(200);
    let spool = Spool::open(client, options).expect("the spool opens after a crash");
    for number in first..first + CALLS_MAX {
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
    std::future::pending::<()>().await;
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

    /// Kills it after it has taken so many calls; returns those that it said it took.
    async fn kill_after(mut self, calls: usize) -> Result<Vec<u32>, String> {
        let killed = tokio::task::spawn_blocking(move || {
            let mut lines = self.lines();
            let said = lines.by_ref().take(calls).collect();
            self.kill(lines, said)
        });
        killed.await.map_err(text)
    }

    /// Kills it at an instant; returns the calls that it said it took.
    async fn kill_at(mut self, instant: impl Future<Output = ()>) -> Result<Vec<u32>, String> {
        let waited = tokio::time::timeout(SEND_WAIT_MAX, instant).await;
        waited.map_err(|_| "the bridge sends nothing".to_owned())?;
        let lines = self.lines();
        Ok(self.kill(lines, Vec::new()))
    }

    fn lines(&mut self) -> Taken {
        BufReader::new(self.0.stdout.take().expect("it has an output")).lines()
    }

    fn kill(mut self, lines: Taken, said: Vec<std::io::Result<String>>) -> Vec<u32> {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it has ended");
        // What it said before it died counts, too.
        let lines = said.into_iter().chain(lines).map_while(Result::ok);
        lines.filter_map(|line| line.parse().ok()).collect()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The life of one bridge.
#[derive(Debug, Clone, Copy)]
enum Life {
    /// It is killed while a request is on its way, before the hotline has run it.
    Unrun,
    /// It is killed after the hotline has run its request, before the answer.
    Unanswered,
    /// The hotline is away, for ten minutes of its clock. The bridge is killed between two calls that it takes.
    Away,
}

/// What the run has seen.
#[derive(Debug, Default)]
struct Kills {
    unrun: u32,
    unanswered: u32,
    away: u32,
}

async fn run(kills: u32, has_bug: bool) -> Result<String, String> {
    let mut fake = FakeHotline::start().await.map_err(text)?;
    let endpoint = format!("http://{}", fake.listen().await.map_err(text)?);
    let token = fake.token(Role::Telephony).map_err(text)?;
    let home = tempfile::tempdir().map_err(text)?;
    let mut acknowledged = Vec::new();
    let mut counts = Kills::default();
    // The lives in which the hotline is away are beside the kills of a bridge that sends.
    for life in 0..kills + kills / AWAY_EVERY {
        let kind = match life % (AWAY_EVERY + 1) {
            AWAY_EVERY => Life::Away,
            odd if odd % 2 == 1 => Life::Unanswered,
            _ => Life::Unrun,
        };
        prepare(&mut fake, kind, life).await?;
        let faults = fake.faults().clone();
        let unanswered = faults.unanswered() + 1;
        let time = fake.now().to_rfc3339();
        // A bridge that is killed may have written a call and not said so. The next one takes other calls.
        let bridge = Bridge::start(home.path(), &endpoint, token.reveal(), 1 + life * CALLS_MAX, &time);
        acknowledged.extend(match kind {
            Life::Unrun | Life::Unanswered => bridge.kill_at(faults.until_unanswered(unanswered)).await?,
            Life::Away => bridge.kill_after(3 + (life as usize * 7) % 13).await?,
        });
        match kind {
            Life::Unrun => counts.unrun += 1,
            Life::Unanswered => counts.unanswered += 1,
            Life::Away => {
                counts.away += 1;
                fake.restart().await.map_err(text)?;
            }
        }
        fake.faults().clear();
        if has_bug {
            lose_an_entry(home.path());
        }
    }
    let client = fake.builder().token(token).connect_lazy().map_err(text)?;
    let options = SpoolOptions::new(home.path(), SpoolKey::from_bytes(&[7; 32]).map_err(text)?);
    let spool = Spool::open(client, options.per_second(1_000)).map_err(text)?;
    spool.drained().await;
    if let Some(path) = spool.set_aside().map_err(text)?.first() {
        let reason = std::fs::read_to_string(path.with_extension("reason"));
        return Err(format!("an entry was set aside: {}", reason.unwrap_or_default()));
    }
    check(&fake, &acknowledged, &counts).await
}

/// Prepares what a bridge meets.
async fn prepare(fake: &mut FakeHotline, kind: Life, life: u32) -> Result<(), String> {
    // A few requests come through first. Some lose their answers, and are sent again.
    fake.faults().delay("CreateTicket", Duration::from_millis(1), 1 + life as usize % 4);
    fake.faults().lose_answers("CreateTicket", life as usize % 2);
    match kind {
        Life::Unrun => fake.faults().stall("CreateTicket", 1),
        Life::Unanswered => fake.faults().hold_answers("CreateTicket", 1),
        Life::Away => {
            fake.stop().await;
            fake.pass_time(Duration::from_mins(10)).map_err(text)?;
        }
    }
    Ok(())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
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

/// Each call that was taken has exactly one ticket, and no call has two.
async fn check(fake: &FakeHotline, taken: &[u32], kills: &Kills) -> Result<String, String> {
    let agent = fake.client(Role::Agent).map_err(|error| error.to_string())?;
    let mut tickets = BTreeMap::<u32, u32>::new();
    let mut listing = agent.tickets().list_tickets(ListTickets::default().page_size(200_u32));
    while let Some(ticket) = listing.try_next().await.map_err(|error| error.to_string())? {
        let reference = ticket.source.map(|source| source.reference).unwrap_or_default();
        let number = reference.trim_start_matches("call-").parse().map_err(|_| format!("{reference:?}"))?;
        *tickets.entry(number).or_default() += 1;
    }
    let without: Vec<_> = taken.iter().filter(|number| !tickets.contains_key(number)).collect();
    let several: Vec<_> = tickets.iter().filter(|(_, count)| **count > 1).map(|(number, _)| number).collect();
    if !without.is_empty() || !several.is_empty() {
        let calls = taken.len();
        return Err(format!("of {calls} calls, without a ticket: {without:?}, with several: {several:?}"));
    }
    let sent = fake.faults().calls("CreateTicket");
    let Kills { unrun, unanswered, away } = kills;
    Ok(format!(
        "{} kills while it sent ({unrun} before the hotline ran the request, {unanswered} before the answer), and \
         {away} while the hotline was away; {} calls taken, {} tickets, {sent} attempts: one ticket each",
        unrun + unanswered,
        taken.len(),
        tickets.len()
    ))
}
