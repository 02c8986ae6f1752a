//! Who sees what: a unit sees its own tickets and nobody's identity but what it needs; an analyst sees no identity at
//! all; whose caller asked to be withheld is withheld everywhere.

use chrono::{NaiveDate, TimeDelta};
use hotline_client::{
    AcceptTicket, Category, ClassifyTicket, Complexity, Contact, CreateTicket, DispatchTicket, Enterprise,
    Error, ErrorReason, ListTickets, RecordContactAttempt, Resolved, ReturnReason, ReturnTicket,
    RuleOnReturn, Ruling, Source, SubmitFeedback, SubmitSurvey, TicketView, Tickets, WithdrawTicket,
};
use hotline_server::ticket::TicketNumber;

use super::test_env::{ASSISTING, INFORMED, LEAD, NEXT, TestEnv, appeal, complaint, refused, report};

on_every_store!(env:
    a_unit_sees_its_own_tickets_alone,
    an_informed_unit_reads_and_does_nothing,
    an_assisting_unit_reports_to_the_lead_and_no_more,
    a_former_unit_no_longer_sees_the_ticket,
    a_confidential_caller_is_in_no_answer_to_a_unit,
    identity_is_shown_to_those_who_need_it,
);

/// What names a caller in these stories. Nothing else in them says it.
const MARKS: [&str; 7] = [
    "京保密示例商贸",
    "91110105MA00HTNE0R",
    "匿名女士",
    "13911112222",
    "switch-secret",
    "call-4711",
    // What staff write for themselves may say who called in a way that no program sees.
    "打往商铺的电话",
];

/// A request whose caller is marked.
fn marked(request: CreateTicket) -> CreateTicket {
    CreateTicket {
        enterprise: Some(Enterprise { name: MARKS[0].into(), social_credit_code: Some(MARKS[1].into()) }),
        contact: Some(Contact { name: MARKS[2].into(), phone: MARKS[3].into() }),
        source: Some(Source { system: MARKS[4].into(), reference: MARKS[5].into() }),
        industry: Some("京保密示例商贸".into()),
        ..request
    }
}

async fn dispatch_to_all(env: &TestEnv, number: &str) {
    let dispatch = DispatchTicket {
        assist_units: vec![ASSISTING.into()],
        inform_units: vec![INFORMED.into()],
        ..DispatchTicket::new(number, LEAD)
    };
    env.dispatcher().dispatch_ticket(dispatch).await.expect("it is dispatched");
}

async fn numbers_of(tickets: &Tickets) -> Vec<String> {
    let all = tickets.list_tickets(ListTickets::default()).take_up_to(usize::MAX).await;
    all.expect("a unit lists its tickets").into_iter().map(|ticket| ticket.number).collect()
}

/// Whatever a stranger tries with a ticket's number is answered as if there were no such ticket.
async fn assert_invisible(tickets: &Tickets, number: &str) {
    refused(tickets.get_ticket(number).await, ErrorReason::TicketNotFound);
    refused(tickets.explain_deadline(number).await, ErrorReason::TicketNotFound);
    refused(tickets.list_ticket_events(number).try_next().await, ErrorReason::TicketNotFound);
    refused(tickets.accept_ticket(AcceptTicket::new(number)).await, ErrorReason::TicketNotFound);
    let feedback = SubmitFeedback { hotline_report: Some(report()), ..SubmitFeedback::new(number) };
    refused(tickets.submit_feedback(feedback).await, ErrorReason::TicketNotFound);
    let back = ReturnTicket::new(number, ReturnReason::Incomplete, "第一条");
    refused(tickets.return_ticket(back).await, ErrorReason::TicketNotFound);
    assert!(!numbers_of(tickets).await.contains(&number.to_owned()));
}

async fn a_unit_sees_its_own_tickets_alone(env: &TestEnv) {
    let own = env.take_in(appeal()).await.number;
    let theirs = env.take_in(appeal()).await.number;
    let nobodys = env.take_in(appeal()).await.number;
    dispatch_to_all(env, &own).await;
    env.dispatch(&theirs, NEXT).await;
    for unit in [LEAD, ASSISTING, INFORMED] {
        let unit = env.unit(unit);
        assert_eq!(numbers_of(&unit).await, std::slice::from_ref(&own));
        assert_eq!(unit.get_ticket(&own).await.expect("it is its own").ticket.number, own);
        unit.explain_deadline(&own).await.expect("it is its own");
        for foreign in [&theirs, &nobodys] {
            assert_invisible(&unit, foreign).await;
        }
    }
    let elsewhere = ListTickets { lead_unit: Some(NEXT.into()), ..ListTickets::default() };
    let foreign = env.unit(LEAD).list_tickets(elsewhere).try_next().await.expect("the list is empty");
    assert_eq!(foreign, None, "a filter does not widen the scope");
    let day = NaiveDate::from_ymd_opt(2019, 10, 12).expect("a day of 2019");
    let made_up_number = TicketNumber::new(day, 999_999).expect("a number that nobody has").to_string();
    let made_up = env.unit(LEAD).get_ticket(made_up_number).await;
    let hidden = env.unit(LEAD).get_ticket(&theirs).await;
    let [made_up, hidden] = [made_up, hidden].map(|outcome| refused(outcome, ErrorReason::TicketNotFound));
    assert_eq!(made_up.message(), hidden.message(), "what is hidden looks like what is not there");
}

async fn an_informed_unit_reads_and_does_nothing(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    dispatch_to_all(env, &number).await;
    let informed = env.unit(INFORMED);
    refused(informed.accept_ticket(AcceptTicket::new(&number)).await, ErrorReason::LeadOnly);
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead signs");
    let feedback = SubmitFeedback { hotline_report: Some(report()), ..SubmitFeedback::new(&number) };
    refused(informed.submit_feedback(feedback).await, ErrorReason::NotInvolved);
    let events = informed.list_ticket_events(&number).take_up_to(10).await.expect("it reads the events");
    let names: Vec<_> = events.iter().map(|event| event.detail.name()).collect();
    assert_eq!(names, ["TicketCreated", "TicketDispatched", "TicketAccepted"]);
    assert!(events.iter().all(|event| event.actor.is_none()), "other people's names are not its business");
}

async fn an_assisting_unit_reports_to_the_lead_and_no_more(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    dispatch_to_all(env, &number).await;
    let assisting = env.unit(ASSISTING);
    refused(assisting.accept_ticket(AcceptTicket::new(&number)).await, ErrorReason::LeadOnly);
    let back = ReturnTicket::new(&number, ReturnReason::Incomplete, "第一条");
    refused(assisting.return_ticket(back).await, ErrorReason::LeadOnly);
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead signs");
    let both = super::test_env::both_halves(&number, env.now().await);
    refused(assisting.submit_feedback(both.clone()).await, ErrorReason::LeadOnly);
    let help = SubmitFeedback { caller_reply: None, ..both };
    assisting.submit_feedback(help.clone()).await.expect("it reports to the lead");
    refused(assisting.submit_feedback(help).await, ErrorReason::FeedbackStands);
    let half = SubmitFeedback { hotline_report: Some(report()), ..SubmitFeedback::new(&number) };
    env.unit(LEAD).submit_feedback(half.clone()).await.expect("the lead reports for the whole");
    refused(env.unit(LEAD).submit_feedback(half).await, ErrorReason::FeedbackStands);
}

async fn a_former_unit_no_longer_sees_the_ticket(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    dispatch_to_all(env, &number).await;
    env.dispatch(&number, NEXT).await;
    for former in [LEAD, ASSISTING, INFORMED] {
        assert_invisible(&env.unit(former), &number).await;
    }
    let back = ReturnTicket {
        proposed_unit: Some(LEAD.into()),
        ..ReturnTicket::new(&number, ReturnReason::NotOurPlace, "注册地不在本区。")
    };
    env.unit(NEXT).return_ticket(back).await.expect("it is returned");
    let accept = RuleOnReturn::new(&number, Ruling::Accept, "同意退单。");
    env.dispatcher().rule_on_return(accept).await.expect("the dispatcher rules");
    env.dispatch(&number, LEAD).await;
    assert_invisible(&env.unit(NEXT), &number).await;
    assert_eq!(numbers_of(&env.unit(LEAD)).await, [number]);
}

/// Everything that a unit is answered about a ticket, as text. What `Debug` hides is asserted to be absent.
async fn everything_shown(unit: &Tickets, number: &str) -> String {
    let view: TicketView = unit.get_ticket(number).await.expect("it is its own");
    assert!(view.caller.is_none(), "the caller is withheld");
    let events = unit.list_ticket_events(number).take_up_to(100).await.expect("it reads the events");
    let list = unit.list_tickets(ListTickets::default()).take_up_to(100).await.expect("it lists");
    let why = unit.explain_deadline(number).await.expect("it is explained");
    format!("{view:?} {events:?} {list:?} {why:?}")
}

fn assert_unmarked(what: &str, shown: &str) {
    for mark in MARKS {
        assert!(!shown.contains(mark), "{what} says {mark}: {shown}");
    }
}

async fn a_confidential_caller_is_in_no_answer_to_a_unit(env: &TestEnv) {
    let number = env.take_in(marked(complaint())).await.number;
    dispatch_to_all(env, &number).await;
    let lead = env.unit(LEAD);
    let mut answers = vec![lead.accept_ticket(AcceptTicket::new(&number)).await.expect("the lead signs")];
    let both = super::test_env::both_halves(&number, env.now().await);
    answers.push(lead.submit_feedback(both).await.expect("it is complete"));
    let attempt = RecordContactAttempt {
        note: Some("匿名女士 13911112222 无人接听".into()),
        ..RecordContactAttempt::new(&number)
    };
    refused(env.agent().record_contact_attempt(attempt).await, ErrorReason::InvalidFields);
    let attempt = RecordContactAttempt {
        note: Some("打往商铺的电话无人接听".into()),
        ..RecordContactAttempt::new(&number)
    };
    env.agent().record_contact_attempt(attempt).await.expect("the attempt is recorded");
    let survey = SubmitSurvey {
        resolved: Some(Resolved::Partly),
        comment: Some("我是京保密示例商贸的匿名女士".into()),
        ..SubmitSurvey::new(&number)
    };
    refused(env.agent().submit_survey(survey).await, ErrorReason::InvalidFields);
    let survey = SubmitSurvey {
        resolved: Some(Resolved::Partly),
        comment: Some("我是打往商铺的电话的主人".into()),
        ..SubmitSurvey::new(&number)
    };
    env.agent().submit_survey(survey).await.expect("it is surveyed");
    let withdrawn = env.take_in(CreateTicket { source: None, ..marked(complaint()) }).await.number;
    env.dispatch(&withdrawn, LEAD).await;
    let withdraw = WithdrawTicket::new(&withdrawn, "匿名女士来电撤回");
    refused(env.agent().withdraw_ticket(withdraw).await, ErrorReason::InvalidFields);
    let withdraw = WithdrawTicket::new(&withdrawn, "打往商铺的电话那家来电撤回");
    env.agent().withdraw_ticket(withdraw).await.expect("it is withdrawn");

    for unit in [LEAD, ASSISTING, INFORMED] {
        assert_unmarked(unit, &everything_shown(&env.unit(unit), &number).await);
        let view = env.unit(unit).get_ticket(&number).await.expect("it is its own");
        assert!(view.caller_withheld, "it is told that somebody is withheld");
    }
    assert_unmarked("a withdrawn ticket", &everything_shown(&lead, &withdrawn).await);
    assert_unmarked("an answer to a command", &format!("{answers:?}"));
    let refusals: Vec<Error> = vec![
        refused(lead.accept_ticket(AcceptTicket::new(&number)).await, ErrorReason::WrongState),
        refused(env.unit(NEXT).get_ticket(&number).await, ErrorReason::TicketNotFound),
    ];
    assert_unmarked("a refusal", &format!("{refusals:?}"));
}

async fn identity_is_shown_to_those_who_need_it(env: &TestEnv) {
    let open = env.take_in(marked(appeal())).await.number;
    dispatch_to_all(env, &open).await;
    for tickets in [env.agent(), env.dispatcher(), env.supervisor(), env.unit(LEAD), env.unit(ASSISTING)] {
        let view = tickets.get_ticket(&open).await.expect("it is theirs to see");
        let caller = view.caller.expect("they may know who called");
        assert_eq!(caller.contact.map(|contact| contact.phone).as_deref(), Some("13911112222"));
        assert_eq!(
            caller.enterprise.and_then(|company| company.social_credit_code).as_deref(),
            Some(MARKS[1])
        );
        assert!(!view.caller_withheld);
    }
    let analyst = env.client("analyst").tickets();
    for tickets in [&analyst, &env.unit(INFORMED)] {
        let view = tickets.get_ticket(&open).await.expect("it is theirs to see");
        assert_eq!((view.caller.is_none(), view.caller_withheld), (true, true));
    }

    // An appeal that turns out to be a complaint about somebody is confidential from then on.
    let reclassified = ClassifyTicket::new(&open, Category::ComplaintReport, Complexity::General);
    env.agent().classify_ticket(reclassified).await.expect("it is classified");
    assert_unmarked("a ticket that became confidential", &everything_shown(&env.unit(LEAD), &open).await);
    let unnamed = env.take_in(super::test_env::unnamed(appeal())).await.number;
    env.advance(TimeDelta::hours(1)).await;
    let view = analyst.get_ticket(&unnamed).await.expect("it is theirs to see");
    assert_eq!((view.caller, view.caller_withheld), (None, false), "nobody was named");
}
