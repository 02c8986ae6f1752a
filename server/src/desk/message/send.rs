//! The sender. It takes what is due from the outbox, one server at a time, and passes it to the gateway outside the
//! transaction. A message that was taken is due again after a pause, so a server that dies in between leaves it to the
//! next attempt. The gateway knows it by its id and sends it once.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use metrics::{counter, gauge};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};
use zeroize::Zeroizing;

use super::code;
use super::gateway::{Gateway, GatewayFault, OutgoingMessage};
use super::model::{Choice, CompanyMessage, MessageChannel, MessageEvent, MessageState};
use super::planned::AGE_MAX;
use super::rows::{self, message};
use super::template::{self, CODE, Values};
use crate::access::Scope;
use crate::deadline::RuleBook;
use crate::desk::directory::units;
use crate::feed::followers;
use crate::identity::vault::Vault;
use crate::identity::{self, MessageContact};
use crate::ledger::{self, accused};
use crate::platform::metrics::{MESSAGES_FAILED, MESSAGES_SENT, MESSAGES_WAITING, REASON};
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::{Event, EventRecord, Instant, UnitCode};

/// PostgreSQL's advisory lock of the sender; an arbitrary number that never changes.
const LOCK: i64 = 0x0048_4F54_5345_4E44;
/// Messages that one pass takes.
const MESSAGES_MAX: u64 = 20;
/// Attempts before a message fails.
const ATTEMPTS_MAX: u32 = 8;
/// The pause after the first attempt; it doubles with each attempt. It is longer than the time limit of a request.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// Between two looks at an empty outbox.
const INTERVAL: Duration = Duration::from_secs(1);

/// Why a message failed, for the metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    NoAddress,
    Refused,
    Unanswered,
    /// It would have named a unit that the ticket complains about.
    Accused,
}

impl Failure {
    const fn word(self) -> &'static str {
        match self {
            Self::NoAddress => "no_address",
            Self::Refused => "refused",
            Self::Unanswered => "unanswered",
            Self::Accused => "accused",
        }
    }
}

/// What became of a message that was due.
enum Taken {
    Outgoing(OutgoingMessage),
    Failed(Failure),
    Withdrawn,
}

/// Sends what is due.
#[derive(Debug, Clone)]
pub struct MessageSender {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Decrypts the addresses.
    pub vault: Vault,
    /// The quiet hours.
    pub rules: RuleBook,
    /// The provider.
    pub gateway: Arc<dyn Gateway>,
}

impl MessageSender {
    /// Sends the next messages that are due; returns whether there were any.
    ///
    /// # Errors
    /// If the database refuses. What was not sent is due again.
    pub async fn pass(&self) -> Result<bool, Fault> {
        let waiting = message::Entity::find()
            .filter(message::Column::State.eq(MessageState::Waiting.stored()))
            .count(self.store.reader())
            .await?;
        gauge!(MESSAGES_WAITING).set(f64::from(u32::try_from(waiting).unwrap_or(u32::MAX)));
        if waiting == 0 {
            return Ok(false);
        }
        let input = (self.vault.clone(), self.rules.clone());
        let taken =
            self.store.run(&self.clock, input, async |work, (vault, rules)| take(work, vault, rules).await);
        let taken = taken.await?;
        for failure in &taken.failed {
            counter!(MESSAGES_FAILED, REASON => failure.word()).increment(1);
        }
        // Side by side, so that a gateway that does not answer holds up a pass for one time limit only.
        let mut sending = Vec::new();
        for outgoing in &taken.outgoing {
            sending.push(self.send(outgoing));
        }
        let sent = join_all(sending).await;
        sent.into_iter().collect::<Result<(), Fault>>()?;
        Ok(taken.is_any)
    }

    async fn send(&self, outgoing: &OutgoingMessage) -> Result<(), Fault> {
        let sent = self.gateway.send(outgoing, self.clock.now()).await;
        if let Err(GatewayFault::NotNow(error) | GatewayFault::Refused(error)) = &sent {
            let ticket = outgoing.ticket.to_string();
            tracing::warn!(ticket, error, "the gateway did not accept a message to a company");
        }
        let is_final = !matches!(sent, Err(GatewayFault::NotNow(_)));
        let input = (outgoing.ticket.as_i64(), outgoing.sequence, sent.is_ok(), is_final);
        let failure = self.store.run(&self.clock, input, async |work, input| end(work, *input).await).await?;
        if sent.is_ok() {
            counter!(MESSAGES_SENT).increment(1);
        }
        if let Some(failure) = failure {
            counter!(MESSAGES_FAILED, REASON => failure.word()).increment(1);
        }
        Ok(())
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        loop {
            match self.pass().await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => tokio::time::sleep(INTERVAL).await,
                Err(fault) => {
                    tracing::warn!(error = fault.detail, "sending messages to companies failed; retrying");
                    tokio::time::sleep(INTERVAL).await;
                }
            }
        }
    }
}

/// What a pass took.
#[derive(Default)]
struct Batch {
    outgoing: Vec<OutgoingMessage>,
    failed: Vec<Failure>,
    is_any: bool,
}

/// Takes the messages that are due, outside the quiet hours. They are due again later, whatever happens to this server.
async fn take(work: &Work, vault: &Vault, rules: &RuleBook) -> Result<Batch, Fault> {
    let mut batch = Batch::default();
    if !followers::try_turn(work, LOCK).await? {
        return Ok(batch);
    }
    let now = work.now();
    if rules.in_force(&work.tx, now).await?.policy.messages.is_quiet_at(now) {
        return Ok(batch);
    }
    let due = message::Entity::find()
        .filter(message::Column::State.eq(MessageState::Waiting.stored()))
        .filter(message::Column::DueAt.lte(now.timestamp_micros()))
        .order_by_asc(message::Column::DueAt)
        .order_by_asc(message::Column::TicketNumber)
        .order_by_asc(message::Column::Sequence)
        .limit(MESSAGES_MAX)
        .all(&work.tx)
        .await?;
    for row in due {
        batch.is_any = true;
        let mut message = rows::message_of(row)?;
        match take_one(work, vault, &mut message).await? {
            Taken::Outgoing(outgoing) => {
                message.attempts += 1;
                message.due_at = now + pause(message.attempts);
                batch.outgoing.push(outgoing);
            }
            Taken::Failed(failure) => {
                batch.failed.push(failure);
                (message.state, message.ended_at) = (MessageState::Failed, Some(now));
            }
            Taken::Withdrawn => (message.state, message.ended_at) = (MessageState::Withdrawn, Some(now)),
        }
        message::Entity::update(rows::message_row(&message)).exec(&work.tx).await?;
    }
    Ok(batch)
}

/// The pause after an attempt.
fn pause(attempts: u32) -> TimeDelta {
    PAUSE * (1 << attempts.clamp(1, ATTEMPTS_MAX).saturating_sub(1))
}

async fn take_one(work: &Work, vault: &Vault, message: &mut CompanyMessage) -> Result<Taken, Fault> {
    let ticket = ledger::read::find(&work.tx, &Scope::All, message.ticket).await?;
    let Some(ticket) = ticket else { return Ok(Taken::Withdrawn) };
    let chosen = rows::choice(&work.tx, message.ticket).await?;
    let choice = chosen.unwrap_or(Choice::by_default(ticket.is_confidential));
    // What waited while messages were off comes too late.
    let is_late = message.attempts == 0 && work.now() - message.created_at > AGE_MAX;
    if choice.channel == MessageChannel::None || is_late {
        return Ok(Taken::Withdrawn);
    }
    let events = ledger::read::events(&work.tx, message.ticket, message.sequence - 1, 1).await?;
    let record =
        events.first().ok_or_else(|| Fault::internal("a message about an event that is not there"))?;
    // Judged at every attempt, because a unit may be complained about in the meantime.
    if let Some(unit) = unit_of(record)
        && accused::accuses(&work.tx, message.ticket, unit).await?
    {
        return Ok(Taken::Failed(Failure::Accused));
    }
    if message.attempts == 0 {
        message.choice = choice;
        fill(work, message, record).await?;
    }
    let id = message.id();
    let first = (id.as_str(), message.attempts == 0);
    let MessageContact { phone, email } =
        identity::contact_for_message(work, vault, message.ticket, first).await?;
    let address = if message.choice.channel == MessageChannel::Email { email } else { phone };
    let Some(address) = address else { return Ok(Taken::Failed(Failure::NoAddress)) };
    let code = if message.event == MessageEvent::Received {
        code::code(vault, message.ticket).await?
    } else {
        String::new()
    };
    Ok(Taken::Outgoing(OutgoingMessage {
        id,
        ticket: message.ticket,
        sequence: message.sequence,
        event: message.event,
        choice: message.choice,
        address: Zeroizing::new(address),
        text: Zeroizing::new(message.text.replace(CODE, &code)),
    }))
}

/// The unit that a message about an event names.
fn unit_of(record: &EventRecord) -> Option<&UnitCode> {
    match &record.event {
        Event::TicketAccepted { unit } => Some(unit),
        _ => None,
    }
}

/// Makes the text of a message. It stays the same for later attempts, so that one id always stands for one text.
async fn fill(work: &Work, message: &mut CompanyMessage, record: &EventRecord) -> Result<(), Fault> {
    let language = message.choice.language;
    let template = rows::last_template(&work.tx, message.event, language).await?;
    let mut values = Values { ticket: message.ticket.to_string(), ..Values::default() };
    if let Some(unit) = unit_of(record) {
        let unit = units::find(&work.tx, unit).await?;
        values.unit = unit.map(|unit| language.of(unit.name, unit.name_en)).unwrap_or_default();
    }
    if let Event::CarryOverDecided { due_at, .. } = &record.event {
        values.date = date(*due_at);
    }
    message.text = template::text(&template.text, &values);
    message.template_version = template.version;
    Ok(())
}

/// A promised date, Asia/Shanghai.
fn date(instant: Instant) -> String {
    instant.with_timezone(&chrono_tz::Asia::Shanghai).format("%Y-%m-%d %H:%M").to_string()
}

/// Records what the gateway answered; returns the failure if it is the last attempt.
async fn end(
    work: &Work,
    (ticket, sequence, is_sent, is_final): (i64, u32, bool, bool),
) -> Result<Option<Failure>, Fault> {
    let key = (ticket, i32::try_from(sequence).unwrap_or(i32::MAX));
    let row = message::Entity::find_by_id(key).lock_exclusive().one(&work.tx).await?;
    let Some(mut message) = row.map(rows::message_of).transpose()? else { return Ok(None) };
    // An earlier attempt may have ended it.
    if message.state == MessageState::Sent {
        return Ok(None);
    }
    let failure = match (is_sent, is_final) {
        (true, _) => None,
        (false, true) => Some(Failure::Refused),
        (false, false) if message.attempts >= ATTEMPTS_MAX => Some(Failure::Unanswered),
        (false, false) => return Ok(None),
    };
    message.state = if is_sent { MessageState::Sent } else { MessageState::Failed };
    message.ended_at = Some(work.now());
    message::Entity::update(rows::message_row(&message)).exec(&work.tx).await?;
    Ok(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end() {
        let seconds: Vec<_> = [1, 2, 3, 8, 9, u32::MAX].map(|attempts| pause(attempts).num_seconds()).into();
        assert_eq!(seconds, [30, 60, 120, 3_840, 3_840, 3_840]);
    }
}
