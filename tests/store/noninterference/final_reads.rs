//! What everybody is asked at the end of a history: the ticket from every side, and the methods that name no ticket.

use hotline_proto::v1 as pb;
use hotline_proto::{METHODS, MethodRow};
use prost::Message as _;

use super::system_pair::{Mode, PAIR, SystemPair, Who};

/// Methods that have to answer something else than a refusal at least once: those that tickets are handled and read with.
pub(super) const ANSWERED: [&str; 26] = [
    "CreateTicket",
    "AnswerTicket",
    "DeclineTicket",
    "ClassifyTicket",
    "PlanTicket",
    "DispatchTicket",
    "AcceptTicket",
    "ReturnTicket",
    "RuleOnReturn",
    "SubmitFeedback",
    "CarryOverTicket",
    "EscalateTicket",
    "SubmitSurvey",
    "WithdrawTicket",
    "MergeTicket",
    "RedactTicket",
    "GetTicket",
    "ListTickets",
    "ListTicketEvents",
    "RevealIdentity",
    "ApproveReveal",
    "ListDigests",
    "ExplainDeadline",
    "ListIdentityAccesses",
    "ListAuditRecords",
    "AdvanceTo",
];

/// Everybody looks at a ticket. `had` says whether one of the pair has had it, and so knows more than others.
pub(super) async fn read_by_everybody(pair: &mut SystemPair, number: &str, had: bool) -> Result<(), String> {
    let ticket_number = number.to_owned();
    let get =
        pb::GetTicketRequest { ticket_number: ticket_number.clone(), ..Default::default() }.encode_to_vec();
    let list = pb::ListTicketEventsRequest { ticket_number: ticket_number.clone(), ..Default::default() }
        .encode_to_vec();
    let explain = pb::ExplainDeadlineRequest { ticket_number }.encode_to_vec();
    for who in Who::every() {
        let may_know = may_know(pair, who, had);
        for (method, request) in
            [("GetTicket", &get), ("ListTicketEvents", &list), ("ExplainDeadline", &explain)]
        {
            let requests = [request.clone(), request.clone()];
            pair.call_both(who, method, Some(number), may_know, requests).await?;
        }
    }
    Ok(())
}

/// Whether somebody may know what the systems differ in. One of the pair that has had the ticket knows that it had.
pub(super) fn may_know(pair: &SystemPair, who: Who, had: bool) -> bool {
    let is_of_pair = matches!(who, Who::Unit(code) if PAIR.contains(&code));
    pair.mode == Mode::Accused && (who.may_know_accused() || (had && is_of_pair))
}

/// Every method that names no ticket is asked by everybody who may, with an empty request.
pub(super) async fn call_other_methods(pair: &mut SystemPair) -> Result<(), String> {
    let names_none = |row: &&MethodRow| row.service != "TicketService" || row.method == "WhoAmI";
    for row in METHODS.iter().filter(|row| names_none(row) && row.method != "AdvanceTo") {
        for who in Who::every() {
            let may_know = may_know(pair, who, true);
            pair.call_both(who, row.method, None, may_know, [Vec::new(), Vec::new()]).await?;
        }
    }
    Ok(())
}

/// Time passes: rungs fire, digests are gathered.
pub(super) async fn pass_time(pair: &mut SystemPair) -> Result<(), String> {
    let hours = chrono::TimeDelta::hours(i64::from(1 + pair.random.below(60)));
    // The systems are asked one second after one another's last question, both by the same clock of their own.
    let at = pair.sides[0].hotline.clock.now() + hours;
    let request = pb::AdvanceToRequest { time: Some(super::sample_requests::time(at)) }.encode_to_vec();
    let administrator = Who::Staff("administrator");
    pair.call_both(administrator, "AdvanceTo", None, false, [request.clone(), request]).await?;
    Ok(())
}
