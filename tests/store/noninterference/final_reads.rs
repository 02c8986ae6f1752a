//! The reads at the end of a history: the ticket by every caller, and the methods that name no ticket.

use hotline_proto::v1 as pb;
use hotline_proto::{METHODS, MethodRow};
use hotline_server::assessment::follow::Follower;
use hotline_server::assessment::score::Month;
use prost::Message as _;

use super::system_pair::{Actor, Mode, PAIR, SystemPair};

/// Methods that must succeed at least once: those that handle and read tickets.
pub(super) const ANSWERED: [&str; 69] = [
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
    "UnmergeTicket",
    "ReinstateTicket",
    "ReopenTicket",
    "RedactTicket",
    "UpdateCaller",
    "AddNote",
    "AssignInside",
    "AskCompany",
    "AddSupplement",
    "RequestHelp",
    "LinkTickets",
    "UploadAttachment",
    "GetAttachment",
    "GetTicket",
    "ListTickets",
    "SearchTickets",
    "ListTicketEvents",
    "ListOwnIntakes",
    "ListAwaitingDispatch",
    "RevealIdentity",
    "ApproveReveal",
    "ListDigests",
    "WatchTickets",
    "ExplainDeadline",
    "SuggestClassification",
    "SuggestDispatch",
    "FindSimilarTickets",
    "ListIdentityAccesses",
    "ListAuditRecords",
    "TransferTickets",
    "GetTransfer",
    "ListArticles",
    "ListAffectedAnswers",
    "ListKnowledgeGaps",
    "AdvanceTo",
    "ReportCall",
    "GetCall",
    "ListCalls",
    "GetUnitScore",
    "ListScoreLines",
    "ListFacts",
    "ListUnitScores",
    "ListObjections",
    "AnalyseTickets",
    "ExportTickets",
    "FindClusters",
    "GetCallContext",
    "AttachRecording",
    "GetRecording",
    "ListMessages",
    "GetProgress",
    "PutRoster",
    "ListAwaitingDispatch",
    "AdviseDispatch",
];

/// Every caller reads a ticket. `had` says whether one of the pair has had it, and so knows more than others.
pub(super) async fn read_by_everybody(pair: &mut SystemPair, number: &str, had: bool) -> Result<(), String> {
    let ticket_number = number.to_owned();
    let get =
        pb::GetTicketRequest { ticket_number: ticket_number.clone(), ..Default::default() }.encode_to_vec();
    let list = pb::ListTicketEventsRequest { ticket_number: ticket_number.clone(), ..Default::default() }
        .encode_to_vec();
    let suggest =
        pb::SuggestClassificationRequest { ticket_number: ticket_number.clone(), ..Default::default() };
    let suggest = suggest.encode_to_vec();
    let dispatch = pb::SuggestDispatchRequest { ticket_number: ticket_number.clone(), ..Default::default() };
    let dispatch = dispatch.encode_to_vec();
    let similar =
        pb::FindSimilarTicketsRequest { ticket_number: ticket_number.clone(), ..Default::default() };
    let similar = similar.encode_to_vec();
    let messages = pb::ListMessagesRequest { ticket_number: ticket_number.clone(), ..Default::default() };
    let messages = messages.encode_to_vec();
    let progress = pb::GetProgressRequest { ticket_number: ticket_number.clone(), ..Default::default() };
    let progress = progress.encode_to_vec();
    let explain = pb::ExplainDeadlineRequest { ticket_number }.encode_to_vec();
    let own = pb::ListOwnIntakesRequest::default().encode_to_vec();
    let attachments = pair.find(number).await.attachments;
    for actor in Actor::every() {
        let may_know = may_know(pair, actor, had);
        for attachment in &attachments {
            let (ticket_number, attachment_id) = (number.to_owned(), attachment.id.clone());
            let read = pb::GetAttachmentRequest { ticket_number, attachment_id }.encode_to_vec();
            pair.call_both(actor, "GetAttachment", Some(number), may_know, [read.clone(), read]).await?;
        }
        for (method, request) in [
            ("GetTicket", &get),
            ("ListTicketEvents", &list),
            ("ExplainDeadline", &explain),
            ("SuggestClassification", &suggest),
            ("SuggestDispatch", &dispatch),
            ("FindSimilarTickets", &similar),
            ("ListMessages", &messages),
            ("GetProgress", &progress),
            ("ListOwnIntakes", &own),
        ] {
            let requests = [request.clone(), request.clone()];
            pair.call_both(actor, method, Some(number), may_know, requests).await?;
        }
    }
    Ok(())
}

/// Every caller reads what its stream has had since the last history: once with the events, once with a snapshot.
pub(super) async fn watch_by_everybody(pair: &mut SystemPair, had: bool) -> Result<(), String> {
    let cursors = [0, 1].map(|side: usize| pair.sides[side].cursor());
    for actor in Actor::every() {
        let events = cursors.clone().map(|cursor| pb::WatchTicketsRequest { cursor, snapshot: false });
        let snapshot = pb::WatchTicketsRequest { cursor: String::new(), snapshot: true };
        // A snapshot shows what one of the pair has had in any history.
        for (requests, had) in [(events, had), ([snapshot.clone(), snapshot], true)] {
            let may_know = may_know(pair, actor, had);
            let requests = requests.map(|request| request.encode_to_vec());
            pair.call_both(actor, "WatchTickets", None, may_know, requests).await?;
        }
    }
    Ok(())
}

/// Whether a caller may know the difference between the systems. One of the pair that has had the ticket knows that it
/// had.
pub(super) fn may_know(pair: &SystemPair, actor: Actor, had: bool) -> bool {
    let is_of_pair = matches!(actor, Actor::Unit(code) if PAIR.contains(&code));
    pair.mode == Mode::Accused && (actor.may_know_accused() || (had && is_of_pair))
}

/// Every caller reads the scores, the lines and the objections of each unit that the histories name, once everything is
/// counted. One of the pair that has had a ticket knows it by its own numbers.
pub(super) async fn assess_by_everybody(pair: &mut SystemPair, had: bool) -> Result<(), String> {
    for side in &pair.sides {
        let (store, clock) = (side.hotline.store.clone(), side.hotline.clock.clone());
        side.hotline.feed().sequencer().number_all().await.expect("the database is there");
        let follower = Follower { store, clock, tickets_max: None };
        follower.follow_all().await.expect("the database is there");
    }
    let now = pair.sides[0].hotline.clock.now();
    let month = Month::of(now).to_string();
    let of_days = reads_of_days(now);
    for actor in Actor::every() {
        let of = match actor {
            Actor::Unit(code) => code,
            Actor::Staff(_) => PAIR[0],
        };
        let (unit, month) = (of.to_owned(), month.clone());
        let score = pb::GetUnitScoreRequest { unit: unit.clone(), month: month.clone() }.encode_to_vec();
        let lines = pb::ListScoreLinesRequest { unit, month: month.clone(), ..Default::default() };
        let ranking = pb::ListUnitScoresRequest { month, group: 1, ..Default::default() };
        let objections = pb::ListObjectionsRequest::default().encode_to_vec();
        let of_unit = [
            ("GetUnitScore", score),
            ("ListScoreLines", lines.encode_to_vec()),
            ("ListUnitScores", ranking.encode_to_vec()),
            ("ListObjections", objections),
        ];
        for (method, request) in of_unit.into_iter().chain(of_days.clone()) {
            let may_know = may_know(pair, actor, had);
            pair.call_both(actor, method, None, may_know, [request.clone(), request]).await?;
        }
    }
    Ok(())
}

/// The reads of the tickets of some days, which no unit may call.
fn reads_of_days(now: chrono::DateTime<chrono::Utc>) -> [(&'static str, Vec<u8>); 4] {
    let day = |back: i64| (now - chrono::TimeDelta::days(back)).format("%Y-%m-%d").to_string();
    let (first_day, last_day) = (day(700), day(-1));
    let analyse = pb::AnalyseTicketsRequest {
        first_day: first_day.clone(),
        last_day: last_day.clone(),
        dimensions: vec![pb::AnalysisDimension::Unit.into(), pb::AnalysisDimension::State.into()],
        ..Default::default()
    };
    let export = pb::ExportTicketsRequest {
        first_day: first_day.clone(),
        last_day: last_day.clone(),
        page_size: 200,
        ..Default::default()
    };
    let clusters =
        pb::FindClustersRequest { first_day: day(85), last_day: last_day.clone(), ..Default::default() };
    let facts = pb::ListFactsRequest { first_day, last_day, page_size: 200, ..Default::default() };
    [
        ("AnalyseTickets", analyse.encode_to_vec()),
        ("ExportTickets", export.encode_to_vec()),
        ("FindClusters", clusters.encode_to_vec()),
        ("ListFacts", facts.encode_to_vec()),
    ]
}

/// Every allowed caller calls every method that names no ticket, with an empty request.
pub(super) async fn call_other_methods(pair: &mut SystemPair) -> Result<(), String> {
    let is_of_no_ticket = |method: &str| {
        matches!(
            method,
            "WhoAmI"
                | "TransferTickets"
                | "GetTransfer"
                | "ListAwaitingDispatch"
                | "AdviseDispatch"
                | "GetAdviceQuality"
        )
    };
    let names_none = |row: &&MethodRow| row.service != "TicketService" || is_of_no_ticket(row.method);
    for row in METHODS.iter().filter(|row| names_none(row) && row.method != "AdvanceTo") {
        for actor in Actor::every() {
            let may_know = may_know(pair, actor, true);
            pair.call_both(actor, row.method, None, may_know, [Vec::new(), Vec::new()]).await?;
        }
    }
    Ok(())
}

/// All open work of a unit moves to another one, in both systems.
pub(super) async fn move_work(pair: &mut SystemPair, from: &str, to: &str) -> Result<(), String> {
    let supervisor = Actor::Staff("supervisor-1");
    let transfer = pb::TransferTicketsRequest {
        request_id: pair.request_id(),
        from_unit: from.to_owned(),
        to: Some(pb::transfer_tickets_request::To::ToUnit(to.to_owned())),
        reason: "机构合并".to_owned(),
    };
    let transfer = transfer.encode_to_vec();
    let requests = [transfer.clone(), transfer];
    let started = pair.call_both(supervisor, "TransferTickets", None, true, requests).await?;
    let started: pb::TransferTicketsResponse = started.expect("a supervisor may").read();
    // The tickets move before the clock does.
    pass_time(pair).await?;
    let transfer_number = started.transfer.unwrap_or_default().number;
    let read = pb::GetTransferRequest { transfer_number }.encode_to_vec();
    pair.call_both(supervisor, "GetTransfer", None, true, [read.clone(), read]).await?;
    Ok(())
}

/// Time passes: rungs fire, and digests are gathered.
pub(super) async fn pass_time(pair: &mut SystemPair) -> Result<(), String> {
    super::searches::index_both(pair).await;
    let hours = chrono::TimeDelta::hours(i64::from(1 + pair.random.below(60)));
    // The systems are called one second after the last call, each by its own clock.
    let at = pair.sides[0].hotline.clock.now() + hours;
    let request = pb::AdvanceToRequest { time: Some(super::sample_requests::time(at)) }.encode_to_vec();
    let administrator = Actor::Staff("administrator");
    pair.call_both(administrator, "AdvanceTo", None, false, [request.clone(), request]).await?;
    Ok(())
}
