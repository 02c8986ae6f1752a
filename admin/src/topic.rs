//! `hotline topic`: what requests are about.

mod table_file;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args};
use hotline_client::{Directory, PutTopic, SuggestClassification, Topic};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::failure::Failure;
use crate::flags::text;
use crate::instant;
use crate::output::{Column, Format};
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[
    ("TOPIC", "code"),
    ("NAME", "name"),
    ("ENGLISH", "name_en"),
    ("FROM", "start_time"),
    ("UNTIL", "end_time"),
    ("SUCCESSOR", "successor"),
    ("ETAG", "etag"),
];
const SUGGESTION_COLUMNS: &[Column] = &[("TOPIC", "topic"), ("SCORE", "score"), ("WORDS", "words")];

verbs! {
    /// Lists the topics.
    List = List, calls "ListTopics";
    /// Makes a topic, or puts it in place of the one with this code. For administrators.
    Put = Put, calls "PutTopic";
    /// Ends a topic, with the topic to use instead. For administrators.
    Retire = Retire, calls "ListTopics", "PutTopic";
    /// Writes all topics as CSV to the standard output or into a file.
    Export = Export, calls "ListTopics";
    /// Puts the topics of a CSV file that differ from those of the directory. For administrators.
    Import = Import, calls "ListTopics", "PutTopic";
    /// Suggests topics for a ticket or a text.
    Suggest = Suggest, calls "SuggestClassification";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.list(COLUMNS, context.client().await?.directory().list_topics(), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Put {
    /// The topic's code, for example `licence.registration`.
    code: String,
    /// Its name in Chinese.
    #[arg(long)]
    name: String,
    /// Its name in English.
    #[arg(long = "name-en", value_name = "TEXT")]
    name_en: Option<String>,
    /// More words that companies use for it, with spaces between them.
    #[arg(long)]
    words: Option<String>,
    /// From this day or time.
    #[arg(long = "from", value_name = "TIME", value_parser = instant::parse)]
    start_time: Option<DateTime<Utc>>,
    /// Retired from this day or time on.
    #[arg(long = "until", value_name = "TIME", value_parser = instant::parse)]
    end_time: Option<DateTime<Utc>>,
    /// The topic to use instead, once it is retired.
    #[arg(long, value_name = "CODE", requires = "end_time")]
    successor: Option<String>,
    /// The etag of the topic that is changed.
    #[arg(long)]
    etag: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Put {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self { code, name, name_en, words, start_time, end_time, successor, etag, request } = self;
        let topic = Topic { code, name, name_en, words, start_time, end_time, successor, etag };
        let command = PutTopic::new(topic).request_id(request.id);
        context.record(&context.client().await?.directory().put_topic(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Retire {
    /// The topic's code.
    code: String,
    /// From this day or time on.
    #[arg(long = "from", value_name = "TIME", value_parser = instant::parse)]
    end_time: DateTime<Utc>,
    /// The topic to use instead.
    #[arg(long, value_name = "CODE")]
    successor: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Retire {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let directory = context.client().await?.directory();
        let all = all(&directory).await?;
        let topic = all.into_iter().find(|topic| topic.code == self.code);
        let topic = topic.ok_or_else(|| Failure::about(&self.code, "no such topic"))?;
        let command = PutTopic::retire(topic, self.end_time, self.successor).request_id(self.request.id);
        context.record(&directory.put_topic(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The file; the default is the standard output.
    file: Option<PathBuf>,
}

impl Export {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let topics = all(&context.client().await?.directory()).await?;
        let written = table_file::write(&topics)?;
        let Some(file) = self.file else { return Ok(written) };
        std::fs::write(&file, written).map_err(|error| Failure::about(file.display(), error))?;
        Ok(format!("{} topics\n", topics.len()))
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The CSV file, with the columns of `hotline topic export`.
    file: PathBuf,
    /// Print what would be put, and put nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let about = |error: String| Failure::about(self.file.display(), error);
        let text = std::fs::read_to_string(&self.file).map_err(|error| about(error.to_string()))?;
        let given = table_file::read(&text).map_err(about)?;
        let directory = context.client().await?.directory();
        let mut put = Vec::new();
        for topic in table_file::changed(given, &all(&directory).await?) {
            if self.dry_run {
                put.push(topic);
            } else {
                put.push(directory.put_topic(PutTopic::new(topic)).await?);
            }
        }
        context.output.list(COLUMNS, &put)
    }
}

/// All topics of the directory.
async fn all(directory: &Directory) -> Result<Vec<Topic>, Failure> {
    Ok(directory.list_topics().take_up_to(usize::MAX).await?)
}

/// The flags of the verb.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("of").args(["ticket_number", "subject"]).required(true))]
pub(crate) struct Suggest {
    /// For this ticket.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: Option<String>,
    /// For a text with this subject.
    #[arg(long)]
    subject: Option<String>,
    /// The text. `@FILE` reads a file.
    #[arg(long, value_parser = text, requires = "subject")]
    content: Option<String>,
}

impl Suggest {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let of = match self.ticket {
            Some(ticket) => SuggestClassification::of_ticket(ticket),
            None => SuggestClassification::of_text(
                self.subject.unwrap_or_default(),
                self.content.unwrap_or_default(),
            ),
        };
        let suggested = context.client().await?.knowledge().suggest_classification(of).await?;
        if context.output == Format::Json {
            return context.record(&suggested);
        }
        if !suggested.sure {
            context.note("the model is not sure of these");
        }
        context.output.list(SUGGESTION_COLUMNS, &suggested.suggestions)
    }
}
