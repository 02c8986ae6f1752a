//! `hotline suggestion`: which unit a ticket is for, which tickets are like it, and how good suggestions were.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{FindSimilarTickets, GetSuggestionQuality, SuggestDispatch};

use crate::context::{Context, Done};
use crate::flags::text;
use crate::instant;
use crate::verbs::verbs;

verbs! {
    /// Suggests units for a ticket or a text, with their reasons and precedents.
    Units = Units, calls "SuggestDispatch";
    /// Finds tickets like a ticket or a text, each with why.
    Similar = Similar, calls "FindSimilarTickets";
    /// Says how often suggestions were right, month by month.
    Quality = Quality, calls "GetSuggestionQuality";
}

/// What suggestions are asked for.
#[derive(Debug, Args)]
struct About {
    /// The ticket.
    #[arg(long, conflicts_with_all = ["subject", "content"], required_unless_present_any = ["subject", "content"])]
    ticket: Option<String>,
    /// The subject of a text before intake.
    #[arg(long)]
    subject: Option<String>,
    /// Its content. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    content: Option<String>,
    /// Its topic leaf.
    #[arg(long)]
    topic: Option<String>,
    /// The division code of the company's district.
    #[arg(long)]
    district: Option<String>,
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Units {
    #[command(flatten)]
    about: About,
}

impl Units {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let About { ticket, subject, content, topic, district } = self.about;
        let of = match ticket {
            Some(ticket) => SuggestDispatch::of_ticket(ticket),
            None => SuggestDispatch::of_text(subject.unwrap_or_default(), content.unwrap_or_default()),
        };
        let of = of.topic(topic).district(district);
        context.record(&context.client().await?.knowledge().suggest_dispatch(of).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Similar {
    #[command(flatten)]
    about: About,
    /// Open tickets only.
    #[arg(long)]
    open_only: bool,
    /// How many tickets; at most 100.
    #[arg(long, default_value_t = 10)]
    limit: u32,
}

impl Similar {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let About { ticket, subject, content, topic, district } = self.about;
        let to = match ticket {
            Some(ticket) => FindSimilarTickets::of_ticket(ticket),
            None => FindSimilarTickets::of_text(subject.unwrap_or_default(), content.unwrap_or_default()),
        };
        let to = to.topic(topic).district(district).open_only(self.open_only).tickets_max(self.limit);
        context.record(&context.client().await?.knowledge().find_similar_tickets(to).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Quality {
    /// From the month of this day or time on.
    #[arg(long = "since", value_name = "TIME", value_parser = instant::parse)]
    start_time: Option<DateTime<Utc>>,
    /// Until the month of this day or time.
    #[arg(long = "until", value_name = "TIME", value_parser = instant::parse)]
    end_time: Option<DateTime<Utc>>,
}

impl Quality {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let of = GetSuggestionQuality::default().start_time(self.start_time).end_time(self.end_time);
        context.record(&context.client().await?.knowledge().get_suggestion_quality(of).await?)
    }
}
