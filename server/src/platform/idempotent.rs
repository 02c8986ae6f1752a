//! Idempotent execution: a unit of work that runs once for its request id. Every later request with the same id gets
//! the answer of the first one, byte for byte. It is for commands that change no ticket; the answer of a ticket command
//! is made again from its events.

use prost::Message;

use super::idempotency::{self, RequestKey, StoredAnswer};
use super::work::TxBody;
use super::{Clock, Fault, Store};

impl Store {
    /// The answer that was recorded for this request id, if there is one.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED` if the id stands for another request.
    pub async fn earlier_answer<M: Message + Default>(&self, key: &RequestKey) -> Result<Option<M>, Fault> {
        idempotency::find(self.reader(), key).await?.map(message_of).transpose()
    }

    /// Runs a unit of work once for its request id and records its answer. A repeat gets the recorded answer.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED`, the refusals of the unit of work, `UNAVAILABLE`.
    pub async fn run_once<M, I, F>(
        &self,
        clock: &Clock,
        key: RequestKey,
        input: I,
        body: F,
    ) -> Result<M, Fault>
    where
        M: Message + Default + 'static,
        I: Send + Sync + 'static,
        F: TxBody<I, M>,
    {
        let outcome = self.run_once_or_refuse(clock, key, (input, body), async |work, (input, body)| {
            body(work, input).await.map(Ok)
        });
        outcome.await?
    }

    /// Runs a unit of work that may end in a refusal that must leave a record (the inner result). Its writes are then
    /// committed, no answer is recorded, and a repeat runs it again.
    ///
    /// # Errors
    /// As [`Self::run_once`].
    pub async fn run_once_or_refuse<M, I, F>(
        &self,
        clock: &Clock,
        key: RequestKey,
        input: I,
        body: F,
    ) -> Result<Result<M, Fault>, Fault>
    where
        M: Message + Default + 'static,
        I: Send + Sync + 'static,
        F: TxBody<I, Result<M, Fault>>,
    {
        let outcome = self
            .run(clock, (key.clone(), input, body), async |work, (key, input, body)| {
                if let Some(answered) = idempotency::find(&work.tx, key).await? {
                    return Ok(Ok(answered));
                }
                let message = match body(work, input).await? {
                    Ok(message) => message,
                    Err(refusal) => return Ok(Err(refusal)),
                };
                let answered = StoredAnswer::Bytes(message.encode_to_vec());
                idempotency::record(work, key, answered.clone()).await?;
                Ok(Ok(answered))
            })
            .await;
        match outcome {
            // The answer to the commit was lost; the record shows the outcome.
            Err(fault) if fault.is_outcome_unknown => self.earlier_answer(&key).await?.ok_or(fault).map(Ok),
            Err(fault) => Err(fault),
            Ok(Err(refusal)) => Ok(Err(refusal)),
            Ok(Ok(answered)) => message_of(answered).map(Ok),
        }
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
            assert!(fault.detail.contains("a request record"), "{}", fault.detail);
        }
    }
}
