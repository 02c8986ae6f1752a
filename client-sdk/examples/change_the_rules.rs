//! Changes the rules as an administrator does. It proposes a policy or some years of the calendar from a file. It shows
//! what would change and what it would have meant for the open tickets. Then it approves the proposal as a second
//! administrator.
//!
//! A policy file has the form of the `[policy]` tables that `hotline-server config` prints; missing values stay as they
//! are. A calendar file has `[[year]]` tables like the server's own `server/data/calendar.toml`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use hotline_client::{
    Admin, ApproveProposal, CalendarYear, DevelopmentCredentials, HotlineClient, Policy, Proposal,
    ProposeCalendar, ProposePolicy, Role, Which,
};

/// Proposes new rules and shows what they would mean.
#[derive(Parser)]
struct Arguments {
    /// A TOML file with the policy values to change.
    #[arg(long, required_unless_present = "calendar", conflicts_with = "calendar")]
    policy: Option<PathBuf>,
    /// A TOML file with years of the calendar.
    #[arg(long)]
    calendar: Option<PathBuf>,
    /// The instant from which they are in force, in RFC 3339; the default is ten minutes from now.
    #[arg(long)]
    from: Option<DateTime<Utc>>,
    /// Why, for the record.
    #[arg(long)]
    reason: String,
    /// Approve it at once as dev-administrator-2. In production another person decides.
    #[arg(long)]
    approve: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("no new rules will come into force: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let credentials = DevelopmentCredentials::find()?;
    let client = HotlineClient::builder().endpoint(credentials.endpoint()).connect().await?;
    let one = client.with_token(credentials.for_role(Role::Administrator)?)?;
    let from = match arguments.from {
        Some(from) => from,
        None => now(&one).await + TimeDelta::minutes(10),
    };
    let admin = one.admin();
    let proposal = match (&arguments.policy, &arguments.calendar) {
        (Some(file), _) => {
            let policy = changed(&admin, file, from).await?;
            admin.propose_policy(ProposePolicy::new(policy, from, arguments.reason)).await?
        }
        (None, Some(file)) => {
            admin.propose_calendar(ProposeCalendar::new(years(file)?, from, arguments.reason)).await?
        }
        (None, None) => return Err("name a policy or a calendar".into()),
    };
    let tried = admin.dry_run_proposal(proposal.number, None).await?;
    show(&tried);
    if !arguments.approve {
        println!("proposal {} waits for another administrator", tried.number);
        return Ok(());
    }
    let other = client.with_token(credentials.for_principal("dev-administrator-2")?)?.admin();
    let approved = other.approve_proposal(ApproveProposal::of(&tried)).await?;
    println!("proposal {} is in force from {}", approved.number, approved.effective_time);
    Ok(())
}

/// The server's time if it has a simulated clock, otherwise this machine's.
#[expect(clippy::disallowed_methods, reason = "a person's wish is counted from the person's clock")]
async fn now(client: &HotlineClient) -> DateTime<Utc> {
    client.simulation().get_time().await.unwrap_or_else(|_| Utc::now())
}

/// The policy in force then, with its values replaced by those of a file.
async fn changed(admin: &Admin, file: &Path, from: DateTime<Utc>) -> Result<Policy, Box<dyn Error>> {
    let mut values = toml::Table::try_from(admin.get_policy(Which::At(from)).await?.policy)?;
    let mut overlay: toml::Table = fs::read_to_string(file)?.parse()?;
    match overlay.remove("policy") {
        Some(toml::Value::Table(policy)) if overlay.is_empty() => lay_over(&mut values, policy),
        _ => return Err(format!("{}: has [policy] tables and nothing else", file.display()).into()),
    }
    // An unknown key is reported here, a wrong value by the server.
    Ok(values.try_into()?)
}

fn lay_over(values: &mut toml::Table, overlay: toml::Table) {
    for (key, value) in overlay {
        match (values.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                values.insert(key, value);
            }
        }
    }
}

fn years(file: &Path) -> Result<Vec<CalendarYear>, Box<dyn Error>> {
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(rename = "year")]
        years: Vec<CalendarYear>,
    }
    Ok(toml::from_str::<File>(&fs::read_to_string(file)?)?.years)
}

fn show(proposal: &Proposal) {
    println!("{} {} instead of {}", proposal.kind, proposal.version, proposal.base_version);
    for change in &proposal.changes {
        let none = || "-".to_owned();
        let (before, after) = (change.before.clone(), change.after.clone());
        println!("  {}: {} -> {}", change.path, before.unwrap_or_else(none), after.unwrap_or_else(none));
    }
    for warning in &proposal.warnings {
        println!("  mind: {warning}");
    }
    let Some(report) = &proposal.dry_run else { return };
    println!("of {} open tickets, {} carried over:", report.open_tickets, report.carried_over_tickets);
    for tier in &report.tiers {
        println!(
            "  {}: {} tickets, {} earlier, {} later, {} newly overdue, {} no longer, {} on a higher rung, {} on a lower",
            tier.tier,
            tier.tickets,
            tier.earlier,
            tier.later,
            tier.newly_overdue,
            tier.no_longer_overdue,
            tier.higher_rung,
            tier.lower_rung
        );
    }
}
