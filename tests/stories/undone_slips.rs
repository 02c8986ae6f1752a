//! Slips are undone: a wrong merge, a ticket that was declined or withdrawn. A closed ticket is opened again when its
//! company calls. Every company behind a merged repeat is called back.

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, Category, ClassifyTicket, ClosingReason, Complexity, DeactivateUnit, DeclineReason,
    DeclineTicket, DispatchTicket, ErrorReason, EventDetail, ListTickets, RecordContactAttempt,
    RecordRepeatCall, ReinstateTicket, ReopenPurpose, ReopenTicket, Resolved, ReturnReason, ReturnTicket,
    ReworkTicket, Satisfied, SubmitSurvey, Ticket, TicketState, UnmergeTicket, WithdrawTicket,
};

use super::test_env::{ACCUSED, ASSISTING, LEAD, NEXT, TestEnv, appeal, refused};

on_every_store!(env:
    a_wrong_merge_is_undone_and_the_repeat_goes_on_by_itself,
    merges_are_followed_through_chains_and_undone_in_them,
    a_unit_sees_a_repeat_again_that_was_merged_into_a_complaint_about_it,
    a_repeat_does_not_go_back_to_a_unit_that_the_other_ticket_accuses,
    a_repeat_does_not_go_back_to_the_successor_of_an_accused_unit,
    every_company_behind_a_merged_repeat_is_called_back,
    a_ticket_that_was_declined_or_withdrawn_by_a_slip_is_taken_back,
    a_company_that_could_not_be_reached_calls_the_next_day,
    a_satisfied_company_calls_again,
    what_the_company_said_is_hidden_from_the_units_of_a_confidential_ticket,
    a_new_ticket_names_the_closed_one_that_it_follows,
);

fn undo(repeat: &str, from: &str) -> UnmergeTicket {
    UnmergeTicket::new(repeat, from, "并错了")
}

pub(super) fn bad_survey(number: &str) -> SubmitSurvey {
    SubmitSurvey::new(number).resolved(Resolved::No).satisfied(Satisfied::Dissatisfied)
}

/// A ticket that was closed by a survey: the company was satisfied.
async fn closed(env: &TestEnv) -> Ticket {
    let number = env.appeal_in_handling().await.number;
    env.complete(&number, LEAD).await;
    let survey = SubmitSurvey::new(&number).satisfied(Satisfied::Satisfied);
    env.agent().submit_survey(survey).await.expect("the survey is taken")
}

async fn a_wrong_merge_is_undone_and_the_repeat_goes_on_by_itself(env: &TestEnv) {
    let repeat = env.take_in(appeal()).await;
    env.advance(TimeDelta::days(2)).await;
    let open = env.appeal_in_handling().await;
    env.merge(&repeat.number, &open.number).await;
    env.advance(TimeDelta::hours(72)).await;

    let wrong = env.agent().unmerge_ticket(undo(&repeat.number, &repeat.number)).await;
    refused(wrong, ErrorReason::NotMergedInto);
    let command = undo(&repeat.number, &open.number).request_id(hotline_client::Uuid::from_u128(7));
    let back = env.agent().unmerge_ticket(command.clone()).await.expect("in time");
    assert_eq!((back.state, back.merged_into.as_ref()), (TicketState::Received, None));
    assert_eq!(back.cycle.due_time, repeat.cycle.due_time, "its own limit, from its own intake");
    let again = env.agent().unmerge_ticket(command).await.expect("a repeat has the first answer");
    assert_eq!(again, back);
    let other = env.ticket(&open.number).await;
    assert_eq!((other.cycle.due_time, other.repeats.len()), (open.cycle.due_time, 0));
    assert_eq!(env.event_names(&repeat.number).await, ["TicketCreated", "TicketMerged", "TicketUnmerged"]);
    assert!(env.event_names(&open.number).await.ends_with(&["RepeatLinked", "RepeatUnlinked"]));
    env.dispatch(&repeat.number, NEXT).await;

    let late = env.take_in(appeal()).await.number;
    env.merge(&late, &open.number).await;
    env.advance(TimeDelta::hours(72) + TimeDelta::microseconds(1)).await;
    let outcome = env.supervisor().unmerge_ticket(undo(&late, &open.number)).await;
    refused(outcome, ErrorReason::UndoWindowClosed);
    refused(env.unit(LEAD).unmerge_ticket(undo(&late, &open.number)).await, ErrorReason::RoleNotAllowed);
}

async fn merges_are_followed_through_chains_and_undone_in_them(env: &TestEnv) {
    let [first, second, third] =
        [env.take_in(appeal()).await, env.take_in(appeal()).await, env.take_in(appeal()).await]
            .map(|ticket| ticket.number);
    env.merge(&first, &second).await;
    env.merge(&second, &third).await;
    let read = env.ticket(&first).await;
    assert_eq!((read.merged_into.as_ref(), read.surviving_ticket.as_ref()), (Some(&second), Some(&third)));
    assert_eq!(env.ticket(&third).await.repeats, [second.clone(), first.clone()]);

    let back = env.agent().unmerge_ticket(undo(&first, &second)).await.expect("in time");
    assert_eq!(back.state, TicketState::Received);
    assert_eq!(env.ticket(&second).await.repeats, Vec::<String>::new());
    assert_eq!(env.ticket(&third).await.repeats, std::slice::from_ref(&second));
    let wrong = env.agent().unmerge_ticket(undo(&second, &first)).await;
    refused(wrong, ErrorReason::NotMergedInto);
    env.agent().unmerge_ticket(undo(&second, &third)).await.expect("in time");
    assert_eq!(env.ticket(&third).await.repeats, Vec::<String>::new());
}

async fn a_unit_sees_a_repeat_again_that_was_merged_into_a_complaint_about_it(env: &TestEnv) {
    let about_lead = appeal().category(Category::ComplaintReport).accused_units([LEAD]);
    let complaint = env.take_in(about_lead).await.number;
    let repeat = env.take_in(appeal()).await.number;
    env.merge(&repeat, &complaint).await;
    env.agent().unmerge_ticket(undo(&repeat, &complaint)).await.expect("in time");
    env.dispatch(&repeat, LEAD).await;
    let seen = env
        .unit(LEAD)
        .get_ticket_with_caller(&repeat)
        .await
        .expect("it has nothing to do with the complaint");
    assert_eq!(seen.ticket.state, TicketState::Dispatched);
    refused(env.unit(LEAD).get_ticket_with_caller(&complaint).await, ErrorReason::TicketNotFound);
}

/// A ticket that its lead has returned, and that was merged into another one.
async fn returned_and_merged(env: &TestEnv, lead: &str) -> (String, String) {
    let [repeat, open] = [env.take_in(appeal()).await, env.take_in(appeal()).await].map(|one| one.number);
    env.dispatch(&repeat, lead).await;
    let back = ReturnTicket::new(&repeat, ReturnReason::Incomplete, "第一条");
    env.unit(lead).return_ticket(back).await.expect("it is in time");
    env.merge(&repeat, &open).await;
    (repeat, open)
}

/// Undoes a merge of a ticket that a unit had; the unit does not get it back, and the desk can send it elsewhere.
async fn undone_without(env: &TestEnv, (repeat, open): (&str, &str), unit: &str) {
    refused(env.unit(unit).get_ticket_with_caller(repeat).await, ErrorReason::TicketNotFound);
    let back = env.agent().unmerge_ticket(undo(repeat, open)).await.expect("in time");
    assert_eq!((back.state, back.dispatch), (TicketState::Received, None), "somebody has to decide");
    refused(env.unit(unit).get_ticket_with_caller(repeat).await, ErrorReason::TicketNotFound);
    let listed = env.unit(unit).list_tickets(ListTickets::default()).take_up_to(10).await.expect("it lists");
    assert_eq!(listed, []);
    env.dispatch(repeat, ASSISTING).await;
}

async fn a_repeat_does_not_go_back_to_a_unit_that_the_other_ticket_accuses(env: &TestEnv) {
    let (repeat, open) = returned_and_merged(env, LEAD).await;
    let about_lead =
        ClassifyTicket::new(&open, Category::ComplaintReport, Complexity::General).accused_units([LEAD]);
    env.agent().classify_ticket(about_lead).await.expect("it turns out to be a complaint");
    undone_without(env, (&repeat, &open), LEAD).await;
}

async fn a_repeat_does_not_go_back_to_the_successor_of_an_accused_unit(env: &TestEnv) {
    let (repeat, open) = returned_and_merged(env, NEXT).await;
    let about_abolished =
        ClassifyTicket::new(&open, Category::ComplaintReport, Complexity::General).accused_units([ACCUSED]);
    env.agent().classify_ticket(about_abolished).await.expect("it turns out to be a complaint");
    let directory = env.client("administrator").directory();
    let accused = directory.get_unit(ACCUSED).await.expect("the unit is seeded");
    let ends = DeactivateUnit::in_favour_of(accused, NEXT);
    directory.deactivate_unit(ends).await.expect("it has no open tickets");
    undone_without(env, (&repeat, &open), NEXT).await;
}

async fn every_company_behind_a_merged_repeat_is_called_back(env: &TestEnv) {
    let open = env.appeal_in_handling().await.number;
    let repeats = [env.take_in(appeal()).await.number, env.take_in(appeal()).await.number];
    for repeat in &repeats {
        env.merge(repeat, &open).await;
    }
    let to_call = async || {
        let list = ListTickets::default().has_repeats_to_call(true);
        let listed = env.agent().list_tickets(list).take_up_to(10).await.expect("an agent lists");
        listed.into_iter().flat_map(|ticket| ticket.repeats_to_call).collect::<Vec<_>>()
    };
    assert_eq!(to_call().await, Vec::<String>::new(), "there is no result to tell yet");
    env.complete(&open, LEAD).await;
    assert_eq!(to_call().await, repeats);
    let by_unit = ListTickets::default().has_repeats_to_call(true);
    let by_unit = env.unit(LEAD).list_tickets(by_unit).take_up_to(10).await;
    refused(by_unit, ErrorReason::PartNotAllowed);

    let call = |repeat: &str, reached| {
        let note = Some("已告知办理结果".to_owned());
        RecordRepeatCall::new(&open, repeat).reached(reached).note(note)
    };
    env.agent().record_repeat_call(call(&repeats[0], true)).await.expect("the call is recorded");
    assert_eq!(to_call().await, [repeats[1].clone()]);
    env.agent().submit_survey(bad_survey(&open)).await.expect("the first company is asked");
    assert_eq!(to_call().await, [repeats[1].clone()], "a survey of one company is none of the other");
    env.agent().record_repeat_call(call(&repeats[1], false)).await.expect("nobody answers");
    refused(env.agent().record_repeat_call(call(&repeats[1], false)).await, ErrorReason::AttemptTooSoon);
    let called = env.agent().record_repeat_call(call(&repeats[1], true)).await.expect("somebody answers");
    assert_eq!((called.repeat_calls.len(), to_call().await.len()), (3, 0));
    refused(env.agent().record_repeat_call(call(&repeats[1], true)).await, ErrorReason::RepeatUnknown);
    let seen = env.unit(LEAD).get_ticket_with_caller(&open).await.expect("it leads the ticket").ticket;
    assert_eq!((seen.repeat_calls.len(), seen.repeats_to_call.len()), (0, 0), "a unit sees no calls");
}

async fn a_ticket_that_was_declined_or_withdrawn_by_a_slip_is_taken_back(env: &TestEnv) {
    let declined = env.take_in(appeal()).await;
    let decline = DeclineTicket::new(&declined.number, DeclineReason::Litigation, "人民法院");
    env.agent().decline_ticket(decline).await.expect("it is declined");
    let withdrawn = env.appeal_in_handling().await;
    let withdraw = WithdrawTicket::new(&withdrawn.number, "企业撤回");
    env.agent().withdraw_ticket(withdraw).await.expect("it is withdrawn");
    env.advance(TimeDelta::hours(72)).await;
    let reinstate = |number: &str| ReinstateTicket::new(number, "误操作");
    let back = env.agent().reinstate_ticket(reinstate(&declined.number)).await.expect("in time");
    assert_eq!((back.state, back.decline), (TicketState::Received, None));
    assert_eq!(back.cycle.due_time, declined.cycle.due_time, "its limit has run on");
    let back = env.supervisor().reinstate_ticket(reinstate(&withdrawn.number)).await.expect("in time");
    assert_eq!((back.state, back.withdrawal_note), (TicketState::Handling, None));
    env.complete(&withdrawn.number, LEAD).await;

    let late = env.take_in(appeal()).await.number;
    env.agent().withdraw_ticket(WithdrawTicket::new(&late, "企业撤回")).await.expect("it is withdrawn");
    env.advance(TimeDelta::hours(72) + TimeDelta::microseconds(1)).await;
    refused(env.agent().reinstate_ticket(reinstate(&late)).await, ErrorReason::UndoWindowClosed);
    refused(env.agent().reinstate_ticket(reinstate(&declined.number)).await, ErrorReason::WrongState);
}

async fn a_company_that_could_not_be_reached_calls_the_next_day(env: &TestEnv) {
    let number = env.appeal_in_handling().await.number;
    env.complete(&number, LEAD).await;
    for _ in 0..3 {
        env.agent().record_contact_attempt(RecordContactAttempt::new(&number)).await.expect("nobody answers");
        env.advance(TimeDelta::hours(4)).await;
    }
    let closed = env.ticket(&number).await;
    assert_eq!(closed.closing.map(|closing| closing.reason), Some(ClosingReason::Unreachable));
    env.advance(TimeDelta::days(1)).await;
    let reopen = ReopenTicket::new(&number, ReopenPurpose::Survey, "企业回电：问题没有解决");
    let open = env.agent().reopen_ticket(reopen).await.expect("the company calls");
    assert_eq!((open.state, open.cycle.number), (TicketState::Completed, 1));
    env.agent().submit_survey(bad_survey(&number)).await.expect("the late survey is taken");
    let reworked = env.agent().rework_ticket(ReworkTicket::new(&number, "请重新办理")).await;
    assert_eq!(reworked.expect("it was not resolved").state, TicketState::Handling);
}

async fn a_satisfied_company_calls_again(env: &TestEnv) {
    let number = closed(env).await.number;
    env.advance(TimeDelta::days(7)).await;
    let reopen = |purpose| ReopenTicket::new(&number, purpose, "一周后问题再次出现");
    let second = env.agent().reopen_ticket(reopen(ReopenPurpose::Survey)).await;
    refused(second, ErrorReason::SurveyStands);
    let open = env.supervisor().reopen_ticket(reopen(ReopenPurpose::Rework)).await.expect("in time");
    assert_eq!((open.state, open.cycle.number), (TicketState::Handling, 2));
    let names = env.event_names(&number).await;
    assert!(names.ends_with(&["TicketClosed", "TicketReopened", "TicketReworked"]), "{names:?}");

    let other = closed(env).await.number;
    env.advance(TimeDelta::days(30) + TimeDelta::microseconds(1)).await;
    let late = ReopenTicket::new(&other, ReopenPurpose::Rework, "问题再次出现");
    refused(env.agent().reopen_ticket(late).await, ErrorReason::UndoWindowClosed);
}

async fn what_the_company_said_is_hidden_from_the_units_of_a_confidential_ticket(env: &TestEnv) {
    const SAID: &str = "企业来电：窗口人员认出了我";
    for (confidential, shown) in [(true, None), (false, Some(SAID))] {
        let number = env.take_in(appeal().confidential(confidential)).await.number;
        env.dispatch(&number, LEAD).await;
        env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("it accepts");
        env.complete(&number, LEAD).await;
        env.agent().submit_survey(bad_survey(&number)).await.expect("the survey is taken");
        let reopen = ReopenTicket::new(&number, ReopenPurpose::Rework, SAID);
        env.agent().reopen_ticket(reopen).await.expect("in time");
        let notes = |events: &[hotline_client::TicketEvent]| -> Vec<Option<String>> {
            let noted = events.iter().filter_map(|event| match &event.detail {
                EventDetail::TicketReopened(one) => Some(one.note.clone()),
                EventDetail::TicketReworked(one) => Some(one.note.clone()),
                _ => None,
            });
            noted.collect()
        };
        let seen = env.unit(LEAD).list_ticket_events(&number).take_up_to(30).await.expect("its events");
        assert_eq!(notes(&seen), [shown.map(ToOwned::to_owned), None]);
        assert_eq!(notes(&env.events(&number).await)[0].as_deref(), Some(SAID), "staff read it");
    }
}

async fn a_new_ticket_names_the_closed_one_that_it_follows(env: &TestEnv) {
    let first = closed(env).await.number;
    let following = |number: &str| appeal().follows_ticket_number(number.to_owned());
    let new = env.take_in(following(&first)).await;
    assert_eq!(new.follows.as_ref(), Some(&first));
    let still_open = env.agent().create_ticket(following(&new.number)).await;
    refused(still_open, ErrorReason::FollowedTicketUnfit);

    let sent = DispatchTicket::new(&new.number, LEAD).assist_units([NEXT]);
    env.dispatcher().dispatch_ticket(sent).await.expect("it is dispatched");
    let seen = async |unit: &str| {
        env.unit(unit).get_ticket_with_caller(&new.number).await.expect("it has it").ticket
    };
    assert_eq!(seen(LEAD).await.follows.as_ref(), Some(&first), "it handled the first one");
    assert_eq!(seen(NEXT).await.follows, None, "it never saw the first one");
    let signed = env.unit(LEAD).accept_ticket(AcceptTicket::new(&new.number)).await.expect("it accepts");
    assert_eq!(signed.follows, None, "only GetTicket looks it up");

    // A unit takes in at its own counter what follows a ticket that it sees, and nothing else.
    let counter = |number: &str| following(number).channel(hotline_client::Channel::Partner);
    env.unit(LEAD).create_ticket(counter(&first)).await.expect("it sees the first one");
    let foreign = env.unit(NEXT).create_ticket(counter(&first)).await;
    refused(foreign, ErrorReason::TicketNotFound);
}
