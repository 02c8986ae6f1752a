//! Serving streams of this process instead of a socket, for the fake that users of the SDK test with. Everything behind
//! the listener is that of a server: layers, verbs, background jobs, embedded database.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_stream::Stream;
use tonic::transport::server::Connected;
use tonic_health::ServingStatus;

use super::failure::Failure;
use super::health;
use super::open::App;

impl App {
    /// Makes the development credentials and serves `streams` until `stop` completes. Nothing is printed, and no
    /// address is listened on. `ready` is called once, when calls would be answered.
    ///
    /// # Errors
    /// If the credentials can't be made, the gateway of messages can't be opened, or a background task ended.
    pub async fn serve_streams<S>(
        self,
        streams: impl Stream<Item = io::Result<S>>,
        ready: impl FnOnce() + Send,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<(), Failure>
    where
        S: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
    {
        let (credentials, _) = self.credentials("http://hotline.fake")?;
        let (reporter, service) = tonic_health::server::health_reporter();
        health::set(&reporter, ServingStatus::Serving).await;
        let authenticator = Arc::new(self.authenticator(credentials)?);
        let router = self.router(&authenticator, service)?;
        let mut background = self.background(authenticator)?;
        ready();
        let served = tokio::select! {
            outcome = router.serve_with_incoming(streams) => outcome.map_err(Failure::from),
            () = stop => Ok(()),
            (task, how) = background.ended() => Err(format!("the background task {task:?} {how}").into()),
        };
        drop(background);
        self.store.close().await;
        served
    }
}
