//! Conversion between the contract's generated types and this library's plain types.
//!
//! [`FromProto`] converts received messages. If a required field is missing, it refuses and names the field.
//! [`IntoProto`] converts in the other direction and can't fail. Both follow from a field's type alone, so models and
//! commands are declared with the macros below and hold no conversion code. An unknown enum value of a newer server is
//! kept, and never causes a panic.

use chrono::{DateTime, NaiveDate, Utc};
use prost_types::Timestamp;

/// The field of an answer that can't be understood, for example `Cycle.due_time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

/// Converts from the generated type.
pub(crate) trait FromProto<P>: Sized {
    /// Converts, or names the field `at` if it is not as the contract promises.
    fn from_proto(value: P, at: &'static str) -> Result<Self, Malformed>;
}

/// Converts to the generated type.
pub(crate) trait IntoProto<P> {
    /// Converts.
    fn into_proto(self) -> P;
}

/// Types that are the same on both sides.
macro_rules! same {
    ($($kind:ty),+) => { $(
        impl FromProto<$kind> for $kind {
            fn from_proto(value: $kind, _: &'static str) -> Result<Self, Malformed> {
                Ok(value)
            }
        }
        impl IntoProto<$kind> for $kind {
            fn into_proto(self) -> $kind {
                self
            }
        }
        impl IntoProto<Option<$kind>> for Option<$kind> {
            fn into_proto(self) -> Option<$kind> {
                self
            }
        }
    )+ };
}
same!(String, bool, i64);

impl FromProto<i32> for u32 {
    fn from_proto(value: i32, at: &'static str) -> Result<Self, Malformed> {
        Self::try_from(value).map_err(|_| Malformed(at))
    }
}

impl IntoProto<i32> for u32 {
    // A value that is too large for the message also exceeds every limit of the contract, and the server refuses it.
    fn into_proto(self) -> i32 {
        i32::try_from(self).unwrap_or(i32::MAX)
    }
}

// A number or boolean with presence in the contract is always set in an answer.
impl FromProto<Option<i32>> for u32 {
    fn from_proto(value: Option<i32>, at: &'static str) -> Result<Self, Malformed> {
        Self::from_proto(value.ok_or(Malformed(at))?, at)
    }
}

impl IntoProto<Option<i32>> for u32 {
    fn into_proto(self) -> Option<i32> {
        Some(self.into_proto())
    }
}

impl FromProto<Option<bool>> for bool {
    fn from_proto(value: Option<bool>, at: &'static str) -> Result<Self, Malformed> {
        value.ok_or(Malformed(at))
    }
}

impl IntoProto<Option<bool>> for bool {
    fn into_proto(self) -> Option<bool> {
        Some(self)
    }
}

// In the contract an empty string means `None`.
impl FromProto<String> for Option<String> {
    fn from_proto(value: String, _: &'static str) -> Result<Self, Malformed> {
        Ok(Some(value).filter(|text| !text.is_empty()))
    }
}

impl IntoProto<String> for Option<String> {
    fn into_proto(self) -> String {
        self.unwrap_or_default()
    }
}

// Zero means unspecified for an enum and the default for a number.
impl<M: IntoProto<i32>> IntoProto<i32> for Option<M> {
    fn into_proto(self) -> i32 {
        self.map_or(0, IntoProto::into_proto)
    }
}

impl<P, M: FromProto<P>> FromProto<Option<P>> for Option<M> {
    fn from_proto(value: Option<P>, at: &'static str) -> Result<Self, Malformed> {
        value.map(|value| M::from_proto(value, at)).transpose()
    }
}

impl<P, M: FromProto<P>> FromProto<Vec<P>> for Vec<M> {
    fn from_proto(values: Vec<P>, at: &'static str) -> Result<Self, Malformed> {
        values.into_iter().map(|value| M::from_proto(value, at)).collect()
    }
}

impl<P, M: IntoProto<P>> IntoProto<Vec<P>> for Vec<M> {
    fn into_proto(self) -> Vec<P> {
        self.into_iter().map(IntoProto::into_proto).collect()
    }
}

impl FromProto<String> for NaiveDate {
    fn from_proto(value: String, at: &'static str) -> Result<Self, Malformed> {
        value.parse().map_err(|_| Malformed(at))
    }
}

impl FromProto<Timestamp> for DateTime<Utc> {
    fn from_proto(value: Timestamp, at: &'static str) -> Result<Self, Malformed> {
        u32::try_from(value.nanos)
            .ok()
            .and_then(|nanos| Self::from_timestamp(value.seconds, nanos))
            .ok_or(Malformed(at))
    }
}

impl FromProto<Option<Timestamp>> for DateTime<Utc> {
    fn from_proto(value: Option<Timestamp>, at: &'static str) -> Result<Self, Malformed> {
        Self::from_proto(value.ok_or(Malformed(at))?, at)
    }
}

impl IntoProto<Timestamp> for DateTime<Utc> {
    fn into_proto(self) -> Timestamp {
        // chrono writes a leap second as more than a second's nanoseconds, which the message does not allow.
        let nanos = self.timestamp_subsec_nanos().min(999_999_999);
        Timestamp { seconds: self.timestamp(), nanos: nanos.into_proto() }
    }
}

impl IntoProto<Option<Timestamp>> for DateTime<Utc> {
    fn into_proto(self) -> Option<Timestamp> {
        Some(self.into_proto())
    }
}

impl IntoProto<Option<Timestamp>> for Option<DateTime<Utc>> {
    fn into_proto(self) -> Option<Timestamp> {
        self.map(IntoProto::into_proto)
    }
}

/// An enum of the contract that may gain values: `Name = ContractName { Variant, … }`.
macro_rules! open_enum {
    ($(#[$about:meta])* $name:ident = $proto:ident { $($(#[$doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A value that this version of the library does not know, by its number in the contract.
            Unrecognised(i32),
        }

        impl $crate::convert::FromProto<i32> for $name {
            fn from_proto(value: i32, _: &'static str) -> Result<Self, $crate::convert::Malformed> {
                Ok(match hotline_proto::v1::$proto::try_from(value) {
                    $(Ok(hotline_proto::v1::$proto::$variant) => Self::$variant,)+
                    _ => Self::Unrecognised(value),
                })
            }
        }

        impl $crate::convert::FromProto<i32> for Option<$name> {
            fn from_proto(value: i32, at: &'static str) -> Result<Self, $crate::convert::Malformed> {
                if value == 0 { Ok(None) } else { $crate::convert::FromProto::from_proto(value, at).map(Some) }
            }
        }

        impl $crate::convert::IntoProto<i32> for $name {
            fn into_proto(self) -> i32 {
                match self {
                    $(Self::$variant => hotline_proto::v1::$proto::$variant.into(),)+
                    Self::Unrecognised(value) => value,
                }
            }
        }

        /// The name in the contract, without the enum's prefix.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let number: i32 = $crate::convert::IntoProto::into_proto(*self);
                let zero = hotline_proto::v1::$proto::default().as_str_name();
                let prefix = zero.strip_suffix("UNSPECIFIED").unwrap_or_default();
                match hotline_proto::v1::$proto::try_from(number) {
                    Ok(known) => f.write_str(known.as_str_name().strip_prefix(prefix).unwrap_or_default()),
                    Err(_) => write!(f, "{number}"),
                }
            }
        }
    };
}

/// A message of the contract with the same field names: `Name = ContractName { field: Type, … }`.
macro_rules! record {
    ($(#[$about:meta])* $name:ident = $proto:ident { $($(#[$doc:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        $(#[$about])*
        pub struct $name {
            $($(#[$doc])* pub $field: $kind,)*
        }

        impl $crate::convert::FromProto<hotline_proto::v1::$proto> for $name {
            fn from_proto(value: hotline_proto::v1::$proto, _: &'static str) -> Result<Self, $crate::convert::Malformed> {
                Ok(Self {
                    $($field: $crate::convert::FromProto::from_proto(
                        value.$field,
                        concat!(stringify!($name), ".", stringify!($field)),
                    )?,)*
                })
            }
        }

        impl $crate::convert::FromProto<Option<hotline_proto::v1::$proto>> for $name {
            fn from_proto(
                value: Option<hotline_proto::v1::$proto>,
                at: &'static str,
            ) -> Result<Self, $crate::convert::Malformed> {
                $crate::convert::FromProto::from_proto(value.ok_or($crate::convert::Malformed(at))?, at)
            }
        }
    };
}

/// Makes a record usable in requests too: `Name = ContractName { field, … }`.
macro_rules! writable {
    ($name:ident = $proto:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::convert::IntoProto<hotline_proto::v1::$proto> for $name {
            fn into_proto(self) -> hotline_proto::v1::$proto {
                hotline_proto::v1::$proto { $($field: $crate::convert::IntoProto::into_proto(self.$field),)+ }
            }
        }

        impl $crate::convert::IntoProto<Option<hotline_proto::v1::$proto>> for $name {
            fn into_proto(self) -> Option<hotline_proto::v1::$proto> {
                Some($crate::convert::IntoProto::into_proto(self))
            }
        }

        impl $crate::convert::IntoProto<Option<hotline_proto::v1::$proto>> for Option<$name> {
            fn into_proto(self) -> Option<hotline_proto::v1::$proto> {
                self.map($crate::convert::IntoProto::into_proto)
            }
        }
    };
}

/// Extracts a model from responses that hold nothing else: `Model: Response.field, …;`.
macro_rules! answers {
    ($($name:ident: $($response:ident.$field:ident),+;)+) => { $($(
        impl $crate::convert::FromProto<hotline_proto::v1::$response> for $name {
            fn from_proto(
                value: hotline_proto::v1::$response,
                _: &'static str,
            ) -> Result<Self, $crate::convert::Malformed> {
                $crate::convert::FromProto::from_proto(
                    value.$field,
                    concat!(stringify!($response), ".", stringify!($field)),
                )
            }
        }
    )+)+ };
}

pub(crate) use {answers, open_enum, record, writable};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Source, TicketState};

    #[test]
    fn an_enum_value_of_a_newer_server_is_kept_and_sent_back_as_it_came() {
        let state = TicketState::from_proto(4711, "here").unwrap();
        assert_eq!(state, TicketState::Unrecognised(4711));
        assert_eq!(state.to_string(), "4711");
        assert_eq!(IntoProto::<i32>::into_proto(state), 4711);
    }

    #[test]
    fn an_enum_prints_the_word_of_the_contract() {
        assert_eq!(TicketState::Received.to_string(), "RECEIVED");
        assert_eq!(TicketState::from_proto(7, "here").unwrap().to_string(), "RETURNED");
        assert_eq!(Option::<TicketState>::from_proto(0, "here"), Ok(None));
    }

    #[test]
    fn a_missing_or_impossible_time_is_named() {
        assert_eq!(
            DateTime::<Utc>::from_proto(None::<Timestamp>, "Cycle.due_time"),
            Err(Malformed("Cycle.due_time"))
        );
        let impossible = Timestamp { seconds: i64::MAX, nanos: 0 };
        assert_eq!(DateTime::<Utc>::from_proto(impossible, "x"), Err(Malformed("x")));
        assert_eq!(
            DateTime::<Utc>::from_proto(Timestamp { seconds: 0, nanos: -1 }, "x"),
            Err(Malformed("x"))
        );
    }

    #[test]
    fn times_and_records_survive_the_way_there_and_back() {
        let time: DateTime<Utc> = "2019-10-12T02:00:00.25Z".parse().unwrap();
        assert_eq!(DateTime::<Utc>::from_proto(IntoProto::<Timestamp>::into_proto(time), "x"), Ok(time));
        let source = Source { system: "switch-3".into(), reference: "call-7".into() };
        let sent: hotline_proto::v1::Source = source.clone().into_proto();
        assert_eq!(Source::from_proto(sent, "x"), Ok(source));
    }
}
