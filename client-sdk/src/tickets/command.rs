//! Shared by all commands on a ticket: the number, the etag, the request id, and the ticket as an answer.

use hotline_proto::v1;

use crate::convert::{FromProto, Malformed};
use crate::model::Ticket;

/// A command on one ticket: `Name = Request { required: Type, … | optional: Type, … }`.
///
/// `Name::new` takes the ticket and the required fields; all optional fields are absent at first.
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
        #[non_exhaustive]
        pub struct $name {
            /// The number of the ticket, as printed or with spaces or hyphens.
            pub ticket_number: String,
            $($(#[$must_doc])* pub $must: $must_kind,)*
            $($($(#[$may_doc])* pub $may: $may_kind,)+)?
            /// The etag that you have read, so that the command fails if the ticket has changed since.
            pub etag: Option<String>,
            /// `None` lets the library choose it. Set it to repeat a command whose answer was lost.
            pub request_id: Option<uuid::Uuid>,
        }

        impl $name {
            /// The command with its required fields.
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

        $crate::convert::setters! {
            $name { ticket_number: String, $($must: $must_kind,)* $($($may: $may_kind,)+)? etag: Option<String>, request_id: Option<uuid::Uuid> }
        }

        impl $crate::call::Command for $name {
            type Request = hotline_proto::v1::$request;
            type Changed = $crate::model::Ticket;

            fn request_id(&self) -> Option<uuid::Uuid> {
                self.request_id
            }

            fn into_request(self, request_id: String) -> Self::Request {
                use $crate::convert::IntoProto;
                hotline_proto::v1::$request {
                    request_id,
                    ticket_number: self.ticket_number,
                    etag: self.etag.into_proto(),
                    $($must: self.$must.into_proto(),)*
                    $($($may: self.$may.into_proto(),)+)?
                }
            }
        }
    };
}

pub(super) use ticket_command;

/// The answer of every command is the ticket.
macro_rules! answer_with_ticket {
    ($($response:ident),+ $(,)?) => { $(
        impl FromProto<v1::$response> for Ticket {
            fn from_proto(value: v1::$response, _: &'static str) -> Result<Self, Malformed> {
                FromProto::from_proto(value.ticket, concat!(stringify!($response), ".ticket"))
            }
        }
    )+ };
}

hotline_proto::ticket_responses!(answer_with_ticket);
