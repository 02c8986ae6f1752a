//! `hotline demo`: fills an empty server that runs on a simulated clock with half a year of a made-up hotline, then
//! lets the clock run on. So a newcomer sees every list with life in it. Everything is marked as a simulation, and the
//! same seed makes the same requests.

mod actors;
mod articles;
mod course;
mod handling;
mod plan;
mod subjects;
mod telephone;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use hotline_client::{
    ArticleCitation, DevelopmentCredentials, ErrorReason, HotlineClient, ListTickets, Role,
};
use serde::Serialize;

use crate::context::{Context, Done};
use crate::failure::{Exit, Failure};
use crate::instant;
use crate::progress::Progress;
use actors::Actors;
use course::{Case, Step};

/// A long advance over many timers.
const DEADLINE: Duration = Duration::from_mins(10);
/// Days of the demonstration.
const DAYS_DEFAULT: u32 = 182;

/// The flags of the command.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The credentials that a development server left in its folder; the default is
    /// `hotline-data/development-credentials.toml`.
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// How many requests.
    #[arg(long, value_name = "NUMBER", default_value_t = 3_000, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    requests: u64,
    /// Over how many days.
    #[arg(long, default_value_t = DAYS_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
    /// Another seed makes other requests.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How fast the clock runs on afterwards, in simulated seconds in a second; 0 lets it stand still.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=3_600))]
    speed: u32,
}

/// What the run did.
#[derive(Debug, Default, Serialize)]
struct Summary {
    simulation: bool,
    tickets: usize,
    articles: usize,
    steps: usize,
    advances: usize,
    rungs_fired: u32,
    /// Steps that the server refused, by reason.
    refused: BTreeMap<String, usize>,
    clock: Option<DateTime<Utc>>,
    /// How long the run took.
    seconds: f64,
    /// How long the steps alone took. The rest is the clock.
    loop_seconds: f64,
    /// Steps of the loop in a second.
    loop_rate: f64,
    /// The time of the run in relation to the time of its steps.
    ratio: f64,
}

impl Demo {
    /// The methods of the contract that it calls are those of the other commands.
    pub(crate) async fn run(self, context: &Context) -> Done {
        let credentials = match &self.credentials {
            Some(file) => DevelopmentCredentials::read(file),
            None => DevelopmentCredentials::find(),
        };
        let credentials = credentials.map_err(|error| Failure::new(error.to_string()))?;
        let builder = context.connection.builder_without_token(credentials.endpoint())?;
        let anybody = builder.deadline(DEADLINE).connect().await?;
        let administrator = credentials.for_role(Role::Administrator);
        let administrator = administrator.map_err(|error| Failure::new(error.to_string()))?;
        let start = start(&anybody.with_token(administrator)?).await?;
        let actors = Actors::gather(&anybody, &credentials).await?;
        if actors.agent.list_tickets(ListTickets::default()).try_next().await?.is_some() {
            let what = "the server holds tickets already; a demonstration begins on an empty one";
            return Err(Failure { exit: Exit::State, ..Failure::new(what) });
        }
        context.note(&format!("a simulation from {} on; nothing in it is real", instant::text(start)));
        let mut summary = self.fill(context, &actors, start).await?;
        if self.speed > 0 {
            summary.clock = Some(actors.clock.resume_clock(self.speed).await?);
            context.note(&format!("the clock runs on, at {} simulated seconds in a second", self.speed));
        }
        context.record(&summary)
    }

    async fn fill(
        &self,
        context: &Context,
        actors: &Actors,
        start: DateTime<Utc>,
    ) -> Result<Summary, Failure> {
        let begun = Instant::now();
        let end = start + TimeDelta::days(self.days.into());
        let articles = articles::publish(actors, end).await?;
        let requests = plan::plan(self.seed, self.requests, start, end);
        let progress = Progress::new(requests.len(), context.quiet);
        let mut run = Run {
            summary: Summary { simulation: true, articles: articles.len(), ..Summary::default() },
            steps: BinaryHeap::new(),
            cases: requests.into_iter().map(|request| Case::new(request, self.seed)).collect(),
            progress,
            articles,
            end,
            now: start,
            loop_time: Duration::ZERO,
        };
        run.all(actors).await?;
        run.progress.finish();
        let mut summary = run.summary;
        (summary.seconds, summary.loop_seconds) =
            (begun.elapsed().as_secs_f64(), run.loop_time.as_secs_f64());
        let steps = u32::try_from(summary.steps).unwrap_or(u32::MAX);
        summary.loop_rate = rounded(f64::from(steps) / summary.loop_seconds.max(0.001));
        summary.ratio = rounded(summary.seconds / summary.loop_seconds.max(0.001));
        (summary.seconds, summary.loop_seconds) = (rounded(summary.seconds), rounded(summary.loop_seconds));
        summary.clock = Some(end);
        Ok(summary)
    }
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The simulated time of the server.
async fn start(administrator: &HotlineClient) -> Result<DateTime<Utc>, Failure> {
    match administrator.simulation().get_time().await {
        Ok(now) => Ok(now),
        Err(error) if error.reason() == Some(ErrorReason::NoSimulation) => {
            let what = "the server runs on the real clock; start one with an empty folder and\n       \
                        hotline-server serve --data-dir demo --simulated-clock 2026-06-01T08:00:00+08:00";
            Err(Failure::of(&error, what))
        }
        Err(error) => Err(error.into()),
    }
}

/// The demonstration on its way.
struct Run {
    summary: Summary,
    /// What happens next, the earliest first.
    steps: BinaryHeap<Reverse<(DateTime<Utc>, usize, Step)>>,
    cases: Vec<Case>,
    progress: Progress,
    articles: Vec<ArticleCitation>,
    end: DateTime<Utc>,
    now: DateTime<Utc>,
    loop_time: Duration,
}

impl Run {
    /// Takes every step until the end, each at its own instant. What is still open then stays open.
    async fn all(&mut self, actors: &Actors) -> Result<(), Failure> {
        for (place, case) in self.cases.iter().enumerate() {
            self.steps.push(Reverse((case.request.time, place, Step::TakeIn)));
        }
        while let Some(Reverse((time, place, step))) = self.steps.pop() {
            if time > self.end {
                break;
            }
            self.go_to(time, actors).await?;
            let begun = Instant::now();
            let next = self.cases[place].take(step, self.now, actors, &self.articles).await;
            self.loop_time += begun.elapsed();
            self.summary.steps += 1;
            if step == Step::TakeIn {
                self.summary.tickets += 1;
                self.progress.advance(&instant::day(Some(self.now)));
            }
            match next {
                Ok(Some((time, step))) => self.steps.push(Reverse((time.max(self.now), place, step))),
                Ok(None) => {}
                // What the rules do not allow ends the course of this request, and no other.
                Err(failure)
                    if matches!(
                        failure.exit,
                        Exit::State | Exit::Fields | Exit::NotAllowed | Exit::NotFound
                    ) =>
                {
                    let field =
                        failure.fields.first().map(|(field, _)| format!(" {field}")).unwrap_or_default();
                    let reason = failure.text.split(':').next().unwrap_or_default().to_owned() + &field;
                    *self.summary.refused.entry(format!("{step:?} {reason}")).or_default() += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
        self.go_to(self.end, actors).await
    }

    async fn go_to(&mut self, time: DateTime<Utc>, actors: &Actors) -> Result<(), Failure> {
        if time > self.now {
            self.summary.rungs_fired += actors.clock.advance_to(time).await?.rungs_fired;
            self.summary.advances += 1;
            self.now = time;
        }
        Ok(())
    }
}
