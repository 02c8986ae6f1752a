//! Changes the rules as an administrator does, with the credentials of a development server. It calls
//! `hotline policy propose` or `hotline calendar propose`: they show what would change, and what it would have meant
//! for the open tickets. With `--approve`, a second administrator approves the proposal at once.
//!
//! A policy file has the form of the `[policy]` tables that `hotline-server config` prints; missing values stay as they
//! are. A calendar file has `[[year]]` tables like the server's own `server/data/calendar.toml`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

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
    from: Option<String>,
    /// Why, for the record.
    #[arg(long)]
    reason: String,
    /// Approve it at once as dev-administrator-2. In production another person decides.
    #[arg(long)]
    approve: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { policy, calendar, from, reason, approve } = Arguments::parse();
    let noun = if policy.is_some() { "policy" } else { "calendar" };
    let mut command: Vec<OsString> = vec!["hotline".into(), noun.into(), "propose".into()];
    command.extend(policy.or(calendar).map(PathBuf::into_os_string));
    command.extend(["--as", "administrator", "--reason", &reason].map(OsString::from));
    command.extend(from.iter().flat_map(|from| ["--from", from]).map(OsString::from));
    if approve {
        command.extend(["--approve-as", "dev-administrator-2"].map(OsString::from));
    }
    hotline_admin::run(command).await
}
