//! The classification of tickets: state, category, complexity, channel, rung, tier.

use crate::convert::open_enum;

open_enum! {
    /// The state of a ticket. How far supervision has gone is a [`Rung`] beside it.
    TicketState = TicketState {
        /// Taken in (受理); nobody works on it yet.
        Received,
        /// Declined (不予受理). Final.
        Declined,
        /// Answered on the spot; the follow-up is due.
        Answered,
        /// With the coordinator, because responsibilities overlap.
        Planning,
        /// Sent to a lead unit that has not accepted it yet.
        Dispatched,
        /// The lead unit has accepted it (签收) and works on it.
        Handling,
        /// The lead unit has returned it (退单).
        Returned,
        /// Both halves of the feedback are there; the follow-up call is due.
        Completed,
        /// The loop is closed. A bad survey may still start a new cycle.
        Closed,
        /// The company withdrew it. Final.
        Withdrawn,
        /// A repeat, linked to the open ticket about the same matter. Final.
        Merged,
    }
}

open_enum! {
    /// What the company wants.
    Category = TicketCategory {
        /// 咨询: a question about policy, procedures, places or rules.
        Consultation,
        /// 诉求: a problem met in running a business.
        Appeal,
        /// 投诉举报: a complaint about a government body or its staff.
        ComplaintReport,
    }
}

open_enum! {
    /// How much work a request is.
    Complexity = TicketComplexity {
        /// Ordinary work.
        General,
        /// Research, several steps or several units.
        Complex,
    }
}

open_enum! {
    /// Whether it is clear which unit is responsible.
    Responsibility = Responsibility {
        /// One unit is clearly responsible.
        Clear,
        /// Several units are responsible, or none claims it: the coordinator writes a plan first. Appeals only.
        Overlapping,
    }
}

open_enum! {
    /// How a request reaches the hotline.
    Channel = Channel {
        /// The telephone; its opening hours apply.
        Telephone,
        /// The app.
        App,
        /// The web site.
        Web,
        /// A partner unit's own counter or system.
        Partner,
    }
}

open_enum! {
    /// How far supervision has gone in a handling cycle. A higher rung compares as greater.
    Rung = Rung {
        /// Nothing has fired.
        None,
        /// Reminded before the limit.
        Reminded,
        /// 催办: urged at the limit.
        Urged,
        /// 督办: supervised.
        Supervised,
        /// 人工督办: with hotline staff.
        Manual,
    }
}

open_enum! {
    /// The row of the deadline table that applies to a ticket.
    Tier = Tier {
        /// A general consultation: answered during the call.
        ConsultationGeneral,
        /// A complex consultation that one unit can answer.
        ConsultationComplexOneUnit,
        /// A complex consultation that needs several units.
        ConsultationComplexSeveralUnits,
        /// A general appeal or complaint-report.
        General,
        /// A complex appeal or complaint-report.
        Complex,
    }
}

open_enum! {
    /// A role of a person or a program. A principal may have several.
    Role = Role {
        /// Telephony middleware: creates the ticket of a transferred call.
        Telephony,
        /// A seat agent (坐席员): answers, classifies, creates, calls back.
        Agent,
        /// A dispatcher: sends tickets to units and rules on returns.
        Dispatcher,
        /// The coordinator (市投资促进服务中心): writes plans if responsibilities overlap.
        Coordinator,
        /// A handling unit (承办单位); sees only its own tickets.
        Unit,
        /// A supervisor: supervises by hand.
        Supervisor,
        /// An analyst: reads tickets and statistics, never a caller's identity.
        Analyst,
        /// An administrator: units, catalogue, calendars, policies, credentials.
        Administrator,
    }
}
