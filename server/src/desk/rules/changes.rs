//! The differences between two versions of the rules, value by value and day by day, in text that people can check.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::deadline::{Calendar, Day, Policy, YearTable};

/// A value that would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueChange {
    /// The path of the value, the day, or the year.
    pub path: String,
    /// The present value; empty if there is none.
    pub before: String,
    /// The new value; empty if there would be none.
    pub after: String,
}

/// Every value in which two policies differ, by path.
#[must_use]
pub fn of_policies(before: &Policy, after: &Policy) -> Vec<ValueChange> {
    between(values(before), values(after))
}

/// Every day and every year in which two calendars differ, ascending; a year's notices before its days.
#[must_use]
pub fn of_calendars(before: &Calendar, after: &Calendar) -> Vec<ValueChange> {
    let days: BTreeSet<_> = before.exceptions().chain(after.exceptions()).collect();
    let years: BTreeSet<_> = before.years().chain(after.years()).collect();
    let said = |calendar: &Calendar| {
        let of_years = years.iter().map(|year| (year.to_string(), year_in_words(calendar.year(*year))));
        let of_days = days.iter().map(|date| (date.to_string(), day_in_words(calendar.day(*date))));
        of_years.chain(of_days).collect::<BTreeMap<_, _>>()
    };
    between(said(before), said(after))
}

fn between(mut before: BTreeMap<String, String>, after: BTreeMap<String, String>) -> Vec<ValueChange> {
    let mut changes: Vec<_> = after
        .into_iter()
        .map(|(path, after)| ValueChange { before: before.remove(&path).unwrap_or_default(), path, after })
        .collect();
    let gone = before.into_iter().map(|(path, before)| ValueChange { path, before, after: String::new() });
    changes.extend(gone);
    changes.retain(|change| change.before != change.after);
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    changes
}

/// The values of a policy by path.
fn values(policy: &Policy) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    flatten("", &serde_json::to_value(policy).unwrap_or_default(), &mut values);
    values
}

fn flatten(path: &str, value: &Value, values: &mut BTreeMap<String, String>) {
    let Value::Object(fields) = value else {
        let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        values.insert(path.to_owned(), plain);
        return;
    };
    for (key, value) in fields {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        flatten(&path, value, values);
    }
}

fn year_in_words(year: Option<&YearTable>) -> String {
    let Some(year) = year else { return String::new() };
    let notices = year.notices.join(" ");
    match (year.provisional, notices.is_empty()) {
        (true, true) => "provisional".to_owned(),
        (true, false) => format!("provisional, {notices}"),
        (false, _) => notices,
    }
}

fn day_in_words(day: Day<'_>) -> String {
    match day {
        Day::Workday => "workday".to_owned(),
        Day::Weekend => "weekend".to_owned(),
        Day::MakeUpWorkday { holiday } => format!("make-up workday, {holiday}"),
        Day::Holiday { name } => format!("holiday, {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadline::HolidayTable;
    use crate::deadline::policy::default_policy;

    #[test]
    fn a_changed_value_is_shown_with_its_path() {
        let before = default_policy();
        let mut after = before.clone();
        after.deadline.general.days = 5;
        after.follow_up.answers_followed_up = false;
        let shown: Vec<_> = of_policies(&before, &after)
            .into_iter()
            .map(|change| (change.path, change.before, change.after))
            .collect();
        let expected =
            [("deadline.general.days", "7", "5"), ("follow_up.answers_followed_up", "true", "false")]
                .map(|(path, before, after)| (path.to_owned(), before.to_owned(), after.to_owned()));
        assert_eq!(shown, expected);
        assert_eq!(of_policies(&before, &before), []);
    }

    #[test]
    fn a_changed_day_is_shown_with_what_it_was() {
        let before = Calendar::shipped().expect("the shipped calendar is sound");
        let holiday = HolidayTable {
            name: "元旦".to_owned(),
            off: vec!["2027-01-01/2027-01-03".to_owned()],
            work: vec!["2027-01-09".to_owned()],
        };
        let year = YearTable { year: 2027, provisional: true, notices: vec![], holidays: vec![holiday] };
        let after = before.with_years(vec![year]).expect("it can be read");
        let shown: Vec<_> = of_calendars(&before, &after)
            .into_iter()
            .map(|change| format!("{}: {} → {}", change.path, change.before, change.after))
            .collect();
        let expected = [
            "2027:  → provisional",
            "2027-01-02: weekend → holiday, 元旦",
            "2027-01-03: weekend → holiday, 元旦",
            "2027-01-09: weekend → make-up workday, 元旦",
        ];
        assert_eq!(shown, expected);
    }
}
