//! The words of calls: directions, outcomes, results and parties.

use crate::convert::open_enum;

open_enum! {
    /// Who called whom.
    CallDirection = CallDirection {
        /// A company called the hotline.
        Inbound = "呼入",
        /// The hotline called.
        Outbound = "呼出",
    }
}

open_enum! {
    /// How a call ended. It follows from what was reported.
    CallOutcome = CallOutcome {
        /// A seat answered it.
        Answered = "已接听",
        /// It was offered to a seat, and none answered.
        Missed = "未接听",
        /// It waited in a queue, and ended before it was offered to a seat.
        Abandoned = "排队放弃",
        /// It ended before it joined a queue.
        NotQueued = "未进队列",
    }
}

open_enum! {
    /// What became of an offer.
    CallOfferResult = CallOfferResult {
        /// The seat answered.
        Answered = "接听",
        /// The agent declined it.
        Declined = "拒接",
        /// Nobody answered in time.
        TimedOut = "超时未接",
        /// The exchange took it back, or the caller hung up.
        Released = "已释放",
    }
}

open_enum! {
    /// The kind of a leg.
    CallLegKind = CallLegKind {
        /// The caller's own leg.
        Caller = "主叫",
        /// A blind transfer.
        BlindTransfer = "盲转",
        /// A transfer after a consultation.
        Consultation = "询转",
        /// A three-way call.
        ThreeWay = "三方通话",
    }
}

open_enum! {
    /// How a leg ended.
    CallLegResult = CallLegResult {
        /// It was connected.
        Connected = "已接通",
        /// The number was busy.
        Busy = "占线",
        /// Nobody answered.
        NoAnswer = "无人接听",
        /// It failed.
        Failed = "失败",
    }
}

open_enum! {
    /// A service that takes over what the hotline does not accept.
    HandOverTarget = HandOverTarget {
        /// The police, 110.
        Police = "公安 110",
        /// The fire and rescue service, 119.
        Fire = "消防 119",
        /// The ambulance, 120.
        Ambulance = "急救 120",
        /// The traffic police, 122.
        TrafficPolice = "交警 122",
        /// The petition office.
        PetitionOffice = "信访部门",
    }
}

open_enum! {
    /// How a call was handed over. It follows from the legs.
    HandOverState = HandOverState {
        /// The result of a leg is not known yet.
        Pending = "移交中",
        /// Each service that was called has spoken with the caller.
        Connected = "已移交",
        /// A service was not reached.
        Failed = "移交失败",
    }
}

open_enum! {
    /// A party of a call.
    CallParty = CallParty {
        /// The caller.
        Caller = "来电人",
        /// The hotline: a seat.
        Seat = "坐席",
        /// The exchange.
        Exchange = "交换机",
    }
}
