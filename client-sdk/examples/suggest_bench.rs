//! Judges suggestions: founds a server with the labels of a file as topics or units, closes a ticket for each training
//! row, waits until the server has learnt from them, and asks for the rows of another file.
//!
//! `cargo run --release -p hotline-client --example suggest_bench -- --train FILE.csv --test FILE.csv --label COLUMN`
//!
//! The files have the columns `subject`, `body`, and the label. Without `--train` it is the cold start: the words of
//! the labels decide, and those that `--words` names for them. The last line on standard output is JSON.

#[path = "bench/rows.rs"]
mod rows;
#[path = "bench/server.rs"]
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, ValueEnum};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use hotline_client::{
    AcceptTicket, CallerReply, Category, Channel, Complexity, ContactMethod, CreateTicket, DispatchTicket,
    Error, HotlineReport, Knowledge, Resolved, Role, SubmitFeedback, SubmitSurvey, SuggestClassification,
    SuggestDispatch, Tickets, Uuid,
};
use rows::Row;
use server::Bench;

/// Calls at a time.
const CALLERS: usize = 16;
/// Between two looks for the model, and how many.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const LOOKS_MAX: u32 = 900;
/// The bounds of `suggestions.texts_min`.
const TEXTS_MIN: std::ops::RangeInclusive<usize> = 20..=20_000;
/// The topic of every ticket, or the unit, if labels are the other kind.
const ONLY_TOPIC: &str = "topic";
const ONLY_UNIT: &str = "unit-of-all";

#[derive(Parser)]
struct Options {
    /// A CSV file with the rows to learn from; without it the cold start is judged.
    #[arg(long)]
    train: Option<PathBuf>,
    /// A CSV file with the rows to ask for.
    #[arg(long)]
    test: PathBuf,
    /// The column of the labels.
    #[arg(long)]
    label: String,
    /// What the labels are; units if the column is named `office` or `unit`, otherwise topics.
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// A CSV file: the words of each row belong to the label that one of its columns names.
    #[arg(long)]
    words: Option<PathBuf>,
    /// The server's program; the default is the one that was built beside this one.
    #[arg(long)]
    server: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// `SuggestClassification` is asked.
    Topic,
    /// `SuggestDispatch` is asked.
    Unit,
}

/// A message with its label.
#[derive(Debug, Clone)]
struct Message {
    subject: String,
    body: String,
    label: String,
}

fn messages(path: &Path, label: &str) -> Result<Vec<Message>, String> {
    let read = |row: &Row| -> Result<Message, String> {
        Ok(Message {
            subject: row.column("subject")?.to_owned(),
            body: row.column("body")?.to_owned(),
            label: row.column(label)?.trim().to_owned(),
        })
    };
    let read: Result<Vec<Message>, String> = rows::read(path)?.iter().map(read).collect();
    Ok(read?.into_iter().filter(|one| !one.label.is_empty()).collect())
}

/// The words that a file has for each label.
fn words(path: Option<&Path>, labels: &BTreeSet<String>) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut words = BTreeMap::<String, Vec<String>>::new();
    let Some(path) = path else { return Ok(words) };
    let named = |error: csv::Error| format!("{}: {error}", path.display());
    for row in csv::Reader::from_path(path).map_err(named)?.records() {
        let row = row.map_err(named)?;
        let Some(label) = row.iter().map(str::trim).find(|cell| labels.contains(*cell)) else { continue };
        let of_label = words.entry(label.to_owned()).or_default();
        for cell in row.iter().map(str::trim).filter(|cell| !cell.is_empty() && *cell != label) {
            if !of_label.iter().any(|known| known == cell) {
                of_label.push(cell.to_owned());
            }
        }
    }
    Ok(words)
}

/// The labels with their codes, which are those of topics or units.
struct Directory {
    kind: Kind,
    codes: BTreeMap<String, String>,
    words: BTreeMap<String, Vec<String>>,
}

impl Directory {
    fn code(&self, label: &str) -> &str {
        self.codes.get(label).map_or("", String::as_str)
    }

    /// The directory in the form of `directory.seed_file`.
    fn toml(&self) -> Result<String, String> {
        use toml::Value;
        let table = |fields: &[(&str, &str)]| {
            let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), Value::from(*text)));
            fields.collect::<toml::Table>()
        };
        let unit = |code: &str, name: &str, group: &str| {
            table(&[("code", code), ("name", name), ("name_en", code), ("group", group)])
        };
        let topic = |code: &str, name: &str| table(&[("code", code), ("name", name), ("name_en", code)]);
        let words = |label: &str| Value::from(self.words.get(label).cloned().unwrap_or_default());
        let mut units =
            vec![unit("coordinator", "统筹单位", "coordinator"), unit(ONLY_UNIT, "承办单位", "department")];
        let (mut topics, mut duties) = (Vec::new(), Vec::new());
        for (label, code) in &self.codes {
            match self.kind {
                Kind::Topic => {
                    let mut topic = topic(code, label);
                    topic.insert("words".to_owned(), words(label));
                    topics.push(topic);
                }
                Kind::Unit => {
                    units.push(unit(code, label, "department"));
                    let mut duty = table(&[("unit", code)]);
                    let mut all = vec![Value::from(label.as_str())];
                    all.extend(words(label).as_array().cloned().unwrap_or_default());
                    duty.insert("words".to_owned(), Value::Array(all));
                    duties.push(duty);
                }
            }
        }
        if topics.is_empty() {
            topics.push(topic(ONLY_TOPIC, "事项"));
        }
        let entry = |topic: &toml::Table| {
            let code = topic["code"].as_str().unwrap_or_default();
            table(&[("topic", code), ("unit", ONLY_UNIT), ("effective_from", "2019-10-12")])
        };
        let catalogue: Vec<toml::Table> = topics.iter().map(entry).collect();
        let list = |tables: Vec<toml::Table>| Value::Array(tables.into_iter().map(Value::Table).collect());
        let mut whole = toml::Table::new();
        for (name, tables) in [("unit", units), ("topic", topics), ("catalogue", catalogue), ("duty", duties)]
        {
            whole.insert(name.to_owned(), list(tables));
        }
        toml::to_string(&whole).map_err(|error| error.to_string())
    }
}

/// The participants.
struct Desk {
    agent: Tickets,
    dispatcher: Tickets,
    units: BTreeMap<String, Tickets>,
}

impl Desk {
    fn of(bench: &Bench, directory: &Directory) -> Result<Self, String> {
        let codes = directory.codes.values().map(String::as_str).filter(|_| directory.kind == Kind::Unit);
        let mut units = BTreeMap::new();
        for code in codes.chain([ONLY_UNIT]) {
            units.insert(code.to_owned(), bench.with(|credentials| credentials.for_unit(code))?.tickets());
        }
        let role = |role| bench.with(|credentials| credentials.for_role(role));
        Ok(Self { agent: role(Role::Agent)?.tickets(), dispatcher: role(Role::Dispatcher)?.tickets(), units })
    }

    /// A ticket of a message, until it is closed.
    async fn close(&self, directory: &Directory, message: &Message) -> Result<(), Error> {
        let (subject, content) = rows::ticket_texts(&message.subject, &message.body);
        let code = directory.code(&message.label);
        let (topic, lead) = match directory.kind {
            Kind::Topic => (code, ONLY_UNIT),
            Kind::Unit => (ONLY_TOPIC, code),
        };
        let command =
            CreateTicket::new(Category::Appeal, Complexity::General, Channel::Web, subject, content);
        let ticket = self.agent.create_ticket(command.topic(topic)).await?;
        let number = ticket.number;
        self.dispatcher.dispatch_ticket(DispatchTicket::new(&number, lead)).await?;
        let unit = &self.units[lead];
        unit.accept_ticket(AcceptTicket::new(&number)).await?;
        let reply = CallerReply {
            reply_time: ticket.intake_time,
            method: ContactMethod::Online,
            official: "bench".into(),
            content: "答复".into(),
            record_time: None,
        };
        let report = HotlineReport {
            actions: "处理".into(),
            result: "办结".into(),
            evidence: Vec::new(),
            record_time: None,
        };
        let feedback = SubmitFeedback::new(&number).caller_reply(reply).hotline_report(report);
        unit.submit_feedback(feedback).await?;
        self.agent.submit_survey(SubmitSurvey::new(&number).resolved(Resolved::Yes)).await?;
        Ok(())
    }
}

/// An answer: the codes, the best first, whether the first one is sure, and the version of the model.
struct Answer {
    codes: Vec<String>,
    sure: bool,
    version: String,
}

async fn ask(knowledge: &Knowledge, kind: Kind, message: &Message) -> Result<Answer, Error> {
    let (subject, content) = rows::ticket_texts(&message.subject, &message.body);
    Ok(match kind {
        Kind::Topic => {
            let found =
                knowledge.suggest_classification(SuggestClassification::of_text(subject, content)).await?;
            let codes = found.suggestions.into_iter().map(|one| one.topic).collect();
            Answer { codes, sure: found.sure, version: found.model_version }
        }
        Kind::Unit => {
            let found = knowledge.suggest_dispatch(SuggestDispatch::of_text(subject, content)).await?;
            let version = found.suggestions.first().map(|one| one.model_version.clone());
            let codes = found.suggestions.into_iter().map(|one| one.lead_unit).collect();
            Answer { codes, sure: found.sure, version: version.unwrap_or_default() }
        }
    })
}

/// Waits until a model of closed tickets answers.
async fn wait_for_model(knowledge: &Knowledge, kind: Kind, probe: &Message) -> Result<String, String> {
    for _ in 0..LOOKS_MAX {
        let found = ask(knowledge, kind, probe).await.map_err(|error| error.to_string())?;
        if !found.version.is_empty() && !found.version.ends_with("-words") {
            return Ok(found.version);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err("the server has not learnt in time".to_owned())
}

fn share(part: usize, all: usize) -> f64 {
    let real = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if all == 0 { 0.0 } else { real(part) / real(all) }
}

async fn run(options: Options) -> Result<serde_json::Value, String> {
    let kind = options.kind.unwrap_or(match options.label.as_str() {
        "office" | "unit" | "lead_unit" => Kind::Unit,
        _ => Kind::Topic,
    });
    let train = options.train.as_deref().map(|path| messages(path, &options.label)).transpose()?;
    let (test, train) = (messages(&options.test, &options.label)?, train.unwrap_or_default());
    let labels: BTreeSet<String> = train.iter().chain(&test).map(|one| one.label.clone()).collect();
    let prefix = if kind == Kind::Topic { "topic-n" } else { "office-n" };
    let codes = (1..).zip(&labels).map(|(at, label)| (label.clone(), format!("{prefix}{at}")));
    let directory =
        Directory { kind, codes: codes.collect(), words: words(options.words.as_deref(), &labels)? };
    let seed = std::env::temp_dir().join(format!("hotline-bench-{}.toml", Uuid::new_v4()));
    std::fs::write(&seed, directory.toml()?).map_err(|error| error.to_string())?;
    let texts_min = train.len().clamp(*TEXTS_MIN.start(), *TEXTS_MIN.end());
    let settings = [
        format!("directory.seed_file={:?}", seed.display().to_string()),
        format!("suggestions.texts_min={texts_min}"),
        "suggestions.train_interval_seconds=2".to_owned(),
    ];
    let started = Bench::start(options.server, &settings).await;
    let _ = std::fs::remove_file(&seed);
    let bench = started?;
    let desk = Desk::of(&bench, &directory)?;
    stream::iter(&train)
        .map(|message| desk.close(&directory, message))
        .buffer_unordered(CALLERS)
        .try_collect::<()>()
        .await
        .map_err(|error| error.to_string())?;
    eprintln!("{} tickets are closed", train.len());
    let agent = bench.with(|credentials| credentials.for_role(Role::Agent))?.knowledge();
    if let Some(first) = train.first() {
        eprintln!("the model is {}", wait_for_model(&agent, kind, first).await?);
    }
    let answers: Vec<Answer> = stream::iter(&test)
        .map(|message| ask(&agent, kind, message))
        .buffered(CALLERS)
        .try_collect()
        .await
        .map_err(|error| error.to_string())?;
    let judged: Vec<(Option<usize>, bool)> = test
        .iter()
        .zip(&answers)
        .map(|(message, answer)| {
            let right = directory.code(&message.label);
            (answer.codes.iter().position(|code| code == right), answer.sure)
        })
        .collect();
    let (all, sure) = (judged.len(), judged.iter().filter(|(_, sure)| *sure).count());
    let top1 = judged.iter().filter(|(place, _)| *place == Some(0)).count();
    let top3 = judged.iter().filter(|(place, _)| place.is_some()).count();
    let sure_right = judged.iter().filter(|(place, sure)| *sure && *place == Some(0)).count();
    Ok(serde_json::json!({
        "n": all,
        "top1": share(top1, all),
        "top3": share(top3, all),
        "sure_share": share(sure, all),
        "sure_right": share(sure_right, sure),
    }))
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match run(Options::parse()).await {
        Ok(figures) => {
            println!("{figures}");
            std::process::ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the measurement ended early: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
