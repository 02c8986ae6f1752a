//! The loop from intake to the closed ticket, and the short ways out of it.

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, AnswerTicket, ArticleCitation, Category, ClassifyTicket, ClosingReason, Complexity,
    DeclineReason, DeclineTicket, DispatchTicket, ErrorReason, EventDetail, MergeTicket, PlanTicket,
    Resolved, Responded, Responsibility, Satisfied, SubmitFeedback, SubmitSurvey, TicketState,
    WithdrawTicket,
};

use super::test_env::{
    ACCUSED, ASSISTING, INFORMED, LEAD, NEXT, OPENING, TestEnv, appeal, at, complaint, refused, reply, report,
};

on_every_store!(env:
    a_confidential_complaint_runs_through_the_whole_loop,
    a_consultation_is_answered_by_the_agent,
    a_declined_ticket_says_where_to_turn,
    a_withdrawn_ticket_takes_no_feedback,
    overlapping_responsibility_is_planned_before_it_is_dispatched,
    a_repeat_is_merged_into_the_open_ticket,
);

async fn a_confidential_complaint_runs_through_the_whole_loop(env: &TestEnv) {
    let created = env.take_in(complaint()).await;
    assert_eq!((created.state, created.confidential), (TicketState::Received, true));
    assert_eq!(created.cycle.due_time, at(OPENING) + TimeDelta::days(7));
    let number = created.number.as_str();

    let classified = ClassifyTicket::new(number, Category::ComplaintReport, Complexity::Complex)
        .etag(created.etag.clone());
    let classified = env.agent().classify_ticket(classified).await.expect("the ticket is classified");
    assert_eq!(classified.cycle.due_time, at(OPENING) + TimeDelta::days(15));
    let dispatch = DispatchTicket::new(number, LEAD).assist_units([ASSISTING]).inform_units([INFORMED]);
    let dispatched = env.dispatcher().dispatch_ticket(dispatch).await.expect("the ticket is dispatched");
    assert_eq!(dispatched.state, TicketState::Dispatched);

    env.advance(TimeDelta::hours(3)).await;
    let lead_unit = env.unit(LEAD);
    let accepted =
        lead_unit.accept_ticket(AcceptTicket::new(number)).await.expect("the lead unit accepts the ticket");
    assert_eq!(accepted.state, TicketState::Handling);
    assert_eq!(accepted.dispatch.and_then(|dispatch| dispatch.accept_time), Some(env.now().await));
    let assist_report = SubmitFeedback::new(number).hotline_report(report());
    let after_assist_report =
        env.unit(ASSISTING).submit_feedback(assist_report).await.expect("the assisting unit reports");
    assert_eq!(
        (after_assist_report.state, after_assist_report.cycle.assist_reports.len()),
        (TicketState::Handling, 1)
    );

    let half_feedback = SubmitFeedback::new(number).caller_reply(reply(env.now().await));
    let half_feedback =
        lead_unit.submit_feedback(half_feedback).await.expect("the lead unit replies to the caller");
    assert_eq!((half_feedback.state, half_feedback.cycle.completed_on_time()), (TicketState::Handling, None));
    let hotline_report = SubmitFeedback::new(number).hotline_report(report());
    let completed =
        lead_unit.submit_feedback(hotline_report).await.expect("the lead unit reports to the hotline");
    assert_eq!((completed.state, completed.cycle.completed_on_time()), (TicketState::Completed, Some(true)));

    let survey = SubmitSurvey::new(number)
        .responded(Responded::Yes)
        .resolved(Resolved::Yes)
        .satisfied(Satisfied::Basically);
    let closed = env.agent().submit_survey(survey).await.expect("the survey closes it");
    assert_eq!(closed.state, TicketState::Closed);
    assert_eq!(closed.closing.map(|closing| closing.reason), Some(ClosingReason::Surveyed));
    assert_all_events(env, number).await;
}

async fn assert_all_events(env: &TestEnv, number: &str) {
    let events = env.events(number).await;
    let actual: Vec<_> = events.iter().map(|event| (event.detail.name(), event.actor.as_deref())).collect();
    let (agent, dispatcher) = (Some("dev-agent"), Some("dev-dispatcher"));
    let (lead, assisting) = (Some("dev-unit-district-chaoyang"), Some("dev-unit-dept-tax"));
    let expected = [
        ("TicketCreated", agent),
        ("TicketClassified", agent),
        ("TicketDispatched", dispatcher),
        ("TicketAccepted", lead),
        ("AssistReported", assisting),
        ("CallerReplied", lead),
        ("HotlineReported", lead),
        ("TicketCompleted", lead),
        ("SurveySubmitted", agent),
        ("TicketClosed", agent),
    ];
    assert_eq!(actual, expected);
    let hours = |from: usize| (events[from].event_time - at(OPENING)).num_hours();
    assert_eq!((hours(0), hours(2), hours(3), hours(9)), (0, 0, 3, 3));
}

async fn a_consultation_is_answered_by_the_agent(env: &TestEnv) {
    let consultation = appeal().category(Category::Consultation);
    let created = env.take_in(consultation).await;
    assert_eq!(created.cycle.due_time, at(OPENING) + TimeDelta::minutes(30));
    let number = created.number.as_str();
    let dispatch = env.dispatcher().dispatch_ticket(DispatchTicket::new(number, LEAD)).await;
    refused(dispatch, ErrorReason::AnsweredOnTheSpot);

    let citations = vec![ArticleCitation { free: true, ..ArticleCitation::new("licence-change", 3) }];
    let answer = AnswerTicket::new(number, "变更登记五个工作日办结。", citations.clone());
    let answered = env.agent().answer_ticket(answer.clone()).await.expect("it is answered");
    assert_eq!(answered.state, TicketState::Answered);
    assert_eq!(answered.answer.map(|answer| answer.articles), Some(citations));
    refused(env.agent().answer_ticket(answer).await, ErrorReason::WrongState);

    let survey = SubmitSurvey::new(number).resolved(Resolved::Yes);
    let closed = env.agent().submit_survey(survey).await.expect("it is surveyed");
    assert_eq!(closed.state, TicketState::Closed);
    let actual = ["TicketCreated", "TicketAnswered", "SurveySubmitted", "TicketClosed"];
    assert_eq!(env.event_names(number).await, actual);

    let appeal_ticket = env.take_in(appeal()).await;
    let citations = vec![ArticleCitation::new("a", 1)];
    let answer = AnswerTicket::new(&appeal_ticket.number, "请耐心等待。", citations);
    refused(env.agent().answer_ticket(answer).await, ErrorReason::NotAGeneralConsultation);
}

async fn a_declined_ticket_says_where_to_turn(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    let decline = DeclineTicket::new(&number, DeclineReason::Litigation, "请向受理法院提出。");
    let declined = env.agent().decline_ticket(decline).await.expect("it is declined");
    assert_eq!(declined.state, TicketState::Declined);
    let decline = declined.decline.expect("a declined ticket says why");
    assert_eq!((decline.reason, decline.turn_to.as_str()), (DeclineReason::Litigation, "请向受理法院提出。"));
    assert_eq!(env.event_names(&number).await, ["TicketCreated", "TicketDeclined"]);

    let error = refused(
        env.dispatcher().dispatch_ticket(DispatchTicket::new(&number, LEAD)).await,
        ErrorReason::WrongState,
    );
    assert_eq!(error.metadata()["state"], "DECLINED");
    assert_eq!(error.metadata()["allowed_states"], "RECEIVED,PLANNING,DISPATCHED,HANDLING,RETURNED");
    assert_eq!(env.advance(TimeDelta::days(30)).await, 0, "no rung fires for a declined ticket");
}

async fn a_withdrawn_ticket_takes_no_feedback(env: &TestEnv) {
    let number = env.appeal_in_handling().await.number;
    let withdraw = WithdrawTicket::new(&number, "问题已自行解决。");
    let withdrawn = env.agent().withdraw_ticket(withdraw).await.expect("the withdrawal is accepted");
    assert_eq!(withdrawn.state, TicketState::Withdrawn);
    assert_eq!(withdrawn.withdrawal_note.as_deref(), Some("问题已自行解决。"));
    let late_report = SubmitFeedback::new(&number).hotline_report(report());
    refused(env.unit(LEAD).submit_feedback(late_report).await, ErrorReason::WrongState);
    assert_eq!(env.advance(TimeDelta::days(30)).await, 0, "no rung fires for a withdrawn ticket");
}

async fn overlapping_responsibility_is_planned_before_it_is_dispatched(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    let plan =
        || PlanTicket::new(&number, "朝阳区政府牵头核实，税务部门配合。", LEAD).assist_units([ASSISTING]);
    let coordinator = env.client("coordinator").tickets();
    refused(coordinator.plan_ticket(plan()).await, ErrorReason::WrongState);

    let overlapping = ClassifyTicket::new(&number, Category::Appeal, Complexity::Complex)
        .responsibility(Responsibility::Overlapping);
    let planning = env.agent().classify_ticket(overlapping.clone()).await.expect("the ticket is classified");
    assert_eq!(planning.state, TicketState::Planning);
    let early_dispatch = env.dispatcher().dispatch_ticket(DispatchTicket::new(&number, LEAD)).await;
    refused(early_dispatch, ErrorReason::PlanMissing);
    let planned = coordinator.plan_ticket(plan()).await.expect("the coordinator plans");
    assert_eq!(planned.plan.map(|plan| plan.lead_unit), Some(LEAD.to_owned()));
    let dispatched = coordinator.dispatch_ticket(DispatchTicket::new(&number, LEAD)).await;
    assert_eq!(dispatched.expect("the coordinator dispatches").state, TicketState::Dispatched);
    let actual = ["TicketCreated", "TicketClassified", "TicketPlanned", "TicketDispatched"];
    assert_eq!(env.event_names(&number).await, actual);

    let complaint = env.take_in(complaint()).await.number;
    let overlapping = overlapping.ticket_number(complaint).category(Category::ComplaintReport);
    refused(env.agent().classify_ticket(overlapping).await, ErrorReason::PlanNotCalledFor);
}

async fn a_repeat_is_merged_into_the_open_ticket(env: &TestEnv) {
    let open = env.appeal_in_handling().await.number;
    let repeat = env.take_in(appeal()).await.number;
    let merged =
        env.agent().merge_ticket(MergeTicket::new(&repeat, &open)).await.expect("the merge is accepted");
    assert_eq!((merged.state, merged.merged_into.as_ref()), (TicketState::Merged, Some(&open)));
    assert_eq!(env.ticket(&open).await.repeats, std::slice::from_ref(&repeat));
    assert_eq!(env.event_names(&repeat).await, ["TicketCreated", "TicketMerged"]);
    let last_event = env.events(&open).await.pop().expect("the open ticket has events");
    assert!(
        matches!(last_event.detail, EventDetail::RepeatLinked(link) if link.repeat_ticket_number == repeat)
    );

    let other_appeal = env.take_in(appeal()).await.number;
    for target in [&repeat, &other_appeal] {
        let outcome = env.agent().merge_ticket(MergeTicket::new(&other_appeal, target)).await;
        refused(outcome, ErrorReason::MergeTargetUnfit);
    }
    let complaint_ticket = env.take_in(complaint()).await.number;
    let accused_units_ticket = env.take_in(appeal()).await.number;
    env.dispatch(&accused_units_ticket, ACCUSED).await;
    let outcome = env.agent().merge_ticket(MergeTicket::new(&complaint_ticket, &accused_units_ticket)).await;
    refused(outcome, ErrorReason::ConflictOfInterest);
    assert_eq!(env.ticket(&complaint_ticket).await.state, TicketState::Received);
    let next_units_ticket = env.dispatch(&other_appeal, NEXT).await.number;
    let outcome = env.agent().merge_ticket(MergeTicket::new(&complaint_ticket, &next_units_ticket)).await;
    assert_eq!(outcome.expect("the merge is accepted").state, TicketState::Merged);
    let outcome = env.dispatcher().dispatch_ticket(DispatchTicket::new(&next_units_ticket, ACCUSED)).await;
    refused(outcome, ErrorReason::ConflictOfInterest);
}
