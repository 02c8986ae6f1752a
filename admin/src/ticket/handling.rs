//! The verbs of dispatchers, coordinators and units.

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args};
use hotline_client::{
    CallerReply, CarryOverStep, CarryOverTicket, ContactMethod, HotlineReport, ReturnReason, Ruling,
    SubmitFeedback,
};

use crate::context::{Context, Done, OnTicket};
use crate::failure::Failure;
use crate::flags::{names, text};
use crate::instant;
use crate::verbs::ticket_verb;

ticket_verb! {
    Plan = plan_ticket(PlanTicket) {
        /// The plan. `@FILE` reads a file.
        #[arg(long = "text", value_parser = text)]
        text: String,
        /// The unit that leads.
        #[arg(long = "lead", value_name = "CODE")]
        lead_unit: String,
        |
        /// A unit that assists. Repeatable.
        #[arg(long = "assist", value_name = "CODE")]
        assist_units: Vec<String>,
    }
}

ticket_verb! {
    Dispatch = dispatch_ticket(DispatchTicket) {
        /// The unit that leads.
        #[arg(long = "lead", value_name = "CODE")]
        lead_unit: String,
        |
        /// A unit that assists. Repeatable.
        #[arg(long = "assist", value_name = "CODE")]
        assist_units: Vec<String>,
        /// A unit that is informed. Repeatable.
        #[arg(long = "inform", value_name = "CODE")]
        inform_units: Vec<String>,
        /// A note for the units.
        #[arg(long, value_parser = text)]
        note: Option<String>,
        /// Why work that was signed for moves to another unit.
        #[arg(long, value_parser = text)]
        reason: Option<String>,
    }
}

ticket_verb! {
    Accept = accept_ticket(AcceptTicket) {}
}

ticket_verb! {
    Return = return_ticket(ReturnTicket) {
        /// Why.
        #[arg(long, value_parser = names!(ReturnReason))]
        reason: ReturnReason,
        /// The rule that the return relies on.
        #[arg(long, value_parser = text)]
        rule: String,
        |
        /// The unit that should have it.
        #[arg(long, value_name = "CODE")]
        proposed_unit: Option<String>,
        /// A note.
        #[arg(long, value_parser = text)]
        note: Option<String>,
    }
}

ticket_verb! {
    Rule = rule_on_return(RuleOnReturn) {
        /// Whether the return is accepted.
        #[arg(long, value_parser = names!(Ruling))]
        ruling: Ruling,
        /// Why.
        #[arg(long, value_parser = text)]
        note: String,
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("half").args(["caller_reply_content", "hotline_report_actions"]).required(true).multiple(true))]
pub(crate) struct Feedback {
    #[command(flatten)]
    on: OnTicket,
    /// What was said to the company.
    #[arg(long = "reply", value_parser = text, requires_all = ["caller_reply_official", "caller_reply_time"])]
    caller_reply_content: Option<String>,
    /// Who said it.
    #[arg(long = "official", value_name = "NAME", requires = "caller_reply_content")]
    caller_reply_official: Option<String>,
    /// When it was said.
    #[arg(long = "reply-time", value_name = "TIME", value_parser = instant::parse, requires = "caller_reply_content")]
    caller_reply_time: Option<DateTime<Utc>>,
    /// How it was said.
    #[arg(long = "method", value_parser = names!(ContactMethod), default_value = "telephone")]
    caller_reply_method: ContactMethod,
    /// What was done, for the hotline.
    #[arg(long = "actions", value_parser = text, requires = "hotline_report_result")]
    hotline_report_actions: Option<String>,
    /// The result.
    #[arg(long = "result", value_parser = text, requires = "hotline_report_actions")]
    hotline_report_result: Option<String>,
    /// Evidence, for example the number of a document. Repeatable.
    #[arg(long = "evidence", requires = "hotline_report_actions")]
    hotline_report_evidence: Vec<String>,
}

impl Feedback {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let said = self.caller_reply_content.zip(self.caller_reply_official).zip(self.caller_reply_time);
        let reply = said.map(|((content, official), time)| {
            CallerReply::new(time, self.caller_reply_method, official, content)
        });
        let done = self.hotline_report_actions.zip(self.hotline_report_result);
        let report = done.map(|(actions, result)| HotlineReport {
            evidence: self.hotline_report_evidence,
            ..HotlineReport::new(actions, result)
        });
        let command = SubmitFeedback::new(self.on.ticket)
            .caller_reply(reply)
            .hotline_report(report)
            .etag(self.on.etag)
            .request_id(self.on.request.id);
        context.ticket(&context.client().await?.tickets().submit_feedback(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct CarryOver {
    #[command(flatten)]
    on: OnTicket,
    /// Asks: what is done next.
    #[arg(long = "next-steps", value_parser = text, requires_all = ["ask_promised_time", "ask_inform_time"])]
    ask_next_steps: Option<String>,
    /// Asks: the date that was promised to the company.
    #[arg(long = "promised-time", value_name = "TIME", value_parser = instant::parse, requires = "ask_next_steps")]
    ask_promised_time: Option<DateTime<Utc>>,
    /// Asks: when the company was told.
    #[arg(long = "inform-time", value_name = "TIME", value_parser = instant::parse, requires = "ask_next_steps")]
    ask_inform_time: Option<DateTime<Utc>>,
    /// Decides: grants it.
    #[arg(long, conflicts_with_all = ["ask_next_steps", "refuse"])]
    grant: bool,
    /// Decides: refuses it.
    #[arg(long, conflicts_with = "ask_next_steps")]
    refuse: bool,
    /// Decides: a note.
    #[arg(long = "note", value_parser = text)]
    decision_note: Option<String>,
}

impl CarryOver {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let asked = self.ask_next_steps.zip(self.ask_promised_time).zip(self.ask_inform_time);
        let step = match asked {
            Some(((next_steps, promised_time), inform_time)) => {
                CarryOverStep::Ask { next_steps, promised_time, inform_time }
            }
            None if self.grant || self.refuse => {
                CarryOverStep::Decide { granted: self.grant, note: self.decision_note }
            }
            None => {
                let what = "ask with --next-steps, --promised-time and --inform-time, or decide with --grant or --refuse";
                return Err(Failure::usage(what));
            }
        };
        let command =
            CarryOverTicket::new(self.on.ticket, step).etag(self.on.etag).request_id(self.on.request.id);
        context.ticket(&context.client().await?.tickets().carry_over_ticket(command).await?)
    }
}
