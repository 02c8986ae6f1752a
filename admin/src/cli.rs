//! The command line as a whole: the nouns, and the flags that all of them have.
//!
//! A new noun is one `mod` line in `main.rs`, one line in `Command`, one in `run`, and one in the guard's `NOUNS`.

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::context::{Context, Done};
use crate::{
    absence, analysis, audit, calendar, call, catalogue, client, clock, console, demo, digest, doctor,
    export, follow_up, generate, knowledge, message, month, objection, policy, policy_issue, proposal,
    replay, report, roster, scheme, score, seat, shift, skill, status, suggestion, template, text_template,
    ticket, topic, unit, watch,
};

/// The command line of the enterprise hotline.
#[derive(Debug, Parser)]
#[command(name = "hotline", version, about, after_long_help = generate::after_help())]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) context: Context,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tickets: the loop of a request, from intake to the survey.
    #[command(subcommand)]
    Ticket(ticket::Command),
    /// What happens to tickets, as it is committed.
    Watch(watch::Watch),
    /// What the supervision ladder sent to units.
    #[command(subcommand)]
    Digest(digest::Command),
    /// Telephone calls.
    #[command(subcommand)]
    Call(call::Command),
    /// Seats and the queue.
    #[command(subcommand)]
    Seat(seat::Command),
    /// What seats can do.
    #[command(subcommand)]
    Skill(skill::Command),
    /// The hours in which seats take calls.
    #[command(subcommand)]
    Shift(shift::Command),
    /// When the staff of units are on duty at the platform, and for which topics.
    #[command(subcommand)]
    Roster(roster::Command),
    /// Clerks of a unit who are not there, and who stands in for them.
    #[command(subcommand)]
    Absence(absence::Command),
    /// Companies that are to be asked what became of their request.
    #[command(subcommand)]
    FollowUp(follow_up::Command),
    /// What companies are told of their tickets.
    #[command(subcommand)]
    Message(message::Command),
    /// The texts of messages to companies.
    #[command(subcommand)]
    Template(template::Command),
    /// Texts that staff and units start from in their forms.
    #[command(subcommand)]
    TextTemplate(text_template::Command),
    /// The knowledge base.
    #[command(subcommand)]
    Knowledge(knowledge::Command),
    /// Units for a ticket, tickets like it, and how good suggestions were.
    #[command(subcommand)]
    Suggestion(suggestion::Command),
    /// What the work of units was worth, down to the ticket.
    #[command(subcommand)]
    Score(score::Command),
    /// How scores are counted.
    #[command(subcommand)]
    Scheme(scheme::Command),
    /// Cases that must not count.
    #[command(subcommand)]
    Objection(objection::Command),
    /// Published months and their corrections.
    #[command(subcommand)]
    Month(month::Command),
    /// What companies ask, in counts.
    #[command(subcommand)]
    Analysis(analysis::Command),
    /// What tickets show about a policy, and what its unit answers.
    #[command(subcommand)]
    PolicyIssue(policy_issue::Command),
    /// Records as CSV, XLSX or Parquet.
    #[command(subcommand)]
    Export(export::Command),
    /// A page about a week or a month, for people.
    #[command(subcommand)]
    Report(report::Command),
    /// What requests are about.
    #[command(subcommand)]
    Topic(topic::Command),
    /// The handling units.
    #[command(subcommand)]
    Unit(unit::Command),
    /// Which unit gets what.
    #[command(subcommand)]
    Catalogue(catalogue::Command),
    /// The rules of limits, the ladder, returns and follow-up.
    #[command(subcommand)]
    Policy(policy::Command),
    /// Public holidays and make-up workdays.
    #[command(subcommand)]
    Calendar(calendar::Command),
    /// New rules on their way into force.
    #[command(subcommand)]
    Proposal(proposal::Command),
    /// Who may call, and with which credentials.
    #[command(subcommand)]
    Client(client::Command),
    /// Who read an identity, who changed what, and whether the log was tampered with.
    #[command(subcommand)]
    Audit(audit::Command),
    /// The simulated clock of a server for trials.
    #[command(subcommand)]
    Clock(clock::Command),
    /// Fills an empty server that runs on a simulated clock with half a year of a made-up hotline.
    Demo(demo::Demo),
    /// Replays old messages on a simulated clock, also with other policies.
    Replay(replay::Replay),
    /// Serves the console, the hotline on a screen, to browsers.
    Console(Box<console::Console>),
    /// Says what is wrong with an installation, and what to do.
    Doctor(doctor::Doctor),
    /// The server that is called, and who the caller is to it.
    Status(status::Status),
    /// The caller's name to the server.
    #[command(name = "whoami")]
    WhoAmI(status::WhoAmI),
    /// Writes the completions of a shell to the standard output.
    Completions(generate::Completions),
    /// Writes the man pages into a folder.
    Man(generate::Man),
    /// Writes this reference as Markdown to the standard output.
    #[command(hide = true)]
    Reference,
}

impl Cli {
    /// Runs the command; returns what it prints.
    pub(crate) async fn run(self) -> Done {
        let Self { context, command } = self;
        let context = &context;
        match command {
            Command::Ticket(command) => command.run(context).await,
            Command::Watch(command) => Box::pin(command.run(context)).await,
            Command::Digest(command) => command.run(context).await,
            Command::Call(command) => command.run(context).await,
            Command::Seat(command) => command.run(context).await,
            Command::Skill(command) => command.run(context).await,
            Command::Shift(command) => command.run(context).await,
            Command::Roster(command) => command.run(context).await,
            Command::Absence(command) => command.run(context).await,
            Command::FollowUp(command) => command.run(context).await,
            Command::Message(command) => command.run(context).await,
            Command::Template(command) => command.run(context).await,
            Command::TextTemplate(command) => command.run(context).await,
            Command::Knowledge(command) => command.run(context).await,
            Command::Suggestion(command) => command.run(context).await,
            Command::Score(command) => command.run(context).await,
            Command::Scheme(command) => command.run(context).await,
            Command::Objection(command) => command.run(context).await,
            Command::Month(command) => command.run(context).await,
            Command::Analysis(command) => command.run(context).await,
            Command::PolicyIssue(command) => command.run(context).await,
            Command::Export(command) => Box::pin(command.run(context)).await,
            Command::Report(command) => Box::pin(command.run(context)).await,
            Command::Topic(command) => command.run(context).await,
            Command::Unit(command) => command.run(context).await,
            Command::Catalogue(command) => command.run(context).await,
            Command::Policy(command) => command.run(context).await,
            Command::Calendar(command) => command.run(context).await,
            Command::Proposal(command) => command.run(context).await,
            Command::Client(command) => command.run(context).await,
            Command::Audit(command) => command.run(context).await,
            Command::Clock(command) => command.run(context).await,
            Command::Demo(command) => Box::pin(command.run(context)).await,
            Command::Replay(command) => Box::pin(command.run(context)).await,
            Command::Console(command) => Box::pin(command.run()).await,
            Command::Doctor(command) => Box::pin(command.run(context)).await,
            Command::Status(command) => Box::pin(command.run(context)).await,
            Command::WhoAmI(command) => command.run(context).await,
            Command::Completions(command) => command.run(Self::command()),
            Command::Man(command) => command.run(&Self::command()),
            Command::Reference => Ok(generate::reference(&Self::command())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hotline_proto::METHODS;

    use super::*;
    use crate::flags::flag_name;

    /// The verbs of a noun with the methods that each calls.
    type Noun = (&'static str, &'static [(&'static str, &'static [&'static str])]);

    const NOUNS: &[Noun] = &[
        ("ticket", ticket::METHODS),
        ("digest", digest::METHODS),
        ("call", call::METHODS),
        ("seat", seat::METHODS),
        ("skill", skill::METHODS),
        ("shift", shift::METHODS),
        ("roster", roster::METHODS),
        ("absence", absence::METHODS),
        ("follow-up", follow_up::METHODS),
        ("message", message::METHODS),
        ("template", template::METHODS),
        ("text-template", text_template::METHODS),
        ("knowledge", knowledge::METHODS),
        ("suggestion", suggestion::METHODS),
        ("score", score::METHODS),
        ("scheme", scheme::METHODS),
        ("objection", objection::METHODS),
        ("month", month::METHODS),
        ("analysis", analysis::METHODS),
        ("policy-issue", policy_issue::METHODS),
        ("export", export::METHODS),
        ("report", report::METHODS),
        ("topic", topic::METHODS),
        ("unit", unit::METHODS),
        ("catalogue", catalogue::METHODS),
        ("policy", policy::METHODS),
        ("calendar", calendar::METHODS),
        ("proposal", proposal::METHODS),
        ("client", client::METHODS),
        ("audit", audit::METHODS),
        ("clock", clock::METHODS),
    ];
    /// Commands without a verb.
    const SINGLE: &[(&str, &[&str])] = &[
        ("watch", watch::Watch::METHODS),
        ("status", status::Status::METHODS),
        ("whoami", status::WhoAmI::METHODS),
    ];
    /// Methods of the contract that no command calls. The list must only become shorter.
    const WITHOUT_COMMAND: &[&str] = &[];

    /// `CarryOver` is `carry-over`.
    fn kebab(verb: &str) -> String {
        let mut name = String::new();
        for char in verb.chars() {
            if char.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(char);
        }
        flag_name(&name)
    }

    #[test]
    fn every_method_of_the_contract_has_a_command() {
        let root = Cli::command();
        let mut called = BTreeSet::new();
        for (noun, verbs) in NOUNS {
            let noun = root.find_subcommand(noun).expect("a noun of the command line");
            let listed: BTreeSet<_> = verbs.iter().map(|(verb, _)| kebab(verb)).collect();
            let known: BTreeSet<_> = noun.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
            assert_eq!(listed, known, "{}", noun.get_name());
            called.extend(verbs.iter().flat_map(|(_, methods)| methods.iter().copied()));
        }
        for (name, methods) in SINGLE {
            assert!(root.find_subcommand(name).is_some(), "{name}");
            called.extend(methods.iter().copied());
        }
        let nouns = NOUNS.iter().map(|(noun, _)| *noun).collect::<BTreeSet<_>>();
        let with_verbs = root.get_subcommands().filter(|noun| noun.has_subcommands());
        assert!(with_verbs.map(clap::Command::get_name).all(|noun| nouns.contains(noun)));
        let contract: BTreeSet<_> = METHODS.iter().map(|row| row.method).collect();
        let exceptions: BTreeSet<_> = WITHOUT_COMMAND.iter().copied().collect();
        let missing: Vec<_> =
            contract.difference(&called).filter(|method| !exceptions.contains(**method)).collect();
        assert!(missing.is_empty(), "these methods have no command: {missing:?}");
        let needless: Vec<_> = exceptions.intersection(&called).collect();
        assert!(needless.is_empty(), "these have a command now: {needless:?}");
        let unknown: Vec<_> = called.difference(&contract).collect();
        assert!(unknown.is_empty(), "the contract has no such method: {unknown:?}");
    }

    #[test]
    fn no_verb_has_the_name_of_a_flag_of_every_command() {
        let root = Cli::command();
        let flags: Vec<_> = root.get_arguments().filter(|flag| flag.is_global_set()).collect();
        for noun in root.get_subcommands() {
            for verb in noun.get_subcommands().chain([noun]) {
                for flag in verb.get_arguments().filter(|flag| !flag.is_global_set()) {
                    let is_taken = flags
                        .iter()
                        .any(|other| other.get_id() == flag.get_id() || other.get_long() == flag.get_long());
                    assert!(!is_taken, "{} {}", verb.get_name(), flag.get_id());
                }
            }
        }
    }

    #[test]
    fn the_flags_are_consistent() {
        Cli::command().debug_assert();
    }
}
