//! `hotline status`: the server that is called, and who the caller is to it.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{ErrorReason, Role};
use serde::Serialize;

use crate::context::{Context, Done};
use crate::failure::Failure;

/// The flags of the command.
#[derive(Debug, Args)]
pub(crate) struct Status {}

/// What is printed.
#[derive(Debug, Serialize)]
struct Answer {
    endpoint: String,
    principal: String,
    roles: Vec<Role>,
    unit: Option<String>,
    credential_expires: Option<DateTime<Utc>>,
    server_time: DateTime<Utc>,
    clock: &'static str,
}

impl Status {
    /// The methods of the contract that it calls.
    #[cfg(test)]
    pub(crate) const METHODS: &[&str] = &["WhoAmI", "GetTime"];

    pub(crate) async fn run(self, context: &Context) -> Done {
        let client = context.client().await?;
        let me = client.tickets().who_am_i().await?;
        let clock = match client.simulation().get_time().await {
            Ok(_) => "simulated",
            Err(error) if error.reason() == Some(ErrorReason::NoSimulation) => "real",
            Err(error) => return Err(Failure::from(error)),
        };
        context.record(&Answer {
            endpoint: context.connection.endpoint()?,
            principal: me.principal,
            roles: me.roles,
            unit: me.unit,
            credential_expires: me.expire_time,
            server_time: me.now,
            clock,
        })
    }
}

/// `hotline whoami`: the same question, answered with the name alone.
#[derive(Debug, Args)]
pub(crate) struct WhoAmI {}

impl WhoAmI {
    /// The methods of the contract that it calls.
    #[cfg(test)]
    pub(crate) const METHODS: &[&str] = &["WhoAmI"];

    pub(crate) async fn run(self, context: &Context) -> Done {
        let me = context.client().await?.tickets().who_am_i().await?;
        match context.output {
            crate::output::Format::Table => Ok(me.principal + "\n"),
            _ => context.record(&me),
        }
    }
}
