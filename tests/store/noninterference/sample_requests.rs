//! Requests on tickets: for each state the commands that continue the loop, and the reads of every caller.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_proto::v1 as pb;
use hotline_server::ticket::{State, Ticket};
use prost::Message as _;

use super::around::NOTED;
use super::searches::random_search;
use super::system_pair::{ASSIST, Actor, INFORM, LEAD};
use crate::store::random::Random;

pub(super) const AGENT: Actor = Actor::Staff("agent-1");
const OTHER_AGENT: Actor = Actor::Staff("agent-2");
pub(super) const DISPATCHER: Actor = Actor::Staff("dispatcher");
pub(super) const COORDINATOR: Actor = Actor::Staff("coordinator");
pub(super) const SUPERVISOR: Actor = Actor::Staff("supervisor-1");

/// The caller, the method and the request.
pub(super) type SampleRequest = (Actor, &'static str, Vec<u8>);

pub(super) fn time(at: DateTime<Utc>) -> prost_types::Timestamp {
    let nanos = i32::try_from(at.timestamp_subsec_nanos()).expect("less than a second");
    prost_types::Timestamp { seconds: at.timestamp(), nanos }
}

pub(super) fn note() -> String {
    "已电话核实".to_owned()
}

/// The common fields of a command on a ticket.
pub(super) struct CommandBuilder<'a> {
    pub(super) ticket: &'a Ticket,
    pub(super) request_id: String,
    pub(super) now: DateTime<Utc>,
}

impl CommandBuilder<'_> {
    pub(super) fn number(&self) -> String {
        self.ticket.number.to_string()
    }

    pub(super) fn classify(
        self,
        category: pb::TicketCategory,
        is_overlapping: bool,
        accused: &[&str],
    ) -> Vec<u8> {
        pb::ClassifyTicketRequest {
            ticket_number: self.number(),
            request_id: self.request_id,
            category: category as i32,
            complexity: pb::TicketComplexity::General as i32,
            responsibility: if is_overlapping { 2 } else { 1 },
            accused_units: accused.iter().map(|code| (*code).to_owned()).collect(),
            ..Default::default()
        }
        .encode_to_vec()
    }

    pub(super) fn plan(self, lead: &str, assist: &str) -> Vec<u8> {
        pb::PlanTicketRequest {
            ticket_number: self.number(),
            request_id: self.request_id,
            text: "先核实，再答复".to_owned(),
            lead_unit: lead.to_owned(),
            assist_units: vec![assist.to_owned()],
            ..Default::default()
        }
        .encode_to_vec()
    }

    pub(super) fn dispatch(self, lead: &str, assist: &[&str], inform: &[&str]) -> Vec<u8> {
        let codes = |units: &[&str]| units.iter().map(|code| (*code).to_owned()).collect();
        pb::DispatchTicketRequest {
            ticket_number: self.number(),
            request_id: self.request_id,
            lead_unit: lead.to_owned(),
            assist_units: codes(assist),
            inform_units: codes(inform),
            note: "请按时办理".to_owned(),
            reason: "职责划转".to_owned(),
            ..Default::default()
        }
        .encode_to_vec()
    }

    pub(super) fn accept(self) -> Vec<u8> {
        let (ticket_number, etag) = (self.number(), String::new());
        pb::AcceptTicketRequest { request_id: self.request_id, ticket_number, etag }.encode_to_vec()
    }

    pub(super) fn return_ticket(self, reason: pb::ReturnReason, proposed: &str) -> Vec<u8> {
        pb::ReturnTicketRequest {
            ticket_number: self.number(),
            request_id: self.request_id,
            reason: reason as i32,
            rule: "三定方案第二条".to_owned(),
            proposed_unit: proposed.to_owned(),
            ..Default::default()
        }
        .encode_to_vec()
    }

    pub(super) fn rule(self, ruling: pb::Ruling) -> Vec<u8> {
        let (ticket_number, ruling) = (self.number(), ruling as i32);
        pb::RuleOnReturnRequest {
            request_id: self.request_id,
            ticket_number,
            ruling,
            note: note(),
            ..Default::default()
        }
        .encode_to_vec()
    }

    pub(super) fn feed_back(self, has_reply: bool, has_report: bool) -> Vec<u8> {
        let reply = pb::CallerReply {
            reply_time: Some(time(self.now)),
            method: 1,
            official: "李科长".to_owned(),
            content: "已答复".to_owned(),
            ..Default::default()
        };
        let report = pb::HotlineReport {
            actions: "已核实".to_owned(),
            result: "已办结".to_owned(),
            ..Default::default()
        };
        pb::SubmitFeedbackRequest {
            ticket_number: self.number(),
            request_id: self.request_id,
            caller_reply: has_reply.then_some(reply),
            hotline_report: has_report.then_some(report),
            ..Default::default()
        }
        .encode_to_vec()
    }

    pub(super) fn carry_over(self, grants: Option<bool>) -> Vec<u8> {
        use pb::carry_over_ticket_request::Step;
        let step = match grants {
            Some(granted) => Step::Decision(pb::CarryOverDecision { granted, note: note() }),
            None => Step::Ask(pb::CarryOverAsk {
                next_steps: "等待上级批复".to_owned(),
                promised_time: Some(time(self.ticket.cycle.due_at() + TimeDelta::days(20))),
                inform_time: Some(time(self.now)),
            }),
        };
        pb::CarryOverTicketRequest {
            ticket_number: self.number(),
            request_id: self.request_id,
            step: Some(step),
            ..Default::default()
        }
        .encode_to_vec()
    }

    pub(super) fn noted(self, method: &'static str) -> Vec<u8> {
        let (request_id, ticket_number, etag) = (self.request_id.clone(), self.number(), String::new());
        match method {
            "DeclineTicket" => pb::DeclineTicketRequest {
                request_id,
                ticket_number,
                etag,
                reason: 1,
                turn_to: "人民法院".to_owned(),
                note: note(),
            }
            .encode_to_vec(),
            "EscalateTicket" => {
                pb::EscalateTicketRequest { request_id, ticket_number, etag, escalation: 1, note: note() }
                    .encode_to_vec()
            }
            "ReworkTicket" => {
                pb::ReworkTicketRequest { request_id, ticket_number, etag, note: note() }.encode_to_vec()
            }
            "WithdrawTicket" => {
                pb::WithdrawTicketRequest { request_id, ticket_number, etag, note: note() }.encode_to_vec()
            }
            "RecordContactAttempt" => {
                pb::RecordContactAttemptRequest { request_id, ticket_number, etag, note: note() }
                    .encode_to_vec()
            }
            "RedactTicket" => {
                pb::RedactTicketRequest { request_id, ticket_number, note: note(), ..Default::default() }
                    .encode_to_vec()
            }
            "UpdateCaller" => {
                let industry = "零售".to_owned();
                pb::UpdateCallerRequest { request_id, ticket_number, industry, ..Default::default() }
                    .encode_to_vec()
            }
            "RecordRecheck" => {
                let all = pb::RecordRecheckRequest { request_id, ticket_number, etag, ..Default::default() };
                pb::RecordRecheckRequest { satisfied: 3, ..all }.encode_to_vec()
            }
            "SubmitSurvey" => {
                let all =
                    pb::SubmitSurveyRequest { request_id, ticket_number, responded: 1, ..Default::default() };
                pb::SubmitSurveyRequest { resolved: 3, satisfied: 3, ..all }.encode_to_vec()
            }
            "AnswerTicket" => {
                let unanswered_question = "跨区迁移要带哪些材料？".to_owned();
                let answer = pb::AnswerTicketRequest { unanswered_question, ..Default::default() };
                pb::AnswerTicketRequest { request_id, ticket_number, content: note(), ..answer }
                    .encode_to_vec()
            }
            _ => self.undoing(method),
        }
    }

    fn undoing(self, method: &'static str) -> Vec<u8> {
        let (request_id, ticket_number, etag) = (self.request_id.clone(), self.number(), String::new());
        match method {
            "ReinstateTicket" => {
                pb::ReinstateTicketRequest { request_id, ticket_number, etag, note: note() }.encode_to_vec()
            }
            "ReopenTicket" => {
                let purpose = if self.ticket.cycle.survey.is_some() { 2 } else { 1 };
                pb::ReopenTicketRequest { request_id, ticket_number, etag, purpose, note: note() }
                    .encode_to_vec()
            }
            "UnmergeTicket" => {
                let from = self.ticket.merged_into.unwrap_or(self.ticket.number);
                let from_ticket_number = from.to_string();
                pb::UnmergeTicketRequest { request_id, ticket_number, etag, from_ticket_number, note: note() }
                    .encode_to_vec()
            }
            "RecordRepeatCall" => {
                let repeat = self.ticket.repeats.first().copied().unwrap_or(self.ticket.number);
                pb::RecordRepeatCallRequest {
                    request_id,
                    ticket_number,
                    repeat_ticket_number: repeat.to_string(),
                    reached: true,
                    note: note(),
                    ..Default::default()
                }
                .encode_to_vec()
            }
            other => self.around(other),
        }
    }
}

/// A valid command in the ticket's state, by an allowed caller.
pub(super) fn next_command(on: CommandBuilder<'_>, random: &mut Random) -> SampleRequest {
    use pb::TicketCategory::{Appeal, ComplaintReport, Consultation};
    if random.percent(20) {
        let method = *random.pick(&NOTED);
        let actor = if method == "EscalateTicket" { SUPERVISOR } else { OTHER_AGENT };
        return (actor, method, on.noted(method));
    }
    let lead = on.ticket.lead_unit().is_none_or(|unit| unit.as_str() == LEAD);
    let lead = Actor::Unit(if lead { LEAD } else { ASSIST });
    if random.percent(12) {
        return on.around_by(lead, random);
    }
    match on.ticket.state {
        State::Received if on.ticket.is_held() => (AGENT, "RedactTicket", on.noted("RedactTicket")),
        State::Received if random.percent(40) => match random.below(7) {
            0 | 5 => (AGENT, "ClassifyTicket", on.classify(Appeal, true, &[])),
            1 => (AGENT, "ClassifyTicket", on.classify(ComplaintReport, false, &[])),
            2 => (DISPATCHER, "ClassifyTicket", on.classify(Appeal, false, &[])),
            3 | 4 => (AGENT, "DeclineTicket", on.noted("DeclineTicket")),
            _ => (AGENT, "ClassifyTicket", on.classify(Consultation, false, &[])),
        },
        State::Received if on.ticket.category == hotline_server::ticket::Category::Consultation => {
            (AGENT, "AnswerTicket", on.noted("AnswerTicket"))
        }
        State::Planning if on.ticket.plan.is_none() => (COORDINATOR, "PlanTicket", on.plan(LEAD, ASSIST)),
        State::Received | State::Planning => {
            (DISPATCHER, "DispatchTicket", on.dispatch(LEAD, &[ASSIST], &[INFORM]))
        }
        State::Dispatched if random.percent(30) => {
            (lead, "ReturnTicket", on.return_ticket(pb::ReturnReason::NotOurDuty, INFORM))
        }
        State::Dispatched => (lead, "AcceptTicket", on.accept()),
        State::Returned if on.ticket.pending_return().is_some() => {
            let ruling = if random.percent(50) { pb::Ruling::Accept } else { pb::Ruling::Refuse };
            (DISPATCHER, "RuleOnReturn", on.rule(ruling))
        }
        State::Returned => (DISPATCHER, "DispatchTicket", on.dispatch(ASSIST, &[], &[LEAD])),
        State::Handling => match random.below(6) {
            0 => (lead, "CarryOverTicket", on.carry_over(None)),
            1 => (DISPATCHER, "CarryOverTicket", on.carry_over(Some(true))),
            2 => (Actor::Unit(ASSIST), "SubmitFeedback", on.feed_back(false, true)),
            3 => (AGENT, "ClassifyTicket", on.classify(ComplaintReport, false, &[])),
            4 => (lead, "SubmitFeedback", on.feed_back(true, false)),
            _ => (lead, "SubmitFeedback", on.feed_back(true, true)),
        },
        State::Completed | State::Closed if !on.ticket.repeats_to_call.is_empty() => {
            (AGENT, "RecordRepeatCall", on.noted("RecordRepeatCall"))
        }
        State::Completed | State::Answered if random.percent(65) => {
            (AGENT, "RecordContactAttempt", on.noted("RecordContactAttempt"))
        }
        State::Completed | State::Answered => (OTHER_AGENT, "SubmitSurvey", on.noted("SubmitSurvey")),
        State::Closed if random.percent(50) => (SUPERVISOR, "ReopenTicket", on.noted("ReopenTicket")),
        State::Closed => (AGENT, "ReworkTicket", on.noted("ReworkTicket")),
        State::Declined | State::Withdrawn => (AGENT, "ReinstateTicket", on.noted("ReinstateTicket")),
        State::Merged => (SUPERVISOR, "UnmergeTicket", on.noted("UnmergeTicket")),
    }
}

/// A read of a ticket, or a list; half of the time with a page of one row, so that tokens are compared.
pub(super) fn random_read(number: &str, random: &mut Random) -> (&'static str, Vec<u8>) {
    let (ticket_number, page_size) = (number.to_owned(), i32::from(random.percent(50)));
    match random.below(9) {
        0 => ("GetTicket", pb::GetTicketRequest { ticket_number, ..Default::default() }.encode_to_vec()),
        1 => {
            let without_caller = true;
            (
                "GetTicket",
                pb::GetTicketRequest { ticket_number, without_caller, ..Default::default() }.encode_to_vec(),
            )
        }
        2 => (
            "ListTicketEvents",
            pb::ListTicketEventsRequest { ticket_number, page_size, page_token: String::new() }
                .encode_to_vec(),
        ),
        3 => ("ExplainDeadline", pb::ExplainDeadlineRequest { ticket_number }.encode_to_vec()),
        4 => (
            "ListOwnIntakes",
            pb::ListOwnIntakesRequest { page_size, page_token: String::new() }.encode_to_vec(),
        ),
        6 | 7 => ("SearchTickets", random_search(page_size, random)),
        5 => ("ListDigests", pb::ListDigestsRequest { page_size, ..Default::default() }.encode_to_vec()),
        _ => {
            let filter = pb::TicketFilter { held: random.percent(10), ..Default::default() };
            let order = if random.percent(50) { 1 } else { 2 };
            let list =
                pb::ListTicketsRequest { page_size, filter: Some(filter), order, ..Default::default() };
            ("ListTickets", list.encode_to_vec())
        }
    }
}
