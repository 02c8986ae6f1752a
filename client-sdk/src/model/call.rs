//! Telephone calls, as the exchange reports them and as staff read them.
//!
//! The numbers of the parties are identity, so none of them is printed: `Debug` only shows that something is there.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{
    CallDirection, CallLegKind, CallLegResult, CallOfferResult, CallOutcome, CallParty, HandOverState,
    HandOverTarget,
};
use crate::convert::{record, writable};

record! {
    /// What tells a call from every other one. An exchange uses the end-to-end id in every part of a call, or in none.
    #[derive(Debug, Clone, PartialEq, Eq)]
    CallKey = CallKey {
        /// The exchange or the middleware, for example `switch-3`. At most 64 characters of `[A-Za-z0-9._-]`.
        system: String,
        /// The id that the exchange keeps over transfers. With it, the system and this id are the key.
        end_to_end_id: Option<String>,
        /// The exchange's id of the call. Such ids recur; with the start they are the key.
        reference: Option<String>,
        /// When the call began. In answers the earliest start that was reported.
        start_time: Option<DateTime<Utc>>,
    }
}
writable!(CallKey = CallKey { system, end_to_end_id, reference, start_time });

impl CallKey {
    /// The key of an exchange that keeps an id over transfers (UCID, `SessionId`, `LinkedId`).
    pub fn end_to_end(system: impl Into<String>, id: impl Into<String>) -> Self {
        Self { system: system.into(), end_to_end_id: Some(id.into()), reference: None, start_time: None }
    }

    /// The key of an exchange whose ids recur.
    pub fn reference(
        system: impl Into<String>,
        reference: impl Into<String>,
        start_time: DateTime<Utc>,
    ) -> Self {
        let reference = Some(reference.into());
        Self { system: system.into(), end_to_end_id: None, reference, start_time: Some(start_time) }
    }
}

record! {
    /// A call.
    #[derive(Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Call = Call {
        /// Its id, which a ticket names.
        id: String,
        /// Its key.
        key: CallKey,
        /// What was reported of it. Numbers of the parties are in
        /// [`Calls::get_call`](crate::Calls::get_call) only.
        details: CallDetails,
        /// How it ended; `None` until its end is reported.
        outcome: Option<CallOutcome>,
        /// Whether numbers of the parties are withheld, because a ticket of the call is confidential.
        numbers_withheld: bool,
        /// The numbers of the tickets that came from it; in [`Calls::get_call`](crate::Calls::get_call) only.
        ticket_numbers: Vec<String>,
        /// How it was handed over to another service; `None` if it was not.
        hand_over: Option<HandOverState>,
        /// The participants whose recordings are attached; in [`Calls::get_call`](crate::Calls::get_call) only.
        recorded_participants: Vec<String>,
        /// Whether it was answered at a training seat, so that it is counted nowhere.
        training: bool,
        /// The number that the company wishes to be called back at, if it is not the calling number; in
        /// [`Calls::get_call`](crate::Calls::get_call) only.
        call_back_number: Option<String>,
        /// What the caller wished of the call-back; in [`Calls::get_call`](crate::Calls::get_call) only.
        call_back_wish: Option<String>,
    }
}

/// What the caller wishes says who it is, so it is not printed.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("details", &self.details)
            .field("outcome", &self.outcome)
            .field("numbers_withheld", &self.numbers_withheld)
            .field("ticket_numbers", &self.ticket_numbers)
            .field("training", &self.training)
            .finish_non_exhaustive()
    }
}

record! {
    /// What an exchange reports of a call. A part of a report may hold any of it.
    #[derive(Clone, Default, PartialEq, Eq)]
    CallDetails = CallDetails {
        /// Who called whom.
        direction: Option<CallDirection>,
        /// The calling number as the exchange gives it; `anonymous` if it is withheld.
        calling_number: Option<String>,
        /// The hotline's number that was called. At most 64 visible ASCII characters.
        called_number: Option<String>,
        /// The number that passed the call on.
        redirecting_number: Option<String>,
        /// The trunk. At most 64 visible ASCII characters.
        trunk: Option<String>,
        /// The keys that the caller pressed in the menu, by time.
        menu_steps: Vec<CallMenuStep>,
        /// The queues that it waited in.
        queues: Vec<CallQueueStay>,
        /// The seats that it was offered to, by time.
        offers: Vec<CallOffer>,
        /// When it was held, by time.
        holds: Vec<CallHold>,
        /// Its legs: transfers, consultations and conferences.
        legs: Vec<CallLeg>,
        /// Its end.
        end: Option<CallEnd>,
        /// The keys that the caller pressed after the call to rate the agent, by time.
        ratings: Vec<CallRating>,
        /// Whether the call is an exercise of a training seat. Such a call counts in no service level.
        training: bool,
    }
}
writable!(
    CallDetails = CallDetails {
        direction,
        calling_number,
        called_number,
        redirecting_number,
        trunk,
        menu_steps,
        queues,
        offers,
        holds,
        legs,
        end,
        ratings,
        training,
    }
);

/// Shows what is there, without the numbers of the parties.
impl fmt::Debug for CallDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallDetails")
            .field("direction", &self.direction)
            .field("called_number", &self.called_number)
            .field("trunk", &self.trunk)
            .field("menu_steps", &self.menu_steps)
            .field("queues", &self.queues)
            .field("offers", &self.offers)
            .field("holds", &self.holds)
            .field("legs", &self.legs)
            .field("end", &self.end)
            .field("ratings", &self.ratings)
            .field("training", &self.training)
            .finish_non_exhaustive()
    }
}

record! {
    /// Keys that the caller pressed in a menu.
    #[derive(Debug, Clone, PartialEq, Eq)]
    CallMenuStep = CallMenuStep {
        /// When.
        press_time: DateTime<Utc>,
        /// The keys, 1 to 4 of `[0-9*#A-D]`. Longer input may name the caller and is not accepted.
        keys: String,
        /// What the menu calls it, at most 64 characters.
        label: Option<String>,
    }
}
writable!(CallMenuStep = CallMenuStep { press_time, keys, label });

record! {
    /// A stay in a queue.
    #[derive(Debug, Clone, PartialEq, Eq)]
    CallQueueStay = CallQueueStay {
        /// The queue. At most 64 characters of `[A-Za-z0-9._-]`.
        queue: String,
        /// When the call joined it.
        join_time: Option<DateTime<Utc>>,
        /// When it left it.
        leave_time: Option<DateTime<Utc>>,
        /// Its place when it joined, from 1; 0 if it is not known.
        position: u32,
    }
}
writable!(CallQueueStay = CallQueueStay { queue, join_time, leave_time, position });

record! {
    /// An offer of the call to a seat.
    #[derive(Debug, Clone, PartialEq, Eq)]
    CallOffer = CallOffer {
        /// The seat: the exchange's agent id or extension. At most 64 characters of `[A-Za-z0-9._-]`.
        seat: String,
        /// When it began to ring there.
        offer_time: DateTime<Utc>,
        /// What became of it; `None` while it rings.
        result: Option<CallOfferResult>,
        /// When it was answered, declined or taken back.
        result_time: Option<DateTime<Utc>>,
    }
}
writable!(CallOffer = CallOffer { seat, offer_time, result, result_time });

record! {
    /// A time on hold.
    #[derive(Debug, Clone, PartialEq, Eq)]
    CallHold = CallHold {
        /// When it began.
        start_time: DateTime<Utc>,
        /// When it ended.
        end_time: Option<DateTime<Utc>>,
    }
}
writable!(CallHold = CallHold { start_time, end_time });

record! {
    /// A leg of the call.
    #[derive(Clone, Default, PartialEq, Eq)]
    CallLeg = CallLeg {
        /// The exchange's id of the leg. At most 128 visible ASCII characters.
        leg: String,
        /// What kind of leg it is.
        kind: Option<CallLegKind>,
        /// The seat at its end, if it is one.
        seat: Option<String>,
        /// The number that it came from.
        from_number: Option<String>,
        /// The number that it went to.
        to_number: Option<String>,
        /// How it ended; `None` while it lasts.
        result: Option<CallLegResult>,
        /// When it began.
        start_time: Option<DateTime<Utc>>,
        /// When it ended.
        end_time: Option<DateTime<Utc>>,
        /// The service that takes over what the hotline does not accept, if the leg hands the call over.
        hand_over_target: Option<HandOverTarget>,
    }
}
writable!(
    CallLeg =
        CallLeg { leg, kind, seat, from_number, to_number, result, start_time, end_time, hand_over_target }
);

/// Shows what is there, without the numbers.
impl fmt::Debug for CallLeg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallLeg")
            .field("leg", &self.leg)
            .field("kind", &self.kind)
            .field("seat", &self.seat)
            .field("result", &self.result)
            .field("start_time", &self.start_time)
            .field("end_time", &self.end_time)
            .field("hand_over_target", &self.hand_over_target)
            .finish_non_exhaustive()
    }
}

record! {
    /// The end of the call.
    #[derive(Debug, Clone, PartialEq, Eq)]
    CallEnd = CallEnd {
        /// When.
        time: DateTime<Utc>,
        /// Who hung up.
        party: Option<CallParty>,
        /// The cause as the exchange gives it. At most 64 visible ASCII characters.
        cause: Option<String>,
        /// How long the parties spoke, in seconds; 0 if it is not known.
        talk_seconds: u32,
    }
}
writable!(CallEnd = CallEnd { time, party, cause, talk_seconds });

record! {
    /// A rating of the agent.
    #[derive(Debug, Clone, PartialEq, Eq)]
    CallRating = CallRating {
        /// When the keys were pressed.
        press_time: DateTime<Utc>,
        /// The keys, 1 to 4 of `[0-9*#A-D]`.
        keys: String,
        /// The seat that is rated.
        seat: Option<String>,
    }
}
writable!(CallRating = CallRating { press_time, keys, seat });

record! {
    /// The call that a reported part belongs to.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ReportedCall = ReportCallResponse {
        /// Its id.
        call_id: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_parties_are_not_printed() {
        let number = || Some("13800138000".to_owned());
        let leg = CallLeg { from_number: number(), to_number: number(), ..CallLeg::default() };
        let details = CallDetails {
            calling_number: number(),
            redirecting_number: number(),
            legs: vec![leg],
            ..CallDetails::default()
        };
        let printed = format!("{details:?}");
        assert!(!printed.contains("138"), "{printed}");
    }
}
