//! The server of a fake, on threads of its own. It outlives the runtime of the test, and needs none of its threads.

use std::io;
use std::path::Path;
use std::thread::JoinHandle;

use hotline_server::app::App;
use hotline_server::deadline::Policy;
use hotline_server::platform::Clock;
use hotline_server::platform::config::{self, Config, Overrides};
use tokio::io::DuplexStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::fake::FakeError;

/// The threads of the server's runtime.
const THREADS: usize = 2;

type Streams = UnboundedReceiver<io::Result<DuplexStream>>;

/// A server that runs.
#[derive(Debug)]
pub(crate) struct ServerThread {
    incoming: UnboundedSender<io::Result<DuplexStream>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), FakeError>>>,
}

impl ServerThread {
    /// Starts a server on the database in a folder and waits until it answers.
    pub(crate) async fn start(
        folder: &Path,
        keys: &[(String, String)],
        clock: Clock,
    ) -> Result<Self, FakeError> {
        let mut all = vec![
            ("data_dir".to_owned(), format!("{:?}", folder.display().to_string())),
            ("listen".to_owned(), "\"127.0.0.1:0\"".to_owned()),
            ("database".to_owned(), "\"\"".to_owned()),
        ];
        all.extend(keys.iter().cloned());
        let config: Config<Policy> =
            config::read(&Overrides { file: None, keys: all }).map_err(FakeError::new)?;
        let (incoming, streams) = unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = oneshot::channel();
        let serve = move || {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            let runtime = builder.worker_threads(THREADS).thread_name("hotline-fake").enable_all().build();
            runtime.map_err(FakeError::new)?.block_on(serve(config, clock, streams, ready, stopped))
        };
        let thread = std::thread::Builder::new().name("hotline-fake".to_owned()).spawn(serve);
        let thread = thread.map_err(FakeError::new)?;
        if is_ready.await.is_err() {
            return Err(match thread.join() {
                Ok(Err(error)) => error,
                _ => FakeError::new("the server ended at once"),
            });
        }
        Ok(Self { incoming, stop: Some(stop), thread: Some(thread) })
    }

    /// Where new streams to it go.
    pub(crate) fn incoming(&self) -> UnboundedSender<io::Result<DuplexStream>> {
        self.incoming.clone()
    }

    /// Stops it, and waits until its database is closed.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for ServerThread {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn serve(
    config: Config<Policy>,
    clock: Clock,
    streams: Streams,
    ready: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
) -> Result<(), FakeError> {
    let app = App::open(config, clock).await.map_err(FakeError::new)?;
    let ready = || {
        let _ = ready.send(());
    };
    let stop = async { drop(stopped.await) };
    app.serve_streams(UnboundedReceiverStream::new(streams), ready, stop).await.map_err(FakeError::new)
}
