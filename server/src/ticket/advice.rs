//! What units on duty at the platform advised before a dispatch.

use serde::{Deserialize, Serialize};

use super::{Instant, UnitCode};

/// Whether the advising unit is responsible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdviceVerdict {
    /// It is.
    Responsible,
    /// It is not.
    NotResponsible,
}

/// The advice of a unit, and the dispatch that came after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct DispatchAdvice {
    pub unit: UnitCode,
    pub verdict: AdviceVerdict,
    pub rule: String,
    pub note: String,
    pub advised_at: Instant,
    /// The lead of the first dispatch after the advice; `None` while the ticket waits for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatched_to: Option<UnitCode>,
}

impl DispatchAdvice {
    /// Whether the ticket with this lead is where the advice would have it.
    #[must_use]
    pub fn agrees_with(&self, lead: &UnitCode) -> bool {
        (self.unit == *lead) == (self.verdict == AdviceVerdict::Responsible)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_agrees_with_the_unit_itself_or_with_any_other() {
        let code = |code: &str| UnitCode(code.to_owned());
        for (verdict, lead, agrees) in [
            (AdviceVerdict::Responsible, "tax", true),
            (AdviceVerdict::Responsible, "water", false),
            (AdviceVerdict::NotResponsible, "tax", false),
            (AdviceVerdict::NotResponsible, "water", true),
        ] {
            let advice = DispatchAdvice {
                unit: code("tax"),
                verdict,
                rule: String::new(),
                note: String::new(),
                advised_at: Instant::UNIX_EPOCH,
                dispatched_to: None,
            };
            assert_eq!(advice.agrees_with(&code(lead)), agrees, "{verdict:?} {lead}");
        }
    }
}
