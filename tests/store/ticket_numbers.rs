//! Ticket numbers: unique, of the day in Beijing, and valid.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use hotline_server::ledger::numbers::Numbers;
use hotline_server::platform::Clock;
use hotline_server::ticket::TicketNumber;
use tokio::task::JoinSet;

use super::both;
use super::fixture::{Database, Hotline, default_policy};

both! { numbers_are_unique_across_servers_and_midnight }

/// Numbers that each of two servers allots before midnight, and again after it.
const EACH: usize = 250;

/// Allots from both servers at once.
async fn allot(servers: &[(Hotline, Numbers)]) -> Vec<TicketNumber> {
    let mut allotting = JoinSet::new();
    for (hotline, numbers) in servers {
        for _ in 0..EACH {
            let (hotline, numbers) = (hotline.clone(), numbers.clone());
            allotting.spawn(async move { numbers.allot(&hotline.store, &hotline.clock).await });
        }
    }
    let allotted = allotting.join_all().await.into_iter().collect::<Result<_, _>>();
    allotted.expect("a day has numbers enough")
}

async fn numbers_are_unique_across_servers_and_midnight(database: Database) {
    let last: chrono::DateTime<chrono::Utc> = "2019-10-12T15:59:59.999999Z".parse().expect("an instant");
    let clock = Clock::simulated(last);
    let hotline = Hotline::open_with(database.open().await, clock.clone(), default_policy()).await;
    // A SQLite file is served by one process; there the other server is a separate ledger on the same store.
    let other = match &database {
        Database::Sqlite(_) => hotline.clone(),
        Database::Postgres(_) => {
            Hotline::open_with(database.open().await, clock.clone(), default_policy()).await
        }
    };
    let servers = [(hotline, Numbers::default()), (other, Numbers::default())];
    let before = allot(&servers).await;
    clock.advance_to(last + TimeDelta::microseconds(1));
    let after = allot(&servers).await;

    let day = |day| NaiveDate::from_ymd_opt(2019, 10, day).expect("a day");
    assert!(before.iter().all(|number| number.day() == day(12)), "{before:?}");
    assert!(after.iter().all(|number| number.day() == day(13)), "{after:?}");
    let all: BTreeSet<_> = before.into_iter().chain(after).collect();
    assert_eq!(all.len(), 4 * EACH);
    for number in all {
        // A number that is read out can be typed in again, and a misheard digit is found.
        let text = number.to_string();
        assert_eq!(TicketNumber::parse(&text), Ok(number));
        let digit = text.as_bytes()[8];
        let misheard = text[..8].to_owned() + &((digit - b'0' + 1) % 10).to_string() + &text[9..];
        TicketNumber::parse(&misheard).expect_err("a wrong digit is found");
    }
}
