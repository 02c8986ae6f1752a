//! The results of several policies for the same messages, side by side: a table for people, or JSON.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value, json};

use super::totals::Totals;

/// The counts of the policy in force and of each tried policy, with their names.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) in_force: Totals,
    pub(super) tried: Vec<(String, Totals)>,
}

impl Comparison {
    /// The differences to one of the policies, by count.
    fn differences(&self, tried: &Totals) -> [i64; 7] {
        let (before, after) = (self.in_force.counts(), tried.counts());
        std::array::from_fn(|place| i64::from(after[place].1) - i64::from(before[place].1))
    }

    /// The same as JSON, each policy with its counts and differences.
    pub(super) fn json(&self) -> Value {
        let what_if = self.tried.iter().map(|(policy, totals)| {
            let names = totals.counts().map(|(name, _)| name);
            let difference: Map<_, _> = names
                .into_iter()
                .zip(self.differences(totals))
                .map(|(name, difference)| (name.to_owned(), difference.into()))
                .collect();
            json!({ "policy": policy, "counts": totals, "difference": difference })
        });
        json!({ "in_force": self.in_force, "what_if": what_if.collect::<Vec<_>>() })
    }

    /// Every cell: a line of headings, and one for each count.
    fn cells(&self) -> Vec<Vec<String>> {
        let mut heads = vec![String::new(), "in force".to_owned()];
        for (policy, _) in &self.tried {
            let head = if self.tried.len() == 1 { "what if" } else { policy };
            heads.extend([head.to_owned(), "difference".to_owned()]);
        }
        let mut lines = vec![heads];
        for (place, (name, count)) in self.in_force.counts().into_iter().enumerate() {
            let mut line = vec![name.to_owned(), count.to_string()];
            for (_, totals) in &self.tried {
                let difference = self.differences(totals)[place];
                let sign = if difference > 0 { "+" } else { "" };
                line.extend([totals.counts()[place].1.to_string(), format!("{sign}{difference}")]);
            }
            lines.push(line);
        }
        lines
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.cells();
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<_> = (0..lines[0].len()).map(width).collect();
        for line in &lines {
            let mut text = format!("{:<1$}", line[0], widths[0]);
            for (cell, width) in line.iter().zip(&widths).skip(1) {
                write!(text, "  {cell:>width$}")?;
            }
            writeln!(f, "{text}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn totals(on_time: u32, late: u32) -> Totals {
        Totals::of_ends(on_time, late).took(Duration::from_secs(1))
    }

    #[test]
    fn one_policy_stands_beside_the_one_in_force() {
        let comparison =
            Comparison { in_force: totals(2, 10), tried: vec![("five-days".to_owned(), totals(9, 3))] };
        let expected = "            in force  what if  difference\n\
                        tickets           12       12           0\n\
                        completed         12       12           0\n\
                        on_time            2        9          +7\n\
                        late              10        3          -7\n\
                        urged             10        3          -7\n\
                        supervised         0        0           0\n\
                        manual             0        0           0\n";
        assert_eq!(comparison.to_string(), expected);
    }

    #[test]
    fn several_policies_go_by_their_names() {
        let tried = vec![("five-days".to_owned(), totals(9, 3)), ("stricter".to_owned(), totals(0, 12))];
        let comparison = Comparison { in_force: totals(2, 10), tried };
        let lines: Vec<_> = comparison.to_string().lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "            in force  five-days  difference  stricter  difference");
        assert_eq!(lines[3], "on_time            2          9          +7         0          -2");
    }

    #[test]
    fn json_says_the_same() {
        let comparison =
            Comparison { in_force: totals(2, 10), tried: vec![("five-days".to_owned(), totals(9, 3))] };
        let json = comparison.json();
        assert_eq!(json["in_force"]["on_time"], 2);
        assert_eq!(json["what_if"][0]["policy"], "five-days");
        assert_eq!(json["what_if"][0]["counts"]["on_time"], 9);
        let difference = json!({
            "tickets": 0, "completed": 0, "on_time": 7, "late": -7, "urged": -7, "supervised": 0, "manual": 0,
        });
        assert_eq!(json["what_if"][0]["difference"], difference);
    }
}
