//! Stories: what people do with the hotline, told through the SDK against a real server.
//!
//! A story is an `async fn` that is given a [`city::City`], or the [`Store`](crate::support::server::Store) to open
//! one on. [`on_every_store`] makes a test of it for each store.

/// Makes tests of stories, one for each store: `on_every_store!(city: …)` opens a city with a simulated clock for each,
/// `on_every_store!(store: …)` leaves the opening to the story.
macro_rules! on_every_store {
    (city: $($story:ident),+ $(,)?) => { $(
        mod $story {
            use crate::stories::city::City;
            use crate::support::server::Store;

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$story(&City::open(Store::Sqlite)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                if Store::every().contains(&Store::Postgres) {
                    super::$story(&City::open(Store::Postgres)).await;
                }
            }
        }
    )+ };
    (store: $($story:ident),+ $(,)?) => { $(
        mod $story {
            use crate::support::server::Store;

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$story(Store::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                if Store::every().contains(&Store::Postgres) {
                    super::$story(Store::Postgres).await;
                }
            }
        }
    )+ };
}

mod accused;
mod another_language;
mod backup;
mod bad_commands;
mod bad_fields;
mod bad_tokens;
mod canary;
mod carry_over;
mod certificates;
pub(crate) mod city;
mod clients;
mod clock;
mod crashes;
mod development_builds;
mod digests;
mod exposed_files;
mod follow_up;
mod founding;
pub(crate) mod held_call;
mod held_texts;
mod holidays;
mod idempotency;
mod ladder;
mod lifetime;
mod lockout;
mod logs;
mod made_anew;
pub(crate) mod metrics;
mod missing_timers;
mod overload;
mod pages;
mod program;
mod provider;
mod refusals;
mod replay;
mod returns;
mod reveal;
mod rules;
mod scope;
mod serving_role;
mod signals;
mod the_loop;
mod timeline;
mod vault;
mod working_days;
