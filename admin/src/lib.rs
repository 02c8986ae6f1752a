//! `hotline`: the command line of the enterprise hotline. It speaks to a server through the SDK, with the rights of its
//! token, and knows neither the server's code nor its database.
//!
//! Results go to the standard output as a table, JSON or CSV. Errors go to the standard error, and the exit code says
//! of which kind they are. The program is a library, so that the SDK's examples can call it and start servers as it
//! does.

mod absence;
mod analysis;
mod audit;
mod calendar;
mod call;
mod catalogue;
mod cli;
mod client;
mod clock;
mod connection;
mod console;
mod context;
mod demo;
mod digest;
mod doctor;
mod export;
mod failure;
mod flags;
mod follow_up;
mod generate;
mod instant;
mod knowledge;
mod message;
mod month;
mod objection;
mod output;
mod policy;
mod policy_issue;
mod progress;
mod proposal;
mod random;
mod replay;
mod report;
mod roster;
mod rules;
mod scheme;
mod score;
mod seat;
pub mod server_process;
mod shift;
mod skill;
mod status;
mod suggestion;
mod template;
mod text_template;
mod ticket;
mod topic;
mod unit;
mod verbs;
mod watch;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{ArgMatches, Command, CommandFactory as _, FromArgMatches as _};

use cli::Cli;
use failure::Exit;

/// Runs a command line, whose first word is the program's name. Prints its results and errors; returns its exit code.
pub async fn run<I>(arguments: I) -> ExitCode
where
    I: IntoIterator,
    I::Item: Into<OsString> + Clone,
{
    let mut root = Cli::command();
    let parsed = root.try_get_matches_from_mut(arguments).and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut root))?;
        Ok((cli, matches))
    });
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8));
        }
    };
    match Box::pin(cli.run()).await {
        Ok(text) => {
            // Whoever reads the output may have seen enough, like `head`.
            let _ = io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let _ = io::stdout().write_all(failure.output.as_bytes());
            let command = called(&root, &matches);
            let _ = writeln!(io::stderr(), "error: {}", failure.message(|field| flag_of(command, field)));
            ExitCode::from(failure.exit as u8)
        }
    }
}

/// The command that was called.
fn called<'a>(root: &'a Command, matches: &ArgMatches) -> &'a Command {
    match matches.subcommand() {
        Some((name, matches)) => root.find_subcommand(name).map_or(root, |found| called(found, matches)),
        None => root,
    }
}

/// The flag of a command for a field of the contract. The ids of flags are the names of fields: `contact.phone` is
/// `contact_phone`, `accused_units[2]` is `accused_units`.
fn flag_of(command: &Command, field: &str) -> Option<String> {
    let path: Vec<_> = field.split('.').map(|part| part.split('[').next().unwrap_or(part)).collect();
    let candidates = [path.join("_"), (*path.last()?).to_owned(), (*path.first()?).to_owned()];
    let found =
        candidates.iter().find_map(|id| command.get_arguments().find(|arg| arg.get_id() == id.as_str()))?;
    let value = || found.get_value_names()?.first().map(ToString::to_string);
    found.get_long().map(|long| format!("--{long}")).or_else(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_the_contract_has_its_flag() {
        let root = Cli::command();
        let create = root.find_subcommand("ticket").and_then(|ticket| ticket.find_subcommand("create"));
        let flag = |field| flag_of(create.expect("a command"), field);
        assert_eq!(flag("contact.phone").as_deref(), Some("--contact-phone"));
        assert_eq!(flag("enterprise.social_credit_code").as_deref(), Some("--social-credit-code"));
        assert_eq!(flag("accused_units[0]").as_deref(), Some("--accused-unit"));
        assert_eq!(flag("subject").as_deref(), Some("--subject"));
        assert_eq!(flag("no_such_field"), None);
        let accept = root.find_subcommand("ticket").and_then(|ticket| ticket.find_subcommand("accept"));
        assert_eq!(flag_of(accept.expect("a command"), "ticket_number").as_deref(), Some("TICKET"));
    }
}
