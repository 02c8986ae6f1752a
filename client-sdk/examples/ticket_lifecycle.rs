//! Takes one complaint through the whole loop on a running server: intake, dispatch, handling with double feedback,
//! follow-up. It prints a line for each step. If a step fails, it prints the reason and ends with exit code 1.
//!
//! `cargo run -p hotline-client --example ticket_lifecycle`, in the folder of a development server.

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use hotline_client::{
    AcceptTicket, CallerReply, Category, Channel, ClassifyTicket, Complexity, Contact, ContactMethod,
    CreateTicket, DevelopmentCredentials, DispatchTicket, Enterprise, ErrorReason, HotlineClient,
    HotlineReport, ListUnits, Resolved, Responded, Role, Satisfied, SubmitFeedback, SubmitSurvey, Ticket,
    TicketState, Unit, UnitGroup,
};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Takes one complaint through the whole loop.
#[derive(Parser)]
struct Arguments {
    /// The endpoint of the hotline; the default comes from the development credentials.
    #[arg(long)]
    endpoint: Option<String>,
}

/// The participants.
struct Clients {
    agent: HotlineClient,
    dispatcher: HotlineClient,
    lead: (String, HotlineClient),
    assisting: (String, HotlineClient),
    informed: String,
    accused: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match Box::pin(run_lifecycle(Arguments::parse())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the walk ended early: {error}");
            let mut cause = error.source();
            while let Some(deeper) = cause {
                eprintln!("  because: {deeper}");
                cause = deeper.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run_lifecycle(arguments: Arguments) -> Outcome<()> {
    let clients = Clients::gather(arguments.endpoint).await?;
    let ticket = intake(&clients).await?;
    let ticket = dispatch(&clients, ticket).await?;
    let ticket = handle(&clients, ticket).await?;
    follow_up(&clients, &ticket).await?;
    look_back(&clients, &ticket).await
}

impl Clients {
    async fn gather(endpoint: Option<String>) -> Outcome<Self> {
        let credentials = DevelopmentCredentials::find()?;
        let endpoint = endpoint.unwrap_or_else(|| credentials.endpoint().to_owned());
        let agent = HotlineClient::builder()
            .endpoint(&endpoint)
            .token(credentials.for_role(Role::Agent)?)
            .connect()
            .await
            .map_err(|error| format!("{error} (at {endpoint}; is the server running?)"))?;

        let everyone = ListUnits::default().active_only(true);
        let mut units = agent.directory().list_units(everyone).take_up_to(1_000).await?;
        units.retain(|unit| unit.group != UnitGroup::Coordinator);
        let mut at_hand = units
            .iter()
            .map(|unit| unit.code.as_str())
            .filter(|code| credentials.units().any(|unit| unit == *code));
        let (Some(lead), Some(assisting)) = (at_hand.next(), at_hand.next()) else {
            return Err("the walk needs the development credentials of two units".into());
        };
        let others = bystanders(&units, [lead, assisting]);
        let [accused, informed, ..] = others.as_slice() else {
            return Err("the walk needs two more units in the directory".into());
        };
        Ok(Self {
            dispatcher: agent.with_token(credentials.for_role(Role::Dispatcher)?)?,
            lead: (lead.to_owned(), agent.with_token(credentials.for_unit(lead)?)?),
            assisting: (assisting.to_owned(), agent.with_token(credentials.for_unit(assisting)?)?),
            informed: informed.clone(),
            accused: accused.clone(),
            agent,
        })
    }
}

/// Top units that neither handle the ticket nor are above those that do.
fn bystanders(units: &[Unit], handling: [&str; 2]) -> Vec<String> {
    let above = |code: &str| {
        let below = |unit: &&Unit| handling.contains(&unit.code.as_str());
        units.iter().filter(below).any(|unit| unit.parent.as_deref() == Some(code))
    };
    let free =
        |unit: &&Unit| unit.parent.is_none() && !handling.contains(&unit.code.as_str()) && !above(&unit.code);
    units.iter().filter(free).map(|unit| unit.code.clone()).collect()
}

async fn intake(clients: &Clients) -> Outcome<Ticket> {
    let command = CreateTicket::new(
        Category::ComplaintReport,
        Complexity::General,
        Channel::Web,
        "窗口要求提交办事指南之外的材料",
        "我公司三次到窗口办理变更，每次都被要求补交办事指南中没有列出的材料。",
    )
    .enterprise(Enterprise {
        name: "北京示例商贸有限公司".into(),
        social_credit_code: Some("91110105MA00HTNE0R".into()),
    })
    .contact(Contact { name: "示例联系人".into(), phone: "13800000000".into() })
    .confidential(true)
    .accused_units([clients.accused.clone()]);
    let ticket = clients.agent.tickets().create_ticket(command).await?;
    say("intake", &format!("{} about {}, due {}", ticket.number, clients.accused, due(&ticket)));
    let classified =
        ClassifyTicket::new(ticket.number, Category::ComplaintReport, Complexity::Complex).etag(ticket.etag);
    let ticket = clients.agent.tickets().classify_ticket(classified).await?;
    say("classified", &format!("{}, so due {}", ticket.complexity, due(&ticket)));
    Ok(ticket)
}

async fn dispatch(clients: &Clients, ticket: Ticket) -> Outcome<Ticket> {
    let to_the_accused = DispatchTicket::new(&ticket.number, &clients.accused);
    match clients.dispatcher.tickets().dispatch_ticket(to_the_accused).await {
        Err(error) if error.reason() == Some(ErrorReason::ConflictOfInterest) => {
            say("refused", &error.to_string());
        }
        Err(error) => return Err(error.into()),
        Ok(_) => return Err("the complaint was sent to the unit it is about".into()),
    }
    let command = DispatchTicket::new(ticket.number, &clients.lead.0)
        .assist_units([clients.assisting.0.clone()])
        .inform_units([clients.informed.clone()]);
    let ticket = clients.dispatcher.tickets().dispatch_ticket(command).await?;
    let (lead, assisting, informed) = (&clients.lead.0, &clients.assisting.0, &clients.informed);
    say("dispatched", &format!("lead {lead}, assisting {assisting}, informed {informed}"));
    Ok(ticket)
}

async fn handle(clients: &Clients, ticket: Ticket) -> Outcome<Ticket> {
    let (unit, lead) = (&clients.lead.0, clients.lead.1.tickets());
    let view = lead.get_ticket_with_caller(&ticket.number).await?;
    if view.caller.is_some() || !view.caller_withheld {
        return Err("the unit sees who complained".into());
    }
    say("read", &format!("{unit} sees the matter, and that the caller's identity is withheld"));
    let ticket = lead.accept_ticket(AcceptTicket::new(ticket.number)).await?;
    say("accepted", &format!("{unit} signs for it; the ticket is {}", ticket.state));

    let assist = SubmitFeedback::new(&ticket.number)
        .hotline_report(report("核对了窗口的收件记录", "三次补件要求均不在指南之内"));
    clients.assisting.1.tickets().submit_feedback(assist).await?;
    say("assisted", &format!("{} reports to the lead", clients.assisting.0));

    let reply = CallerReply {
        // The server's time, because its clock may be simulated.
        reply_time: ticket.update_time,
        method: ContactMethod::Telephone,
        official: "督查科".into(),
        content: "窗口已停止索要指南之外的材料，贵公司的变更今日可办。".into(),
        record_time: None,
    };
    let half = SubmitFeedback::new(&ticket.number).caller_reply(reply);
    let ticket = lead.submit_feedback(half).await?;
    expect(&ticket, TicketState::Handling)?;
    say(
        "replied",
        &format!("the company is informed; one half of the feedback leaves the ticket {}", ticket.state),
    );

    let report = report("约谈窗口负责人，公开承诺只收指南所列材料", "已整改");
    let other_half = SubmitFeedback::new(ticket.number).hotline_report(report);
    let ticket = lead.submit_feedback(other_half).await?;
    expect(&ticket, TicketState::Completed)?;
    let on_time = if ticket.cycle.completed_on_time() == Some(true) { "on time" } else { "late" };
    say("completed", &format!("both halves stand, {on_time}"));
    Ok(ticket)
}

async fn follow_up(clients: &Clients, ticket: &Ticket) -> Outcome<()> {
    let survey = SubmitSurvey::new(&ticket.number)
        .responded(Responded::Yes)
        .resolved(Resolved::Yes)
        .satisfied(Satisfied::Basically);
    let ticket = clients.agent.tickets().submit_survey(survey).await?;
    expect(&ticket, TicketState::Closed)?;
    say("closed", "the hotline called back: responded, resolved, basically satisfied");
    Ok(())
}

async fn look_back(clients: &Clients, ticket: &Ticket) -> Outcome<()> {
    let mut events = clients.agent.tickets().list_ticket_events(&ticket.number);
    while let Some(event) = events.try_next().await? {
        let actor = event.actor.as_deref().unwrap_or("somebody");
        let line = format!("{} {} by {actor}", beijing(event.event_time), event.detail.name());
        say(&format!("event {}", event.sequence), &line);
    }
    let deadline = clients.agent.tickets().explain_deadline(&ticket.number).await?;
    let why = &deadline.explanation;
    let clock = why.clock.map(|clock| clock.to_string()).unwrap_or_default();
    let line = format!(
        "{} days on the {clock} clock from {} make {}, by policy {} and calendar {}",
        why.days,
        beijing(why.start_time),
        beijing(why.due_time),
        why.policy_version,
        why.calendar_version
    );
    say("deadline", &line);
    Ok(())
}

fn report(actions: &str, result: &str) -> HotlineReport {
    HotlineReport { actions: actions.into(), result: result.into(), evidence: Vec::new(), record_time: None }
}

fn expect(ticket: &Ticket, state: TicketState) -> Outcome<()> {
    if ticket.state == state {
        return Ok(());
    }
    Err(format!("{} should be {state} and is {}", ticket.number, ticket.state).into())
}

fn due(ticket: &Ticket) -> String {
    beijing(ticket.cycle.due_time)
}

/// Wall time in Beijing, which has kept UTC+8 since 1991.
fn beijing(time: DateTime<Utc>) -> String {
    (time + TimeDelta::hours(8)).format("%Y-%m-%d %H:%M").to_string()
}

fn say(step: &str, what: &str) {
    println!("{step:<11} {what}");
}
