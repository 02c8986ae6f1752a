//! The classification of tickets: state, category, complexity, channel, rung, tier.

use crate::convert::open_enum;

open_enum! {
    /// The state of a ticket. How far supervision has gone is a [`Rung`] beside it.
    TicketState = TicketState {
        /// Taken in (受理); nobody works on it yet.
        Received = "已受理",
        /// Declined (不予受理). Final.
        Declined = "不予受理",
        /// Answered on the spot; the follow-up is due.
        Answered = "已当场答复",
        /// With the coordinator, because responsibilities overlap.
        Planning = "统筹中",
        /// Sent to a lead unit that has not accepted it yet.
        Dispatched = "已派单",
        /// The lead unit has accepted it (签收) and works on it.
        Handling = "办理中",
        /// The lead unit has returned it (退单).
        Returned = "已退单",
        /// Both halves of the feedback are there; the follow-up call is due.
        Completed = "已办结",
        /// The loop is closed. A bad survey may still start a new cycle.
        Closed = "已关闭",
        /// The company withdrew it. Final.
        Withdrawn = "已撤回",
        /// A repeat, linked to the open ticket about the same matter. Final.
        Merged = "已合并",
    }
}

open_enum! {
    /// What the company wants.
    Category = TicketCategory {
        /// 咨询: a question about policy, procedures, places or rules.
        Consultation = "咨询",
        /// 诉求: a problem met in running a business.
        Appeal = "诉求",
        /// 投诉举报: a complaint about a government body or its staff.
        ComplaintReport = "投诉举报",
    }
}

open_enum! {
    /// How much work a request is.
    Complexity = TicketComplexity {
        /// Ordinary work.
        General = "一般",
        /// Research, several steps or several units.
        Complex = "复杂",
    }
}

open_enum! {
    /// Whether it is clear which unit is responsible.
    Responsibility = Responsibility {
        /// One unit is clearly responsible.
        Clear = "职责清晰",
        /// Several units are responsible, or none claims it: the coordinator writes a plan first. Appeals only.
        Overlapping = "职责交叉",
    }
}

open_enum! {
    /// How a request reaches the hotline.
    Channel = Channel {
        /// The telephone; its opening hours apply.
        Telephone = "电话",
        /// The app.
        App = "应用",
        /// The web site.
        Web = "网站",
        /// A partner unit's own counter or system.
        Partner = "合作单位",
    }
}

open_enum! {
    /// How far supervision has gone in a handling cycle. A higher rung compares as greater.
    Rung = Rung {
        /// Nothing has fired.
        None = "无",
        /// Reminded before the limit.
        Reminded = "已提醒",
        /// 催办: urged at the limit.
        Urged = "已催办",
        /// 督办: supervised.
        Supervised = "已督办",
        /// 人工督办: with hotline staff.
        Manual = "人工督办",
    }
}

open_enum! {
    /// The row of the deadline table that applies to a ticket.
    Tier = Tier {
        /// A general consultation: answered during the call.
        ConsultationGeneral = "一般咨询",
        /// A complex consultation that one unit can answer.
        ConsultationComplexOneUnit = "复杂咨询（单一单位）",
        /// A complex consultation that needs several units.
        ConsultationComplexSeveralUnits = "复杂咨询（多个单位）",
        /// A general appeal or complaint-report.
        General = "一般诉求或投诉举报",
        /// A complex appeal or complaint-report.
        Complex = "复杂诉求或投诉举报",
    }
}

open_enum! {
    /// A role of a person or a program. A principal may have several.
    Role = Role {
        /// Telephony middleware: creates the ticket of a transferred call.
        Telephony = "电话系统",
        /// A seat agent (坐席员): answers, classifies, creates, calls back.
        Agent = "坐席员",
        /// A dispatcher: sends tickets to units and rules on returns.
        Dispatcher = "派单员",
        /// The coordinator (市投资促进服务中心): writes plans if responsibilities overlap.
        Coordinator = "统筹员",
        /// A handling unit (承办单位); sees only its own tickets.
        Unit = "承办单位",
        /// A supervisor: supervises by hand.
        Supervisor = "督办员",
        /// An analyst: reads tickets and statistics, never a caller's identity.
        Analyst = "分析员",
        /// An administrator: units, catalogue, calendars, policies, credentials.
        Administrator = "管理员",
    }
}
