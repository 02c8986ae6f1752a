//! What happened to a ticket, in order.

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use serde::{Deserialize, Serialize};

use crate::convert::{FromProto, Malformed, record};

record! {
    /// One thing that happened to a ticket.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    TicketEvent = TicketEvent {
        /// The ticket's number.
        ticket_number: String,
        /// 1 for the first, without gaps.
        sequence: u32,
        /// When.
        event_time: DateTime<Utc>,
        /// The principal that caused it, or `system` for automatic events. `None` for a unit if the actor is another
        /// unit's principal.
        actor: Option<String>,
        /// The gateway through which the actor called.
        via: Option<String>,
        /// What happened.
        detail: EventDetail,
    }
}

/// The enum of events, its conversion and its names, from the contract's list of events.
macro_rules! event_detail {
    ($($(#[$doc:meta])* $variant:ident),+ $(,)?) => {
        /// What happened.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum EventDetail {
            $($(#[$doc])* $variant(super::$variant),)+
            /// An event that this version of the library does not know.
            Unrecognised,
        }

        impl EventDetail {
            /// The event's name in the contract, for example `TicketDispatched`.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => stringify!($variant),)+
                    Self::Unrecognised => "Unrecognised",
                }
            }
        }

        impl FromProto<Option<v1::ticket_event::Detail>> for EventDetail {
            fn from_proto(value: Option<v1::ticket_event::Detail>, at: &'static str) -> Result<Self, Malformed> {
                Ok(match value {
                    $(Some(v1::ticket_event::Detail::$variant(detail)) => Self::$variant(FromProto::from_proto(detail, at)?),)+
                    None => Self::Unrecognised,
                })
            }
        }
    };
}

hotline_proto::ticket_events!(event_detail);

#[cfg(test)]
mod tests {
    use super::super::TicketCompleted;
    use super::*;

    fn event(detail: Option<v1::ticket_event::Detail>) -> v1::TicketEvent {
        let event_time = Some(prost_types::Timestamp { seconds: 1_570_845_600, nanos: 0 });
        v1::TicketEvent {
            ticket_number: "1910120000012".into(),
            sequence: 1,
            event_time,
            actor: "system".into(),
            via: String::new(),
            detail,
        }
    }

    #[test]
    fn an_event_of_a_newer_server_does_not_break_the_list() {
        let read: Vec<TicketEvent> = FromProto::from_proto(vec![event(None)], "events").unwrap();
        assert_eq!(read[0].detail, EventDetail::Unrecognised);
    }

    #[test]
    fn an_event_keeps_its_name_and_its_content() {
        let detail = v1::ticket_event::Detail::TicketCompleted(v1::TicketCompleted { on_time: true });
        let read = TicketEvent::from_proto(event(Some(detail)), "events").unwrap();
        assert_eq!(read.detail.name(), "TicketCompleted");
        assert_eq!(read.detail, EventDetail::TicketCompleted(TicketCompleted { on_time: true }));
    }
}
