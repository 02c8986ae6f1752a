//! `hotline roster`: when the staff of units are on duty at the platform, and for which topics.

use clap::Args;
use hotline_client::{PutRoster, Roster};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::output::Column;
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[
    ("ROSTER", "code"),
    ("UNIT", "unit"),
    ("TOPICS", "topics"),
    ("WEEKDAYS", "weekdays"),
    ("OPEN", "open_time_of_day"),
    ("CLOSE", "close_time_of_day"),
    ("ACTIVE", "active"),
    ("NAME", "name"),
    ("ETAG", "etag"),
];

verbs! {
    /// Lists rosters. A unit reads its own.
    List = List, calls "ListRosters";
    /// Makes a roster, or puts it in place of the one with this code. For administrators.
    Put = Put, calls "PutRoster";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.list(COLUMNS, context.client().await?.directory().list_rosters(), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Put {
    /// The roster's code.
    code: String,
    /// Its name.
    #[arg(long)]
    name: String,
    /// The unit whose staff are on duty.
    #[arg(long, value_name = "CODE")]
    unit: String,
    /// A topic leaf of the field; may be repeated.
    #[arg(long = "topic", value_name = "TOPIC", required = true)]
    topics: Vec<String>,
    /// A day of the week, 1 (Monday) to 7 (Sunday); may be repeated.
    #[arg(long = "weekday", required = true)]
    weekdays: Vec<u32>,
    /// The first minute, in Beijing.
    #[arg(long = "open", value_name = "HH:MM")]
    open_time_of_day: String,
    /// The first minute after it; 24:00 is the end of the day.
    #[arg(long = "close", value_name = "HH:MM")]
    close_time_of_day: String,
    /// It does not count.
    #[arg(long)]
    inactive: bool,
    /// The etag of the roster that is changed.
    #[arg(long)]
    etag: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Put {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let roster = Roster {
            code: self.code,
            name: self.name,
            unit: self.unit,
            topics: self.topics,
            weekdays: self.weekdays,
            open_time_of_day: self.open_time_of_day,
            close_time_of_day: self.close_time_of_day,
            active: !self.inactive,
            etag: self.etag,
        };
        let command = PutRoster::new(roster).request_id(self.request.id);
        context.record(&context.client().await?.directory().put_roster(command).await?)
    }
}
