//! The fake is a hotline: the loop runs on it, its clock moves the ladder, and its faults do what they say.

use std::time::Duration;

use hotline_client::{
    AcceptTicket, CallOptions, CallerReply, Category, Channel, Complexity, ContactMethod, CreateTicket,
    DispatchTicket, ErrorKind, ErrorReason, HotlineClient, HotlineReport, ListTickets, RetryPolicy, Role,
    Rung, Source, SubmitFeedback, TicketState,
};
use hotline_fake::FakeHotline;

const LEAD: &str = "district-chaoyang";
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);

fn appeal(reference: &str) -> CreateTicket {
    CreateTicket::new(Category::Appeal, Complexity::General, Channel::Web, "执照变更", "申请至今没有答复。")
        .source(Source::new("web-1", reference))
}

async fn tickets(client: &HotlineClient) -> usize {
    client.tickets().list_tickets(ListTickets::default()).take_up_to(1_000).await.unwrap().len()
}

#[tokio::test]
async fn a_ticket_goes_through_the_loop_and_the_clock_moves_the_ladder() {
    let fake = FakeHotline::start().await.unwrap();
    let agent = fake.client(Role::Agent).unwrap();
    let number = agent.tickets().create_ticket(appeal("1")).await.unwrap().number;
    let dispatcher = fake.client(Role::Dispatcher).unwrap();
    dispatcher.tickets().dispatch_ticket(DispatchTicket::new(&number, LEAD)).await.unwrap();
    let unit = fake.unit_client(LEAD).unwrap();
    assert_eq!(unit.tickets().who_am_i().await.unwrap().unit.as_deref(), Some(LEAD));
    unit.tickets().accept_ticket(AcceptTicket::new(&number)).await.unwrap();
    fake.advance(8 * DAY).await.unwrap();
    let late = unit.tickets().get_ticket(&number).await.unwrap();
    assert!(late.cycle.has_reached(Rung::Urged), "{:?}", late.cycle.rung);
    let reply = CallerReply::new(fake.now(), ContactMethod::Telephone, "王科长", "已办结。");
    let feedback = SubmitFeedback::new(&number)
        .caller_reply(reply)
        .hotline_report(HotlineReport::new("已联系企业。", "执照已变更。"));
    let done = unit.tickets().submit_feedback(feedback).await.unwrap();
    assert_eq!(done.state, TicketState::Completed);
}

#[tokio::test]
async fn a_lost_answer_leaves_one_ticket() {
    let fake = FakeHotline::start().await.unwrap();
    let agent = fake.client(Role::Agent).unwrap();
    fake.faults().lose_answers("CreateTicket", 2);
    agent.tickets().create_ticket(appeal("1")).await.unwrap();
    assert_eq!((fake.faults().calls("CreateTicket"), tickets(&agent).await), (3, 1));
    // Without a retry the error says that the outcome is unknown, and with which id to ask again.
    fake.faults().lose_answers("CreateTicket", 1);
    let once = agent.with_options(&CallOptions::new().retry(RetryPolicy::never()));
    let error = once.tickets().create_ticket(appeal("2")).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::AnswerLost, 1));
    assert!(error.is_unknown_outcome() && error.is_retryable(), "{error}");
    let again = appeal("2").request_id(error.request_id());
    agent.tickets().create_ticket(again).await.unwrap();
    assert_eq!(tickets(&agent).await, 2);
}

#[tokio::test]
async fn calls_are_refused_delayed_and_left_without_an_answer() {
    let fake = FakeHotline::start().await.unwrap();
    let agent = fake.client(Role::Agent).unwrap();
    fake.faults().refuse("CreateTicket", 2);
    fake.faults().delay("CreateTicket", Duration::from_millis(50), 1);
    fake.faults().stall("CreateTicket", 1);
    let quick = CallOptions::new().attempt_deadline(SECOND);
    for reference in ["1", "2"] {
        agent.with_options(&quick).tickets().create_ticket(appeal(reference)).await.unwrap();
    }
    // Two refusals and the delayed call; the stalled call and its repeat.
    assert_eq!((fake.faults().calls("CreateTicket"), tickets(&agent).await), (5, 2));
}

#[tokio::test]
async fn a_hotline_that_is_away_is_waited_for_and_keeps_its_tickets() {
    let mut fake = FakeHotline::start().await.unwrap();
    let agent = fake.client(Role::Agent).unwrap();
    agent.tickets().create_ticket(appeal("1")).await.unwrap();
    fake.stop().await;
    let error = agent.with_deadline(SECOND / 10).tickets().create_ticket(appeal("2")).await.unwrap_err();
    assert!(!error.is_unknown_outcome() && error.is_retryable(), "{error:?}");
    let waiting = tokio::spawn({
        let agent = agent.clone();
        async move { agent.tickets().create_ticket(appeal("2")).await }
    });
    fake.pass_time(Duration::from_mins(10)).unwrap();
    fake.restart().await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().intake_time, fake.now());
    assert_eq!(tickets(&agent).await, 2);
}

#[tokio::test]
async fn a_list_reads_the_fields_that_were_asked_for_and_what_has_changed() {
    let fake = FakeHotline::start().await.unwrap();
    let agent = fake.client(Role::Agent).unwrap();
    let first = agent.tickets().create_ticket(appeal("1")).await.unwrap();
    fake.advance(SECOND).await.unwrap();
    let second = agent.tickets().create_ticket(appeal("2")).await.unwrap();
    let list = |which: ListTickets| agent.tickets().list_tickets(which).take_up_to(10);
    let bare = list(ListTickets::default()).await.unwrap();
    assert!(bare.iter().all(|ticket| ticket.content.is_none() && ticket.source.is_some()));
    let masked = list(ListTickets::default().read_mask(["content"])).await.unwrap();
    assert!(masked.iter().all(|ticket| ticket.content.is_some() && ticket.source.is_none()));
    let changed = list(ListTickets::default().update_start_time(first.update_time + chrono_second())).await;
    assert_eq!(changed.unwrap().iter().map(|ticket| &ticket.number).collect::<Vec<_>>(), [&second.number]);
}

fn chrono_second() -> hotline_client::chrono::TimeDelta {
    hotline_client::chrono::TimeDelta::seconds(1)
}

#[tokio::test]
async fn a_refusal_has_typed_facts_and_texts_in_the_client_s_language() {
    let fake = FakeHotline::start().await.unwrap();
    let agent = fake.client(Role::Agent).unwrap();
    let ticket = agent.tickets().create_ticket(appeal("1")).await.unwrap();
    let unit = fake.unit_client(LEAD).unwrap();
    let hidden = unit.tickets().get_ticket(&ticket.number).await.unwrap_err();
    assert_eq!(hidden.reason(), Some(ErrorReason::TicketNotFound));
    let dispatcher = fake.client(Role::Dispatcher).unwrap();
    dispatcher.tickets().dispatch_ticket(DispatchTicket::new(&ticket.number, LEAD)).await.unwrap();
    let report = HotlineReport::new("已联系。", "完成。");
    let early = SubmitFeedback::new(&ticket.number).hotline_report(report);
    let error = unit.tickets().submit_feedback(early).await.unwrap_err();
    assert_eq!(error.reason(), Some(ErrorReason::WrongState), "{error}");
    assert_eq!(error.state(), Some(TicketState::Dispatched));
    assert!(error.allowed_states().contains(&TicketState::Handling), "{:?}", error.metadata());
    let wrong = agent.tickets().create_ticket(appeal("2").topic("!")).await.unwrap_err();
    let violation = &wrong.field_violations()[0];
    assert_eq!(violation.field, "topic");
    assert!(violation.description.contains('最'), "{violation:?}");
}
