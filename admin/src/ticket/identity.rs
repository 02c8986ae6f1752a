//! Who called: completed, corrected and revealed.

use clap::Args;
use hotline_client::{RevealIdentity, RevealPurpose};

use super::create::{CallerFlags, warn};
use crate::context::{Context, Done, OnTicket, RequestId};
use crate::flags::{names, text};

/// The flags of the verb. A flag with an empty text removes the value.
#[derive(Debug, Args)]
pub(crate) struct UpdateCaller {
    #[command(flatten)]
    on: OnTicket,
    #[command(flatten)]
    caller: CallerFlags,
    /// The industry of the company.
    #[arg(long)]
    industry: Option<String>,
}

impl UpdateCaller {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let certificate = self.caller.certificate();
        let command = hotline_client::UpdateCaller::new(self.on.ticket)
            .enterprise_name(self.caller.enterprise_name)
            .social_credit_code(self.caller.social_credit_code)
            .contact_name(self.caller.contact_name)
            .contact_phone(self.caller.contact_phone)
            .certificate(certificate)
            .industry(self.industry)
            .etag(self.on.etag)
            .request_id(self.on.request.id);
        let updated = context.client().await?.tickets().update_caller(command).await?;
        warn(context, &updated.warnings);
        context.ticket(&updated.ticket)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Reveal {
    /// The ticket's number.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: String,
    /// What for.
    #[arg(long, value_parser = names!(RevealPurpose))]
    purpose: RevealPurpose,
    /// What for, in words that an auditor understands.
    #[arg(long, value_parser = text)]
    note: String,
    #[command(flatten)]
    request: RequestId,
}

impl Reveal {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = RevealIdentity::new(self.ticket, self.purpose, self.note).request_id(self.request.id);
        context.record(&context.client().await?.tickets().reveal_identity(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct ApproveReveal {
    /// The ticket's number.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: String,
    /// Who may reveal it.
    #[arg(long)]
    principal: String,
    /// For this purpose.
    #[arg(long, value_parser = names!(RevealPurpose))]
    purpose: RevealPurpose,
    /// Why it is approved.
    #[arg(long, value_parser = text)]
    note: String,
    #[command(flatten)]
    request: RequestId,
}

impl ApproveReveal {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self { ticket, principal, purpose, note, request } = self;
        let command =
            hotline_client::ApproveReveal::new(ticket, principal, purpose, note).request_id(request.id);
        context.record(&context.client().await?.tickets().approve_reveal(command).await?)
    }
}
