//! Settings of single calls.

use std::time::Duration;

use crate::retry::RetryPolicy;
use crate::trace::TraceContext;

/// The longest deadline; an unlimited wait is not supported.
pub(crate) const DEADLINE_MAX: Duration = Duration::from_hours(24);

/// Settings that differ from those of the client, for one call or for some.
///
/// ```no_run
/// use std::time::Duration;
/// use hotline_client::{CallOptions, HotlineClient, RetryPolicy};
///
/// # async fn example(client: HotlineClient) -> Result<(), hotline_client::Error> {
/// let quick = CallOptions::new().deadline(Duration::from_secs(2)).retry(RetryPolicy::never());
/// let ticket = client.with_options(&quick).tickets().get_ticket("1910120000012").await?;
/// # let _ = ticket;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use = "pass it to with_options"]
pub struct CallOptions {
    pub(crate) deadline: Option<Duration>,
    pub(crate) attempt_deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) trace: Option<TraceContext>,
}

impl CallOptions {
    /// The settings of the client.
    pub fn new() -> Self {
        Self::default()
    }

    /// The deadline of the call with all its waits and attempts; at most a day.
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline.min(DEADLINE_MAX)), ..self }
    }

    /// The deadline of one attempt.
    pub fn attempt_deadline(self, deadline: Duration) -> Self {
        Self { attempt_deadline: Some(deadline.min(DEADLINE_MAX)), ..self }
    }

    /// When the call is sent again.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        Self { retry: Some(policy), ..self }
    }

    /// The trace that the call belongs to; without one, each call begins a trace.
    pub fn trace(self, context: TraceContext) -> Self {
        Self { trace: Some(context), ..self }
    }
}
