//! The verbs of agents on what was taken in.

use clap::Args;
use hotline_client::{AnswerTicket, ArticleCitation, Category, Complexity, DeclineReason, Responsibility};

use crate::context::{Context, Done, OnTicket};
use crate::flags::{names, text};
use crate::verbs::ticket_verb;

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    #[command(flatten)]
    on: OnTicket,
    /// What was said. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    content: String,
    /// An article with its version that the answer relies on, for example `company-name@2`. Repeatable.
    #[arg(long = "article", value_name = "CODE@VERSION", value_parser = citation)]
    articles: Vec<ArticleCitation>,
    /// What no article answers.
    #[arg(long)]
    unanswered_question: Option<String>,
}

/// An article and its version.
fn citation(text: &str) -> Result<ArticleCitation, String> {
    let parts = text.split_once('@').and_then(|(code, version)| Some((code, version.parse().ok()?)));
    let (code, version) = parts.ok_or("an article and its version, for example company-name@2")?;
    Ok(ArticleCitation::new(code, version))
}

impl Answer {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = AnswerTicket::new(self.on.ticket, self.content, self.articles)
            .unanswered_question(self.unanswered_question)
            .etag(self.on.etag)
            .request_id(self.on.request.id);
        context.ticket(&context.client().await?.tickets().answer_ticket(command).await?)
    }
}

ticket_verb! {
    Decline = decline_ticket(DeclineTicket) {
        /// Why it is not accepted.
        #[arg(long, value_parser = names!(DeclineReason))]
        reason: DeclineReason,
        /// Where to turn instead.
        #[arg(long)]
        turn_to: String,
        |
        /// A note.
        #[arg(long, value_parser = text)]
        note: Option<String>,
    }
}

ticket_verb! {
    Classify = classify_ticket(ClassifyTicket) {
        /// The category.
        #[arg(long, value_parser = names!(Category))]
        category: Category,
        /// The complexity.
        #[arg(long, value_parser = names!(Complexity))]
        complexity: Complexity,
        |
        /// Whether several units are involved.
        #[arg(long)]
        several_units: bool,
        /// Whether responsibilities are clear.
        #[arg(long, value_parser = names!(Responsibility))]
        responsibility: Option<Responsibility>,
        /// The topic leaf.
        #[arg(long, value_name = "CODE")]
        topic: Option<String>,
        /// The division code of the district.
        #[arg(long, value_name = "CODE")]
        district: Option<String>,
        /// A unit that the complaint is about. Repeatable.
        #[arg(long = "accused-unit", value_name = "CODE")]
        accused_units: Vec<String>,
        /// Why, for the history.
        #[arg(long, value_parser = text)]
        note: Option<String>,
    }
}

ticket_verb! {
    Withdraw = withdraw_ticket(WithdrawTicket) {
        /// What the company said.
        #[arg(long, value_parser = text)]
        note: String,
    }
}

ticket_verb! {
    Merge = merge_ticket(MergeTicket) {
        /// The open ticket of the same matter.
        #[arg(long = "into", value_name = "TICKET")]
        into_ticket_number: String,
    }
}

ticket_verb! {
    Redact = redact_ticket(RedactTicket, "redaction") {
        /// What was done, or why the present texts are harmless.
        #[arg(long, value_parser = text)]
        note: String,
        |
        /// The new subject.
        #[arg(long)]
        subject: Option<String>,
        /// The new content. `@FILE` reads a file.
        #[arg(long, value_parser = text)]
        content: Option<String>,
        /// Whether the numbers in the new texts identify nobody.
        #[arg(long)]
        keeps_numbers: bool,
    }
}
