//! Seats, skills, shifts, and where calls stand. Pure.

use crate::platform::Fault;
use crate::ticket::{CallId, Instant, TicketNumber};

/// Enumerations with the number that they have in the tables, which is that of the contract.
macro_rules! numbered {
    ($($(#[$about:meta])* $name:ident { $($variant:ident = $number:literal,)+ })+) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the contract documents the values")]
        pub enum $name { $($variant,)+ }

        impl $name {
            /// The number in the tables.
            #[must_use]
            pub const fn stored(self) -> i16 {
                match self { $(Self::$variant => $number,)+ }
            }

            /// The value of a number in the tables.
            ///
            /// # Errors
            /// If there is none.
            pub fn read(number: i16) -> Result<Self, Fault> {
                match number {
                    $($number => Ok(Self::$variant),)+
                    _ => Err(Fault::internal(format!("{} has no number {number}", stringify!($name)))),
                }
            }
        }
    )+};
}

numbered! {
    /// What the agent of a seat does.
    SeatStatus { SignedOut = 1, Ready = 2, Offered = 3, Talking = 4, WrapUp = 5, Break = 6, }
    /// Why there is a break.
    BreakReason { SignedIn = 1, Rest = 2, Meal = 3, Meeting = 4, OtherWork = 5, OfferTimedOut = 6, }
    /// Where a call stands.
    SeatCallState { Waiting = 1, Offered = 2, Connected = 3, Ended = 4, CallBack = 5, }
    /// How a three-way call ended.
    ThreeWayOutcome { Answered = 1, Unanswered = 2, NoAnswer = 3, Busy = 4, }
    /// Why a company is called back.
    CallBackCause { OutsideHours = 1, WaitedTooLong = 2, Wish = 3, }
    /// How a call-back stands.
    CallBackState { Open = 1, Reached = 2, Dropped = 3, }
}

/// A seat as the administrator puts it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct SeatSetup {
    pub code: String,
    pub name: String,
    pub skills: Vec<String>,
    pub is_training: bool,
    pub is_active: bool,
    /// 1 for a new one; the etag is made from it.
    pub version: u32,
}

/// A seat with the agent who sits there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Seat {
    pub setup: SeatSetup,
    pub principal: Option<String>,
    pub status: SeatStatus,
    pub break_reason: Option<BreakReason>,
    pub since: Instant,
    /// The call that is offered to it or connected.
    pub call: Option<CallId>,
    /// The number of its last change.
    pub revision: i64,
}

/// A skill.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Skill {
    pub code: String,
    pub name: String,
    pub name_en: String,
    pub is_active: bool,
    pub version: u32,
}

/// A shift.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Shift {
    pub code: String,
    pub name: String,
    /// From 1 (Monday) to 7 (Sunday).
    pub weekdays: Vec<u8>,
    /// The first minute of the day.
    pub opens_at: u16,
    /// The first minute after it.
    pub closes_at: u16,
    pub is_active: bool,
    pub version: u32,
}

/// Where a call stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct SeatCall {
    pub id: CallId,
    pub skill: String,
    pub state: SeatCallState,
    /// Its place in the order of all calls that arrived.
    pub arrival: i64,
    /// Its place in the queue of its skill, from 1, if it waits and the place was counted.
    pub position: u32,
    pub queued_at: Instant,
    /// The seat that it is offered to or connected with.
    pub seat: Option<String>,
    pub offered_at: Option<Instant>,
    pub expires_at: Option<Instant>,
    pub answered_at: Option<Instant>,
    pub ended_at: Option<Instant>,
    /// The seat that it was offered to last.
    pub last_seat: Option<String>,
    /// The number of the decision that offered it first. In the order of arrivals these numbers never fall.
    pub first_offer: Option<i64>,
    pub is_training: bool,
    /// The number of its last change.
    pub revision: i64,
}

/// What a caller wishes who is to be called back.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct CallBackWish {
    pub number: Option<String>,
    pub wish: Option<String>,
}

/// Shows nothing of it, because printed values end up in logs.
impl std::fmt::Debug for CallBackWish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallBackWish(not printed)")
    }
}

/// A company that is to be called back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct CallBack {
    pub call: CallId,
    pub skill: String,
    pub cause: CallBackCause,
    pub created_at: Instant,
    pub due_at: Instant,
    pub state: CallBackState,
    pub attempts: u32,
    pub attempted_at: Option<Instant>,
    pub ticket: Option<TicketNumber>,
}

/// The etag of a version.
pub(super) fn etag(version: u32) -> String {
    format!("v{version}")
}

impl SeatSetup {
    /// Changes with every change of the seat's setup.
    #[must_use]
    pub fn etag(&self) -> String {
        etag(self.version)
    }
}

impl Skill {
    /// Changes with every change.
    #[must_use]
    pub fn etag(&self) -> String {
        etag(self.version)
    }
}

impl Shift {
    /// Changes with every change.
    #[must_use]
    pub fn etag(&self) -> String {
        etag(self.version)
    }
}

impl SeatCall {
    /// A call that has just arrived.
    pub(super) fn arrived(id: &CallId, skill: &str, revision: i64, now: Instant) -> Self {
        Self {
            id: id.clone(),
            skill: skill.to_owned(),
            state: SeatCallState::Waiting,
            arrival: revision,
            position: 0,
            queued_at: now,
            seat: None,
            offered_at: None,
            expires_at: None,
            answered_at: None,
            ended_at: None,
            last_seat: None,
            first_offer: None,
            is_training: false,
            revision,
        }
    }

    /// Takes it from its seat.
    pub(super) fn leave_seat(&mut self, state: SeatCallState) {
        self.seat = None;
        (self.offered_at, self.expires_at) = (None, None);
        self.state = state;
    }

    /// Whether nothing more happens to it here.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.state, SeatCallState::Ended | SeatCallState::CallBack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_numbers_are_read_as_what_was_stored() {
        for status in [SeatStatus::SignedOut, SeatStatus::Ready, SeatStatus::Offered, SeatStatus::Break] {
            assert_eq!(SeatStatus::read(status.stored()), Ok(status));
        }
        assert!(SeatStatus::read(0).is_err());
        assert!(CallBackState::read(9).is_err());
    }

    #[test]
    fn a_call_that_leaves_its_seat_keeps_its_arrival() {
        let now = Instant::default();
        let mut call = SeatCall::arrived(&CallId("c".to_owned()), "enterprise", 7, now);
        (call.seat, call.state) = (Some("1001".to_owned()), SeatCallState::Offered);
        call.leave_seat(SeatCallState::Waiting);
        assert_eq!((call.seat.as_deref(), call.arrival, call.is_over()), (None, 7, false));
        call.leave_seat(SeatCallState::Ended);
        assert!(call.is_over());
    }
}
