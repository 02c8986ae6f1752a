//! Wrong wall clocks. On PostgreSQL every server uses the database's clock, so its own may be arbitrarily wrong:
//! nothing fires twice or before its time by the database's clock, and nothing is missing. On SQLite a server uses its
//! own clock. If it is put back, nothing fires twice or before its time by that clock.

use std::time::Duration;

use chrono::TimeDelta;

use crate::backlog::{self, Plan};
use crate::database::Database;
use crate::fake_clock::{self, FakeClock};
use crate::final_state::FinalState;
use crate::fleet::{Fleet, Launch};
use crate::invariants::Findings;
use crate::load::Load;
use crate::load_tasks;
use crate::observer::Observer;
use crate::random::Random;
use crate::scenario::{ClockOffset, Scenario, blocking, prepare_database, run_slot};
use crate::statistics::Statistics;
use crate::support::server::Store;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// The backlog of each of these runs, and the seconds in which its rungs are due.
const TICKETS: u32 = 200;
const SECONDS: u32 = 4;
/// On SQLite the clock is put back while nothing is due for this long.
const LULL: TimeDelta = TimeDelta::milliseconds(500);
/// The longest time until all timers have fired after everything is due.
const QUIET_MAX: Duration = Duration::from_secs(30);
/// The rungs that fired in the run.
const COUNT_FIRED: &str = "SELECT count(*) FROM effect_witness";

/// Three servers, five minutes ahead, right, and five minutes behind; each is killed and restarted.
pub(crate) async fn skewed(seed: u64) -> Result<String, String> {
    let ahead = [5 * MINUTE, 0, -5 * MINUTE];
    on_postgres(seed, ahead.map(|ahead| ClockOffset { at_first: ahead, later: ahead }), true).await
}

/// Three servers, whose clocks are all put back by an hour in the middle of the run, and stay there.
pub(crate) async fn put_back(seed: u64) -> Result<String, String> {
    on_postgres(seed, [-HOUR; 3].map(|later| ClockOffset { at_first: 0, later }), false).await
}

/// Three servers, one of which is put forward by an hour in the middle of the run.
pub(crate) async fn put_forward(seed: u64) -> Result<String, String> {
    on_postgres(seed, [HOUR, 0, 0].map(|later| ClockOffset { at_first: 0, later }), false).await
}

/// A run on PostgreSQL with these wall clocks.
async fn on_postgres(seed: u64, clocks: [ClockOffset; 3], has_kills: bool) -> Result<String, String> {
    let scenario = Scenario { clocks: clocks.to_vec(), has_kills, ..Scenario::small(seed, TICKETS, SECONDS) };
    scenario.run().await?.verdict()
}

/// One server on SQLite, whose wall clock is put back by an hour while rungs are due, and corrected again.
pub(crate) async fn put_back_on_sqlite(seed: u64) -> Result<String, String> {
    let library = fake_clock::library().ok_or("there is no faketime")?;
    let _slot = run_slot().await;
    let (setup_server, slowness) = prepare_database(Store::Sqlite).await;
    let file = setup_server.data_dir().join("hotline.sqlite");
    let (backlog, plan) = {
        let database = Database::sqlite(&file).await;
        let plan = Plan {
            lull: LULL,
            ..Plan::from(database.observer.now().await, slowness, TICKETS, SECONDS, None)
        };
        let backlog = backlog::fill(&database, &plan, &mut Random::part(seed, 1)).await;
        database.install_witness().await;
        database.store.close().await;
        (backlog, plan)
    };
    let clock = FakeClock::new(setup_server.data_dir(), "wall", 0);
    let environment = clock.environment(library);
    let launch = Launch { environment, ..Launch::on_sqlite(setup_server.data_dir()) };
    let fleet = blocking(|| Fleet::start(vec![launch])).await;
    // Only the server may serve the file; this reads it.
    let observer = Observer::into_file(&file).await;
    let begun_at = observer.now().await;
    let load = Load::open(&fleet.endpoints(), &setup_server);
    // No new requests are taken in: after the clock is put back, an earlier reply would be in the future.
    load.close();
    let working = load.work(load_tasks::draw(&backlog, begun_at, 4, &mut Random::part(seed, 20)));
    let working = tokio::spawn(working);

    observer.wait_until(plan.middle()).await;
    // At that time no rung is dated before the clock is put back and written after it.
    let _ = observer.wait_for_quiet(plan.middle(), QUIET_MAX).await;
    clock.set(-HOUR);
    let fired_at_first = observer.count(COUNT_FIRED).await;
    observer.wait_until(plan.until).await;
    let fired_behind = observer.count(COUNT_FIRED).await - fired_at_first;
    clock.set(0);
    let experience = working.await.expect("the load ends");
    let quiet_after = observer.wait_for_quiet(plan.until, QUIET_MAX).await;
    blocking(move || fleet.end()).await;

    let database = Database::sqlite(&file).await;
    let commands = experience.acknowledged.len();
    let final_state = FinalState::gather(&database, &backlog, begun_at, experience).await;
    let statistics = Statistics::of(&final_state, 0, commands, quiet_after);
    let findings = Findings::of(&final_state);
    let summary = format!(
        "{fired_at_first} rungs told before the clock was put back, {fired_behind} while it was; {statistics}"
    );
    if findings.is_empty() { Ok(summary) } else { Err(format!("{findings}\n  {summary}")) }
}
