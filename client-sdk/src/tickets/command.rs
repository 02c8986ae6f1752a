//! What all commands on a ticket have in common: the number, the etag, the request id, and the ticket as an answer.

use hotline_proto::v1;

use crate::model::Ticket;
use crate::wire::{Malformed, Read};

/// A command on one ticket: `Name = Request { required: Type, … | optional: Type, … }`.
///
/// `Name::new` takes the ticket and the required fields; everything that is optional starts out absent.
macro_rules! ticket_command {
    (
        $(#[$about:meta])*
        $name:ident = $request:ident {
            $($(#[$must_doc:meta])* $must:ident: $must_kind:ty,)*
            $(| $($(#[$may_doc:meta])* $may:ident: $may_kind:ty,)+)?
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            /// The number of the ticket, as printed or with spaces or hyphens.
            pub ticket_number: String,
            $($(#[$must_doc])* pub $must: $must_kind,)*
            $($($(#[$may_doc])* pub $may: $may_kind,)+)?
            /// The etag that you have read, to change nothing that somebody else has changed since.
            pub etag: Option<String>,
            /// Chosen by the library where it is `None`. Set it to repeat a command whose answer was lost.
            pub request_id: Option<uuid::Uuid>,
        }

        impl $name {
            /// The command with what it can't be without.
            pub fn new(ticket_number: impl Into<String>, $($must: impl Into<$must_kind>),*) -> Self {
                Self {
                    ticket_number: ticket_number.into(),
                    $($must: $must.into(),)*
                    $($($may: Default::default(),)+)?
                    etag: None,
                    request_id: None,
                }
            }
        }

        impl $crate::call::Command for $name {
            type Request = hotline_proto::v1::$request;
            type Changed = $crate::model::Ticket;

            fn request_id(&self) -> Option<uuid::Uuid> {
                self.request_id
            }

            fn into_request(self, request_id: String) -> Self::Request {
                use $crate::wire::Wire;
                hotline_proto::v1::$request {
                    request_id,
                    ticket_number: self.ticket_number,
                    etag: self.etag.wire(),
                    $($must: self.$must.wire(),)*
                    $($($may: self.$may.wire(),)+)?
                }
            }
        }
    };
}

pub(super) use ticket_command;

/// Every command answers with the ticket.
macro_rules! answer_with_ticket {
    ($($response:ident),+ $(,)?) => { $(
        impl Read<v1::$response> for Ticket {
            fn read(value: v1::$response, _: &'static str) -> Result<Self, Malformed> {
                Read::read(value.ticket, concat!(stringify!($response), ".ticket"))
            }
        }
    )+ };
}

hotline_proto::ticket_responses!(answer_with_ticket);
