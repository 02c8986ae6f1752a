//! `hotline catalogue`: which unit gets what.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{CatalogueEntry, PutCatalogueEntry};

use crate::context::{Context, Done, RequestId};
use crate::instant;
use crate::output::Column;
use crate::verbs::{list_verb, verbs};

const COLUMNS: &[Column] = &[
    ("TOPIC", "topic"),
    ("DISTRICT", "district"),
    ("UNIT", "unit"),
    ("FROM", "start_time"),
    ("UNTIL", "end_time"),
];

verbs! {
    /// Lists the entries of the dispatch catalogue.
    List = List, calls "ListCatalogueEntries";
    /// Writes an entry. For administrators.
    Put = Put, calls "PutCatalogueEntry";
}

list_verb! {
    List = directory.list_catalogue_entries(ListCatalogueEntries), COLUMNS => {
        /// About this topic leaf.
        #[arg(long, value_name = "CODE")]
        topic: Option<String>,
        /// In force at this day or time.
        #[arg(long = "at", value_name = "TIME", value_parser = instant::parse)]
        effective_time: Option<DateTime<Utc>>,
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Put {
    /// The topic leaf.
    #[arg(long, value_name = "CODE")]
    topic: String,
    /// The division code of the district; the default is every district without an entry of its own.
    #[arg(long, value_name = "CODE")]
    district: Option<String>,
    /// The unit.
    #[arg(long, value_name = "CODE")]
    unit: String,
    /// From this day or time.
    #[arg(long = "from", value_name = "TIME", value_parser = instant::parse)]
    start_time: DateTime<Utc>,
    /// Before this day or time; the default is for good.
    #[arg(long = "until", value_name = "TIME", value_parser = instant::parse)]
    end_time: Option<DateTime<Utc>>,
    #[command(flatten)]
    request: RequestId,
}

impl Put {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self { topic, district, unit, start_time, end_time, request } = self;
        let entry = CatalogueEntry { topic, district, unit, start_time, end_time };
        let command = PutCatalogueEntry::new(entry).request_id(request.id);
        context.record(&context.client().await?.directory().put_catalogue_entry(command).await?)
    }
}
