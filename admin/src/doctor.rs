//! `hotline doctor`: what is wrong with an installation, and what to do. Without `--config` it looks at the connection
//! alone, as a client. With the server's configuration file it also looks at the files beside the server: keys,
//! certificates, permissions, disk, checkpoints and backups. It changes nothing and reads no secret but to look at it.

mod certificates;
mod config_file;
mod connection;
mod files;
mod finding;
mod metrics;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;

use crate::context::{Context, Done};
use crate::failure::{Exit, Failure};
use crate::output::Column;
use finding::{Findings, Status};

const COLUMNS: &[Column] =
    &[("STATUS", "status"), ("CHECK", "check"), ("FOUND", "found"), ("WHAT TO DO", "advice")];

/// The flags of the command.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The configuration file of the server on this machine.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the backups.
    #[arg(long, value_name = "FOLDER")]
    backups: Option<PathBuf>,
    /// A backup may be this old, in hours.
    #[arg(long, value_name = "HOURS", default_value_t = 26)]
    backup_age: u32,
    /// The server's program, to compare its version.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    /// Look at the files only, and call no server.
    #[arg(long)]
    offline: bool,
}

impl Doctor {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let now = now();
        let mut findings = Findings::default();
        connection::check_files(&mut findings, context, now)?;
        if !self.offline {
            connection::check_server(&mut findings, context, now).await?;
        }
        if let Some(program) = &self.server {
            connection::check_version(&mut findings, program);
        }
        if let Some(config) = &self.config {
            config_file::check(&mut findings, config, now, !self.offline);
        }
        if let Some(backups) = &self.backups {
            files::check_backups(&mut findings, backups, now, self.backup_age);
        }
        let faults = findings.count(Status::Fault);
        let output = context.output.list(COLUMNS, findings.all())?;
        if faults == 0 {
            return Ok(output);
        }
        let text = format!("{faults} of {} checks found a fault", findings.all().len());
        Err(Failure { output, exit: Exit::Faults, ..Failure::new(text) })
    }
}

#[expect(clippy::disallowed_methods, reason = "files are compared with this machine's clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}
