//! Values that arrive late, repeated and in any order. Each has the instant at which it was made, and joining values
//! gives the same result in whatever order and however often they come: the later value stays.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Instant;

/// A value, and when it was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dated<T> {
    // The order of the fields makes a value greater that was made later.
    /// When it was made.
    pub at: Instant,
    /// The value.
    pub value: T,
}

/// Joins what is known with what is added. It is commutative, associative and idempotent.
pub trait Join {
    /// Takes over what is new or later in the other value.
    fn join(&mut self, other: &Self);
}

/// Of two values that were made at one instant the greater one stays, so that the order of arrival decides nothing.
impl<T: Ord + Clone> Join for Option<Dated<T>> {
    fn join(&mut self, other: &Self) {
        if *other > *self {
            self.clone_from(other);
        }
    }
}

/// An instant of which the earliest stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Earliest(pub Instant);

impl Join for Option<Earliest> {
    fn join(&mut self, other: &Self) {
        *self = match (*self, *other) {
            (Some(known), Some(other)) => Some(known.min(other)),
            (known, other) => known.or(other),
        };
    }
}

/// Nothing is removed.
impl<K: Ord + Clone, V: Join + Clone> Join for BTreeMap<K, V> {
    fn join(&mut self, other: &Self) {
        for (key, value) in other {
            match self.get_mut(key) {
                Some(known) => known.join(value),
                None => {
                    self.insert(key.clone(), value.clone());
                }
            }
        }
    }
}

/// Implements [`Join`] field by field: `joins! { Hold { ended_at } }`.
macro_rules! joins {
    ($($name:ident { $($field:ident),* $(,)? })+) => { $(
        impl $crate::ticket::dated::Join for $name {
            fn join(&mut self, other: &Self) {
                $($crate::ticket::dated::Join::join(&mut self.$field, &other.$field);)*
            }
        }
    )+ };
}
pub(crate) use joins;

/// The value of a dated one.
#[must_use]
pub fn value_of<T: Clone>(dated: &Option<Dated<T>>) -> Option<T> {
    dated.as_ref().map(|dated| dated.value.clone())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn dated(seconds: i64, value: &str) -> Dated<String> {
        let at = DateTime::from_timestamp(seconds, 0).expect("an instant");
        Dated { at, value: value.to_owned() }
    }

    #[test]
    fn the_later_value_stays_in_either_order() {
        for (one, other, expected) in [
            (None, Some(dated(1, "a")), "a"),
            (Some(dated(1, "b")), Some(dated(2, "a")), "a"),
            (Some(dated(2, "a")), Some(dated(2, "b")), "b"),
            (Some(dated(3, "a")), Some(dated(3, "a")), "a"),
        ] {
            for (first, second) in [(&one, &other), (&other, &one)] {
                let mut joined = first.clone();
                joined.join(second);
                assert_eq!(value_of(&joined).as_deref(), Some(expected));
                joined.join(second);
                assert_eq!(value_of(&joined).as_deref(), Some(expected), "again");
            }
        }
    }

    #[test]
    fn a_map_keeps_what_only_one_of_two_has() {
        let mut joined = BTreeMap::from([("a", Some(dated(1, "1"))), ("b", Some(dated(1, "1")))]);
        joined.join(&BTreeMap::from([("b", Some(dated(2, "2"))), ("c", Some(dated(1, "3")))]));
        let values: Vec<_> = joined.values().filter_map(value_of).collect();
        assert_eq!(values, ["1", "2", "3"]);
    }
}
