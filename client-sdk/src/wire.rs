//! Between the contract's generated types and this library's plain ones.
//!
//! [`Read`] takes what came over the wire and refuses, by name, what a ticket can't be without; [`Wire`] goes the
//! other way and can't fail. Both follow from a field's type alone, so the models and commands are declared with the
//! macros below and hold no conversion code. An enum value from a newer server is kept, never lost and never a panic.

use chrono::{DateTime, NaiveDate, Utc};
use prost_types::Timestamp;

/// The place of an answer that can't be understood, for example `Cycle.due_time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

/// Takes a value from the wire.
pub(crate) trait Read<P>: Sized {
    /// Converts, or names the place `at` where it is not what the contract promises.
    fn read(value: P, at: &'static str) -> Result<Self, Malformed>;
}

/// Puts a value on the wire.
pub(crate) trait Wire<P> {
    /// Converts.
    fn wire(self) -> P;
}

/// Types that are the same on both sides.
macro_rules! same {
    ($($kind:ty),+) => { $(
        impl Read<$kind> for $kind {
            fn read(value: $kind, _: &'static str) -> Result<Self, Malformed> {
                Ok(value)
            }
        }
        impl Wire<$kind> for $kind {
            fn wire(self) -> $kind {
                self
            }
        }
        impl Wire<Option<$kind>> for Option<$kind> {
            fn wire(self) -> Option<$kind> {
                self
            }
        }
    )+ };
}
same!(String, bool, i64);

impl Read<i32> for u32 {
    fn read(value: i32, at: &'static str) -> Result<Self, Malformed> {
        Self::try_from(value).map_err(|_| Malformed(at))
    }
}

impl Wire<i32> for u32 {
    // What is too large for the wire is too large for every limit of the contract as well: the server says so.
    fn wire(self) -> i32 {
        i32::try_from(self).unwrap_or(i32::MAX)
    }
}

// A number or a truth that the contract tells apart from its absence is always there in an answer.
impl Read<Option<i32>> for u32 {
    fn read(value: Option<i32>, at: &'static str) -> Result<Self, Malformed> {
        Self::read(value.ok_or(Malformed(at))?, at)
    }
}

impl Wire<Option<i32>> for u32 {
    fn wire(self) -> Option<i32> {
        Some(self.wire())
    }
}

impl Read<Option<bool>> for bool {
    fn read(value: Option<bool>, at: &'static str) -> Result<Self, Malformed> {
        value.ok_or(Malformed(at))
    }
}

impl Wire<Option<bool>> for bool {
    fn wire(self) -> Option<bool> {
        Some(self)
    }
}

// In the contract an empty string means that there is none.
impl Read<String> for Option<String> {
    fn read(value: String, _: &'static str) -> Result<Self, Malformed> {
        Ok(Some(value).filter(|text| !text.is_empty()))
    }
}

impl Wire<String> for Option<String> {
    fn wire(self) -> String {
        self.unwrap_or_default()
    }
}

// Zero means unspecified for an enum and the default for a number.
impl<M: Wire<i32>> Wire<i32> for Option<M> {
    fn wire(self) -> i32 {
        self.map_or(0, Wire::wire)
    }
}

impl<P, M: Read<P>> Read<Option<P>> for Option<M> {
    fn read(value: Option<P>, at: &'static str) -> Result<Self, Malformed> {
        value.map(|value| M::read(value, at)).transpose()
    }
}

impl<P, M: Read<P>> Read<Vec<P>> for Vec<M> {
    fn read(values: Vec<P>, at: &'static str) -> Result<Self, Malformed> {
        values.into_iter().map(|value| M::read(value, at)).collect()
    }
}

impl<P, M: Wire<P>> Wire<Vec<P>> for Vec<M> {
    fn wire(self) -> Vec<P> {
        self.into_iter().map(Wire::wire).collect()
    }
}

impl Read<String> for NaiveDate {
    fn read(value: String, at: &'static str) -> Result<Self, Malformed> {
        value.parse().map_err(|_| Malformed(at))
    }
}

impl Read<Timestamp> for DateTime<Utc> {
    fn read(value: Timestamp, at: &'static str) -> Result<Self, Malformed> {
        u32::try_from(value.nanos)
            .ok()
            .and_then(|nanos| Self::from_timestamp(value.seconds, nanos))
            .ok_or(Malformed(at))
    }
}

impl Read<Option<Timestamp>> for DateTime<Utc> {
    fn read(value: Option<Timestamp>, at: &'static str) -> Result<Self, Malformed> {
        Self::read(value.ok_or(Malformed(at))?, at)
    }
}

impl Wire<Timestamp> for DateTime<Utc> {
    fn wire(self) -> Timestamp {
        // chrono writes a leap second as more than a second's nanoseconds; the wire has no such second.
        let nanos = self.timestamp_subsec_nanos().min(999_999_999);
        Timestamp { seconds: self.timestamp(), nanos: nanos.wire() }
    }
}

impl Wire<Option<Timestamp>> for DateTime<Utc> {
    fn wire(self) -> Option<Timestamp> {
        Some(self.wire())
    }
}

impl Wire<Option<Timestamp>> for Option<DateTime<Utc>> {
    fn wire(self) -> Option<Timestamp> {
        self.map(Wire::wire)
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

        impl $crate::wire::Read<i32> for $name {
            fn read(value: i32, _: &'static str) -> Result<Self, $crate::wire::Malformed> {
                Ok(match hotline_proto::v1::$proto::try_from(value) {
                    $(Ok(hotline_proto::v1::$proto::$variant) => Self::$variant,)+
                    _ => Self::Unrecognised(value),
                })
            }
        }

        impl $crate::wire::Read<i32> for Option<$name> {
            fn read(value: i32, at: &'static str) -> Result<Self, $crate::wire::Malformed> {
                if value == 0 { Ok(None) } else { $crate::wire::Read::read(value, at).map(Some) }
            }
        }

        impl $crate::wire::Wire<i32> for $name {
            fn wire(self) -> i32 {
                match self {
                    $(Self::$variant => hotline_proto::v1::$proto::$variant.into(),)+
                    Self::Unrecognised(value) => value,
                }
            }
        }

        /// The contract's own word, without the enum's prefix.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let number: i32 = $crate::wire::Wire::wire(*self);
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

        impl $crate::wire::Read<hotline_proto::v1::$proto> for $name {
            fn read(value: hotline_proto::v1::$proto, _: &'static str) -> Result<Self, $crate::wire::Malformed> {
                Ok(Self {
                    $($field: $crate::wire::Read::read(
                        value.$field,
                        concat!(stringify!($name), ".", stringify!($field)),
                    )?,)*
                })
            }
        }

        impl $crate::wire::Read<Option<hotline_proto::v1::$proto>> for $name {
            fn read(
                value: Option<hotline_proto::v1::$proto>,
                at: &'static str,
            ) -> Result<Self, $crate::wire::Malformed> {
                $crate::wire::Read::read(value.ok_or($crate::wire::Malformed(at))?, at)
            }
        }
    };
}

/// Makes a record part of requests too: `Name = ContractName { field, … }`.
macro_rules! writable {
    ($name:ident = $proto:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::wire::Wire<hotline_proto::v1::$proto> for $name {
            fn wire(self) -> hotline_proto::v1::$proto {
                hotline_proto::v1::$proto { $($field: $crate::wire::Wire::wire(self.$field),)+ }
            }
        }

        impl $crate::wire::Wire<Option<hotline_proto::v1::$proto>> for $name {
            fn wire(self) -> Option<hotline_proto::v1::$proto> {
                Some($crate::wire::Wire::wire(self))
            }
        }

        impl $crate::wire::Wire<Option<hotline_proto::v1::$proto>> for Option<$name> {
            fn wire(self) -> Option<hotline_proto::v1::$proto> {
                self.map($crate::wire::Wire::wire)
            }
        }
    };
}

/// Takes a model out of the responses that hold nothing else: `Model: Response.field, …;`.
macro_rules! answers {
    ($($name:ident: $($response:ident.$field:ident),+;)+) => { $($(
        impl $crate::wire::Read<hotline_proto::v1::$response> for $name {
            fn read(
                value: hotline_proto::v1::$response,
                _: &'static str,
            ) -> Result<Self, $crate::wire::Malformed> {
                $crate::wire::Read::read(
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
        let state = TicketState::read(4711, "here").unwrap();
        assert_eq!(state, TicketState::Unrecognised(4711));
        assert_eq!(state.to_string(), "4711");
        assert_eq!(Wire::<i32>::wire(state), 4711);
    }

    #[test]
    fn an_enum_prints_the_word_of_the_contract() {
        assert_eq!(TicketState::Received.to_string(), "RECEIVED");
        assert_eq!(TicketState::read(7, "here").unwrap().to_string(), "RETURNED");
        assert_eq!(Option::<TicketState>::read(0, "here"), Ok(None));
    }

    #[test]
    fn a_missing_or_impossible_time_is_named() {
        assert_eq!(
            DateTime::<Utc>::read(None::<Timestamp>, "Cycle.due_time"),
            Err(Malformed("Cycle.due_time"))
        );
        let impossible = Timestamp { seconds: i64::MAX, nanos: 0 };
        assert_eq!(DateTime::<Utc>::read(impossible, "x"), Err(Malformed("x")));
        assert_eq!(DateTime::<Utc>::read(Timestamp { seconds: 0, nanos: -1 }, "x"), Err(Malformed("x")));
    }

    #[test]
    fn times_and_records_survive_the_way_there_and_back() {
        let time: DateTime<Utc> = "2019-10-12T02:00:00.25Z".parse().unwrap();
        assert_eq!(DateTime::<Utc>::read(Wire::<Timestamp>::wire(time), "x"), Ok(time));
        let source = Source { system: "switch-3".into(), reference: "call-7".into() };
        let sent: hotline_proto::v1::Source = source.clone().wire();
        assert_eq!(Source::read(sent, "x"), Ok(source));
    }
}
