//! The interface to a provider of messages (SMS, e-mail). A gateway is given the same id for every attempt of a
//! message, and is expected to send a message with a known id only once.

use std::fmt;

use zeroize::Zeroizing;

use super::model::{Choice, MessageEvent};
use crate::ticket::{Instant, TicketNumber};

/// A message with its address.
#[derive(Clone)]
pub struct OutgoingMessage {
    /// Its id, the same for every attempt.
    pub id: String,
    /// The ticket.
    pub ticket: TicketNumber,
    /// The sequence of the event that it tells of.
    pub sequence: u32,
    /// What it tells.
    pub event: MessageEvent,
    /// The channel and the language.
    pub choice: Choice,
    /// The address: a telephone number or an e-mail address.
    pub address: Zeroizing<String>,
    /// The text, with the code for the progress.
    pub text: Zeroizing<String>,
}

/// Never shows an address or a code, because printed values end up in logs.
impl fmt::Debug for OutgoingMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutgoingMessage({})", self.id)
    }
}

impl OutgoingMessage {
    /// What a gateway is given: one JSON object.
    #[must_use]
    pub fn json(&self) -> Zeroizing<String> {
        let json = serde_json::json!({
            "id": self.id,
            "ticket_number": self.ticket.to_string(),
            "event": self.event.word(),
            "channel": self.choice.channel.word(),
            "language": self.choice.language.word(),
            "to": self.address.as_str(),
            "text": self.text.as_str(),
        });
        Zeroizing::new(json.to_string())
    }
}

/// Why a gateway did not accept a message. The texts hold no part of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayFault {
    /// It can be tried again: the gateway does not answer, or says that it can't now.
    NotNow(String),
    /// It is pointless to try again.
    Refused(String),
}

/// A provider of messages.
#[async_trait::async_trait]
pub trait Gateway: fmt::Debug + Send + Sync {
    /// Passes a message to the provider.
    ///
    /// # Errors
    /// If the provider did not accept it.
    async fn send(&self, message: &OutgoingMessage, now: Instant) -> Result<(), GatewayFault>;
}
