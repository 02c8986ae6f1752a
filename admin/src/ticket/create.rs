//! `hotline ticket create`: intake.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{
    Category, Certificate, CertificateKind, Channel, Complexity, Contact, CreateTicket, Enterprise,
    IntakeWarning, Source,
};

use crate::context::{Context, Done, RequestId};
use crate::flags::{flag_name, names, text};
use crate::instant;

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The category.
    #[arg(long, value_parser = names!(Category))]
    category: Category,
    /// The complexity.
    #[arg(long, value_parser = names!(Complexity), default_value = "general")]
    complexity: Complexity,
    /// How the request came.
    #[arg(long, value_parser = names!(Channel), default_value = "telephone")]
    channel: Channel,
    /// What it is about, in one line.
    #[arg(long)]
    subject: String,
    /// The request. `@FILE` reads a file, and `@-` the standard input.
    #[arg(long, value_parser = text)]
    content: String,
    /// Whether several units are involved.
    #[arg(long)]
    several_units: bool,
    /// The topic leaf; `hotline topic list` has them all.
    #[arg(long, value_name = "CODE")]
    topic: Option<String>,
    /// The division code of the district.
    #[arg(long, value_name = "CODE")]
    district: Option<String>,
    /// The industry of the company.
    #[arg(long)]
    industry: Option<String>,
    #[command(flatten)]
    caller: CallerFlags,
    /// The system that the request comes from. With --source-reference.
    #[arg(long, requires = "source_reference")]
    source_system: Option<String>,
    /// Its reference there. With --source-system.
    #[arg(long, requires = "source_system")]
    source_reference: Option<String>,
    /// When the call began.
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    call_start_time: Option<DateTime<Utc>>,
    /// Whether the caller's identity is withheld; the default is yes for reports.
    #[arg(long, value_name = "BOOL")]
    confidential: Option<bool>,
    /// A unit that the complaint is about. Repeatable.
    #[arg(long = "accused-unit", value_name = "CODE")]
    accused_units: Vec<String>,
    /// The closed ticket of the same matter.
    #[arg(long = "follows", value_name = "TICKET")]
    follows_ticket_number: Option<String>,
    /// The hotline's id of the call.
    #[arg(long)]
    call_id: Option<String>,
    /// The exchange's end-to-end id of the call.
    #[arg(long)]
    call_end_to_end_id: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

/// Who called.
#[derive(Debug, Args)]
pub(super) struct CallerFlags {
    /// The name of the company.
    #[arg(long)]
    pub(super) enterprise_name: Option<String>,
    /// Its unified social credit code.
    #[arg(long)]
    pub(super) social_credit_code: Option<String>,
    /// The name of the person to speak to.
    #[arg(long)]
    pub(super) contact_name: Option<String>,
    /// The telephone number of that person.
    #[arg(long)]
    pub(super) contact_phone: Option<String>,
    /// The number of a certificate of the company or the person.
    #[arg(long)]
    pub(super) certificate_number: Option<String>,
    /// The kind of that certificate.
    #[arg(long, value_parser = names!(CertificateKind), requires = "certificate_number")]
    pub(super) certificate_kind: Option<CertificateKind>,
}

impl CallerFlags {
    fn enterprise(&self) -> Option<Enterprise> {
        let (name, code) = (self.enterprise_name.clone(), self.social_credit_code.clone());
        let named = name.is_some() || code.is_some();
        named.then(|| Enterprise { name: name.unwrap_or_default(), social_credit_code: code })
    }

    fn contact(&self) -> Option<Contact> {
        let (name, phone) = (self.contact_name.clone(), self.contact_phone.clone());
        let named = name.is_some() || phone.is_some();
        named.then(|| Contact { name: name.unwrap_or_default(), phone: phone.unwrap_or_default() })
    }

    /// The certificate.
    pub(super) fn certificate(&self) -> Option<Certificate> {
        let number = self.certificate_number.clone()?;
        Some(Certificate { kind: self.certificate_kind, number })
    }
}

impl Create {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let source = self.source_system.zip(self.source_reference);
        let source = source.map(|(system, reference)| Source::new(system, reference));
        let command =
            CreateTicket::new(self.category, self.complexity, self.channel, self.subject, self.content)
                .several_units(self.several_units)
                .topic(self.topic)
                .district(self.district)
                .industry(self.industry)
                .enterprise(self.caller.enterprise())
                .contact(self.caller.contact())
                .certificate(self.caller.certificate())
                .source(source)
                .call_start_time(self.call_start_time)
                .confidential(self.confidential)
                .accused_units(self.accused_units)
                .follows_ticket_number(self.follows_ticket_number)
                .call_id(self.call_id)
                .call_end_to_end_id(self.call_end_to_end_id)
                .request_id(self.request.id);
        let created = context.client().await?.tickets().create_ticket_with_warnings(command).await?;
        warn(context, &created.warnings);
        context.ticket(&created.ticket)
    }
}

/// Says what was kept without being verified.
pub(super) fn warn(context: &Context, warnings: &[IntakeWarning]) {
    for warning in warnings {
        let reason = flag_name(&warning.reason.to_string());
        context.note(&format!("not verified: {} ({reason})", warning.field));
    }
}
