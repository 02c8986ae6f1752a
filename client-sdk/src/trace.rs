//! The trace of a call, as W3C Trace Context: one trace id for the call, one span id for each attempt.
//!
//! Each attempt carries the header `traceparent`. The spans `hotline.call` and `hotline.attempt` of the crate `tracing`
//! have the same ids as fields.

use std::fmt;
use std::str::FromStr;

use tracing::Span;
use uuid::Uuid;

/// The place of a call in a trace: the header `traceparent` of W3C Trace Context.
///
/// ```
/// use hotline_client::TraceContext;
///
/// let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// let context: TraceContext = given.parse().unwrap();
/// assert_eq!(context.to_string(), given);
/// assert!("00-0-0-01".parse::<TraceContext>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    span_id: u64,
    flags: u8,
}

/// A text that is no `traceparent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidTraceContext(());

impl fmt::Display for InvalidTraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a traceparent has the form 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, and no id is zero",
        )
    }
}

impl std::error::Error for InvalidTraceContext {}

impl TraceContext {
    /// A new trace, sampled.
    #[must_use]
    pub fn new() -> Self {
        Self { trace_id: Uuid::new_v4().as_u128(), span_id: new_span_id(), flags: 1 }
    }

    /// A new span of the same trace.
    pub(crate) fn child(self) -> Self {
        Self { span_id: new_span_id(), ..self }
    }

    /// The id of the trace, in hexadecimal.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// The span of a call in it.
    pub(crate) fn call_span(self, method: &'static str, request_id: Option<Uuid>) -> Span {
        let request_id = request_id.map(tracing::field::display);
        tracing::debug_span!("hotline.call", method, request_id, trace_id = %self.trace_id())
    }

    /// The span of an attempt.
    pub(crate) fn attempt_span(self, attempt: u32, endpoint: &str) -> Span {
        tracing::debug_span!(
            "hotline.attempt",
            attempt,
            endpoint,
            trace_id = %self.trace_id(),
            span_id = %format_args!("{:016x}", self.span_id),
        )
    }
}

impl Default for TraceContext {
    fn default() -> Self {
        Self::new()
    }
}

fn new_span_id() -> u64 {
    // The low half of a version 4 UUID has 62 random bits, and is never zero.
    Uuid::new_v4().as_u64_pair().1
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

impl FromStr for TraceContext {
    type Err = InvalidTraceContext;

    fn from_str(text: &str) -> Result<Self, InvalidTraceContext> {
        let is_hex = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let parts: Vec<_> = text.split('-').collect();
        let [version, trace, span, flags] = parts.as_slice() else { return Err(InvalidTraceContext(())) };
        let fits = is_hex(version, 2)
            && *version != "ff"
            && is_hex(trace, 32)
            && is_hex(span, 16)
            && is_hex(flags, 2);
        let numbers = (u128::from_str_radix(trace, 16), u64::from_str_radix(span, 16));
        match (numbers, u8::from_str_radix(flags, 16)) {
            ((Ok(trace_id), Ok(span_id)), Ok(flags)) if fits && trace_id != 0 && span_id != 0 => {
                Ok(Self { trace_id, span_id, flags })
            }
            _ => Err(InvalidTraceContext(())),
        }
    }
}
