//! Sends requests to an object store. Each is signed in its URL (AWS Signature Version 4) for a few minutes, has a time
//! limit, and is tried again a few times if the store is away: all of them may be repeated.

use std::fmt;
use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::stream;
use http::{Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rusty_s3::{Bucket, Credentials, S3Action};
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, sleep, timeout};

use crate::platform::http_client::{Connector, with_causes};
use crate::platform::metrics::ATTACHMENT_STORE_FAILURES;

/// How long a signature is valid: the clocks of the server and of the store may differ by that much.
const SIGNATURE_LIFETIME: Duration = Duration::from_mins(5);
/// The most times that a request is sent.
const TRIES: u32 = 3;
/// The pause before the second try, and double that before the third.
const PAUSE: Duration = Duration::from_millis(100);
/// A request is not sent again after this time, so that a call ends before its own time limit.
const RETRY_WITHIN: Duration = Duration::from_secs(5);
/// How long the store may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an upload may stand still, and how long the store may then take to write the object.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes of a file that are read at one time.
const PART_BYTES: usize = 64 * 1024;
/// The most bytes that a connection keeps to read and to write.
const CONNECTION_BYTES_MAX: usize = 128 * 1024;
/// Connections that stay open for the next requests, and for how long.
const IDLE_CONNECTIONS_MAX: usize = 8;
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// The most bytes of the answer to a refused request that are read.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;
/// The longest code of a refusal.
const CODE_LENGTH_MAX: usize = 64;

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreFault {
    /// There is no such object.
    Missing,
    /// The object is there already.
    Exists,
    /// The store refuses: the credentials, the bucket or the signature are wrong.
    Refused(String),
    /// The store can't be reached, or has a fault of its own. A later request may succeed.
    Away(String),
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, error) = match self {
            Self::Missing => ("has no such object", ""),
            Self::Exists => ("has this object already", ""),
            Self::Refused(error) => ("refuses: ", error.as_str()),
            Self::Away(error) => ("is away: ", error.as_str()),
        };
        f.write_fmt(format_args!("the object store {what}{error}"))
    }
}

impl From<StoreFault> for io::Error {
    fn from(fault: StoreFault) -> Self {
        let kind = match &fault {
            StoreFault::Missing => io::ErrorKind::NotFound,
            StoreFault::Exists => io::ErrorKind::AlreadyExists,
            StoreFault::Refused(_) => io::ErrorKind::PermissionDenied,
            StoreFault::Away(_) => io::ErrorKind::Other,
        };
        Self::new(kind, fault.to_string())
    }
}

/// What a request sends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content<'a> {
    Nothing,
    /// A file, read as it is sent.
    File(&'a Path),
    /// A text, if the object is not there.
    New(&'a str),
}

/// A bucket, and what signs requests to it.
pub(super) struct StoreClient {
    client: Client<Connector, Body>,
    pub(super) bucket: Bucket,
    pub(super) credentials: Credentials,
}

/// Never shows the credentials.
impl fmt::Debug for StoreClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreClient({})", self.bucket.base_url())
    }
}

impl StoreClient {
    pub(super) fn new(connector: Connector, bucket: Bucket, credentials: Credentials) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .http1_max_buf_size(CONNECTION_BYTES_MAX)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self { client, bucket, credentials }
    }

    /// Sends a request until the store answers it, but only a few times.
    ///
    /// # Errors
    /// Any answer that is no success.
    pub(super) async fn send<'a, A>(
        &self,
        action: &A,
        content: Content<'_>,
    ) -> Result<Response<Incoming>, StoreFault>
    where
        A: S3Action<'a> + Sync,
    {
        let begun = Instant::now();
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            let outcome = self.send_once(action, content).await;
            if !matches!(outcome, Err(StoreFault::Away(_))) || begun.elapsed() > RETRY_WITHIN {
                return counted(outcome);
            }
            sleep(pause).await;
            pause *= 2;
        }
        counted(self.send_once(action, content).await)
    }

    async fn send_once<'a, A>(
        &self,
        action: &A,
        content: Content<'_>,
    ) -> Result<Response<Incoming>, StoreFault>
    where
        A: S3Action<'a> + Sync,
    {
        let url = action.sign(SIGNATURE_LIFETIME);
        let sent = Arc::<AtomicU64>::default();
        let (length, body) =
            body_of(content, &sent).await.map_err(|error| StoreFault::Refused(error.to_string()))?;
        let mut request = Request::builder().method(A::METHOD.to_str()).uri(url.as_str());
        if let Some(length) = length {
            request = request
                .header(header::CONTENT_LENGTH, length)
                .header(header::CONTENT_TYPE, "application/octet-stream");
        }
        if let Content::New(_) = content {
            request = request.header(header::IF_NONE_MATCH, "*");
        }
        let request = request.body(body).map_err(|error| StoreFault::Refused(error.to_string()))?;
        let limit = if let Content::File(_) = content { UPLOAD_TIMEOUT } else { ANSWER_TIMEOUT };
        let answer = answer_of(self.client.request(request), &sent, limit).await?;
        if answer.status().is_success() { Ok(answer) } else { Err(refusal_of(answer).await) }
    }
}

/// Counts failures of the store itself.
fn counted<T>(outcome: Result<T, StoreFault>) -> Result<T, StoreFault> {
    if let Err(StoreFault::Refused(_) | StoreFault::Away(_)) = outcome {
        metrics::counter!(ATTACHMENT_STORE_FAILURES).increment(1);
    }
    outcome
}

/// The body of a request and its length. `sent` counts the bytes of a file that were handed over.
async fn body_of(content: Content<'_>, sent: &Arc<AtomicU64>) -> io::Result<(Option<u64>, Body)> {
    let path = match content {
        Content::Nothing => return Ok((None, Empty::new().map_err(|never| match never {}).boxed_unsync())),
        Content::New(text) => {
            let body = Full::new(Bytes::copy_from_slice(text.as_bytes()));
            return Ok((Some(text.len() as u64), body.map_err(|never| match never {}).boxed_unsync()));
        }
        Content::File(path) => path,
    };
    let file = tokio::fs::File::open(path).await?;
    let length = file.metadata().await?.len();
    let sent = Arc::clone(sent);
    let parts = stream::try_unfold((file, sent), async |(mut file, sent)| {
        let mut part = vec![0; PART_BYTES];
        let read = file.read(&mut part).await?;
        part.truncate(read);
        sent.fetch_add(read as u64, Ordering::Relaxed);
        Ok::<_, io::Error>((read > 0).then(|| (Frame::data(Bytes::from(part)), (file, sent))))
    });
    Ok((Some(length), StreamBody::new(parts).boxed_unsync()))
}

/// Waits for an answer, at most for so long without a sign of progress.
async fn answer_of(
    answer: ResponseFuture,
    sent: &AtomicU64,
    limit: Duration,
) -> Result<Response<Incoming>, StoreFault> {
    let mut answer = pin!(answer);
    let mut before = 0;
    loop {
        if let Ok(answer) = timeout(limit, &mut answer).await {
            return answer.map_err(|error| StoreFault::Away(with_causes(&error)));
        }
        let now = sent.load(Ordering::Relaxed);
        if now == before {
            return Err(StoreFault::Away(format!("no answer within {} s", limit.as_secs())));
        }
        before = now;
    }
}

/// Why the store refused, with the code in its answer.
async fn refusal_of(answer: Response<Incoming>) -> StoreFault {
    let status = answer.status();
    let body = timeout(ANSWER_TIMEOUT, Limited::new(answer.into_body(), REFUSAL_BYTES_MAX).collect()).await;
    let body = body.ok().and_then(Result::ok).map(http_body_util::Collected::to_bytes).unwrap_or_default();
    fault_of(status, code_in(&String::from_utf8_lossy(&body)))
}

/// The code in the XML of a refusal; empty if there is none.
fn code_in(xml: &str) -> &str {
    let code = xml.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let is_code =
        |code: &&str| code.len() <= CODE_LENGTH_MAX && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    code.map(|(code, _)| code).filter(is_code).unwrap_or_default()
}

fn fault_of(status: StatusCode, code: &str) -> StoreFault {
    let text = format!("it answers {status} {code}").trim_end().to_owned();
    match status {
        StatusCode::NOT_FOUND if code != "NoSuchBucket" => StoreFault::Missing,
        StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT => StoreFault::Exists,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => StoreFault::Away(text),
        // A store without conditional requests will not learn them meanwhile.
        StatusCode::NOT_IMPLEMENTED => StoreFault::Refused(text),
        status if status.is_server_error() => StoreFault::Away(text),
        _ => StoreFault::Refused(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_final_or_not_now() {
        let fault =
            |status: u16, xml: &str| fault_of(StatusCode::from_u16(status).expect("a status"), code_in(xml));
        assert_eq!(fault(404, "<Error><Code>NoSuchKey</Code></Error>"), StoreFault::Missing);
        assert_eq!(fault(404, ""), StoreFault::Missing);
        assert_eq!(fault(412, ""), StoreFault::Exists);
        assert_eq!(
            fault(404, "<Error><Code>NoSuchBucket</Code></Error>"),
            StoreFault::Refused("it answers 404 Not Found NoSuchBucket".to_owned())
        );
        assert_eq!(
            fault(403, "<Error><Code>not a code!</Code></Error>"),
            StoreFault::Refused("it answers 403 Forbidden".to_owned())
        );
        for away in [408, 429, 500, 503] {
            assert!(matches!(fault(away, ""), StoreFault::Away(_)), "{away}");
        }
        for refused in [301, 307, 400, 501] {
            assert!(matches!(fault(refused, ""), StoreFault::Refused(_)), "{refused}");
        }
    }
}
