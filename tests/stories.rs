//! Stories: what people do with the hotline, through the SDK against a real server.
//!
//! A story is an `async fn` that is given a [`test_env::TestEnv`], or the [`Store`](crate::support::server::Store) to
//! open one on. [`on_every_store`] makes a test of it for each store.

/// Makes a test for each story and store. `on_every_store!(env: …)` opens an environment with a simulated clock for
/// each; with `on_every_store!(store: …)` the story opens its own.
macro_rules! on_every_store {
    (env: $($story:ident),+ $(,)?) => { $(
        mod $story {
            use crate::stories::test_env::TestEnv;
            use crate::support::server::Store;

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$story(&TestEnv::open(Store::Sqlite)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                if Store::every().contains(&Store::Postgres) {
                    super::$story(&TestEnv::open(Store::Postgres)).await;
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

mod absences;
mod analysis;
mod around_the_work;
mod article_search;
pub(crate) mod assessment;
mod attachments;
mod attachments_in_a_bucket;
mod audit_log;
mod backup_and_restore;
mod call_context;
mod call_identity;
mod caller_numbers;
mod calls;
mod calls_in_the_log;
mod carry_over;
mod citations;
mod client_certificates;
pub(crate) mod clients;
pub(crate) mod clock_skew;
mod closed_loop;
mod clusters;
mod command_line;
mod conflict_of_interest;
mod crashes;
mod database_clock;
mod database_creation;
mod database_outage;
mod development_builds;
mod digests;
mod dispatch_advice;
mod dispatch_suggestions;
mod file_permissions;
mod follow_up;
mod holidays;
mod idempotency;
mod identity_leaks;
mod invalid_commands;
mod invalid_fields;
mod invalid_rules;
mod knowledge;
mod ladder;
mod languages;
mod lifecycle;
mod list_filters;
mod lockout;
mod logs;
mod lost_keys;
mod messages;
pub(crate) mod metrics;
mod missing_timers;
mod moved_work;
mod oidc_tokens;
pub(crate) mod open_call;
mod overload;
mod own_intakes;
mod pagination;
mod passed_limits;
mod pasted_texts;
mod personal_data_in_texts;
mod policy_issues;
mod python_client;
mod queue_bugs;
mod real_oidc_provider;
mod rechecks;
mod refusals;
mod replay_example;
mod returns;
mod reveal;
mod rule_changes;
mod search;
mod seats;
mod seats_on_servers;
mod serving_role;
mod signals;
mod suggestions;
pub(crate) mod test_env;
mod text_templates;
mod topics;
mod undone_slips;
mod update_caller;
mod vault;
mod visibility;
mod watch_tickets;
mod who_am_i;
mod work_queue;
mod working_days;
