//! `hotline text-template`: the texts that staff and units start from when they fill in a form.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{ListTextTemplates, PutTextTemplate, TextTemplate, TextTemplateKind};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::flags::{names, text};
use crate::instant;
use crate::output::Column;
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[
    ("TEMPLATE", "code"),
    ("KIND", "kind"),
    ("NAME", "name"),
    ("TOPIC", "topic"),
    ("UNIT", "unit"),
    ("FROM", "start_time"),
    ("UNTIL", "end_time"),
    ("REVISION", "revision"),
    ("TEXT", "text"),
];

verbs! {
    /// Lists templates. A unit reads those of the hotline and its own.
    List = List, calls "ListTextTemplates";
    /// Makes a template, or puts it in place of the one with this code. For administrators.
    Put = Put, calls "PutTextTemplate";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Of this kind.
    #[arg(long, value_parser = names!(TextTemplateKind))]
    kind: Option<TextTemplateKind>,
    /// For this topic, and for all topics.
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// In force on this day or at this time.
    #[arg(long = "at", value_name = "TIME", value_parser = instant::parse)]
    effective_time: Option<DateTime<Utc>>,
    /// Without those of units.
    #[arg(long)]
    hotline_only: bool,
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let which = ListTextTemplates::default()
            .kind(self.kind)
            .topic(self.topic)
            .effective_time(self.effective_time)
            .hotline_only(self.hotline_only);
        context
            .list(COLUMNS, context.client().await?.directory().list_text_templates(which), self.limit)
            .await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Put {
    /// The template's code.
    code: String,
    /// What it is for.
    #[arg(long, value_parser = names!(TextTemplateKind))]
    kind: TextTemplateKind,
    /// Its name in Chinese.
    #[arg(long)]
    name: String,
    /// Its name in English.
    #[arg(long = "name-en", value_name = "TEXT")]
    name_en: Option<String>,
    /// The text in Chinese. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    text: String,
    /// The text in English. `@FILE` reads a file.
    #[arg(long = "text-en", value_name = "TEXT", value_parser = text)]
    text_en: Option<String>,
    /// The topic leaf that it is for; without one it is for all topics.
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// The unit that it belongs to; without one it is a text of the hotline.
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// From this day or time.
    #[arg(long = "from", value_name = "TIME", value_parser = instant::parse)]
    start_time: Option<DateTime<Utc>>,
    /// Until this day or time.
    #[arg(long = "until", value_name = "TIME", value_parser = instant::parse)]
    end_time: Option<DateTime<Utc>>,
    /// The etag of the template that is changed.
    #[arg(long)]
    etag: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Put {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self {
            code,
            kind,
            name,
            name_en,
            text,
            text_en,
            topic,
            unit,
            start_time,
            end_time,
            etag,
            request,
        } = self;
        let template = TextTemplate {
            name_en,
            text_en,
            topic,
            unit,
            start_time,
            end_time,
            etag,
            ..TextTemplate::new(code, kind, name, text)
        };
        let command = PutTextTemplate::new(template).request_id(request.id);
        context.record(&context.client().await?.directory().put_text_template(command).await?)
    }
}
