//! A child process whose output is kept. Tests wait for a line of it or for its end, and it is killed on drop.
//!
//! Every wait has a time limit, and a wait that fails shows all output of the process.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The longest wait for a process to do something.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// A running process, or one that has ended.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Its standard input, if it is driven through it.
    input: Option<ChildStdin>,
    captured: Arc<CapturedOutput>,
}

impl Process {
    /// Starts a command and captures its standard output and standard error.
    pub(crate) fn spawn(mut command: Command) -> Self {
        command.stdin(Stdio::null());
        Self::start(command)
    }

    /// Starts a command that is controlled through its standard input.
    pub(crate) fn spawn_driven(mut command: Command) -> Self {
        command.stdin(Stdio::piped());
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} can't be run: {error}"));
        let captured = Arc::new(CapturedOutput::default());
        CapturedOutput::follow(&captured, child.stdout.take().expect("its output is a pipe"));
        CapturedOutput::follow(&captured, child.stderr.take().expect("its errors are a pipe"));
        let input = child.stdin.take();
        Self { child, input, captured }
    }

    /// Writes a line to its standard input; returns whether the process still read it.
    pub(crate) fn write_line(&mut self, line: &str) -> bool {
        self.input.as_mut().is_some_and(|input| writeln!(input, "{line}").is_ok())
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_some()
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its output so far, in whole lines.
    pub(crate) fn output(&self) -> String {
        self.captured.state().text.clone()
    }

    /// Waits until one of its lines fits; returns what `fit` made of it.
    pub(crate) fn wait_for_line<T>(&self, wanted: &str, fit: impl Fn(&str) -> Option<T>) -> T {
        self.captured.wait(wanted, |state| state.text.lines().find_map(&fit))
    }

    /// The same; `None` if it has ended without such a line.
    pub(crate) fn wait_for_line_or_end<T>(&self, fit: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.captured.wait("a line or an end", |state| {
            let found = state.text.lines().find_map(&fit);
            (found.is_some() || state.open_pipes == 0).then_some(found)
        })
    }

    /// Kills it at once, as a crash does (SIGKILL). A process that has ended already stays as it is.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// Sends SIGTERM, waits until it has ended; returns its exit status.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }

    /// Sends it a signal, by its name without SIG.
    pub(crate) fn signal(&self, name: &str) {
        // The process has not been waited for, so no other process can have its id.
        let id = self.child.id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -\"$1\" \"$0\"", &id, name]).status();
        let sent = sent.expect("sh can be run");
        assert!(sent.success(), "the process could not be sent SIG{name}; it said:\n{}", self.output());
    }

    /// Waits until it has ended by itself; returns its exit status.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.captured.wait("ending", |state| (state.open_pipes == 0).then_some(()));
        self.child.wait().expect("a child can be waited for")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The captured output of a process.
#[derive(Debug, Default)]
struct CapturedOutput {
    state: Mutex<OutputState>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct OutputState {
    text: String,
    /// Standard output and standard error, until the process closes them at its end.
    open_pipes: usize,
}

impl CapturedOutput {
    /// Reads a pipe to its end on a separate thread, so that the process never waits for a reader.
    fn follow(captured: &Arc<Self>, pipe: impl Read + Send + 'static) {
        captured.state().open_pipes += 1;
        let captured = Arc::clone(captured);
        thread::spawn(move || {
            let mut lines = BufReader::new(pipe);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
                captured.state().text.push_str(&String::from_utf8_lossy(&line));
                captured.more.notify_all();
                line.clear();
            }
            captured.state().open_pipes -= 1;
            captured.more.notify_all();
        });
    }

    /// Waits until `find` finds something; panics if the process ends without it, or takes too long.
    fn wait<T>(&self, wanted: &str, find: impl Fn(&OutputState) -> Option<T>) -> T {
        let unfinished = |state: &mut OutputState| find(state).is_none() && state.open_pipes > 0;
        let (state, _) = self
            .more
            .wait_timeout_while(self.state(), WAIT_MAX, unfinished)
            .unwrap_or_else(PoisonError::into_inner);
        find(&state).unwrap_or_else(|| {
            let how = if state.open_pipes == 0 { "ended" } else { "went on for too long" };
            panic!("the process {how} without {wanted}; it said:\n{}", state.text)
        })
    }

    /// The text is still valid after a panic of a waiter, so a poisoned lock is ignored.
    fn state(&self) -> MutexGuard<'_, OutputState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
