//! All open work of a unit moves to another unit, or back to the desk.

use clap::Args;
use hotline_client::TransferTickets;

use crate::context::{Context, Done, RequestId};
use crate::flags::text;

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// The unit whose open work moves.
    #[arg(long = "from", value_name = "CODE")]
    from_unit: String,
    /// The unit that gets it.
    #[arg(long = "to", value_name = "CODE", required_unless_present = "to_desk", conflicts_with = "to_desk")]
    to_unit: Option<String>,
    /// Back to the desk.
    #[arg(long)]
    to_desk: bool,
    /// Why. It must name nobody.
    #[arg(long, value_parser = text)]
    reason: String,
    #[command(flatten)]
    request: RequestId,
}

impl Transfer {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.confirm(&format!("all open work of {} moves", self.from_unit))?;
        let command = match self.to_unit {
            Some(unit) => TransferTickets::to_unit(self.from_unit, unit, self.reason),
            None => TransferTickets::to_desk(self.from_unit, self.reason),
        };
        let command = command.request_id(self.request.id);
        context.record(&context.client().await?.tickets().transfer_tickets(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The number of the transfer.
    transfer_number: u32,
}

impl Status {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.record(&context.client().await?.tickets().get_transfer(self.transfer_number).await?)
    }
}
