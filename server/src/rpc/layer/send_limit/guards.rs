//! What a call holds until its response is sent: its slot among the calls in flight, and its principal's. The inner
//! layers attach it to the response, because only the outermost layer sees the last byte leave.

use std::any::Any;
use std::sync::Arc;

use http::Response;

use super::budget::Principal;

/// Something that is released when it is dropped.
pub(super) type Guard = Arc<dyn Any + Send + Sync>;

/// The guards of a response.
#[derive(Clone, Default)]
pub struct ResponseGuards {
    pub(super) principal: Option<Principal>,
    pub(super) call: Vec<Guard>,
    pub(super) stream: Vec<Guard>,
}

impl ResponseGuards {
    /// The guards of a response.
    pub fn of<B>(response: &mut Response<B>) -> &mut Self {
        response.extensions_mut().get_or_insert_default()
    }

    /// Adds the guards that were made before there was a response.
    pub fn join(&mut self, other: Self) {
        self.principal = self.principal.take().or(other.principal);
        self.call.extend(other.call);
        self.stream.extend(other.stream);
    }

    /// Sets the principal of the response, the first time.
    pub fn name(&mut self, principal: &str) {
        self.principal.get_or_insert_with(|| Principal::from(principal));
    }

    /// Holds a guard until the response is sent. A stream releases it whenever it has nothing to send.
    pub fn until_sent(&mut self, guard: impl Any + Send + Sync) {
        self.call.push(Arc::new(guard));
    }

    /// Holds a guard for as long as the response lives, also while a stream has nothing to send.
    pub fn until_ended(&mut self, guard: impl Any + Send + Sync) {
        self.stream.push(Arc::new(guard));
    }
}
