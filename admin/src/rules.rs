//! What the nouns `policy` and `calendar` share: which version is meant, and how a proposal is made from a file.

use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use hotline_client::{Admin, ApproveProposal, CalendarYear, HotlineClient, Policy, Proposal, Which};

use crate::context::{Context, Done, RequestId};
use crate::failure::Failure;
use crate::flags::text;
use crate::instant;
use crate::output::{Column, Format};

/// The columns of the versions that were and will be in force.
pub(crate) const IN_FORCE_COLUMNS: &[Column] =
    &[("VERSION", "version"), ("FROM", "effective_time"), ("PROPOSAL", "proposal_number")];

/// Minutes until a proposal is in force, unless the caller names a time.
const LEAD_MINUTES: i64 = 10;

/// Which version.
#[derive(Debug, Args)]
pub(crate) struct WhichFlags {
    /// The version in force at this day or time; the default is now.
    #[arg(long = "at", value_name = "TIME", value_parser = instant::parse, conflicts_with = "version")]
    effective_time: Option<DateTime<Utc>>,
    /// This version.
    #[arg(long = "rules-version", value_name = "VERSION", id = "version")]
    version: Option<String>,
}

impl WhichFlags {
    pub(crate) fn which(self) -> Which {
        match (self.version, self.effective_time) {
            (Some(version), _) => Which::Version(version),
            (None, Some(time)) => Which::At(time),
            (None, None) => Which::Now,
        }
    }
}

/// How rules are proposed.
#[derive(Debug, Args)]
pub(crate) struct ProposeFlags {
    /// From when they are in force; the default is ten minutes from now.
    #[arg(long = "from", value_name = "TIME", value_parser = instant::parse)]
    effective_time: Option<DateTime<Utc>>,
    /// Why, for the record.
    #[arg(long, value_parser = text)]
    pub(crate) reason: String,
    /// Propose it, print what it would have meant for the open tickets, and withdraw it again.
    #[arg(long)]
    dry_run: bool,
    /// For trials: approve it at once with this development credential. In production another person decides.
    #[arg(long, value_name = "NAME", conflicts_with = "dry_run")]
    approve_as: Option<String>,
    #[command(flatten)]
    pub(crate) request: RequestId,
}

impl ProposeFlags {
    /// From when the rules are in force, by the server's simulated clock if it has one.
    pub(crate) async fn effective_time(&self, client: &HotlineClient) -> DateTime<Utc> {
        match self.effective_time {
            Some(time) => time,
            None => server_time(client).await + TimeDelta::minutes(LEAD_MINUTES),
        }
    }

    /// Tries a proposal on the open tickets and prints what it means.
    pub(crate) async fn finish(&self, context: &Context, admin: &Admin, proposal: &Proposal) -> Done {
        let tried = admin.dry_run_proposal(proposal.number, None).await?;
        if self.dry_run {
            let withdrawal = hotline_client::WithdrawProposal::new(tried.number).note("dry run");
            admin.withdraw_proposal(withdrawal).await?;
            context.note("a dry run: the proposal is withdrawn");
        } else if let Some(name) = &self.approve_as {
            let other = context.connection.development_builder(name)?.connect().await?.admin();
            let approved = other.approve_proposal(ApproveProposal::of(&tried)).await?;
            let from = instant::text(approved.effective_time);
            context.note(&format!("proposal {} is in force from {from}", approved.number));
        } else {
            let number = tried.number;
            context.note(&format!("another administrator decides: hotline proposal approve {number}"));
        }
        if context.output == Format::Table { Ok(summary(&tried)) } else { context.record(&tried) }
    }
}

/// The server's time if it can be asked, otherwise this machine's.
#[expect(clippy::disallowed_methods, reason = "a person's wish is counted from the person's clock")]
async fn server_time(client: &HotlineClient) -> DateTime<Utc> {
    client.tickets().who_am_i().await.map_or_else(|_| Utc::now(), |me| me.now)
}

/// The policy with its values replaced by those of a file, which has the form of the `[policy]` tables of the server's
/// configuration. An unknown key is reported here, a wrong value by the server.
pub(crate) fn changed(policy: Policy, file: &Path) -> Result<Policy, Failure> {
    let about = |error: &dyn std::fmt::Display| Failure::about(file.display(), error);
    let mut values = toml::Table::try_from(policy).map_err(|error| about(&error))?;
    let text = fs::read_to_string(file).map_err(|error| about(&error))?;
    let mut overlay: toml::Table = text.parse().map_err(|error: toml::de::Error| about(&error))?;
    match overlay.remove("policy") {
        Some(toml::Value::Table(policy)) if overlay.is_empty() => lay_over(&mut values, policy),
        _ => return Err(about(&"has [policy] tables and nothing else")),
    }
    values.try_into().map_err(|error: toml::de::Error| about(&error))
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

/// The `[[year]]` tables of a file.
pub(crate) fn years(file: &Path) -> Result<Vec<CalendarYear>, Failure> {
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(rename = "year")]
        years: Vec<CalendarYear>,
    }
    let text = fs::read_to_string(file).map_err(|error| Failure::about(file.display(), error))?;
    let read = toml::from_str::<File>(&text);
    read.map(|file| file.years).map_err(|error| Failure::about(file.display(), error))
}

/// What would change, and what it would have meant.
fn summary(proposal: &Proposal) -> String {
    let mut lines = vec![format!(
        "proposal {}: {} {} instead of {}, from {}",
        proposal.number,
        proposal.kind.to_string().to_lowercase(),
        proposal.version,
        proposal.base_version,
        instant::text(proposal.effective_time),
    )];
    for change in &proposal.changes {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        lines.push(format!("  {}: {} -> {}", change.path, shown(&change.before), shown(&change.after)));
    }
    lines.extend(proposal.warnings.iter().map(|warning| format!("  mind: {warning}")));
    if let Some(report) = &proposal.dry_run {
        let (open, carried) = (report.open_tickets, report.carried_over_tickets);
        lines.push(format!("of {open} open tickets, {carried} carried over:"));
        lines.extend(report.tiers.iter().map(|tier| {
            format!(
                "  {}: {} tickets, {} earlier, {} later, {} newly overdue, {} no longer, {} on a higher rung, {} on a lower",
                tier.tier,
                tier.tickets,
                tier.earlier,
                tier.later,
                tier.newly_overdue,
                tier.no_longer_overdue,
                tier.higher_rung,
                tier.lower_rung
            )
        }));
    }
    lines.join("\n") + "\n"
}
