//! `hotline call`: telephone calls.

mod call_back;
mod recording;
mod service_level;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{CallDetails, CallKey, CallOutcome, ReportCall};
use serde::Deserialize;

use crate::context::{Context, Done, RequestId};
use crate::failure::Failure;
use crate::flags::names;
use crate::instant;
use crate::output::Column;
use crate::verbs::{list_verb, verbs};

const COLUMNS: &[Column] = &[
    ("CALL", "id"),
    ("BEGAN", "key.start_time"),
    ("SYSTEM", "key.system"),
    ("OUTCOME", "outcome"),
    ("TALK", "details.end.talk_seconds"),
    ("TICKETS", "ticket_numbers"),
];

verbs! {
    /// Lists calls, the newest first. For agents and supervisors.
    List = List, calls "ListCalls";
    /// Prints a call with the numbers of its parties, which is recorded. For agents and supervisors.
    Show = Show, calls "GetCall";
    /// Reports a part of a call from a JSON file. For telephony.
    Report = Report, calls "ReportCall";
    /// Prints the company that calls, its tickets and their limits, which is recorded. For agents and supervisors.
    Context = ShowContext, calls "GetCallContext";
    /// Says where a recording is, which is recorded. For agents and supervisors.
    Recording = recording::Show, calls "GetRecording";
    /// Attaches a recording from a JSON file. For telephony.
    AttachRecording = recording::Attach, calls "AttachRecording";
    /// Lists companies that are to be called back. For agents and supervisors.
    CallBacks = call_back::List, calls "ListCallBacks";
    /// Records how a call-back ended. For agents and supervisors.
    RecordCallBack = call_back::Record, calls "RecordCallBack";
    /// Says how calls were answered. For supervisors and analysts.
    ServiceLevel = service_level::ServiceLevel, calls "GetServiceLevel";
    /// Says how many seats each hour of the week needs. For supervisors and analysts.
    Forecast = service_level::Forecast, calls "ForecastSeats";
}

list_verb! {
    List = calls.list_calls(ListCalls), COLUMNS => {
        /// They began at or after this day or time.
        #[arg(long = "since", value_name = "TIME", value_parser = instant::parse)]
        start_time: Option<DateTime<Utc>>,
        /// They began before this day or time.
        #[arg(long = "until", value_name = "TIME", value_parser = instant::parse)]
        end_time: Option<DateTime<Utc>>,
        /// They ended like this.
        #[arg(long, value_parser = names!(CallOutcome))]
        outcome: Option<CallOutcome>,
        /// They were offered to this seat, or have a leg to it.
        #[arg(long)]
        seat: Option<String>,
        /// No ticket came from them.
        #[arg(long)]
        without_ticket: bool,
        /// They came from this number. The search is recorded.
        #[arg(long)]
        calling_number: Option<String>,
        /// The exchange gave this id.
        #[arg(long)]
        exchange_id: Option<String>,
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The hotline's id of the call.
    call_id: String,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.record(&context.client().await?.calls().get_call(self.call_id).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct ShowContext {
    /// The hotline's id of the call.
    call_id: String,
}

impl ShowContext {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.record(&context.client().await?.calls().get_call_context(self.call_id).await?)
    }
}

/// The text of a file, or of the standard input.
fn read(file: &Path) -> Result<String, Failure> {
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    text.map_err(|error| Failure::about(file.display(), error))
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// A JSON file with `key`, `part_time` and `details`, as `hotline call show --output json` prints them. `-` is the
    /// standard input.
    file: PathBuf,
    #[command(flatten)]
    request: RequestId,
}

/// The file of a part of a call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    key: CallKey,
    #[serde(rename = "part_time")]
    time: DateTime<Utc>,
    details: serde_json::Value,
}

impl Report {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let about = |error: &dyn std::fmt::Display| Failure::about(self.file.display(), error);
        let text = read(&self.file)?;
        let part: Part = serde_json::from_str(&text).map_err(|error| about(&error))?;
        let details = complete(&part.details).map_err(|error| about(&error))?;
        let command = ReportCall::new(part.key, part.time, details).request_id(self.request.id);
        let id = context.client().await?.calls().report_call(command).await?;
        context.record(&serde_json::json!({ "call_id": id }))
    }
}

/// Details of which only some are given; the others are absent.
fn complete(given: &serde_json::Value) -> Result<CallDetails, serde_json::Error> {
    let mut all = serde_json::to_value(CallDetails::default())?;
    if let (Some(all), Some(given)) = (all.as_object_mut(), given.as_object()) {
        all.extend(given.clone());
    }
    serde_json::from_value(all)
}
