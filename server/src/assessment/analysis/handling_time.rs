//! Handling times in classes. Each class ends 5 % above its beginning, so a percentile that is read from the counts of
//! the classes is at most 2.5 % off. Pure, and the same on every machine: the bounds are whole numbers.

use std::collections::BTreeMap;

/// Classes: the last one begins after more than 30 years.
const CLASSES: usize = 512;

/// The first second of each class.
fn bounds() -> impl Iterator<Item = i64> {
    // Below 20 seconds a class is one second.
    std::iter::successors(Some(0_i64), |bound| Some(bound + (bound / 20).max(1))).take(CLASSES)
}

/// The class of a time in seconds.
#[must_use]
pub fn class_of(seconds: i64) -> i16 {
    let place = bounds().take_while(|bound| *bound <= seconds).count();
    i16::try_from(place.saturating_sub(1)).unwrap_or(i16::MAX)
}

/// A time in the middle of a class, in seconds.
fn middle_of(class: i16) -> i64 {
    let first = bounds().nth(usize::try_from(class).unwrap_or_default()).unwrap_or_default();
    first + (first / 20).max(1) / 2
}

/// The smallest class that so many percent of the times do not exceed, as a time in seconds; `None` without times.
#[must_use]
pub fn percentile(counts: &BTreeMap<i16, i64>, percent: i64) -> Option<i64> {
    let all: i64 = counts.values().sum();
    let mut below = 0;
    for (class, count) in counts {
        below += count;
        if below > 0 && below * 100 >= all * percent {
            return Some(middle_of(*class));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_at_most_a_fortieth_off() {
        for scale in [1_i64, 60, 3_600, 86_400] {
            let times: Vec<i64> = (1..=1_000).map(|one| one * scale).collect();
            let mut counts = BTreeMap::new();
            for time in &times {
                *counts.entry(class_of(*time)).or_insert(0) += 1;
            }
            for percent in [1, 10, 50, 90, 99, 100] {
                let exact = times[usize::try_from(percent * 10 - 1).expect("a place")];
                let found = percentile(&counts, percent).expect("there are times");
                assert!(
                    (found - exact).abs() * 40 <= exact.max(40) + 40,
                    "{percent} % of {scale}: {found}, {exact}"
                );
            }
        }
        assert_eq!(percentile(&BTreeMap::new(), 50), None);
    }

    #[test]
    fn classes_go_on_for_decades() {
        let decades = 30 * 365 * 86_400;
        assert!(usize::try_from(class_of(decades)).expect("not negative") < CLASSES - 1);
        assert_eq!((class_of(0), class_of(-1), class_of(19)), (0, 0, 19));
        assert_eq!(usize::try_from(class_of(i64::MAX)).expect("not negative"), CLASSES - 1);
    }
}
