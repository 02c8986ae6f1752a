//! What a call keeps until its response was sent: its place among the calls under way, its principal's share. The
//! layers inside hand it outwards with the response, because only the outermost one sees the last byte go.

use std::any::Any;
use std::sync::Arc;

use http::Response;

use super::budget::Principal;

/// Something that is given back when it is dropped.
pub(super) type Guard = Arc<dyn Any + Send + Sync>;

/// What is kept with a response.
#[derive(Clone, Default)]
pub struct ResponseGuards {
    pub(super) principal: Option<Principal>,
    pub(super) call: Vec<Guard>,
    pub(super) stream: Vec<Guard>,
}

impl ResponseGuards {
    /// Those of a response.
    pub fn of<B>(response: &mut Response<B>) -> &mut Self {
        response.extensions_mut().get_or_insert_default()
    }

    /// Takes those over that were made before there was a response.
    pub fn join(&mut self, other: Self) {
        self.principal = self.principal.take().or(other.principal);
        self.call.extend(other.call);
        self.stream.extend(other.stream);
    }

    /// Names whom the response is for, the first time.
    pub fn name(&mut self, principal: &str) {
        self.principal.get_or_insert_with(|| Principal::from(principal));
    }

    /// Keeps this until the response was sent. A stream gives it back whenever it has nothing to send.
    pub fn until_sent(&mut self, guard: impl Any + Send + Sync) {
        self.call.push(Arc::new(guard));
    }

    /// Keeps this for as long as the response lives, also while a stream has nothing to send.
    pub fn until_ended(&mut self, guard: impl Any + Send + Sync) {
        self.stream.push(Arc::new(guard));
    }
}
