//! Histories that differ in the accused unit: one of a pair in each system, which may have had the ticket before. Then
//! other units have it.

use hotline_proto::v1 as pb;
use pb::TicketCategory::{Appeal, ComplaintReport};
use prost::Message as _;

use super::around::link;
use super::duty;
use super::final_reads::{
    assess_by_everybody, call_other_methods, may_know, move_work, pass_time, read_by_everybody,
    watch_by_everybody,
};
use super::sample_requests::{COORDINATOR, CommandBuilder, DISPATCHER, next_command, random_read};
use super::system_pair::{ASSIST, Actor, INFORM, LEAD, PAIR, SystemPair};

const AGENT: Actor = Actor::Staff("agent-1");
/// The one of the pair that is not accused in the second system; it does the same in both.
const FIXED: Actor = Actor::Unit(PAIR[0]);

/// A ticket, and the requests of one of the pair in both systems.
struct AccusedHistory {
    number: String,
    /// Whether the accused unit had the ticket.
    had: bool,
    /// The requests of the fixed unit, to repeat them.
    asked: Vec<(&'static str, Vec<u8>)>,
    /// Whether the plan names the fixed unit, so that it may be void in one system.
    is_planned: bool,
}

impl AccusedHistory {
    async fn take_in(pair: &mut SystemPair, history: u64) -> Result<Option<Self>, String> {
        let actor = *pair.random.pick(&[AGENT, FIXED, Actor::Unit(LEAD), Actor::Staff("switch-1")]);
        let is_complaint = actor != FIXED && pair.random.percent(30);
        let channel = match actor {
            Actor::Unit(_) => pb::Channel::Partner,
            Actor::Staff("switch-1") => pb::Channel::Telephone,
            Actor::Staff(_) => pb::Channel::Web,
        };
        let now = pair.sides[0].hotline.clock.now();
        let create = pb::CreateTicketRequest {
            request_id: pair.request_id(),
            category: if is_complaint { ComplaintReport } else { Appeal } as i32,
            complexity: 1,
            topic: if history.is_multiple_of(2) { duty::FIELD.to_owned() } else { String::new() },
            subject: format!("第{history}件"),
            content: "窗口要求补交材料。".to_owned(),
            channel: channel as i32,
            source: Some(pb::Source { system: "desk".to_owned(), reference: format!("matter-{history}") }),
            call_start_time: (channel == pb::Channel::Telephone).then(|| super::sample_requests::time(now)),
            ..Default::default()
        };
        let requests = PAIR.map(|code| {
            let accused_units = if is_complaint { vec![code.to_owned()] } else { Vec::new() };
            pb::CreateTicketRequest { accused_units, ..create.clone() }.encode_to_vec()
        });
        let asked = if actor == FIXED { vec![("CreateTicket", requests[0].clone())] } else { Vec::new() };
        // The maker of the ticket knows whom it accused.
        let knows = is_complaint || actor.may_know_accused();
        let Some(answer) = pair.call_both(actor, "CreateTicket", None, knows, requests).await? else {
            return Ok(None);
        };
        if !answer.is_ok() {
            return Ok(None);
        }
        let created: pb::CreateTicketResponse = answer.read();
        let number = created.ticket.unwrap_or_default().number;
        let accused = Self { number, had: false, asked, is_planned: false };
        Ok(Some(accused))
    }

    /// Makes the same call in both systems, or the call that fits the unit that is accused there.
    async fn run(
        &mut self,
        pair: &mut SystemPair,
        by: [Actor; 2],
        method: &'static str,
        build: impl Fn(CommandBuilder<'_>, usize) -> Vec<u8>,
    ) -> Result<(), String> {
        let ticket = pair.find(&self.number).await;
        let request_id = pair.request_id();
        let now = pair.sides[0].hotline.clock.now();
        let requests = [0, 1]
            .map(|side| build(CommandBuilder { ticket: &ticket, request_id: request_id.clone(), now }, side));
        if by[0] == by[1] {
            if by[0] == FIXED {
                self.asked.push((method, requests[0].clone()));
            }
            let knows = may_know(pair, by[0], self.had);
            pair.call_both(by[0], method, None, knows, requests).await?;
        } else {
            pair.call_each(by, method, requests).await?;
        }
        Ok(())
    }

    /// The fixed unit led the ticket and returned it, in both systems.
    async fn lead_and_give_back(&mut self, pair: &mut SystemPair) -> Result<(), String> {
        let by = |actor| [actor, actor];
        self.run(pair, by(DISPATCHER), "DispatchTicket", |on, _| on.dispatch(PAIR[0], &[], &[])).await?;
        let back = |on: CommandBuilder<'_>, _| on.return_ticket(pb::ReturnReason::NotOurPlace, INFORM);
        self.run(pair, by(FIXED), "ReturnTicket", back).await?;
        self.run(pair, by(DISPATCHER), "RuleOnReturn", |on, _| on.rule(pb::Ruling::Accept)).await
    }

    /// The unit that will be accused has the ticket, and does something with it.
    async fn be_with_the_accused(&mut self, pair: &mut SystemPair) -> Result<(), String> {
        let (by, accused) = (|actor| [actor, actor], PAIR.map(Actor::Unit));
        self.had = true;
        if pair.random.percent(40) {
            self.run(pair, by(AGENT), "ClassifyTicket", |on, _| on.classify(Appeal, true, &[])).await?;
            self.run(pair, by(COORDINATOR), "PlanTicket", |on, side| on.plan(PAIR[side], ASSIST)).await?;
        }
        let assists = pair.random.percent(30);
        let dispatch = move |on: CommandBuilder<'_>, side: usize| {
            if assists {
                on.dispatch(INFORM, &[PAIR[side]], &[])
            } else {
                on.dispatch(PAIR[side], &[INFORM], &[])
            }
        };
        self.run(pair, by(DISPATCHER), "DispatchTicket", dispatch).await?;
        if assists {
            // The lead then knows the assisting units.
            let ticket = pair.find(&self.number).await;
            let (request_id, now) = (pair.request_id(), pair.sides[0].hotline.clock.now());
            let accept = CommandBuilder { ticket: &ticket, request_id, now }.accept();
            return pair.call_each([Actor::Unit(INFORM); 2], "AcceptTicket", [accept.clone(), accept]).await;
        }
        if pair.random.percent(40) {
            let back = |on: CommandBuilder<'_>, _| on.return_ticket(pb::ReturnReason::NotOurDuty, INFORM);
            self.run(pair, accused, "ReturnTicket", back).await?;
            if pair.random.percent(50) {
                return Ok(());
            }
            self.run(pair, by(DISPATCHER), "RuleOnReturn", |on, _| on.rule(pb::Ruling::Refuse)).await?;
        }
        self.run(pair, accused, "AcceptTicket", |on, _| on.accept()).await?;
        if pair.random.percent(50) {
            self.run(pair, accused, "CarryOverTicket", |on, _| on.carry_over(None)).await?;
            self.run(pair, by(DISPATCHER), "CarryOverTicket", |on, _| on.carry_over(Some(true))).await?;
        }
        if pair.random.percent(50) {
            pass_time(pair).await?;
        }
        self.run(pair, accused, "SubmitFeedback", |on, _| on.feed_back(true, false)).await
    }

    /// The fixed unit has signed for the ticket and loses it: in one system because it is accused, in the other one by
    /// a dispatch. Or its work moves in both, before anybody is accused.
    async fn lose_signed_work(&mut self, pair: &mut SystemPair) -> Result<(), String> {
        let by = |actor| [actor, actor];
        self.run(pair, by(DISPATCHER), "DispatchTicket", |on, _| on.dispatch(PAIR[0], &[], &[])).await?;
        self.run(pair, by(FIXED), "AcceptTicket", |on, _| on.accept()).await?;
        if pair.random.percent(50) {
            self.run(pair, by(FIXED), "SubmitFeedback", |on, _| on.feed_back(true, false)).await?;
        }
        if pair.random.percent(40) {
            return move_work(pair, PAIR[0], LEAD).await;
        }
        self.accuse(pair).await?;
        self.run(pair, by(DISPATCHER), "DispatchTicket", |on, _| on.dispatch(LEAD, &[ASSIST], &[])).await?;
        read_by_everybody(pair, &self.number.clone(), false).await
    }

    /// Other units have the ticket, by a plan that names the fixed unit.
    async fn be_planned(&mut self, pair: &mut SystemPair) -> Result<(), String> {
        let by = |actor| [actor, actor];
        self.is_planned = true;
        self.run(pair, by(AGENT), "ClassifyTicket", |on, _| on.classify(Appeal, true, &[])).await?;
        self.run(pair, by(COORDINATOR), "PlanTicket", |on, _| on.plan(LEAD, PAIR[0])).await?;
        self.run(pair, by(DISPATCHER), "DispatchTicket", |on, _| on.dispatch(LEAD, &[ASSIST], &[INFORM]))
            .await
    }

    /// It turns out to be a complaint.
    async fn accuse(&mut self, pair: &mut SystemPair) -> Result<(), String> {
        let accuse = |on: CommandBuilder<'_>, side: usize| on.classify(ComplaintReport, false, &[PAIR[side]]);
        self.run(pair, [AGENT, AGENT], "ClassifyTicket", accuse).await
    }

    async fn go_on(&mut self, pair: &mut SystemPair) -> Result<(), String> {
        let ticket = pair.find(&self.number).await;
        let request_id = pair.request_id();
        let now = pair.sides[0].hotline.clock.now();
        let on = CommandBuilder { ticket: &ticket, request_id, now };
        let (actor, method, request) = if !pair.called.iter().any(|path| path.ends_with("/RecordRepeatCall"))
        {
            // Random histories reach it least.
            (AGENT, "RecordRepeatCall", on.noted("RecordRepeatCall"))
        } else if pair.random.percent(8) {
            (AGENT, "AnswerTicket", on.noted("AnswerTicket"))
        } else {
            next_command(on, &mut pair.random)
        };
        // A void plan is removed by the next dispatch, in the system that has one.
        if self.is_planned && matches!(method, "DispatchTicket" | "PlanTicket") {
            return Ok(());
        }
        let knows = may_know(pair, actor, self.had);
        pair.call_both(actor, method, None, knows, [request.clone(), request]).await?;
        Ok(())
    }

    /// The fixed unit repeats its earlier requests. The answers do not show that it is accused in one system.
    async fn ask_again(&mut self, pair: &mut SystemPair) -> Result<(), String> {
        let Some((method, request)) = (!self.asked.is_empty()).then(|| pair.random.pick(&self.asked).clone())
        else {
            return Ok(());
        };
        let mut requests = [request.clone(), request];
        if method == "CreateTicket" && pair.random.percent(50) {
            let mut create =
                pb::CreateTicketRequest::decode(requests[0].as_slice()).expect("our own request");
            create.request_id = pair.request_id();
            requests = [create.encode_to_vec(), create.encode_to_vec()];
        }
        pair.call_both(FIXED, method, None, false, requests).await?;
        Ok(())
    }

    /// It is a repeat of an open ticket that another unit leads, which then sees that.
    async fn merge(&mut self, pair: &mut SystemPair, history: u64) -> Result<(), String> {
        let create = pb::CreateTicketRequest {
            request_id: pair.request_id(),
            category: Appeal as i32,
            complexity: 1,
            subject: format!("第{history}件的原件"),
            content: "窗口要求补交材料。".to_owned(),
            channel: pb::Channel::Web as i32,
            ..Default::default()
        };
        let create = create.encode_to_vec();
        let answer = pair.call_both(AGENT, "CreateTicket", None, true, [create.clone(), create]).await?;
        let created: pb::CreateTicketResponse = answer.expect("an agent may").read();
        let number = created.ticket.unwrap_or_default().number;
        let mut open = Self { number, had: false, asked: Vec::new(), is_planned: false };
        let dispatch = |on: CommandBuilder<'_>, _| on.dispatch(LEAD, &[ASSIST], &[INFORM]);
        open.run(pair, [DISPATCHER, DISPATCHER], "DispatchTicket", dispatch).await?;
        let linked = link(pair.request_id(), &self.number, &open.number);
        pair.call_both(AGENT, "LinkTickets", None, true, [linked.clone(), linked]).await?;
        let merge = pb::MergeTicketRequest {
            request_id: pair.request_id(),
            ticket_number: self.number.clone(),
            into_ticket_number: open.number.clone(),
            ..Default::default()
        };
        let merge = merge.encode_to_vec();
        pair.call_both(AGENT, "MergeTicket", None, true, [merge.clone(), merge]).await?;
        read_by_everybody(pair, &open.number, false).await?;
        if pair.random.percent(50) {
            let undo = |on: CommandBuilder<'_>, _| on.noted("UnmergeTicket");
            self.run(pair, [AGENT, AGENT], "UnmergeTicket", undo).await?;
            read_by_everybody(pair, &open.number, false).await?;
            read_by_everybody(pair, &self.number, self.had).await?;
        }
        Ok(())
    }

    /// Staff reveal who called, which needs two people.
    async fn reveal(&mut self, pair: &mut SystemPair) -> Result<(), String> {
        let (ticket_number, purpose, note) = (self.number.clone(), 1, "回访".to_owned());
        let approve = pb::ApproveRevealRequest {
            request_id: pair.request_id(),
            ticket_number: ticket_number.clone(),
            principal: "agent-1".to_owned(),
            purpose,
            note: note.clone(),
        };
        let approve = approve.encode_to_vec();
        pair.call_both(Actor::Staff("supervisor-1"), "ApproveReveal", None, true, [approve.clone(), approve])
            .await?;
        let request_id = pair.request_id();
        let reveal = pb::RevealIdentityRequest { request_id, ticket_number, purpose, note }.encode_to_vec();
        pair.call_both(AGENT, "RevealIdentity", None, true, [reveal.clone(), reveal]).await?;
        Ok(())
    }

    async fn random_read(&mut self, pair: &mut SystemPair) -> Result<(), String> {
        let actor = *pair.random.pick(&Actor::every());
        let (method, request) = random_read(&self.number, &mut pair.random);
        let is_list = matches!(method, "ListDigests" | "ListTickets" | "SearchTickets");
        let knows = may_know(pair, actor, self.had || is_list);
        pair.call_both(actor, method, Some(&self.number), knows, [request.clone(), request]).await?;
        Ok(())
    }
}

/// A whole history.
pub(super) async fn history(pair: &mut SystemPair, history: u64) -> Result<(), String> {
    pair.begin();
    let Some(mut accused) = AccusedHistory::take_in(pair, history).await? else {
        return pass_time(pair).await;
    };
    duty::advise(pair, history, &accused.number).await?;
    let is_open = pair.find(&accused.number).await.accused_units.is_empty();
    if is_open {
        match pair.random.below(5) {
            0 => accused.lead_and_give_back(pair).await?,
            1 => accused.be_planned(pair).await?,
            2 => accused.be_with_the_accused(pair).await?,
            3 => accused.lose_signed_work(pair).await?,
            _ => {}
        }
        accused.accuse(pair).await?;
    }
    if pair.random.percent(15) {
        accused.merge(pair, history).await?;
    }
    if history % 5 == 2 {
        let by = [Actor::Staff("supervisor-1"); 2];
        accused.run(pair, by, "EscalateTicket", |on, _| on.noted("EscalateTicket")).await?;
    }
    for _ in 0..6 + pair.random.below(8) {
        match pair.random.below(100) {
            0..=54 => accused.go_on(pair).await?,
            55..=69 => accused.ask_again(pair).await?,
            70..=75 => pass_time(pair).await?,
            76..=77 => accused.reveal(pair).await?,
            _ => accused.random_read(pair).await?,
        }
    }
    read_by_everybody(pair, &accused.number, accused.had).await?;
    watch_by_everybody(pair, accused.had).await?;
    // The totals of a month show what one of the pair has had in any history.
    assess_by_everybody(pair, true).await?;
    if history.is_multiple_of(10) {
        call_other_methods(pair).await?;
    }
    Ok(())
}
