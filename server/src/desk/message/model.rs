//! What messages are made of.

use crate::ticket::{Instant, TicketNumber};

/// An enumeration with its number in the tables, which is that of the contract.
macro_rules! stored {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $variant:ident = $number:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$what])* $variant,)+ }

        impl $name {
            /// Its number in the tables.
            #[must_use]
            pub const fn stored(self) -> i16 {
                match self { $(Self::$variant => $number,)+ }
            }

            /// The value of a number.
            #[must_use]
            pub const fn of_stored(number: i16) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

stored! {
    /// What a message tells the company.
    MessageEvent {
        /// The ticket was taken in.
        Received = 1,
        /// A unit has accepted it.
        Accepted = 2,
        /// It is carried over.
        CarriedOver = 3,
        /// It is complete.
        Completed = 4,
        /// A call back reached nobody, and will be repeated.
        CallBack = 5,
    }
}

stored! {
    /// How the company wishes to be told.
    MessageChannel {
        /// By short message.
        Sms = 1,
        /// By e-mail.
        Email = 2,
        /// Not at all.
        None = 3,
    }
}

stored! {
    /// The language of a message.
    MessageLanguage {
        /// Chinese.
        Chinese = 1,
        /// English.
        English = 2,
    }
}

stored! {
    /// Where a message is.
    MessageState {
        /// It is to be sent.
        Waiting = 1,
        /// The gateway has accepted it.
        Sent = 2,
        /// It is not sent again.
        Failed = 3,
        /// The company chose to get none.
        Withdrawn = 4,
    }
}

impl MessageEvent {
    /// Its name for the gateway.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::CarriedOver => "carried_over",
            Self::Completed => "completed",
            Self::CallBack => "call_back",
        }
    }
}

impl MessageChannel {
    /// Its name for the gateway.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::None => "none",
        }
    }
}

impl MessageLanguage {
    /// Its name for the gateway.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// The name in this language; in the other one if there is none.
    #[must_use]
    pub fn of(self, chinese: String, english: String) -> String {
        if self == Self::Chinese || english.is_empty() { chinese } else { english }
    }
}

/// How the company of a ticket is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The channel.
    pub channel: MessageChannel,
    /// The language.
    pub language: MessageLanguage,
}

impl Choice {
    /// What holds if the company has not chosen: nothing for a confidential ticket, short messages for any other.
    #[must_use]
    pub const fn by_default(is_confidential: bool) -> Self {
        let channel = if is_confidential { MessageChannel::None } else { MessageChannel::Sms };
        Self { channel, language: MessageLanguage::Chinese }
    }
}

/// A version of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What it tells.
    pub event: MessageEvent,
    /// Its language.
    pub language: MessageLanguage,
    /// 1 for the template that the server is shipped with.
    pub version: u32,
    /// The text with its placeholders.
    pub text: String,
    /// When it was put; `None` for one that the server is shipped with.
    pub put_at: Option<Instant>,
}

/// A message in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyMessage {
    /// The ticket.
    pub ticket: TicketNumber,
    /// The sequence of the event that it tells of.
    pub sequence: u32,
    /// What it tells.
    pub event: MessageEvent,
    /// Where it is.
    pub state: MessageState,
    /// The channel and the language.
    pub choice: Choice,
    /// The version of its template; 0 before the first attempt.
    pub template_version: u32,
    /// The text, without the code for the progress; empty before the first attempt.
    pub text: String,
    /// When it was put into the outbox.
    pub created_at: Instant,
    /// When it is to be sent.
    pub due_at: Instant,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was sent, failed or was withdrawn.
    pub ended_at: Option<Instant>,
}

impl CompanyMessage {
    /// Its id for the gateway, the same for every attempt. The instant keeps ids apart if a backup is restored and a
    /// number is given again.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}-{}", self.ticket.as_i64(), self.sequence, self.created_at.timestamp_micros())
    }
}
