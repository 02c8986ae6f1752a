//! The whole loop of a ticket on PostgreSQL, against a sixth of limit A: with one unit, and with many.

use hotline_client::{HotlineClient, Token};

use super::bench::{Bench, CALLERS};
use super::handling::{COMMANDS, Staff, Stage};
use super::load::Turn;
use super::product::Product;
use super::request::appeal;
use super::units::{self, FIRST_UNIT};

const ONE_UNIT: &str = "whole loops of 6 commands, PostgreSQL, 1 unit";
const MANY_UNITS: &str = "whole loops of 6 commands, PostgreSQL, 300 units";

/// The units of a city.
const UNITS: u32 = 300;

/// Measures all rounds.
///
/// # Errors
/// If a call fails.
pub(crate) async fn run(bench: &mut Bench<'_>) -> Result<(), String> {
    let text = |error: hotline_client::Error| error.to_string();
    let administrator = bench.postgres.clients("administrator").await?;
    let many = units::put(&administrator[0], UNITS).await.map_err(text)?;
    let first = [(FIRST_UNIT.to_owned(), Token::from(bench.postgres.unit_token(FIRST_UNIT)))];
    let one_unit = staff(&bench.postgres, &first).await?;
    let many_units = staff(&bench.postgres, &many).await?;

    for round in 1..=bench.options.rounds {
        eprintln!("loop, round {round}");
        let limit = bench.limit_a().await? / COMMANDS;
        let rate = measure(bench, ONE_UNIT, &one_unit).await?;
        bench.results.add_ratio("loop_pg_64_over_limit_a_sixth", rate / limit);
        let limit = bench.limit_a().await? / COMMANDS;
        let rate = measure(bench, MANY_UNITS, &many_units).await?;
        bench.results.add_ratio("loop_pg_64_300_units_over_limit_a_sixth", rate / limit);
    }
    Ok(())
}

/// The staff of each connection.
///
/// # Errors
/// If a client can't connect.
pub(crate) async fn staff(product: &Product, units: &[(String, Token)]) -> Result<Vec<Staff>, String> {
    let text = |error: hotline_client::Error| error.to_string();
    let of = |agent: HotlineClient| -> Result<Staff, hotline_client::Error> {
        let units: Result<Vec<_>, _> =
            units.iter().map(|(code, token)| Ok((code.clone(), agent.with_token(token.clone())?))).collect();
        let dispatcher = agent.with_token(product.role_token("dispatcher"))?;
        Ok(Staff { agent, dispatcher, units: units?.into() })
    };
    product.clients("agent").await?.into_iter().map(|agent| of(agent).map_err(text)).collect()
}

async fn measure(bench: &mut Bench<'_>, what: &str, staff: &[Staff]) -> Result<f64, String> {
    let staff = staff.to_vec();
    let call = move |turn: Turn| {
        let staff = staff[turn.caller % staff.len()].clone();
        // All units get tickets, one after the other.
        let unit = turn.caller + CALLERS * turn.call;
        async move { staff.handle(appeal(), unit, Stage::Closed).await.map(|_| ()) }
    };
    Ok(bench.measure(what, CALLERS, call).await?.per_second)
}
