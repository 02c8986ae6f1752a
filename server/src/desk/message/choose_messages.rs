//! `ChooseMessages`: how the company of a ticket wishes to be told. The first message follows if it was not written
//! before, so a company that chooses late still gets its code.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::Messages;
use super::list_messages::not_found;
use super::model::{Choice, MessageChannel, MessageState};
use super::planned::planned;
use super::rows::{self, message};
use crate::access::{Permit, Scope};
use crate::audit_log::records;
use crate::identity;
use crate::ledger;
use crate::platform::idempotency::RequestKey;
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};
use crate::ticket::TicketNumber;

/// What the company chose.
#[derive(Clone, PartialEq, Eq)]
pub struct ChooseMessages {
    /// The ticket.
    pub ticket: TicketNumber,
    /// The channel and the language.
    pub choice: Choice,
    /// The address for e-mail; `None` for the one on record.
    pub email: Option<String>,
}

/// Never shows the address.
impl std::fmt::Debug for ChooseMessages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChooseMessages({})", self.ticket)
    }
}

impl Messages {
    /// Records a choice, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `MESSAGE_ADDRESS_MISSING`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn choose_messages<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        choose: ChooseMessages,
        answer: fn(&Choice) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), choose, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (messages, permit, choose, answer)| {
                messages.choose_in(work, permit, choose).await?;
                Ok(answer(&choose.choice))
            })
            .await
    }

    async fn choose_in(&self, work: &Work, permit: &Permit, choose: &ChooseMessages) -> Result<(), Fault> {
        let ChooseMessages { ticket: number, choice, email } = choose;
        // Locked, because the identity is written again as a whole.
        let ticket = ledger::lock::lock_ticket(work, &Scope::All, *number).await?;
        let ticket = ticket.ok_or_else(|| not_found(*number))?;
        if let Some(email) = email {
            let whose = (*number, ticket.is_confidential);
            identity::put_email(work, &self.vault, whose, email.clone()).await?;
        }
        let (has_phone, has_email) = identity::addresses_on_record(&work.tx, *number).await?;
        let is_reachable = match choice.channel {
            MessageChannel::Sms => has_phone,
            MessageChannel::Email => has_email,
            MessageChannel::None => true,
        };
        if !is_reachable {
            return Err(
                Fault::new(ErrorReason::MessageAddressMissing).with("ticket_number", number.to_string())
            );
        }
        let mut writes = Writes::new(work);
        writes.put(vec![rows::choice_row(*number, *choice)], &["ticket_number"])?;
        if ticket.state.is_open() {
            let events = ledger::read::events(&work.tx, *number, 0, 1).await?;
            let first = planned(&events, 1, *choice, work.now());
            writes.insert_missing(first.iter().map(rows::message_row).collect())?;
        }
        writes.execute(work).await?;
        follow_choice(work, *number, *choice).await?;
        let details = json!({ "channel": choice.channel.word(), "language": choice.language.word() });
        let subject = format!("messages/{number}");
        records::record(work, &permit.actor(), permit.method().method, &subject, details).await
    }
}

/// Lets messages that wait follow the choice. One that was tried keeps its channel and its text, because its id stands
/// for them.
async fn follow_choice(work: &Work, number: TicketNumber, choice: Choice) -> Result<(), Fault> {
    use message::Column::{Attempts, State, TicketNumber};
    let waiting = message::Entity::update_many()
        .filter(TicketNumber.eq(number.as_i64()))
        .filter(State.eq(MessageState::Waiting.stored()));
    if choice.channel == MessageChannel::None {
        let withdrawn = message::ActiveModel {
            state: Set(MessageState::Withdrawn.stored()),
            ended_at: Set(Some(work.now().timestamp_micros())),
            ..Default::default()
        };
        waiting.set(withdrawn).exec(&work.tx).await?;
        return Ok(());
    }
    let changed = message::ActiveModel {
        channel: Set(choice.channel.stored()),
        language: Set(choice.language.stored()),
        ..Default::default()
    };
    waiting.filter(Attempts.eq(0)).set(changed).exec(&work.tx).await?;
    Ok(())
}
