//! Wrong wall clocks. On PostgreSQL every server goes by the database's clock, so that its own may be as wrong as it
//! likes: nothing fires twice, nothing before its time by the database's clock, nothing is missing. On SQLite a server
//! goes by its own clock, and one that is put back fires nothing twice and nothing before its time by that clock.

use std::time::Duration;

use chrono::TimeDelta;

use crate::backlog::{self, Plan};
use crate::database::Database;
use crate::fake_clock::{self, WallClock};
use crate::final_state::Evidence;
use crate::fleet::{Fleet, Launch};
use crate::invariants::Findings;
use crate::load::Office;
use crate::load_tasks;
use crate::observer::Window;
use crate::random::Random;
use crate::run::{Trial, Wall, blocking, place, prepare_house};
use crate::statistics::Figures;
use crate::support::server::Store;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// The backlog of each of these runs, and the seconds in which its rungs fall due.
const TICKETS: u32 = 200;
const SECONDS: u32 = 4;
/// On SQLite the clock is put back while nothing is due for so long.
const LULL: TimeDelta = TimeDelta::milliseconds(500);
/// How long the timers may take to be quiet once everything is due.
const QUIET_MAX: Duration = Duration::from_secs(30);
/// The rungs that were told in the run.
const TOLD: &str = "SELECT count(*) FROM effect_witness";

/// Three servers, five minutes ahead, right, and five minutes behind; each is killed and started again.
pub(crate) async fn skewed(seed: u64) -> Result<String, String> {
    let ahead = [5 * MINUTE, 0, -5 * MINUTE];
    on_postgres(seed, ahead.map(|ahead| Wall { at_first: ahead, later: ahead }), true).await
}

/// Three servers, all of which are put back by an hour in the middle of the run, and stay there.
pub(crate) async fn put_back(seed: u64) -> Result<String, String> {
    on_postgres(seed, [-HOUR; 3].map(|later| Wall { at_first: 0, later }), false).await
}

/// Three servers, one of which is put forward by an hour in the middle of the run.
pub(crate) async fn put_forward(seed: u64) -> Result<String, String> {
    on_postgres(seed, [HOUR, 0, 0].map(|later| Wall { at_first: 0, later }), false).await
}

/// A run on PostgreSQL with these wall clocks.
async fn on_postgres(seed: u64, clocks: [Wall; 3], has_kills: bool) -> Result<String, String> {
    let trial = Trial { clocks: clocks.to_vec(), has_kills, ..Trial::small(seed, TICKETS, SECONDS) };
    trial.run().await?.verdict()
}

/// One server on SQLite, whose wall clock is put back by an hour while rungs fall due, and set right again.
pub(crate) async fn put_back_on_sqlite(seed: u64) -> Result<String, String> {
    let library = fake_clock::library().ok_or("there is no faketime")?;
    let _place = place().await;
    let (house, slowness) = prepare_house(Store::Sqlite).await;
    let file = house.data_dir().join("hotline.sqlite");
    let (backlog, plan) = {
        let database = Database::sqlite(&file).await;
        let plan =
            Plan { lull: LULL, ..Plan::from(database.window.now().await, slowness, TICKETS, SECONDS, None) };
        let backlog = backlog::lay(&database, &plan, &mut Random::part(seed, 1)).await;
        database.install_witness().await;
        database.store.close().await;
        (backlog, plan)
    };
    let clock = WallClock::new(house.data_dir(), "wall", 0);
    let environment = clock.environment(library);
    let launch = Launch { environment, ..Launch::on_sqlite(house.data_dir()) };
    let fleet = blocking(|| Fleet::start(vec![launch])).await;
    // The server alone may serve the file; this looks into it.
    let window = Window::into_file(&file).await;
    let begun_at = window.now().await;
    let office = Office::open(&fleet.endpoints(), &house);
    // Nobody takes in new requests: a reply that was given before the clock was put back lies in the future after it.
    office.close();
    let working = office.work(load_tasks::draw(&backlog, begun_at, 4, &mut Random::part(seed, 20)));
    let working = tokio::spawn(working);

    window.wait_until(plan.middle()).await;
    // No rung is on its way then, dated before the clock is put back and written after it.
    let _ = window.wait_for_quiet(plan.middle(), QUIET_MAX).await;
    clock.set(-HOUR);
    let told_before = window.count(TOLD).await;
    window.wait_until(plan.until).await;
    let told_behind = window.count(TOLD).await - told_before;
    clock.set(0);
    let experience = working.await.expect("the clerks come home");
    let quiet_after = window.wait_for_quiet(plan.until, QUIET_MAX).await;
    blocking(move || fleet.end()).await;

    let database = Database::sqlite(&file).await;
    let commands = experience.deeds.len();
    let evidence = Evidence::gather(&database, &backlog, begun_at, experience).await;
    let figures = Figures::of(&evidence, 0, commands, quiet_after);
    let findings = Findings::of(&evidence);
    let told = format!(
        "{told_before} rungs told before the clock was put back, {told_behind} while it was; {figures}"
    );
    if findings.is_empty() { Ok(told) } else { Err(format!("{findings}\n  {told}")) }
}
