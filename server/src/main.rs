//! `hotline-server`: flags → configuration → logs → hotline → serve.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, Datelike as _, Utc};
use clap::{Args, Parser, Subcommand};
use hotline_server::access::credentials::{Entry, role_of};
use hotline_server::app::{
    App, Failure, RestoreOptions, accepted_keys, backup, change_vault_keys, check_config_file, list_marks,
    migrate, print_checkpoints, restore, verify,
};
use hotline_server::audit_log::SigningKey;
use hotline_server::audit_log::signing_key::PublicKey;
use hotline_server::deadline::Policy;
use hotline_server::deadline::calendar::{YEAR_MAX, YEAR_MIN};
use hotline_server::oversight::verify::VerifyOptions;
use hotline_server::platform::config::{self, Config, Overrides};
use hotline_server::platform::signals::Signals;
use hotline_server::platform::{Clock, telemetry};
use hotline_server::ticket::CallerIdentity;

/// With the C library's allocator, threads wait for each other if one frees memory that another has allocated. This
/// happens whenever rows are read. SQLite keeps the C allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tasks that a thread runs before it polls for new I/O events. With tokio's default of 61, a few busy connections
/// delay all others for 61 of their turns.
const TASKS_BETWEEN_LOOKS: u32 = 8;

/// The enterprise hotline: a gRPC service that runs the closed loop of a company's request.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves; the default if no command is given.
    Serve,
    /// Migrates the database to the newest schema, as the owner of its tables, and ends.
    Migrate {
        /// The role that servers connect with, on PostgreSQL. It must exist. It gets only the rights that serving
        /// needs.
        #[arg(long, value_name = "ROLE")]
        serving_role: Option<String>,
    },
    /// Prints every key with its default.
    Config,
    /// Copies the embedded database into a new file, even while it is served. For PostgreSQL it checks the programs and
    /// prints the command that dumps the database. It also prints what else must be kept.
    Backup {
        /// The file to make; the default is `hotline-TIME.sqlite` in the working directory.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Puts a backup in the place of a lost database, with every server stopped. The chain of checkpoints gets a signed
    /// entry, and ticket numbers that may have been given out since are skipped. For PostgreSQL --from prints the
    /// commands, and --in-place does the rest after they have run.
    Restore {
        /// The backup.
        #[arg(long, value_name = "FILE", conflicts_with = "in_place")]
        from: Option<PathBuf>,
        /// The backup is already the database that the configuration names.
        #[arg(long)]
        in_place: bool,
        /// With --in-place: the database was lost again after the restore that the backup ends with.
        #[arg(long, requires = "in_place")]
        again: bool,
        /// The backup is a plain copy of the database's files, and nobody can know what it lacks.
        #[arg(long)]
        accept_copy: bool,
        /// Who restores. The name is signed, kept and printed.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why. The reason is signed, kept and printed; do not name a caller.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Adds a key to the vault's key file (vault.keys, or `vault-keys.toml` in the data directory), or makes the file.
    /// With --activate, new identities are encrypted with another key. Servers follow within seconds.
    VaultKey {
        /// The version to activate, after every server has the file that holds it.
        #[arg(long)]
        activate: Option<u32>,
    },
    /// Verifies the whole audit log: that nothing was changed, reordered, deleted, inserted or cut off. Prints what it
    /// finds, and ends with status 1 if it finds anything. It only reads, and may run beside a server.
    Verify {
        /// A folder of exported checkpoints to compare with.
        #[arg(long)]
        export_dir: Option<PathBuf>,
        /// A public key whose checkpoints are accepted, in hexadecimal. The default are the keys of
        /// `audit_log.public_keys`. Repeatable.
        #[arg(long)]
        public_key: Vec<String>,
    },
    /// Prints the checkpoints as they are exported, as lines of JSON.
    Checkpoints {
        /// Prints the checkpoints after this number.
        #[arg(long, default_value_t = 0)]
        after: i64,
    },
    /// Makes a key that signs checkpoints, and prints its public key.
    SigningKey {
        /// The file to make.
        file: PathBuf,
    },
    /// Lists what redaction takes out of a text file, each mark in its context. Each line of the file is one text;
    /// U+2028 is a line break inside a text. No server and no database is needed.
    Marks(Marks),
    /// Makes a credential: prints its entry for the file of access.credentials, and its token, once.
    Credential {
        /// The name in events and logs: of a program or a post, never of a company.
        #[arg(long)]
        principal: String,
        /// A role: telephony, agent, dispatcher, coordinator, unit, supervisor, analyst, administrator. Repeatable.
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// The unit that it acts for, with the role "unit".
        #[arg(long)]
        unit: Option<String>,
    },
}

#[derive(Debug, Args)]
struct Marks {
    /// The file, in UTF-8.
    file: PathBuf,
    /// The contact's name, as it would be given at intake.
    #[arg(long)]
    name: Option<String>,
    /// The company's name.
    #[arg(long)]
    company: Option<String>,
    /// The contact's telephone number.
    #[arg(long)]
    phone: Option<String>,
    /// The company's social credit code.
    #[arg(long)]
    code: Option<String>,
}

#[derive(Debug, Args)]
struct Settings {
    /// A file that overlays the defaults.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// Sets a key, for example policy.deadline.general.clock=working. Repeatable.
    #[arg(long = "set", value_name = "KEY=VALUE", global = true)]
    sets: Vec<String>,
    /// The address to serve, for example 127.0.0.1:7312.
    #[arg(long, global = true)]
    listen: Option<SocketAddr>,
    /// The address of PostgreSQL, `postgres://user@host/database`. The default is the embedded database.
    #[arg(long, global = true)]
    database: Option<String>,
    /// The folder of the embedded database and the development credentials.
    #[arg(long, global = true)]
    data_dir: Option<String>,
    /// Starts a simulated clock at this instant, for example 2019-10-12T06:00:00+08:00. It stands still until it is
    /// advanced. Loopback only.
    #[arg(long, value_name = "INSTANT", global = true)]
    simulated_clock: Option<String>,
}

impl Settings {
    fn overrides(&self) -> Result<Overrides, Failure> {
        let mut keys = Vec::new();
        for set in &self.sets {
            let (key, value) =
                set.split_once('=').ok_or_else(|| format!("--set {set}: KEY=VALUE is needed"))?;
            keys.push((key.trim().to_owned(), value.trim().to_owned()));
        }
        let quoted = |value: &str| format!("{value:?}");
        keys.extend(self.listen.map(|listen| ("listen".to_owned(), quoted(&listen.to_string()))));
        keys.extend(self.database.as_ref().map(|database| ("database".to_owned(), quoted(database))));
        keys.extend(self.data_dir.as_ref().map(|folder| ("data_dir".to_owned(), quoted(folder))));
        Ok(Overrides { file: self.config.clone(), keys })
    }

    fn clock(&self) -> Result<Clock, Failure> {
        let Some(start) = &self.simulated_clock else { return Ok(Clock::Real) };
        let start = DateTime::parse_from_rfc3339(start).map_err(|error| {
            format!("--simulated-clock {start}: {error}; for example 2019-10-12T06:00:00+08:00")
        })?;
        if !(YEAR_MIN..=YEAR_MAX).contains(&start.year()) {
            return Err(format!("--simulated-clock: the years are {YEAR_MIN} to {YEAR_MAX}").into());
        }
        Ok(Clock::simulated(start.with_timezone(&Utc)))
    }
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("hotline-server: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    #[cfg(feature = "failpoints")]
    hotline_server::platform::failpoint::serve_commands()?;
    match &cli.command {
        Some(Command::Config) => {
            print!("{}", config::DEFAULT);
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::Credential { principal, roles, unit }) => {
            make_credential(principal, roles, unit.as_deref())?;
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::Marks(marks)) => {
            print_marks(marks)?;
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::SigningKey { file }) => {
            println!("{}", SigningKey::make_file(file)?.public_key());
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let config: Config<Policy> = config::read(&cli.settings.overrides()?)?;
    telemetry::start(&config.log)?;
    let clock = cli.settings.clock()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .event_interval(TASKS_BETWEEN_LOOKS)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match &cli.command {
            Some(Command::Migrate { serving_role }) => {
                migrate(&config, &clock, serving_role.as_deref()).await?;
            }
            Some(Command::Backup { to }) => backup(&config, &clock, to.clone()).await?,
            Some(Command::Restore { from, in_place, again, accept_copy, by, reason }) => {
                let asked = RestoreOptions {
                    from: from.clone(),
                    is_in_place: *in_place,
                    is_again: *again,
                    accepts_copy: *accept_copy,
                    by: by.clone(),
                    reason: reason.clone(),
                };
                restore(&config, &clock, &asked).await?;
            }
            Some(Command::VaultKey { activate }) => {
                let (versions, active) = change_vault_keys(&config, &clock, *activate).await?;
                println!("{}: versions {versions:?}, active {active}", config.vault_keys_path().display());
            }
            Some(Command::Checkpoints { after }) => print_checkpoints(&config, &clock, *after).await?,
            Some(Command::Verify { export_dir, public_key }) => {
                let options = verify_options(&config, export_dir.clone(), public_key)?;
                let is_valid = verify(&config, &clock, &options).await?;
                return Ok(if is_valid { ExitCode::SUCCESS } else { ExitCode::FAILURE });
            }
            _ => {
                if let Some(file) = &cli.settings.config {
                    check_config_file(&config, file)?;
                }
                let app = App::open(config, clock).await?;
                // From here on a signal drains the server. A process that reads the printed address may send a signal
                // at once.
                let (signals, reload) = Signals::listen()?;
                app.reloading(reload).serve(signals.stop()).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// How the audit log is verified: the accepted public keys and the export to compare with.
fn verify_options(
    config: &Config<Policy>,
    export_dir: Option<PathBuf>,
    keys: &[String],
) -> Result<VerifyOptions, Failure> {
    let named = PublicKey::parse_all(&keys.join("\n")).map_err(|error| format!("--public-key, {error}"))?;
    let keys = if keys.is_empty() { accepted_keys(&config.audit_log.public_keys)? } else { named };
    Ok(VerifyOptions { public_keys: keys, export_dir })
}

fn print_marks(marks: &Marks) -> Result<(), Failure> {
    let caller = CallerIdentity {
        contact_name: marks.name.clone(),
        enterprise_name: marks.company.clone(),
        contact_phone: marks.phone.clone(),
        social_credit_code: marks.code.clone(),
        ..CallerIdentity::default()
    };
    let file = &marks.file;
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let count = list_marks(&text, &caller, &mut std::io::stdout().lock())?;
    eprintln!("{} marks in {} of {} texts", count.marks, count.marked_texts, count.texts);
    Ok(())
}

fn make_credential(principal: &str, roles: &[String], unit: Option<&str>) -> Result<(), Failure> {
    let roles = roles
        .iter()
        .map(|name| role_of(name).ok_or_else(|| format!("no role {name:?}")))
        .collect::<Result<Vec<_>, _>>()?;
    let (entry, token) = Entry::make(principal, &roles, unit)?;
    entry.check()?;
    println!("\n{}", entry.to_toml()?.trim_end());
    eprintln!("token, shown this once: {token}");
    Ok(())
}
