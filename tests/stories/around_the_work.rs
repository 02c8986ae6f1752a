//! Around the work on a ticket: notes of each side, assignments inside a unit, questions to the company, supplements,
//! and requests for help.

use std::slice;

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, AddNote, AddSupplement, AskCompany, AssignInside, CreateTicket, DispatchTicket,
    ErrorReason, EscalateTicket, Escalation, EventDetail, LinkTickets, ListTickets, RequestHelp, Source,
    Tickets, Uuid,
};

use super::test_env::{ACCUSED, ASSISTING, INFORMED, LEAD, NEXT, TestEnv, appeal, complaint, refused};

on_every_store!(env:
    each_side_reads_its_own_notes,
    a_clerk_lists_what_the_unit_assigned_to_him,
    many_tickets_are_assigned_with_a_result_for_each,
    the_company_is_asked_and_brings_more,
    the_switch_adds_to_its_own_call_only,
    a_supervisor_finds_who_asked_for_help,
    two_tickets_of_one_cause_name_each_other,
    nothing_around_the_work_reaches_the_accused_unit,
);

const CLERK: &str = "clerk-zhang";

/// An appeal that [`LEAD`] has accepted, with an assisting and an informed unit.
async fn at_three_units(env: &TestEnv) -> String {
    let number = env.take_in(appeal()).await.number;
    let dispatch = DispatchTicket::new(&number, LEAD).assist_units([ASSISTING]).inform_units([INFORMED]);
    env.dispatcher().dispatch_ticket(dispatch).await.expect("the ticket is dispatched");
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("it is signed for");
    number
}

/// The last event of a ticket, as a reader sees it.
async fn last_event(reader: &Tickets, number: &str) -> EventDetail {
    let events = reader.list_ticket_events(number).take_up_to(usize::MAX).await.expect("it may read");
    for (event, sequence) in events.iter().zip(1..) {
        assert_eq!(event.sequence, sequence, "no gap shows what is hidden");
    }
    events.last().expect("an event").detail.clone()
}

async fn each_side_reads_its_own_notes(env: &TestEnv) {
    let number = at_three_units(env).await;
    let (lead, assisting) = (env.unit(LEAD), env.unit(ASSISTING));
    let analyst = env.client("analyst").tickets();
    for (writer, unit, readers, others) in [
        (env.agent(), None, vec![env.supervisor(), env.dispatcher()], vec![&lead, &assisting, &analyst]),
        (env.unit(LEAD), Some(LEAD), vec![env.unit(LEAD)], vec![&assisting, &analyst]),
        (env.unit(INFORMED), Some(INFORMED), vec![env.unit(INFORMED)], vec![&lead, &assisting]),
    ] {
        let before = env.ticket(&number).await;
        let note = AddNote::new(&number, "已联系规划部门").request_id(Uuid::new_v4());
        let written = writer.add_note(note.clone()).await.expect("a note is added");
        assert_eq!(writer.add_note(note).await.expect("a repeat"), written);
        assert_eq!(env.ticket(&number).await.state, before.state);
        for reader in readers {
            let EventDetail::NoteAdded(note) = last_event(&reader, &number).await else {
                panic!("its own side reads it")
            };
            assert_eq!((note.unit.as_deref(), note.note.as_str()), (unit, "已联系规划部门"));
        }
        for other in others {
            assert_eq!(last_event(other, &number).await, EventDetail::Unrecognised);
        }
    }
    assert_eq!(last_event(&env.agent(), &number).await, EventDetail::Unrecognised, "a note of a unit");
}

async fn a_clerk_lists_what_the_unit_assigned_to_him(env: &TestEnv) {
    let (number, other) = (at_three_units(env).await, at_three_units(env).await);
    let (lead, assisting) = (env.unit(LEAD), env.unit(ASSISTING));
    let inner = env.now().await + TimeDelta::days(2);
    let assign =
        AssignInside::new(&number).clerk(CLERK.to_owned()).inner_due_time(inner).note("请先核实".to_owned());
    let assigned = lead.assign_inside(assign.clone()).await.expect("the lead assigns it");
    let one = assigned.inside_assignments.first().expect("an assignment");
    assert_eq!((one.clerk.as_deref(), one.inner_due_time), (Some(CLERK), Some(inner)));
    assert_eq!(assigned.cycle.due_time, env.ticket(&number).await.cycle.due_time, "the limit stays");
    let of_assisting = AssignInside::new(&number).clerk(CLERK.to_owned());
    assisting.assign_inside(of_assisting).await.expect("an assisting unit has its own");

    // Each unit sees its own assignment, a supervisor both, and other staff none.
    let seen = async |reader: Tickets| {
        let ticket = reader.get_ticket(&*number).await.expect("it is seen");
        ticket.inside_assignments.into_iter().map(|one| one.unit).collect::<Vec<_>>()
    };
    assert_eq!(seen(env.unit(LEAD)).await, [LEAD]);
    assert_eq!(seen(env.unit(ASSISTING)).await, [ASSISTING]);
    assert_eq!(seen(env.unit(INFORMED)).await, Vec::<String>::new());
    assert_eq!(seen(env.supervisor()).await, [LEAD, ASSISTING]);
    assert_eq!(seen(env.agent()).await, Vec::<String>::new());
    assert_eq!(last_event(&lead, &number).await, EventDetail::Unrecognised);

    let mine = async |reader: &Tickets, clerk: &str| {
        let which = ListTickets::default().assigned_to(clerk.to_owned());
        let found = reader.list_tickets(which).take_up_to(10).await.expect("a unit lists its work");
        found.into_iter().map(|ticket| ticket.number).collect::<Vec<_>>()
    };
    assert_eq!(mine(&lead, CLERK).await, slice::from_ref(&number));
    assert_eq!(mine(&env.unit(INFORMED), CLERK).await, Vec::<String>::new());
    let again = AssignInside::new(&number).clerk("clerk-li".to_owned());
    lead.assign_inside(again).await.expect("it is handed over");
    assert_eq!(mine(&lead, CLERK).await, Vec::<String>::new());
    assert_eq!(mine(&lead, "clerk-li").await, slice::from_ref(&number));
    assert_eq!(mine(&assisting, CLERK).await, slice::from_ref(&number), "that of the other unit stands");
    let by_staff = ListTickets::default().assigned_to(CLERK.to_owned());
    refused(env.supervisor().list_tickets(by_staff).try_next().await, ErrorReason::PartNotAllowed);

    refused(lead.assign_inside(AssignInside::new(&other)).await, ErrorReason::InvalidFields);
    let late = assign.inner_due_time(env.now().await + TimeDelta::days(60));
    refused(lead.assign_inside(late).await, ErrorReason::InvalidFields);
    let informed = AssignInside::new(&number).clerk(CLERK.to_owned());
    refused(env.unit(INFORMED).assign_inside(informed).await, ErrorReason::NotInvolved);
    // The unit that loses the ticket has nothing assigned any more.
    let moved = DispatchTicket::new(&number, NEXT).reason("改派".to_owned());
    env.dispatcher().dispatch_ticket(moved).await.expect("it moves");
    assert_eq!(mine(&lead, "clerk-li").await, Vec::<String>::new());
    assert_eq!(seen(env.supervisor()).await, Vec::<String>::new());
}

async fn many_tickets_are_assigned_with_a_result_for_each(env: &TestEnv) {
    let (first, last) = (at_three_units(env).await, at_three_units(env).await);
    let foreign = env.take_in(appeal()).await.number;
    let commands = [&first, &foreign, &last].map(|number| AssignInside::new(number).clerk(CLERK.to_owned()));
    let results = env.unit(LEAD).assign_inside_all(commands).await;
    let outcome: Vec<_> = results.iter().map(|(number, result)| (number, result.is_ok())).collect();
    assert_eq!(outcome, [(&first, true), (&foreign, false), (&last, true)]);
    let mine = ListTickets::default().assigned_to(CLERK.to_owned());
    let mine = env.unit(LEAD).list_tickets(mine).take_up_to(10).await.expect("a unit lists its work");
    assert_eq!(mine.iter().map(|ticket| &ticket.number).collect::<Vec<_>>(), [&last, &first]);
}

async fn the_company_is_asked_and_brings_more(env: &TestEnv) {
    let number = at_three_units(env).await;
    let due = env.ticket(&number).await.cycle.due_time;
    let ask = AskCompany::new(&number, "请补充营业执照").wanted("副本复印件".to_owned());
    refused(env.unit(ASSISTING).ask_company(ask.clone()).await, ErrorReason::LeadOnly);
    env.unit(LEAD).ask_company(ask.clone()).await.expect("the lead asks");
    refused(env.agent().ask_company(ask.clone()).await, ErrorReason::QuestionOpen);
    for reader in [env.agent(), env.unit(LEAD), env.unit(INFORMED)] {
        let ticket = reader.get_ticket(&*number).await.expect("it is seen");
        let question = ticket.open_question.expect("the question is open");
        assert_eq!((question.question.as_str(), question.unit.as_deref()), ("请补充营业执照", Some(LEAD)));
    }
    let came = AddSupplement::new(&number, "副本一份");
    let after = env.agent().add_supplement(came.clone()).await.expect("an agent adds it");
    assert_eq!((after.open_question, after.cycle.due_time), (None, due), "the limit runs on");
    let EventDetail::SupplementAdded(added) = last_event(&env.unit(ASSISTING), &number).await else {
        panic!("units read it")
    };
    assert_eq!((added.content.as_str(), added.answers_question), ("副本一份", true));
    env.unit(ASSISTING).add_supplement(came.clone()).await.expect("a unit adds what came to it");
    refused(env.unit(INFORMED).add_supplement(came).await, ErrorReason::NotInvolved);

    // The question of a unit is not shown to the units that get the ticket later.
    env.unit(LEAD).ask_company(ask).await.expect("the lead asks again");
    env.advance(TimeDelta::hours(1)).await;
    let moved = DispatchTicket::new(&number, NEXT).reason("改派".to_owned());
    env.dispatcher().dispatch_ticket(moved).await.expect("it moves");
    assert!(env.ticket(&number).await.open_question.is_some(), "the company may still answer");
    let next = env.unit(NEXT).get_ticket(&*number).await.expect("the new lead sees it");
    assert_eq!(next.open_question, None);
}

fn call(env_now: chrono::DateTime<chrono::Utc>, reference: &str) -> CreateTicket {
    let mut call = appeal();
    call.channel = hotline_client::Channel::Telephone;
    call.call_start_time(env_now).source(Source::new("switch-1", reference))
}

async fn the_switch_adds_to_its_own_call_only(env: &TestEnv) {
    let telephony = env.client("telephony").tickets();
    let created = telephony.create_ticket(call(env.now().await, "c-1")).await.expect("a call");
    env.dispatch(&created.number, LEAD).await;
    let came = AddSupplement::new(&created.number, "来电补充：已提交副本");
    let after = telephony.add_supplement(came).await.expect("its own call");
    assert_eq!(after, created, "it learns nothing of what became of the ticket");
    let others = env.take_in(appeal()).await.number;
    let came = AddSupplement::new(&others, "来电补充");
    refused(telephony.add_supplement(came).await, ErrorReason::TicketNotFound);
}

async fn asking_for_help(env: &TestEnv) -> Vec<String> {
    let which = ListTickets::default().help_requested(true);
    let found = env.supervisor().list_tickets(which).take_up_to(10).await.expect("supervisors list them");
    found.into_iter().map(|ticket| ticket.number).collect()
}

async fn a_supervisor_finds_who_asked_for_help(env: &TestEnv) {
    let (number, other) = (at_three_units(env).await, at_three_units(env).await);
    let ask = |number: &str| RequestHelp::new(number).reason("需要区级协调".to_owned());
    let answer = |number: &str| RequestHelp::new(number).answer("已协调规划部门".to_owned());
    assert_eq!(asking_for_help(env).await, Vec::<String>::new());
    refused(env.unit(ASSISTING).request_help(ask(&number)).await, ErrorReason::LeadOnly);
    env.unit(LEAD).request_help(ask(&number)).await.expect("the lead asks");
    env.unit(LEAD).request_help(ask(&other)).await.expect("the lead asks");
    refused(env.unit(LEAD).request_help(ask(&number)).await, ErrorReason::HelpAlreadyRequested);
    assert_eq!(asking_for_help(env).await, [other.clone(), number.clone()]);
    let by_unit = ListTickets::default().help_requested(true);
    refused(env.unit(LEAD).list_tickets(by_unit).try_next().await, ErrorReason::PartNotAllowed);
    let assisting = env.unit(ASSISTING).get_ticket(&*number).await.expect("it is seen");
    assert_eq!(assisting.help_request, None, "it is between the lead and the supervisor");
    assert_eq!(last_event(&env.unit(ASSISTING), &number).await, EventDetail::Unrecognised);

    env.supervisor().request_help(answer(&number)).await.expect("the supervisor answers");
    let EventDetail::HelpAnswered(answered) = last_event(&env.unit(LEAD), &number).await else {
        panic!("the lead reads the answer")
    };
    assert_eq!(answered.note.as_deref(), Some("已协调规划部门"));
    assert_eq!(last_event(&env.unit(ASSISTING), &number).await, EventDetail::Unrecognised);
    refused(env.supervisor().request_help(answer(&number)).await, ErrorReason::NoHelpRequested);
    assert_eq!(asking_for_help(env).await, slice::from_ref(&other));
    let urge = EscalateTicket::new(&other, Escalation::Urge, "请尽快");
    env.supervisor().escalate_ticket(urge).await.expect("the supervisor escalates");
    assert_eq!(asking_for_help(env).await, Vec::<String>::new());
}

async fn two_tickets_of_one_cause_name_each_other(env: &TestEnv) {
    let (number, other) = (at_three_units(env).await, env.appeal_in_handling().await.number);
    let link = LinkTickets::new(&number, &other).note("同一停工".to_owned());
    let linked = env.agent().link_tickets(link.clone()).await.expect("an agent links them");
    assert_eq!(linked.linked_tickets, slice::from_ref(&other));
    assert_eq!(env.ticket(&other).await.linked_tickets, slice::from_ref(&number));
    refused(env.supervisor().link_tickets(link).await, ErrorReason::LinkUnfit);
    refused(env.agent().link_tickets(LinkTickets::new(&number, &number)).await, ErrorReason::LinkUnfit);
    let seen = async |unit: &str| {
        env.unit(unit).get_ticket(&*number).await.expect("the unit sees it").linked_tickets
    };
    assert_eq!(seen(LEAD).await, slice::from_ref(&other), "it has both");
    assert_eq!(seen(ASSISTING).await, Vec::<String>::new(), "it does not see the other one");
    assert_eq!(last_event(&env.unit(LEAD), &number).await, EventDetail::Unrecognised);
}

async fn nothing_around_the_work_reaches_the_accused_unit(env: &TestEnv) {
    let number = env.take_in(complaint()).await.number;
    env.dispatch(&number, NEXT).await;
    let accused = env.unit(ACCUSED);
    let assign = AssignInside::new(&number).clerk(CLERK.to_owned());
    env.unit(NEXT).assign_inside(assign.clone()).await.expect("the lead assigns it");
    refused(accused.assign_inside(assign).await, ErrorReason::TicketNotFound);
    refused(accused.add_note(AddNote::new(&number, "备注")).await, ErrorReason::TicketNotFound);
    refused(accused.ask_company(AskCompany::new(&number, "请补充")).await, ErrorReason::TicketNotFound);
    let supplement = AddSupplement::new(&number, "副本一份");
    refused(accused.add_supplement(supplement).await, ErrorReason::TicketNotFound);
    let ask = RequestHelp::new(&number).reason("请协调".to_owned());
    refused(accused.request_help(ask).await, ErrorReason::TicketNotFound);
    let mine = ListTickets::default().assigned_to(CLERK.to_owned());
    let mine = accused.list_tickets(mine).take_up_to(10).await.expect("a unit lists its work");
    assert_eq!(mine, Vec::new());
}
