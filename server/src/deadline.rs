//! Limits: the calendar of working days, the policy, the function that counts a deadline, its explanation line by line,
//! and the ladder of supervision after it.
//!
//! Everything except the book of rules is pure. The instant of intake, the policy and the calendar are parameters, and
//! the same parameters always give the same deadline. Pure code reads no clock, file or table at run time.

pub mod book;
pub mod calendar;
pub mod due;
pub mod explain;
pub mod ladder;
pub mod policy;
pub mod tier_order;
mod version_digest;

pub use book::{RuleBook, RuleInForce, RuleKind, Rules, in_force};
pub use calendar::{Calendar, CalendarFault, CalendarFile, Day, HolidayTable, YearTable};
pub use due::{CountFault, CountedDay, Due, DueWithDays, Step, due, due_with_days};
pub use explain::{DayReason, Explanation, Line, LineKind, explain};
pub use policy::{
    AssessmentRules, CallAllowance, CarryOver, Clock, DayLimit, Deadlines, FollowUp, Intake, Knowledge,
    Ladder, Limit, MessageRules, Policy, PolicyFault, Returns, SeatRules, TimeOfDay, Undo,
};
