//! `hotline shift`: the hours in which seats take calls.

use clap::Args;
use hotline_client::{PutShift, Shift};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::output::Column;
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[
    ("SHIFT", "code"),
    ("WEEKDAYS", "weekdays"),
    ("OPEN", "open_time_of_day"),
    ("CLOSE", "close_time_of_day"),
    ("ACTIVE", "active"),
    ("NAME", "name"),
    ("ETAG", "etag"),
];

verbs! {
    /// Lists shifts.
    List = List, calls "ListShifts";
    /// Makes a shift, or puts it in place of the one with this code. For administrators.
    Put = Put, calls "PutShift";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.list(COLUMNS, context.client().await?.directory().list_shifts(), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Put {
    /// The shift's code.
    code: String,
    /// Its name.
    #[arg(long)]
    name: String,
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
    /// The etag of the shift that is changed.
    #[arg(long)]
    etag: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Put {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self { code, name, weekdays, open_time_of_day, close_time_of_day, inactive, etag, request } =
            self;
        let active = !inactive;
        let shift = Shift { code, name, weekdays, open_time_of_day, close_time_of_day, active, etag };
        let command = PutShift::new(shift).request_id(request.id);
        context.record(&context.client().await?.directory().put_shift(command).await?)
    }
}
