//! Limits: the calendar of working days, the policy values, the one function that counts a deadline, its
//! explanation line by line, and the ladder of supervision past it.
//!
//! All but the book of rules is pure: the instant of intake, the policy and the calendar come in as parameters, so
//! that the same three always give the same deadline. Nothing pure reads a clock, a file or a table at run time.

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
    CallAllowance, CarryOver, Clock, DayLimit, Deadlines, FollowUp, Intake, Ladder, Limit, Policy,
    PolicyFault, Returns, TimeOfDay,
};
