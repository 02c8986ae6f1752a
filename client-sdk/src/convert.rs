//! Conversion between the contract's generated types and this library's plain types.
//!
//! [`FromProto`] converts received messages. If a required field is missing, it refuses and names the field.
//! [`IntoProto`] converts in the other direction and can't fail. Both follow from a field's type alone, so models and
//! commands are declared with the macros below and hold no conversion code. An unknown enum value of a newer server is
//! kept, and never causes a panic.

mod macros;

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

/// A value for a field of a command: the field's type, or a text for a text.
pub trait IntoField<T> {
    /// The value of the field.
    fn into_field(self) -> T;
}

impl<T> IntoField<T> for T {
    fn into_field(self) -> T {
        self
    }
}

impl<T> IntoField<Option<T>> for T {
    fn into_field(self) -> Option<T> {
        Some(self)
    }
}

impl IntoField<String> for &str {
    fn into_field(self) -> String {
        self.to_owned()
    }
}

impl IntoField<Option<String>> for &str {
    fn into_field(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl<const N: usize> IntoField<Vec<String>> for [&str; N] {
    fn into_field(self) -> Vec<String> {
        self.map(str::to_owned).into()
    }
}

impl<T, const N: usize> IntoField<Vec<T>> for [T; N] {
    fn into_field(self) -> Vec<T> {
        self.into()
    }
}

impl IntoField<Vec<String>> for &[&str] {
    fn into_field(self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
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
same!(String, bool, i64, u8);

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

pub(crate) use macros::{answers, open_enum, plain_record, record, setters, writable};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::Language;
    use crate::model::{Rung, Source, TicketState};

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
    fn an_enum_is_read_from_its_name_and_has_a_label() {
        for state in TicketState::ALL {
            assert_eq!(state.to_string().parse(), Ok(*state));
            assert_ne!(state.label(Language::Chinese), state.to_string());
        }
        assert_eq!("4711".parse(), Ok(TicketState::Unrecognised(4711)));
        assert!("received".parse::<TicketState>().is_err());
        assert_eq!(Rung::Manual.label(Language::Chinese), "人工督办");
        assert_eq!(Rung::Manual.label(Language::English), "manual");
        assert_eq!(TicketState::Unrecognised(4711).label(Language::Chinese), "4711");
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
