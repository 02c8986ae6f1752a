//! Group commit: commands that queue while a transaction is in flight share the next transaction.
//!
//! A group is whatever has queued, up to a limit. No timer runs and nobody waits for company: a command that finds a
//! free writer is a group of one at once. Each command has its own answer. A refusal is one command's. A fault of the
//! database ends a group's transaction, and each half of the group runs again, so that the command that causes it
//! fails alone.
//!
//! Commands with a common key (the same ticket, request id or natural key) are never in flight together and keep their
//! order. Commands of different lanes never share a transaction.

mod command;
mod queue;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

pub use self::command::{GroupedCommand, Verdict};
use self::queue::{Queue, Reply, Waiting};
use super::work::{ATTEMPTS_MAX, CONFLICT_PAUSE, TxFuture, Work};
use super::{Clock, Fault, Store};

/// When the caller of a command that found the queue full may retry.
const FULL_RETRY_AFTER: Duration = Duration::from_millis(500);

/// Runs the commands of a group.
pub trait CommandGroup: Clone + Send + Sync + 'static {
    /// The commands.
    type Command: GroupedCommand;
    /// What is got ready before the transaction.
    type Prepared: Send + Sync + 'static;

    /// Gets ready what needs a transaction of its own.
    fn prepare<'a>(
        &'a self,
        commands: &'a [Self::Command],
    ) -> impl Future<Output = Result<Self::Prepared, Fault>> + Send + 'a;

    /// Runs the commands in one transaction; answers a verdict for each, in their order. A group of one waits for
    /// locks.
    fn apply<'w>(
        &'w self,
        work: &'w Work,
        commands: &'w [Self::Command],
        prepared: &'w Self::Prepared,
    ) -> TxFuture<'w, Verdicts<Self::Command>>;
}

/// A verdict for each command of a group.
pub type Verdicts<C> = Vec<Verdict<<C as GroupedCommand>::Answer>>;

type Answers<C> = Vec<Result<<C as GroupedCommand>::Answer, Fault>>;

/// Commands that wait for a transaction, and the writers that take them.
#[derive(Debug)]
pub struct GroupCommit<C: GroupedCommand> {
    queue: Arc<Mutex<Queue<C>>>,
}

impl<C: GroupedCommand> Clone for GroupCommit<C> {
    fn clone(&self) -> Self {
        Self { queue: Arc::clone(&self.queue) }
    }
}

impl<C: GroupedCommand> GroupCommit<C> {
    /// An empty queue for a store.
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self {
            queue: Arc::new(Mutex::new(Queue::new(store.group_writers(), store.commands_per_commit_max()))),
        }
    }

    /// Runs a command in the next group; answers when its transaction has ended. A command whose caller has gone away
    /// before it was begun is not run.
    ///
    /// # Errors
    /// What the command is refused with; `OVERLOADED` if the queue is full; `UNAVAILABLE`, marked as an unknown
    /// outcome if the answer to the commit was lost.
    pub async fn run<G>(
        &self,
        group: &G,
        store: &Store,
        clock: &Clock,
        command: C,
    ) -> Result<C::Answer, Fault>
    where
        G: CommandGroup<Command = C>,
    {
        let (reply, answered) = oneshot::channel();
        let needs_writer =
            self.lock().push(command, reply).map_err(|()| Fault::overloaded(FULL_RETRY_AFTER))?;
        if needs_writer {
            let writer = Writer {
                queue: self.clone(),
                group: group.clone(),
                store: store.clone(),
                clock: clock.clone(),
            };
            tokio::spawn(writer.run());
        }
        answered.await.unwrap_or_else(|_| Err(Fault::internal("a command lost its writer")))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Queue<C>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes groups from the queue until it finds none.
struct Writer<G: CommandGroup> {
    queue: GroupCommit<G::Command>,
    group: G,
    store: Store,
    clock: Clock,
}

impl<G: CommandGroup> Writer<G> {
    async fn run(self) {
        let mut next = self.queue.lock().take_group();
        while let Some(waiting) = next {
            let (replies, outcome) = self.run_group(waiting).await;
            next = self.queue.lock().finish(replies.iter().map(|(keys, _)| keys.as_slice()), outcome.failed);
            let answers = replies.into_iter().map(|(_, reply)| reply).zip(outcome.answers);
            if next.is_none() {
                // A caller that has its answer may close the store, so this writer lets go of it first.
                drop(self);
                return answer(answers);
            }
            answer(answers);
        }
    }

    async fn run_group(
        &self,
        waiting: Vec<Waiting<G::Command>>,
    ) -> (Vec<KeyedReply<G::Command>>, Outcome<G::Command>) {
        let mut replies = Vec::with_capacity(waiting.len());
        let mut commands = Vec::with_capacity(waiting.len());
        for Waiting { command, keys, reply } in waiting {
            replies.push((keys, reply));
            commands.push(command);
        }
        let count = commands.len();
        let (group, store, clock) = (self.group.clone(), self.store.clone(), self.clock.clone());
        // A panic in a command must not end the writer with the keys of its group taken.
        let task = tokio::spawn(async move {
            let run = Run { group: &group, store: &store, clock: &clock };
            run.split(commands).await
        });
        let outcome = task.await.unwrap_or_else(|error| {
            let fault = Fault::internal(format!("a group of commands died: {error}"));
            let answers = std::iter::repeat_with(|| Err(fault.clone())).take(count).collect();
            Outcome { answers, failed: HashMap::new() }
        });
        (replies, outcome)
    }
}

/// Where the answer of a command goes, with the command's keys.
type KeyedReply<C> = (Vec<u64>, Reply<C>);

/// Sends answers. A caller that has gone away needs none.
fn answer<A>(answers: impl Iterator<Item = (oneshot::Sender<Result<A, Fault>>, Result<A, Fault>)>) {
    for (reply, answer) in answers {
        let _ = reply.send(answer);
    }
}

/// Runs one group.
struct Run<'a, G: CommandGroup> {
    group: &'a G,
    store: &'a Store,
    clock: &'a Clock,
}

/// What came of a group.
#[derive(Debug)]
struct Outcome<C: GroupedCommand> {
    /// In the order of the commands.
    answers: Answers<C>,
    /// How many commands of each principal broke a shared transaction.
    failed: HashMap<String, u32>,
}

impl<G: CommandGroup> Run<'_, G> {
    /// Runs a group, and each half of it again if its transaction fails for a reason that may be one command's.
    async fn split(&self, commands: Vec<G::Command>) -> Outcome<G::Command> {
        let mut failed = HashMap::new();
        let mut answers = Vec::with_capacity(commands.len());
        let is_shared = commands.len() > 1;
        // Halves wait here, the first one last.
        let mut halves = vec![commands];
        while let Some(mut commands) = halves.pop() {
            if commands.len() <= 1 {
                if let Some(command) = commands.pop() {
                    let answer = self.alone(&command).await;
                    if is_shared && answer.as_ref().is_err_and(Fault::is_failure) {
                        *failed.entry(command.principal().to_owned()).or_insert(0) += 1;
                    }
                    answers.push(answer);
                }
                continue;
            }
            match self.once(&commands).await {
                Ok(verdicts) => {
                    for (command, verdict) in commands.iter().zip(verdicts) {
                        answers.push(match verdict {
                            Verdict::Answer(answer) => Ok(answer),
                            Verdict::Refused(fault) => Err(fault),
                            Verdict::RunAlone => self.alone(command).await,
                        });
                    }
                }
                // Whether it was written is unknown, or the database is away: nothing is run again blind.
                Err(fault) if fault.is_outcome_unknown || fault.is_outage() => {
                    answers.extend(commands.iter().map(|_| Err(fault.clone())));
                }
                Err(fault) => {
                    tracing::debug!(
                        commands = commands.len(),
                        error = fault.detail,
                        "group commit failed; splitting"
                    );
                    let second = commands.split_off(commands.len() / 2);
                    halves.extend([second, commands]);
                }
            }
        }
        Outcome { answers, failed }
    }

    /// Runs one command, again if another transaction got in its way.
    async fn alone(&self, command: &G::Command) -> Result<<G::Command as GroupedCommand>::Answer, Fault> {
        let mut pause = CONFLICT_PAUSE;
        for attempt in 1.. {
            match self.once(std::slice::from_ref(command)).await {
                Ok(verdicts) => {
                    return match verdicts.into_iter().next() {
                        Some(Verdict::Answer(answer)) => Ok(answer),
                        Some(Verdict::Refused(fault)) => Err(fault),
                        Some(Verdict::RunAlone) | None => {
                            Err(Fault::internal("a lone command has no verdict"))
                        }
                    };
                }
                Err(fault) if fault.is_conflict && attempt < ATTEMPTS_MAX => {
                    tracing::debug!(attempt, error = fault.detail, "command met a conflict; retrying");
                }
                Err(fault) => return Err(fault),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(Fault::internal("the attempts of a command ended without an outcome"))
    }

    /// Runs commands in one transaction. A command that was refused has its refusal whatever becomes of the commit.
    async fn once(&self, commands: &[G::Command]) -> Result<Verdicts<G::Command>, Fault> {
        let prepared = self.group.prepare(commands).await?;
        let work = Work::begin(self.store, self.store.group_writer(), self.clock).await?;
        let verdicts = match self.group.apply(&work, commands, &prepared).await {
            Ok(verdicts) => verdicts,
            Err(fault) => {
                work.roll_back().await;
                return Err(fault);
            }
        };
        if verdicts.iter().all(|verdict| !matches!(verdict, Verdict::Answer(_))) {
            work.roll_back().await;
            return Ok(verdicts);
        }
        match work.commit(self.store).await {
            Ok(()) => Ok(verdicts),
            Err(fault) if fault.is_outcome_unknown => Ok(verdicts
                .into_iter()
                .map(|verdict| match verdict {
                    Verdict::Answer(_) => Verdict::Refused(fault.clone()),
                    other => other,
                })
                .collect()),
            Err(fault) => Err(fault),
        }
    }
}
