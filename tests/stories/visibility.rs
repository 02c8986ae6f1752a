//! Visibility: a unit sees its own tickets, and only the identities that it needs. An analyst sees no identity. A
//! withheld caller is withheld everywhere.

use chrono::{NaiveDate, TimeDelta};
use hotline_client::{
    AcceptTicket, Category, ClassifyTicket, Complexity, Contact, CreateTicket, DispatchTicket, Enterprise,
    Error, ErrorReason, ListTickets, RecordContactAttempt, Resolved, ReturnReason, ReturnTicket,
    RuleOnReturn, Ruling, Source, SubmitFeedback, SubmitSurvey, TicketView, Tickets, WithdrawTicket,
};
use hotline_server::ticket::TicketNumber;

use super::test_env::{ASSISTING, INFORMED, LEAD, NEXT, TestEnv, appeal, complaint, refused, report};

on_every_store!(env:
    a_unit_sees_only_its_own_tickets,
    an_informed_unit_may_read_but_not_act,
    an_assisting_unit_may_only_report_to_the_lead,
    a_former_unit_no_longer_sees_the_ticket,
    a_confidential_caller_is_in_no_answer_to_a_unit,
    identity_is_shown_only_to_roles_that_need_it,
);

/// Data of a caller that occurs nowhere else in these stories.
const MARKS: [&str; 7] = [
    "京保密示例商贸",
    "91110105MA00HTNE0R",
    "欧阳静瑶",
    "13911112222",
    "switch-secret",
    "call-4711",
    // Staff notes may identify the caller in words that no screening finds.
    "打往商铺的电话",
];

/// A request with a marked caller.
fn with_marks(request: CreateTicket) -> CreateTicket {
    request
        .enterprise(Enterprise { name: MARKS[0].into(), social_credit_code: Some(MARKS[1].into()) })
        .contact(Contact { name: MARKS[2].into(), phone: MARKS[3].into() })
        .source(Source { system: MARKS[4].into(), reference: MARKS[5].into() })
        .industry("京保密示例商贸")
}

async fn dispatch_to_all(env: &TestEnv, number: &str) {
    let dispatch = DispatchTicket::new(number, LEAD).assist_units([ASSISTING]).inform_units([INFORMED]);
    env.dispatcher().dispatch_ticket(dispatch).await.expect("the ticket is dispatched");
}

async fn numbers_of(tickets: &Tickets) -> Vec<String> {
    let all = tickets.list_tickets(ListTickets::default()).take_up_to(usize::MAX).await;
    all.expect("a unit lists its tickets").into_iter().map(|ticket| ticket.number).collect()
}

/// Every call of an unrelated unit is answered as if the ticket did not exist.
async fn assert_invisible(unit_client: &Tickets, number: &str) {
    refused(unit_client.get_ticket_with_caller(number).await, ErrorReason::TicketNotFound);
    refused(unit_client.explain_deadline(number).await, ErrorReason::TicketNotFound);
    refused(unit_client.list_ticket_events(number).try_next().await, ErrorReason::TicketNotFound);
    refused(unit_client.accept_ticket(AcceptTicket::new(number)).await, ErrorReason::TicketNotFound);
    let feedback = SubmitFeedback::new(number).hotline_report(report());
    refused(unit_client.submit_feedback(feedback).await, ErrorReason::TicketNotFound);
    let return_ticket = ReturnTicket::new(number, ReturnReason::Incomplete, "第一条");
    refused(unit_client.return_ticket(return_ticket).await, ErrorReason::TicketNotFound);
    assert!(!numbers_of(unit_client).await.contains(&number.to_owned()));
}

async fn a_unit_sees_only_its_own_tickets(env: &TestEnv) {
    let own_ticket = env.take_in(appeal()).await.number;
    let other_units_ticket = env.take_in(appeal()).await.number;
    let undispatched = env.take_in(appeal()).await.number;
    dispatch_to_all(env, &own_ticket).await;
    env.dispatch(&other_units_ticket, NEXT).await;
    for unit in [LEAD, ASSISTING, INFORMED] {
        let unit = env.unit(unit);
        assert_eq!(numbers_of(&unit).await, std::slice::from_ref(&own_ticket));
        assert_eq!(
            unit.get_ticket_with_caller(&own_ticket).await.expect("it is its own").ticket.number,
            own_ticket
        );
        unit.explain_deadline(&own_ticket).await.expect("it is its own");
        for other_ticket in [&other_units_ticket, &undispatched] {
            assert_invisible(&unit, other_ticket).await;
        }
    }
    let led_by_other_unit = ListTickets::default().lead_unit(NEXT);
    let other_ticket =
        env.unit(LEAD).list_tickets(led_by_other_unit).try_next().await.expect("the list is empty");
    assert_eq!(other_ticket, None, "a filter does not widen the scope");
    let day = NaiveDate::from_ymd_opt(2019, 10, 12).expect("a day of 2019");
    let unknown_number = TicketNumber::new(day, 999_999).expect("a number that nobody has").to_string();
    let unknown = env.unit(LEAD).get_ticket_with_caller(unknown_number).await;
    let hidden = env.unit(LEAD).get_ticket_with_caller(&other_units_ticket).await;
    let [unknown, hidden] = [unknown, hidden].map(|outcome| refused(outcome, ErrorReason::TicketNotFound));
    assert_eq!(
        unknown.message(),
        hidden.message(),
        "a hidden ticket gets the same answer as a ticket that does not exist"
    );
}

async fn an_informed_unit_may_read_but_not_act(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    dispatch_to_all(env, &number).await;
    let inform_unit = env.unit(INFORMED);
    refused(inform_unit.accept_ticket(AcceptTicket::new(&number)).await, ErrorReason::LeadOnly);
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead unit accepts the ticket");
    let feedback = SubmitFeedback::new(&number).hotline_report(report());
    refused(inform_unit.submit_feedback(feedback).await, ErrorReason::NotInvolved);
    let events = inform_unit.list_ticket_events(&number).take_up_to(10).await.expect("it reads the events");
    let names: Vec<_> = events.iter().map(|event| event.detail.name()).collect();
    assert_eq!(names, ["TicketCreated", "TicketDispatched", "TicketAccepted"]);
    assert!(events.iter().all(|event| event.actor.is_none()), "an informed unit reads no actors");
}

async fn an_assisting_unit_may_only_report_to_the_lead(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    dispatch_to_all(env, &number).await;
    let assist_unit = env.unit(ASSISTING);
    refused(assist_unit.accept_ticket(AcceptTicket::new(&number)).await, ErrorReason::LeadOnly);
    let return_ticket = ReturnTicket::new(&number, ReturnReason::Incomplete, "第一条");
    refused(assist_unit.return_ticket(return_ticket).await, ErrorReason::LeadOnly);
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead unit accepts the ticket");
    let both_halves = super::test_env::both_halves(&number, env.now().await);
    refused(assist_unit.submit_feedback(both_halves.clone()).await, ErrorReason::LeadOnly);
    let assist_report = both_halves.caller_reply(None);
    assist_unit.submit_feedback(assist_report.clone()).await.expect("the assisting unit reports to the lead");
    refused(assist_unit.submit_feedback(assist_report).await, ErrorReason::FeedbackStands);
    let hotline_report = SubmitFeedback::new(&number).hotline_report(report());
    env.unit(LEAD).submit_feedback(hotline_report.clone()).await.expect("the lead reports for the whole");
    refused(env.unit(LEAD).submit_feedback(hotline_report).await, ErrorReason::FeedbackStands);
}

async fn a_former_unit_no_longer_sees_the_ticket(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    dispatch_to_all(env, &number).await;
    env.dispatch(&number, NEXT).await;
    for former_unit in [LEAD, ASSISTING, INFORMED] {
        assert_invisible(&env.unit(former_unit), &number).await;
    }
    let return_ticket =
        ReturnTicket::new(&number, ReturnReason::NotOurPlace, "注册地不在本区。").proposed_unit(LEAD);
    env.unit(NEXT).return_ticket(return_ticket).await.expect("it is returned");
    let accept_return = RuleOnReturn::new(&number, Ruling::Accept, "同意退单。");
    env.dispatcher().rule_on_return(accept_return).await.expect("the dispatcher rules");
    env.dispatch(&number, LEAD).await;
    assert_invisible(&env.unit(NEXT), &number).await;
    assert_eq!(numbers_of(&env.unit(LEAD)).await, [number]);
}

/// Every answer that a unit gets about a ticket, as text. The caller, which `Debug` hides, is asserted to be absent.
async fn shown_to_unit(unit: &Tickets, number: &str) -> String {
    let view: TicketView = unit.get_ticket_with_caller(number).await.expect("it is its own");
    assert!(view.caller.is_none(), "a unit gets no caller of a confidential ticket");
    let events = unit.list_ticket_events(number).take_up_to(100).await.expect("it reads the events");
    let list = unit.list_tickets(ListTickets::default()).take_up_to(100).await.expect("it lists");
    let explanation = unit.explain_deadline(number).await.expect("the deadline can be explained");
    format!("{view:?} {events:?} {list:?} {explanation:?}")
}

fn assert_unmarked(what: &str, shown: &str) {
    for mark in MARKS {
        assert!(!shown.contains(mark), "{what} says {mark}: {shown}");
    }
}

async fn a_confidential_caller_is_in_no_answer_to_a_unit(env: &TestEnv) {
    let number = env.take_in(with_marks(complaint())).await.number;
    dispatch_to_all(env, &number).await;
    let lead_unit = env.unit(LEAD);
    let mut answers = vec![
        lead_unit.accept_ticket(AcceptTicket::new(&number)).await.expect("the lead unit accepts the ticket"),
    ];
    let feedback = super::test_env::both_halves(&number, env.now().await);
    answers.push(lead_unit.submit_feedback(feedback).await.expect("it is complete"));
    let attempt = RecordContactAttempt::new(&number).note("欧阳静瑶 13911112222 无人接听");
    refused(env.agent().record_contact_attempt(attempt).await, ErrorReason::InvalidFields);
    let attempt = RecordContactAttempt::new(&number).note("打往商铺的电话无人接听");
    env.agent().record_contact_attempt(attempt).await.expect("the attempt is recorded");
    let survey =
        SubmitSurvey::new(&number).resolved(Resolved::Partly).comment("我是京保密示例商贸的欧阳静瑶");
    refused(env.agent().submit_survey(survey).await, ErrorReason::InvalidFields);
    let survey = SubmitSurvey::new(&number).resolved(Resolved::Partly).comment("我是打往商铺的电话的主人");
    env.agent().submit_survey(survey).await.expect("the survey is accepted");
    let withdrawn = env.take_in(with_marks(complaint()).source(None)).await.number;
    env.dispatch(&withdrawn, LEAD).await;
    let withdraw = WithdrawTicket::new(&withdrawn, "欧阳静瑶来电撤回");
    refused(env.agent().withdraw_ticket(withdraw).await, ErrorReason::InvalidFields);
    let withdraw = WithdrawTicket::new(&withdrawn, "打往商铺的电话那家来电撤回");
    env.agent().withdraw_ticket(withdraw).await.expect("it is withdrawn");

    for unit in [LEAD, ASSISTING, INFORMED] {
        assert_unmarked(unit, &shown_to_unit(&env.unit(unit), &number).await);
        let view = env.unit(unit).get_ticket_with_caller(&number).await.expect("it is its own");
        assert!(view.caller_withheld, "the answer says that the caller is withheld");
    }
    assert_unmarked("a withdrawn ticket", &shown_to_unit(&lead_unit, &withdrawn).await);
    assert_unmarked("an answer to a command", &format!("{answers:?}"));
    let refusals: Vec<Error> = vec![
        refused(lead_unit.accept_ticket(AcceptTicket::new(&number)).await, ErrorReason::WrongState),
        refused(env.unit(NEXT).get_ticket_with_caller(&number).await, ErrorReason::TicketNotFound),
    ];
    assert_unmarked("a refusal", &format!("{refusals:?}"));
}

async fn identity_is_shown_only_to_roles_that_need_it(env: &TestEnv) {
    let open_ticket = env.take_in(with_marks(appeal())).await.number;
    dispatch_to_all(env, &open_ticket).await;
    for client in [env.agent(), env.dispatcher(), env.supervisor(), env.unit(LEAD), env.unit(ASSISTING)] {
        let view = client.get_ticket_with_caller(&open_ticket).await.expect("the role may read the ticket");
        let caller = view.caller.expect("the role may read the caller");
        assert_eq!(caller.contact.map(|contact| contact.phone).as_deref(), Some("13911112222"));
        assert_eq!(
            caller.enterprise.and_then(|company| company.social_credit_code).as_deref(),
            Some(MARKS[1])
        );
        assert!(!view.caller_withheld);
    }
    let analyst = env.client("analyst").tickets();
    for client in [&analyst, &env.unit(INFORMED)] {
        let view = client.get_ticket_with_caller(&open_ticket).await.expect("the role may read the ticket");
        assert_eq!((view.caller.is_none(), view.caller_withheld), (true, true));
    }

    // An appeal that is reclassified as a complaint becomes confidential.
    let classify = ClassifyTicket::new(&open_ticket, Category::ComplaintReport, Complexity::General);
    env.agent().classify_ticket(classify).await.expect("the ticket is classified");
    assert_unmarked("a ticket that became confidential", &shown_to_unit(&env.unit(LEAD), &open_ticket).await);
    let without_caller = env.take_in(super::test_env::unnamed(appeal())).await.number;
    env.advance(TimeDelta::hours(1)).await;
    let view = analyst.get_ticket_with_caller(&without_caller).await.expect("the role may read the ticket");
    assert_eq!((view.caller, view.caller_withheld), (None, false), "the ticket has no caller");
}
