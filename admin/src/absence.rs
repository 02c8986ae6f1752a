//! `hotline absence`: clerks of a unit who are not there, and who stands in for them.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::SetAbsence;

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::instant;
use crate::output::Column;
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[
    ("CLERK", "clerk"),
    ("SUBSTITUTE", "substitute"),
    ("FROM", "start_time"),
    ("UNTIL", "end_time"),
    ("SET_BY", "principal"),
    ("SET", "set_time"),
];

verbs! {
    /// Lists the absences of the caller's unit that have not ended.
    List = List, calls "ListAbsences";
    /// Sets the absence of a clerk of the caller's unit, in the place of a former one.
    Set = Set, calls "SetAbsence";
    /// Ends the absence of a clerk of the caller's unit.
    End = End, calls "SetAbsence";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.list(COLUMNS, context.client().await?.directory().list_absences(), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The principal of the clerk.
    clerk: String,
    /// The principal who stands in.
    #[arg(long, value_name = "PRINCIPAL")]
    substitute: String,
    /// From this day or time on; from now on, unless it is given.
    #[arg(long = "from", value_name = "TIME", value_parser = instant::parse)]
    start_time: Option<DateTime<Utc>>,
    /// Until this day or time.
    #[arg(long = "until", value_name = "TIME", value_parser = instant::parse)]
    end_time: DateTime<Utc>,
    #[command(flatten)]
    request: RequestId,
}

impl Set {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = SetAbsence::new(self.clerk, self.substitute, self.end_time)
            .start_time(self.start_time)
            .request_id(self.request.id);
        context.record(&context.client().await?.directory().set_absence(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct End {
    /// The principal of the clerk.
    clerk: String,
    #[command(flatten)]
    request: RequestId,
}

impl End {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = SetAbsence::end(self.clerk).request_id(self.request.id);
        context.record(&context.client().await?.directory().set_absence(command).await?)
    }
}
