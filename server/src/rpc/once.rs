//! Changes that are not a ticket's: run once for their request id, and answered the same however often they are repeated.

use std::sync::Arc;

use prost::Message;

use crate::closed_loop::ClosedLoop;
use crate::platform::idempotency::{self, RequestKey, StoredAnswer};
use crate::platform::work::Doing;
use crate::platform::{Fault, Work};

/// What a request of this id answered before, if it did.
///
/// # Errors
/// `REQUEST_ID_REUSED` where the id stands for another request.
pub(super) async fn answered<M: Message + Default>(
    closed_loop: &ClosedLoop,
    key: &RequestKey,
) -> Result<Option<M>, Fault> {
    idempotency::find(closed_loop.store.reader(), key).await?.map(message_of).transpose()
}

/// Runs a change once for its request id; answers what it, or the first of its kind, answered.
pub(super) async fn once<M, F>(closed_loop: &ClosedLoop, key: RequestKey, change: F) -> Result<M, Fault>
where
    M: Message + Default + 'static,
    F: for<'w> Fn(&'w Work) -> Doing<'w, M> + Send + Sync + 'static,
{
    let change = Arc::new(change);
    let outcome = once_or_refused(closed_loop, key, move |work| {
        let change = Arc::clone(&change);
        Box::pin(async move { change(work).await.map(Ok) })
    });
    outcome.await?
}

/// Runs a change that may end in a refusal of which a record has to stay: what it wrote is committed then, and a repeat
/// runs it again.
pub(super) async fn once_or_refused<M, F>(
    closed_loop: &ClosedLoop,
    key: RequestKey,
    change: F,
) -> Result<Result<M, Fault>, Fault>
where
    M: Message + Default + 'static,
    F: for<'w> Fn(&'w Work) -> Doing<'w, Result<M, Fault>> + Send + Sync + 'static,
{
    let shared = Arc::new((key.clone(), change));
    let outcome = closed_loop
        .store
        .work(&closed_loop.clock, move |work| {
            let shared = Arc::clone(&shared);
            Box::pin(async move {
                let (key, change) = &*shared;
                if let Some(answered) = idempotency::find(&work.tx, key).await? {
                    return Ok(Ok(answered));
                }
                let message = match change(work).await? {
                    Ok(message) => message,
                    Err(refusal) => return Ok(Err(refusal)),
                };
                let answered = StoredAnswer::Bytes(message.encode_to_vec());
                idempotency::record(work, key, answered.clone()).await?;
                Ok(Ok(answered))
            })
        })
        .await;
    match outcome {
        Err(fault) if fault.is_outcome_unknown => answered(closed_loop, &key).await?.ok_or(fault).map(Ok),
        Err(fault) => Err(fault),
        Ok(Err(refusal)) => Ok(Err(refusal)),
        Ok(Ok(answered)) => message_of(answered).map(Ok),
    }
}

fn message_of<M: Message + Default>(answered: StoredAnswer) -> Result<M, Fault> {
    let StoredAnswer::Bytes(bytes) = answered else {
        return Err(Fault::internal("a request record of another kind"));
    };
    M::decode(bytes.as_slice()).map_err(|error| Fault::internal(format!("a request record: {error}")))
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1::GetTicketRequest;

    use super::*;

    #[test]
    fn a_recorded_answer_is_given_again_as_it_was() {
        let first = GetTicketRequest { ticket_number: "1910140000176".to_owned(), ..Default::default() };
        let again = message_of::<GetTicketRequest>(StoredAnswer::Bytes(first.encode_to_vec()));
        assert_eq!(again, Ok(first));
        let of_ticket = StoredAnswer::Version { subject: 1_910_140_000_176, version: 3 };
        for unfit in [of_ticket, StoredAnswer::Bytes(vec![0xff])] {
            let fault = message_of::<GetTicketRequest>(unfit).expect_err("it is no such answer");
            assert!(fault.ours.contains("a request record"), "{}", fault.ours);
        }
    }
}
