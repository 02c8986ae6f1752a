//! Seats, skills, shifts, and where calls stand.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::convert::{open_enum, plain_record, record, writable};

record! {
    /// A seat (坐席), with the agent who is signed in there.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Seat = Seat {
        /// Its code: the exchange's agent id or extension.
        code: String,
        /// Its name.
        name: String,
        /// The skills of the seat.
        skills: Vec<String>,
        /// Whether agents are trained there. Calls that were answered there are counted nowhere.
        training: bool,
        /// Whether agents can sign in there.
        active: bool,
        /// Changes with every change of the fields above.
        etag: Option<String>,
        /// What the agent does.
        status: SeatStatus,
        /// Why there is a break.
        break_reason: Option<BreakReason>,
        /// The agent; `None` if nobody is signed in.
        principal: Option<String>,
        /// Since when the seat has its status; while a call is offered, since when it was ready.
        status_time: Option<DateTime<Utc>>,
        /// The call that is offered to the seat, or that its agent speaks on.
        call_id: Option<String>,
    }
}

open_enum! {
    /// What the agent of a seat does.
    SeatStatus = SeatStatus {
        /// Nobody is signed in.
        SignedOut = "未签入",
        /// The agent waits for a call.
        Ready = "示闲",
        /// A call is offered.
        Offered = "振铃",
        /// The agent speaks on a call.
        Talking = "通话",
        /// The agent finishes the last call.
        WrapUp = "话后整理",
        /// The agent has a break.
        Break = "小休",
    }
}

open_enum! {
    /// Why there is a break.
    BreakReason = BreakReason {
        /// The agent has just signed in.
        SignedIn = "刚签入",
        /// A rest.
        Rest = "休息",
        /// A meal.
        Meal = "用餐",
        /// A meeting or a training.
        Meeting = "会议培训",
        /// Work away from the telephone.
        OtherWork = "其他工作",
        /// The agent did not answer an offer in time. The server sets it.
        OfferTimedOut = "振铃未接",
    }
}

record! {
    /// A skill, which is also a queue: calls for it wait in the order of their arrival.
    #[derive(Debug, Clone, PartialEq, Eq)]
    Skill = Skill {
        /// Its code: 2 to 64 characters of `[a-z0-9-]`, for example `enterprise`.
        code: String,
        /// Its name in Chinese, 1 to 100 characters.
        name: String,
        /// Its name in English, at most 200 characters.
        name_en: Option<String>,
        /// Whether calls can be transferred to it.
        active: bool,
        /// Changes with every change. If it is sent back, it must be the present one.
        etag: Option<String>,
    }
}
writable!(Skill = Skill { code, name, name_en, active, etag });

plain_record! {
    /// A shift: hours of the week in which seats take calls. If no shift is active, the hours of the policy count.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    Shift = Shift {
        /// Its code: 2 to 64 characters of `[a-z0-9-]`.
        code: String,
        /// Its name, 1 to 100 characters.
        name: String,
        /// The days of the week, 1 (Monday) to 7 (Sunday), each once.
        weekdays: Vec<u32>,
        /// The first minute, in Beijing, as `06:00`.
        open_time_of_day: String,
        /// The first minute after it; `24:00` is the end of the day.
        close_time_of_day: String,
        /// Whether it counts.
        active: bool,
        /// Changes with every change. If it is sent back, it must be the present one.
        etag: Option<String>,
    }
}
writable!(Shift = Shift { code, name, weekdays, open_time_of_day, close_time_of_day, active, etag });

record! {
    /// Where a call stands.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SeatCall = SeatCall {
        /// The call.
        call_id: String,
        /// The skill that it is for.
        skill: String,
        /// Where it stands.
        state: SeatCallState,
        /// Its place in the queue of its skill, from 1; 0 if it does not wait. It is not in a stream.
        position: u32,
        /// The seat that it is offered to, or whose agent speaks on it.
        seat: Option<String>,
        /// When it arrived.
        queue_time: Option<DateTime<Utc>>,
        /// When it was offered to the seat.
        offer_time: Option<DateTime<Utc>>,
        /// When the offer goes on to the next seat.
        offer_expire_time: Option<DateTime<Utc>>,
        /// Whether it was answered at a training seat.
        training: bool,
    }
}

open_enum! {
    /// Where a call stands.
    SeatCallState = SeatCallState {
        /// It waits in the queue.
        Waiting = "排队",
        /// It is offered to a seat.
        Offered = "振铃",
        /// An agent speaks on it.
        Connected = "通话",
        /// It has ended.
        Ended = "已结束",
        /// The company is to be called back.
        CallBack = "待回拨",
    }
}

open_enum! {
    /// How a three-way call to a unit's policy number ended.
    ThreeWayOutcome = ThreeWayOutcome {
        /// The unit answered the question.
        Answered = "已解答",
        /// The unit could not answer; a ticket is made.
        Unanswered = "未能解答",
        /// Nobody took the call.
        NoAnswer = "无人接听",
        /// The number was busy.
        Busy = "占线",
    }
}

record! {
    /// What became of a transfer.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TransferredCall = TransferCallResponse {
        /// Where the call stands, if it was transferred to a skill.
        call: Option<SeatCall>,
        /// The number of the unit to dial, for a three-way call.
        policy_number: Option<String>,
    }
}

record! {
    /// An agent who has signed in.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SignedIn = SignInResponse {
        /// The seat.
        seat: Seat,
        /// At which interval the program sends heartbeats, in seconds.
        heartbeat_interval_seconds: u32,
    }
}

record! {
    /// The seat of an agent, as of a heartbeat.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SeatHeartbeat = HeartbeatResponse {
        /// The seat.
        seat: Seat,
        /// When the offer to the seat goes on to the next one.
        offer_expire_time: Option<DateTime<Utc>>,
    }
}

record! {
    /// A call that has ended.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    EndedCall = EndCallResponse {
        /// Where it stands; `None` if it never joined a queue.
        call: Option<SeatCall>,
    }
}

record! {
    /// A company that is to be called back. Its number is in [`Calls::get_call`](crate::Calls::get_call) only.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CallBack = CallBack {
        /// The call that it came from. A call has one call-back at most.
        call_id: String,
        /// The skill that the call was for.
        skill: String,
        /// Why the company is called back.
        cause: CallBackCause,
        /// When it was recorded.
        create_time: DateTime<Utc>,
        /// By when the company is to be called back, by the policy.
        due_time: DateTime<Utc>,
        /// How it stands.
        state: CallBackState,
        /// Calls that reached nobody so far.
        attempt_count: u32,
        /// The last such call.
        attempt_time: Option<DateTime<Utc>>,
        /// The ticket that came of it, if the company was reached.
        ticket_number: Option<String>,
    }
}

open_enum! {
    /// Why a company is called back.
    CallBackCause = CallBackCause {
        /// The call came outside the hours of the seats.
        OutsideHours = "非服务时间来电",
        /// The call waited longer than the policy allows.
        WaitedTooLong = "排队超时",
        /// The caller wished it.
        Wish = "来电人要求",
    }
}

open_enum! {
    /// How a call-back stands.
    CallBackState = CallBackState {
        /// The company is still to be called.
        Open = "待回拨",
        /// The company was reached, and a ticket was made.
        Reached = "已联系",
        /// Nobody is to be called any more.
        Dropped = "不再回拨",
    }
}

open_enum! {
    /// How a call-back ended.
    CallBackOutcome = CallBackOutcome {
        /// The company was reached, and a ticket was made.
        Reached = "已联系",
        /// Nobody was reached; the company is to be called again.
        NotReached = "未联系上",
        /// Nobody is to be called any more.
        Dropped = "不再回拨",
    }
}
